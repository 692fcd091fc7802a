//! `%h` in a unit of the system: root's home, whatever `User=` says.

use super::view::Scene;
use super::{Check, Rule};
use crate::deployment::Service;
use crate::model::{Diagnostic, Severity, Span};
use crate::systemd::{Entry, Manager};

pub(super) const RULE: Rule = Rule {
    name: "manager-home",
    summary: "%h or %u in a system unit, which are root's",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/manager-home.md"),
    check: Check::Deployment(check),
};

const KEYS: &[&str] =
    &["PIDFile", "WorkingDirectory", "EnvironmentFile", "Environment", "ExecStart", "ExecStop", "ExecReload"];

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let Some(user) = user(service) else { continue };
        for entry in KEYS.iter().flat_map(|key| service.all(key)) {
            let text = entry.value.text();
            let Some((at, letter)) = specifier(text) else { continue };
            let (what, severity) = match letter {
                'h' => ("/root", Severity::Error),
                _ => ("root", Severity::Warning),
            };
            let severity = match entry.key.as_str() {
                "WorkingDirectory" | "ExecStart" | "EnvironmentFile" => severity,
                "PIDFile" if super::pidfiles::waits(service) => severity,
                _ => Severity::Warning,
            };
            let name = user.value.text();
            let span = entry.value.span_of(at..at + 2);
            let place = service.at(entry, Span::new(span.start, span.end));
            let help = match letter {
                'h' => format!(
                    "write the home directory of {name} itself; `%h` is that of the user who runs systemd"
                ),
                _ => format!("write `{name}` itself; `%{letter}` is the user who runs systemd"),
            };
            found.push(
                Diagnostic::new(
                    RULE.name,
                    severity,
                    place,
                    format!(
                        "`%{letter}` is {what} in a unit of the system, though the service runs as {name}"
                    ),
                )
                .label(format!("read as {what}"))
                .also(service.assignment(user), "plays no part in it")
                .help(help),
            );
        }
    }
    found
}

/// The user of a unit of the system, where that is another one than root.
pub(super) fn user(service: &Service) -> Option<&Entry> {
    let user = service.last("User").filter(|user| !matches!(user.value.text(), "root" | "0"))?;
    (service.context.manager != Manager::User).then_some(user)
}

/// The first `%h`, `%u` or `%U`.
pub(super) fn specifier(text: &str) -> Option<(usize, char)> {
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('%')) {
        let letter = text.get(at + found + 1..).and_then(|rest| rest.chars().next())?;
        if matches!(letter, 'h' | 'u') {
            return Some((at + found, letter));
        }
        at += found + 1 + letter.len_utf8();
    }
    None
}
