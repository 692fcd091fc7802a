//! A format for `date` whose percent signs systemd replaces first.

use super::percent::{date_formats, doubled, specifiers};
use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Applicability, Diagnostic, Fix, Location, Severity, Word};
use crate::systemd::SpecifierError;

pub(super) const RULE: Rule = Rule {
    name: "unescaped-percent",
    summary: "a format for date whose percent signs systemd replaces first",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/unescaped-percent.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (file, unit) in scene.unit_files() {
        let context = scene.files.context(file);
        for entry in unit.entries.iter().filter(|entry| entry.key.starts_with("Exec")) {
            let text = entry.value.text();
            let invalid = |at: &usize| {
                let specifier = Word::plain(&text[*at..*at + 2], 0);
                context.resolve(&specifier) == Err(SpecifierError::InvalidSlot)
            };
            let all = specifiers(text);
            // systemd refuses the line, and says so itself.
            if all.iter().any(invalid) {
                continue;
            }
            for format in date_formats(text) {
                let signs: Vec<usize> = all.iter().copied().filter(|at| format.contains(at)).collect();
                let Some(first) = signs.first() else { continue };
                let finding = Diagnostic::new(
                    RULE.name,
                    RULE.severity,
                    Location { file, span: entry.value.span_of(format.clone()) },
                    format!(
                        "date gets another format: systemd replaces `{}` by a value of its own before",
                        &text[*first..*first + 2]
                    ),
                )
                .label("read by systemd first")
                .help("write `%%` for each percent sign");
                found.push(match doubled(scene.files.bytes(file), file, entry, &signs) {
                    Some(edits) => finding.fix(Fix {
                        title: "double the percent signs".into(),
                        applicability: Applicability::Safe,
                        edits,
                    }),
                    None => finding,
                });
            }
        }
    }
    found
}
