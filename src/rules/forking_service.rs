//! A unit that waits for a fork that never comes.

use super::view::Scene;
use super::{Check, Rule, foreground};
use crate::catalog;
use crate::model::{Diagnostic, Severity, Speaker, Story};

pub(super) const RULE: Rule = Rule {
    name: "forking-service",
    summary: "a systemd unit that waits for a Puma that forks",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/forking-service.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let release = scene.release();
    if !foreground::stays(scene) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for service in scene.pumas() {
        let Some(kind) = service.last("Type").filter(|entry| entry.value.text() == "forking") else {
            continue;
        };
        if service.pumas().iter().all(|(_, run)| run.background) {
            continue;
        }
        let help = match foreground::best_type(scene, service) {
            "notify" => "make it Type=notify: this Puma tells systemd itself when it is ready",
            _ if catalog::notifies_systemd(release) => {
                "make it Type=simple: what systemd starts does not become the Puma that would tell it"
            }
            _ => "make it Type=simple: this Puma does not tell systemd when it is ready",
        };
        let diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            service.assignment(kind),
            format!(
                "systemd waits for a Puma that forks; Puma {} stays in the foreground",
                scene.deployment.target.name()
            ),
        )
        .label("the start will time out")
        .quote(Speaker::Systemd, "start operation timed out. Terminating.")
        .help(help)
        .role(Story::Daemonizing, 2);
        found.push(match foreground::of_service(scene, service) {
            Some(fix) => diagnostic.fix(fix),
            None => diagnostic,
        });
    }
    found
}
