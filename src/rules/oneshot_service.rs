//! A service that systemd waits to see finished.

use super::foreground;
use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Severity};

pub(super) const RULE: Rule = Rule {
    name: "oneshot-service",
    summary: "Type=oneshot for a Puma that goes on running",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/oneshot-service.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let Some(kind) = service.last("Type").filter(|entry| entry.value.text() == "oneshot") else {
            continue;
        };
        let (severity, message, label) = if service.pumas().iter().all(|(_, run)| run.background) {
            if !service.is_on("RemainAfterExit") {
                // The rule backgrounded-start speaks of it.
                continue;
            }
            (
                Severity::Warning,
                "systemd does not watch this Puma: when it dies, nothing restarts it",
                "systemd only sees what starts Puma, which exits at once",
            )
        } else if super::daemon_in_foreground_service::daemonizes(scene, service) {
            continue;
        } else {
            (
                Severity::Error,
                "systemd waits for Puma to exit: the start never ends",
                "a oneshot has started when it has finished",
            )
        };
        let kind_for_it = foreground::best_type(scene, service);
        let diagnostic = Diagnostic::new(RULE.name, severity, service.assignment(kind), message)
            .label(label)
            .help(format!("make it Type={kind_for_it}, and let Puma run in the foreground"));
        found.push(match foreground::of_service(scene, service) {
            Some(fix) => diagnostic.fix(fix),
            None => diagnostic,
        });
    }
    found
}
