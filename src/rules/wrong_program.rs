//! A command that is not what its line is for.

use super::view::{CommandView, Purpose};
use super::{Check, Rule};
use crate::deployment::is_start;
use crate::model::{Diagnostic, Severity};
use crate::puma::command_line::Program;

pub(super) const RULE: Rule = Rule {
    name: "wrong-program",
    summary: "a stop that starts Puma, or a start that starts none",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/wrong-program.md"),
    check: Check::Command(check),
};

fn check(view: &CommandView<'_>) -> Vec<Diagnostic> {
    let run = &view.command.invocation;
    let finding = |message: &str, label: &str, help: &str| {
        vec![
            Diagnostic::new(RULE.name, RULE.severity, view.word(&run.name), message.to_owned())
                .label(label.to_owned())
                .help(help.to_owned()),
        ]
    };
    match view.command.purpose {
        Purpose::Stop | Purpose::Reload if run.program == Program::Puma && is_start(run) => {
            let (message, help) = if view.command.purpose == Purpose::Stop {
                ("this stop command starts a second Puma", "remove the line: systemd stops Puma with SIGTERM")
            } else {
                ("this reload command starts a second Puma", "write `/bin/kill -USR2 $MAINPID`")
            };
            let help = if view.command.service.is_some() {
                help
            } else {
                "stop it with `systemctl stop`, or pumactl"
            };
            finding(message, "`puma` is the server itself", help)
        }
        Purpose::Start if run.program == Program::Pumactl && !is_start(run) => {
            let plain = |word: &&crate::model::Word| {
                matches!(
                    word.text(),
                    "stop"
                        | "halt"
                        | "status"
                        | "stats"
                        | "reload-worker-directory"
                        | "phased-restart"
                        | "restart"
                )
            };
            let Some(command) = run.arguments.iter().find(plain) else { return Vec::new() };
            // A unit may exist to restart a Puma that runs elsewhere; then nothing has to keep it running.
            let kept = view.command.service.and_then(|service| service.last("Restart"));
            if kept.is_none_or(|restart| restart.value.text() == "no") {
                return Vec::new();
            }
            finding(
                &format!(
                    "`pumactl {}` starts no server: it talks to one that runs, and exits",
                    command.text()
                ),
                "no server",
                "start Puma itself: `puma -C config/puma.rb`",
            )
        }
        _ => Vec::new(),
    }
}
