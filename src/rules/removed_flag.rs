//! A flag of `puma` that the target release no longer has.

use super::view::{Command, CommandView, Purpose};
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Diagnostic, Severity, Speaker, Story};
use crate::puma::Starter;
use crate::puma::command_line::Program;
use crate::puma::flags::{flags, removed};

pub(super) const RULE: Rule = Rule {
    name: "removed-flag",
    summary: "a command-line flag that this Puma no longer has",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/removed-flag.md"),
    check: Check::Command(check),
};

fn check(view: &CommandView<'_>) -> Vec<Diagnostic> {
    let program = match view.command.invocation.program {
        Program::Puma => catalog::Program::Puma,
        Program::Pumactl => catalog::Program::Pumactl,
        _ => return Vec::new(),
    };
    let release = view.release();
    let asked = view.scene.deployment.target.name();
    let mut found = Vec::new();
    for given in flags(program, &view.command.invocation.arguments, release) {
        let Some(words) = given.found.words(&given.name) else { continue };
        // Only a flag that some older release took was removed; any other is a slip of another kind.
        let Some(flag) = removed(program, &given.name, release) else { continue };
        let Some(removed) = flag.removed_in() else { continue };
        let daemon = flag.long == "daemon";
        let diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            view.at(given.span),
            format!("Puma {asked} refuses `{}`: it exits at once", given.name),
        )
        .quote(Speaker::Puma, words.clone());
        let diagnostic = match flag.replacement {
            Some(new) => diagnostic
                .label(format!("{words}; since {removed} it is `{new}`"))
                .help(format!("write `{new}` instead")),
            None => {
                let help = if daemon { instead_of_daemon(view.command) } else { "remove the flag" };
                diagnostic.label(format!("{words} (removed in {removed})")).help(help)
            }
        };
        found.push(if daemon { diagnostic.role(Story::Daemonizing, 1) } else { diagnostic });
    }
    found
}

/// What to do where Puma can no longer go to the background by itself.
fn instead_of_daemon(command: &Command<'_>) -> &'static str {
    match (command.starter, command.purpose) {
        (Starter::Systemd, Purpose::Start) => {
            "remove the flag together with Type=forking: systemd keeps Puma running"
        }
        (Starter::Docker | Starter::Compose, _) => {
            "remove the flag: a container runs as long as Puma stays in the foreground"
        }
        (Starter::Procfile, _) => "remove the flag: what runs the Procfile wants Puma in the foreground",
        _ => {
            "start Puma through systemd: without the flag it stays in the foreground, and this would wait for it"
        }
    }
}
