//! A path that systemd reads as something else than a shell would.

use super::edits::set_value;
use super::view::Scene;
use super::{Check, Rule};
use crate::deployment::Service;
use crate::model::{Applicability, Diagnostic, Fix, Severity, Speaker, hole};
use crate::systemd::{self, Entry};

pub(super) const RULE: Rule = Rule {
    name: "misread-path",
    summary: "a PIDFile= that is relative, quoted, or holds ~ or $X",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/misread-path.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let Some(entry) = service.last("PIDFile") else { continue };
        let Some(reading) = reading(entry) else { continue };
        let path = systemd::pid_file(entry, &service.context);
        let Some(path) = path.known() else { continue };
        let waits = super::pidfiles::waits(service);
        let (severity, message) = if waits {
            (Severity::Error, format!("systemd waits for {}, which nothing writes", path.text()))
        } else {
            (Severity::Warning, format!("systemd takes this for {}", path.text()))
        };
        let help = match reading {
            Reading::Relative => {
                "write the whole path: a relative one is below /run, not below WorkingDirectory="
            }
            Reading::Quoted => "take the quotes away: here they are part of the path",
            Reading::Tilde => "write the home directory's path: `~` is an ordinary character here",
            Reading::Variable => "write the path itself: no variable is replaced here",
        };
        let diagnostic = Diagnostic::new(RULE.name, severity, service.value(entry), message)
            .label(format!("read as {}", path.text()))
            .help(help);
        let fix = match reading {
            Reading::Quoted => unquote(scene, service, entry),
            _ => None,
        };
        let diagnostic = match fix {
            Some(fix) => diagnostic.fix(fix),
            None => diagnostic,
        };
        found.push(if waits {
            let file = path.text();
            diagnostic.quote(
                Speaker::Systemd,
                format!("Can't open PID file {file} (yet?) after start: No such file or directory"),
            )
        } else {
            diagnostic
        });
    }
    found
}

/// Takes a pair of quotes away, if an absolute path stands between them.
fn unquote(scene: &Scene<'_>, service: &Service, entry: &Entry) -> Option<Fix> {
    let text = entry.value.text();
    let quote = text.chars().next()?;
    let path = text.strip_prefix(quote)?.strip_suffix(quote)?;
    if !path.starts_with('/') || path.contains(['"', '\'', '$']) || path.ends_with(char::is_whitespace) {
        return None;
    }
    Some(Fix {
        title: "take the quotes away".into(),
        applicability: Applicability::Safe,
        edits: vec![set_value(scene, service, entry, path)?],
    })
}

/// How a path is misread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Relative,
    Quoted,
    Tilde,
    Variable,
}

/// How a `PIDFile=` is misread, if it is.
pub(super) fn reading(entry: &Entry) -> Option<Reading> {
    let text = entry.value.text();
    if text.starts_with(['"', '\'']) {
        Some(Reading::Quoted)
    } else if text.contains('$') {
        Some(Reading::Variable)
    } else if text.starts_with('~') {
        Some(Reading::Tilde)
    } else {
        (!text.starts_with('%') && !hole::is_rooted(text)).then_some(Reading::Relative)
    }
}
