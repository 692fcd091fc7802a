//! What Monit says of a control file whose grammar is right.

use super::view::FileView;
use super::{Check, Rule};
use crate::model::{Diagnostic, Location, Severity, Span, Speaker};
use crate::monit::{ComplaintKind, WarningKind};
use crate::parsed::Parsed;

pub(super) const RULE: Rule = Rule {
    name: "invalid-monit",
    summary: "a control file that Monit refuses, though its grammar is right",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/invalid-monit.md"),
    check: Check::File(check),
};

fn check(view: &FileView<'_>) -> Vec<Diagnostic> {
    let Parsed::Monit(control) = view.files.parsed(view.file) else { return Vec::new() };
    let at = |span: Span| Location { file: view.file, span };
    let mut found = Vec::new();
    for complaint in &control.errors {
        let (label, help) = match complaint.kind {
            ComplaintKind::Lexical => {
                ("here", "close the quote; Monit has no escape for a quote in a string")
            }
            ComplaintKind::NameConflict => {
                ("the name is taken", "give each check a name of its own; case does not tell them apart")
            }
            ComplaintKind::NameIsPath => {
                ("a path", "name the check with a plain word, and put the path behind `with pidfile`")
            }
            ComplaintKind::TooManyArguments => {
                ("too many words", "put the command into a script, and run that")
            }
            ComplaintKind::Rate => ("out of range", "write numbers from 1 to 64"),
            ComplaintKind::UnknownDependency => {
                ("no such check in this file", "name a check of this file, or take the line away")
            }
            ComplaintKind::PollTime => ("no time between two looks", "write `set daemon 30`"),
            ComplaintKind::DependencyLoop => ("part of the circle", "take one of the `depends on` away"),
        };
        found.push(
            Diagnostic::new(
                RULE.name,
                Severity::Error,
                at(complaint.span),
                "Monit refuses this file: it will not start, nor reload",
            )
            .label(label)
            .quote(Speaker::Monit, complaint.words.clone())
            .help(help),
        );
    }
    let text = view.files.source(view.file).bytes();
    // A second definition in the same line comes from quotes that tear one apart: another rule's matter.
    let torn = |span: Span| {
        let programs = control.checks.iter().flat_map(|check| [&check.start, &check.stop, &check.restart]);
        programs.flatten().any(|program| {
            let from = program.keyword_span.start;
            span.start < from && !text[span.start..from.min(text.len())].contains(&b'\n')
        })
    };
    for warning in &control.warnings {
        if warning.kind == WarningKind::ProgramOverridden && torn(warning.span) {
            continue;
        }
        let (message, help) = match warning.kind {
            WarningKind::ProgramOverridden => (
                "Monit runs another program than this one: it is defined again below",
                "leave one of the two",
            ),
            WarningKind::EveryOverridden => {
                ("this `every` has no effect: another follows", "leave one of the two")
            }
            WarningKind::ModeManual => continue,
        };
        found.push(
            Diagnostic::new(RULE.name, Severity::Warning, at(warning.span), message)
                .label("replaced by a later one")
                .help(help),
        );
    }
    if let Some(nul) = control.nul {
        found.push(
            Diagnostic::new(
                RULE.name,
                Severity::Error,
                at(Span::new(nul, nul + 1)),
                "Monit reads nothing behind this byte, and does not say so",
            )
            .label("a NUL byte")
            .help("delete the byte"),
        );
    }
    found
}
