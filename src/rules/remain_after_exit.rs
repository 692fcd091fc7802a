//! A service that counts as running when Puma has exited.

use super::edits::remove_setting;
use super::view::Scene;
use super::{Check, Rule, foreground};
use crate::deployment::Service;
use crate::model::{Applicability, Diagnostic, Fix, Severity, Story};
use crate::systemd::{self, Entry};

pub(super) const RULE: Rule = Rule {
    name: "remain-after-exit",
    summary: "a service that counts as running when Puma is gone",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/remain-after-exit.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas().filter(|service| service.is_on("RemainAfterExit")) {
        let Some(entry) = service.last("RemainAfterExit") else { continue };
        if service.kind() == "oneshot" {
            continue;
        }
        let diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            service.assignment(entry),
            "systemd takes a Puma that has stopped for one that runs",
        )
        .label("after a clean exit the service stays active, and `systemctl start` does nothing")
        .help("remove the line, and say Restart=always");
        let daemon = service.kind() == "forking";
        let fix = if daemon && foreground::stays(scene) {
            foreground::of_service(scene, service)
        } else {
            removal(scene, service)
        };
        let diagnostic = match fix {
            Some(fix) => diagnostic.fix(fix),
            None => diagnostic,
        };
        found.push(if daemon { diagnostic.role(Story::Daemonizing, 3) } else { diagnostic });
    }
    found
}

fn removal(scene: &Scene<'_>, service: &Service) -> Option<Fix> {
    let is_on = |entry: &Entry| systemd::boolean(entry.value.text()) == Some(true);
    Some(Fix {
        title: "remove RemainAfterExit=".into(),
        applicability: Applicability::Safe,
        edits: remove_setting(scene, service, "RemainAfterExit", is_on)?,
    })
}
