//! A start command that leaves Puma behind in the background.

use super::view::{Command, Scene};
use super::{Check, Rule};
use crate::catalog;
use crate::deployment::is_start;
use crate::model::{Diagnostic, Location, Severity, Word};
use crate::puma::Starter;
use crate::puma::command_line::{Invocation, Program};
use crate::puma::flags::flags;
use crate::puma::rails_server::RailsServer;

pub(super) const RULE: Rule = Rule {
    name: "backgrounded-start",
    summary: "a start command that leaves Puma in the background",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/backgrounded-start.md"),
    check: Check::Deployment(check),
};

/// The flag by which `rails server` goes to the background.
fn by_rails(run: &Invocation) -> Option<Word> {
    let rails = run.program == Program::RailsServer;
    rails.then(|| RailsServer::parse(&run.arguments).daemon)?
}

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let kind = service.kind();
        let kept = kind == "oneshot" && service.is_on("RemainAfterExit");
        if kind == "forking" || kept {
            continue;
        }
        for (entry, run) in service.pumas() {
            if !run.background {
                continue;
            }
            found.push(match by_rails(&run) {
                Some(flag) => Diagnostic::new(
                    RULE.name,
                    RULE.severity,
                    service.at(entry, flag.span()),
                    "systemd stops this Puma as soon as it is started: the process that it watches exits at once",
                )
                .label("Rails goes to the background before it starts Puma")
                .help(format!("take `{}` away, and make it {}", flag.text(), super::view::best_type(scene))),
                None => Diagnostic::new(
                    RULE.name,
                    RULE.severity,
                    service.at(entry, run.name.span()),
                    "systemd stops this Puma as soon as it is started: the shell before it exits at once",
                )
                .label("sent to the background")
                .help(format!(
                    "take the `&` away (and nohup, which nothing needs here), and make it {}",
                    super::view::best_type(scene)
                )),
            });
        }
    }
    found.extend(scene.others.iter().filter_map(|command| elsewhere(scene, command)));
    found
}

/// Who watches the process that they start: what happens when it ends at once.
fn elsewhere(scene: &Scene<'_>, command: &Command<'_>) -> Option<Diagnostic> {
    let outcome = match command.starter {
        Starter::Procfile => {
            "whatever runs this Procfile takes the process for ended, and foreman stops all others"
        }
        Starter::Docker | Starter::Compose => "the container ends, and Puma with it",
        _ => return None,
    };
    let run = &command.invocation;
    let given = flags(catalog::Program::Puma, &run.arguments, scene.release());
    let daemon =
        given.iter().find(|flag| flag.found.found().is_some_and(|found| found.flag.long == "daemon"));
    let (span, label, help) = match daemon.filter(|_| run.program == Program::Puma) {
        Some(flag) => (flag.span, "goes to the background", "remove the flag"),
        None if run.background && is_start(run) => {
            (run.name.span(), "sent to the background", "take the `&` away")
        }
        None => return None,
    };
    let place = Location { file: command.file, span };
    let message = format!("Puma leaves the process that was started: {outcome}");
    Some(Diagnostic::new(RULE.name, RULE.severity, place, message).label(label).help(help))
}
