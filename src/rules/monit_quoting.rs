//! A program that Monit reads otherwise than it is meant.

use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Applicability, Diagnostic, Edit, Fix, Location, Severity};
use crate::monit::{Program, ProgramWarningKind};

pub(super) const RULE: Rule = Rule {
    name: "monit-quoting",
    summary: "a Monit program whose quotes tear it apart",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/monit-quoting.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (file, check) in scene.process_checks() {
        for program in [&check.start, &check.stop, &check.restart].into_iter().flatten() {
            found.extend(of_program(scene, file, program));
        }
    }
    found
}

fn of_program(scene: &Scene<'_>, file: crate::model::FileId, program: &Program) -> Option<Diagnostic> {
    let runs: Vec<&str> = program.words.iter().map(|word| word.text()).take(6).collect();
    let runs = format!("Monit runs: {}", runs.join(" "));
    let warning = |kind| program.warnings.iter().find(|warning| warning.kind == kind);
    let (warning, message, help) = if let Some(warning) = warning(ProgramWarningKind::Unclosed) {
        (warning, "no quote closes this command: Monit takes what follows for arguments", "close the quote")
    } else if let Some(warning) = warning(ProgramWarningKind::WordsAfterQuote) {
        (
            warning,
            "a quote inside the quotes ends this command: Monit runs something else",
            "use single quotes inside: \"/bin/bash -lc '…'\"",
        )
    } else if let Some(warning) = warning(ProgramWarningKind::BlankInProgram) {
        (
            warning,
            "Monit takes this whole line for the name of one program, which cannot be run",
            "write an equals sign and double quotes: start program = \"…\"",
        )
    } else if let Some(warning) = warning(ProgramWarningKind::NotQuoted) {
        if program.words.len() < 2 && program.words.iter().all(|word| word.text().starts_with('/')) {
            return None;
        }
        let bytes = scene.files.bytes(file);
        let before = &bytes[..warning.span.start.min(bytes.len())];
        let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        if line.contains(&b'"') {
            (
                warning,
                "a quote inside the quotes ends this command, and the rest of the line defines another",
                "use single quotes inside: \"/bin/bash -lc '…'\"",
            )
        } else {
            (
                warning,
                "without double quotes, Monit takes words of its own language out of this command",
                "write it in double quotes: start program = \"…\"",
            )
        }
    } else {
        return None;
    };
    let diagnostic =
        Diagnostic::new(RULE.name, RULE.severity, Location { file, span: warning.span }, message)
            .label(runs)
            .help(help);
    Some(match fix(scene, file, program) {
        Some(fix) => diagnostic.fix(fix),
        None => diagnostic,
    })
}

/// `"… -c "inner""` with single quotes inside, where the inner words hold none.
fn fix(scene: &Scene<'_>, file: crate::model::FileId, program: &Program) -> Option<Fix> {
    let quotes = program.quotes?;
    let bytes = scene.files.bytes(file);
    let line_end =
        bytes[quotes.end..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| quotes.end + at);
    let line = std::str::from_utf8(bytes.get(quotes.start..line_end)?).ok()?;
    // From the opening quote on: exactly four quotes, the last two side by side.
    let marks: Vec<usize> = line.match_indices('"').map(|(at, _)| at).collect();
    let marks: Vec<usize> = if line.starts_with('"') { marks[1..].to_vec() } else { marks };
    let [open, close, outer] = marks.as_slice() else { return None };
    let inner = &line[open + 1..*close];
    if *outer != close + 1
        || inner.contains(['\'', '\\'])
        || !line[..*open].ends_with("-c ") && !line[..*open].ends_with("-lc ")
    {
        return None;
    }
    let edit = |at: usize| Edit {
        file,
        span: crate::model::Span::new(quotes.start + at, quotes.start + at + 1),
        replacement: "'".into(),
    };
    Some(Fix {
        title: "use single quotes inside".into(),
        applicability: Applicability::Safe,
        edits: vec![edit(*open), edit(*close)],
    })
}
