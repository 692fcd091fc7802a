//! A unit that waits for a fork that never comes.

use super::view::Scene;
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Diagnostic, Location, Severity, Speaker, Story};
use crate::puma::command_line::{self, Program};
use crate::systemd;

pub(super) const RULE: Rule = Rule {
    name: "forking-service",
    summary: "a systemd unit that waits for a Puma that forks",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/forking-service.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let release = scene.release();
    let Some(gone) = catalog::directive("daemonize").and_then(|directive| directive.removed_in()) else {
        return Vec::new();
    };
    if release < gone || scene.daemonizes_by_gem() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (file, unit) in scene.units() {
        let Some(kind) = unit.last("Service", "Type").filter(|entry| entry.value.text() == "forking") else {
            continue;
        };
        let context = scene.files.context(file);
        let starts = unit.all("Service", "ExecStart");
        let in_foreground = starts
            .iter()
            .flat_map(|entry| systemd::commands(entry, &context).commands)
            .flat_map(|command| command_line::invocations(&command.argv))
            .any(|run| {
                let starts = run.program == Program::Puma || command_line::is_pumactl_start(&run);
                starts && !run.background
            });
        if !in_foreground {
            continue;
        }
        let notify = catalog::notifies_systemd(release);
        let help = if notify {
            "make it Type=notify: this Puma tells systemd itself when it is ready"
        } else {
            "make it Type=simple, without PIDFile=: this Puma does not tell systemd when it is ready"
        };
        found.push(
            Diagnostic::new(
                RULE.name,
                RULE.severity,
                Location { file, span: kind.key_span.join(kind.value.span()) },
                format!(
                    "systemd waits for a Puma that forks; Puma {} stays in the foreground",
                    scene.deployment.target.name()
                ),
            )
            .label("the start will time out, and systemd then kills a Puma that works")
            .quote(Speaker::Systemd, "start operation timed out. Terminating.")
            .help(help)
            .role(Story::Daemonizing, 2),
        );
    }
    found
}
