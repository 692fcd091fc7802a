//! A user's unit that is written as one of the system.

use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Applicability, Diagnostic, Edit, Fix, Severity, Speaker};
use crate::systemd::Manager;

pub(super) const RULE: Rule = Rule {
    name: "user-unit",
    summary: "User= or multi-user.target in a unit of a user's manager",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/user-unit.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.deployment.services.iter().filter(|s| s.context.manager == Manager::User) {
        for entry in ["User", "Group"].iter().filter_map(|key| service.last(key)) {
            let place = service.at(entry, entry.lines);
            found.push(
                Diagnostic::new(
                    RULE.name,
                    Severity::Error,
                    service.assignment(entry),
                    format!(
                        "a user's systemd cannot change to another user, nor to its own: {}= ends the start",
                        entry.key
                    ),
                )
                .label("not possible here")
                .quote(Speaker::Systemd, "Failed to determine supplementary groups: Operation not permitted")
                .help("remove the line: the service runs as the user whose manager starts it")
                .fix(Fix {
                    title: format!("remove {}=", entry.key),
                    applicability: Applicability::Safe,
                    edits: vec![Edit { file: place.file, span: place.span, replacement: String::new() }],
                }),
            );
        }
        for entry in service.unit.all("Install", "WantedBy") {
            let Some(at) = entry.value.text().find("multi-user.target") else { continue };
            let place = service.at(entry, entry.value.span_of(at..at + "multi-user.target".len()));
            found.push(
                Diagnostic::new(
                    RULE.name,
                    Severity::Warning,
                    place,
                    "a user's systemd has no multi-user.target: Puma is not started at boot",
                )
                .label("a target of the system")
                .help("write default.target, and run `loginctl enable-linger` for the user")
                .fix(Fix {
                    title: "write default.target".into(),
                    applicability: Applicability::Safe,
                    edits: vec![Edit {
                        file: place.file,
                        span: place.span,
                        replacement: "default.target".into(),
                    }],
                }),
            );
        }
    }
    found
}
