//! A variable inside `Environment=`, where none is replaced.

use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Severity};
use crate::systemd;

pub(super) const RULE: Rule = Rule {
    name: "literal-variable",
    summary: "$PATH or another variable inside Environment=",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/literal-variable.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        for entry in service.all("Environment") {
            for set in systemd::assignments(entry, &service.context).assignments {
                let text = set.value.text();
                let Some((at, length)) = variable(text) else { continue };
                let (name, shown) = (set.name.text(), &text[at..at + length]);
                found.push(
                    Diagnostic::new(
                        RULE.name,
                        RULE.severity,
                        service.at(entry, set.value.span_of(at..at + length)),
                        format!("systemd replaces no variable here: {name} holds the characters `{shown}`"),
                    )
                    .label("stays as it is")
                    .help(if name == "PATH" {
                        "write all the folders out: systemd's own are /usr/local/sbin, /usr/local/bin, /usr/sbin, /usr/bin, /sbin and /bin"
                    } else {
                        "write the value out"
                    }),
                );
            }
        }
    }
    found
}

/// Where a variable that is plainly meant to be replaced stands.
fn variable(text: &str) -> Option<(usize, usize)> {
    for (at, _) in text.match_indices('$') {
        let rest = &text[at + 1..];
        if let Some(inner) = rest.strip_prefix('{') {
            let end = inner.find('}')?;
            let name = &inner[..end];
            if name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
                return Some((at, end + 3));
            }
            continue;
        }
        let end = rest.find(|c: char| !(c.is_ascii_uppercase() || c == '_')).unwrap_or(rest.len());
        // A password may hold a `$`; a list of paths holds variables.
        let apart = |c: Option<char>| c.is_none_or(|c| matches!(c, ':' | '/'));
        if end > 1 && apart(text[..at].chars().next_back()) && apart(rest[end..].chars().next()) {
            return Some((at, end + 1));
        }
    }
    None
}
