//! A comment behind a value, which systemd takes for a part of it.

use super::edits::move_comment;
use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Severity, Speaker};
use crate::systemd::{Entry, Takes, UnitKind};

pub(super) const RULE: Rule = Rule {
    name: "trailing-comment",
    summary: "a comment behind a value, which systemd reads as part of it",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/trailing-comment.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in &scene.deployment.services {
        for entry in &service.unit.entries {
            let Some(at) = comment(entry, service.unit.kind) else { continue };
            let text = entry.value.text();
            let (severity, quote) = match entry.key.as_str() {
                "WorkingDirectory" => (
                    Severity::Error,
                    Some("Changing to the requested working directory failed: No such file or directory"),
                ),
                "User" | "Group" => {
                    (Severity::Error, Some("Failed to determine user credentials: No such process"))
                }
                "EnvironmentFile" => {
                    (Severity::Error, Some("Failed to load environment files: No such file or directory"))
                }
                "PIDFile" if super::pidfiles::waits(service) => (Severity::Error, None),
                _ => (Severity::Warning, None),
            };
            let value = text[..at].trim_end();
            let place = service.at(entry, entry.value.span_of(at..text.len()));
            let diagnostic = Diagnostic::new(
                RULE.name,
                severity,
                place,
                format!("systemd has no comments behind values: {}= is \"{text}\"", entry.key),
            )
            .label("part of the value")
            .help("put the comment on a line of its own");
            let diagnostic = match move_comment(scene, service.value(entry).file, entry, value.len()..at) {
                Some(fix) => diagnostic.fix(fix),
                None => diagnostic,
            };
            found.push(match quote {
                Some(words) => diagnostic.quote(Speaker::Systemd, words),
                None => diagnostic,
            });
        }
    }
    found
}

/// Where the comment starts in the value, if there is one and systemd doesn't notice.
pub(super) fn comment(entry: &Entry, kind: UnitKind) -> Option<usize> {
    let path = matches!(
        entry.takes(kind)?,
        Takes::PidFile | Takes::WorkingDirectory | Takes::EnvironmentFile | Takes::User
    );
    let text = entry.value.text();
    let at = text.find(" #").or_else(|| text.find("\t#"))?;
    path.then_some(at + 1)
}
