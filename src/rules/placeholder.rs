//! A value that was to be replaced, and wasn't.

use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Severity, Speaker};
use crate::systemd;

pub(super) const RULE: Rule = Rule {
    name: "placeholder",
    summary: "a placeholder that nobody has replaced",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/placeholder.md"),
    check: Check::Deployment(check),
};

const KEYS: &[&str] = &[
    "WorkingDirectory",
    "ExecStart",
    "ExecReload",
    "ExecStop",
    "PIDFile",
    "User",
    "EnvironmentFile",
    "Environment",
];

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in &scene.deployment.services {
        let concerns = service.all("ExecStart").iter().any(|entry| entry.value.text().contains("puma"));
        if !concerns {
            continue;
        }
        let reported: Vec<_> = service
            .files
            .iter()
            .filter_map(|file| Some((file, scene.files.unit(*file)?)))
            .flat_map(|(file, unit)| {
                let problems = systemd::diagnose(unit, &scene.files.context(*file));
                let said = problems.into_iter().map(move |problem| (*file, problem.span));
                said.filter(|(file, span)| marked(&scene.files.source(*file).text(*span)).is_none())
            })
            .collect();
        for entry in KEYS.iter().flat_map(|key| service.all(key)) {
            let place = service.value(entry);
            // systemd itself says of these that they are no paths.
            if reported.iter().any(|(file, span)| *file == place.file && entry.lines.contains(*span)) {
                continue;
            }
            let text = entry.value.text();
            let Some((at, length)) = placeholder(text) else { continue };
            let shown = &text[at..at + length];
            if is_filled_in(scene, shown) {
                continue;
            }
            let diagnostic = Diagnostic::new(
                RULE.name,
                if matches!(entry.key.as_str(), "WorkingDirectory" | "ExecStart" | "User" | "EnvironmentFile")
                {
                    Severity::Error
                } else {
                    Severity::Warning
                },
                service.at(entry, entry.value.span_of(at..at + length)),
                format!("`{shown}` stands for something: nobody has replaced it"),
            )
            .label("a placeholder")
            .help("write what it stands for");
            found.push(match entry.key.as_str() {
                "WorkingDirectory" => diagnostic.quote(
                    Speaker::Systemd,
                    "Changing to the requested working directory failed: No such file or directory",
                ),
                "User" => diagnostic
                    .quote(Speaker::Systemd, "Failed to determine user credentials: No such process"),
                _ => diagnostic,
            });
        }
    }
    found
}

/// Whether a script here names it, to put something in its place.
fn is_filled_in(scene: &Scene<'_>, placeholder: &str) -> bool {
    let names = |bytes: &[u8]| bytes.windows(placeholder.len()).any(|part| part == placeholder.as_bytes());
    scene.deployment.others.iter().any(|file| names(scene.files.bytes(*file)))
}

/// Where a placeholder stands, and how long it is.
fn placeholder(text: &str) -> Option<(usize, usize)> {
    if let Some(found) = marked(text) {
        return Some(found);
    }
    if let Some(at) = text.find("/path/to/") {
        let end = text[at..].find([' ', '"', '\'']).unwrap_or(text.len() - at);
        return Some((at, end));
    }
    let mut from = 0;
    while let Some(open) = text[from..].find('<').map(|at| from + at) {
        let close = text[open..].find('>').map(|at| open + at)?;
        let inner = &text[open + 1..close];
        let named = inner.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | ' '));
        if inner.len() > 1 && named {
            return Some((open, close + 1 - open));
        }
        from = open + 1;
    }
    let at = text.find("YOUR_").or_else(|| text.find("YOUR-"))?;
    let end = text[at..]
        .find(|c: char| !(c.is_ascii_uppercase() || matches!(c, '_' | '-')))
        .unwrap_or(text.len() - at);
    Some((at, end))
}

/// `__APP_ROOT__` or `@APP_ROOT@`: where it stands, and how long it is.
pub(super) fn marked(text: &str) -> Option<(usize, usize)> {
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    ["__", "@"].iter().find_map(|mark| {
        let at = text.find(mark)?;
        let behind = &text[at + mark.len()..];
        let inner = behind.find(mark)?;
        let name = &behind[..inner];
        let named = name.len() > 1 && name.starts_with(|c: char| c.is_ascii_uppercase());
        (named && name.chars().all(is_name)).then_some((at, inner + 2 * mark.len()))
    })
}
