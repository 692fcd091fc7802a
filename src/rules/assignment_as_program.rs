//! `NAME=value` in front of a command that no shell reads.

use super::edits::line_end;
use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Applicability, Diagnostic, Edit, Fix, Severity, Span, Speaker};

pub(super) const RULE: Rule = Rule {
    name: "assignment-as-program",
    summary: "NAME=value before a command, where systemd wants a program",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/assignment-as-program.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        for (entry, command) in service.commands("ExecStart") {
            let Some(first) = command.argv.first().filter(|word| is_assignment(word.text())) else {
                continue;
            };
            let name = first.text().split('=').next().unwrap_or_default();
            let place = service.at(entry, first.span());
            // Only a plain word moves as it is; what follows then has to be a program.
            let plain =
                first.span().len() == first.text().len() && !first.text().contains(['%', '"', '\'', '\\']);
            let mut diagnostic = Diagnostic::new(
                RULE.name,
                RULE.severity,
                place,
                format!("systemd takes `{name}=…` for the program: Puma is never started"),
            )
            .label("no shell reads this line")
            .quote(
                Speaker::Systemd,
                format!("Failed to locate executable {}: No such file or directory", first.text()),
            )
            .help(format!("set it in a line of its own: Environment={}", first.text()));
            let next = command.argv.get(1);
            if let (true, Some(next)) = (plain && entry.value.span().start == first.span().start, next)
                && !is_assignment(next.text())
            {
                let edits = vec![
                    Edit {
                        file: place.file,
                        span: Span::at(entry.lines.start),
                        replacement: format!(
                            "Environment={}{}",
                            first.text(),
                            line_end(scene.files.source(place.file).bytes(), entry.lines.start)
                        ),
                    },
                    Edit {
                        file: place.file,
                        span: Span::new(first.span().start, next.span().start),
                        replacement: String::new(),
                    },
                ];
                diagnostic = diagnostic.fix(Fix {
                    title: format!("set {name} in Environment="),
                    applicability: Applicability::Safe,
                    edits,
                });
            }
            found.push(diagnostic);
        }
    }
    found
}

/// Whether a word is `NAME=value`.
pub(super) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let start = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        start && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}
