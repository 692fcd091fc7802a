//! A report without its secrets: sources, findings and notes are copied where they hold one.

use super::{Finding, Report};
use crate::model::{Diagnostic, Edit, Fix, Source};
use crate::secrets::{Secrets, Writing};

/// What a report speaks of, with every secret hidden.
#[derive(Debug)]
pub struct Redacted {
    /// `None` where no source holds any.
    sources: Option<Vec<Source>>,
    findings: Vec<Finding>,
    notes: Vec<String>,
}

impl Redacted {
    /// Hides what stands in the report's sources and findings, and the secrets that are known from elsewhere.
    pub fn of(report: &Report) -> Self {
        let secrets = Secrets::of(report.sources, report.secrets);
        let hidden: Vec<Option<Source>> =
            report.sources.iter().map(|source| secrets.source(source)).collect();
        let whole = |source: &Source| {
            Source::new(source.shown(), source.path(), source.kind(), source.bytes().to_vec())
        };
        let sources = hidden.iter().any(Option::is_some).then(|| {
            let both = hidden.into_iter().zip(report.sources);
            both.map(|(hidden, source)| hidden.unwrap_or_else(|| whole(source))).collect()
        });
        Self {
            sources,
            findings: report.findings.iter().map(|finding| hide_in(finding, report, &secrets)).collect(),
            notes: report.notes.iter().map(|note| secrets.text(note).into_owned()).collect(),
        }
    }

    /// The report without secrets.
    pub fn report<'a>(&'a self, report: &Report<'a>) -> Report<'a> {
        let sources = self.sources.as_deref().unwrap_or(report.sources);
        Report { sources, findings: &self.findings, notes: &self.notes, ..*report }
    }
}

fn hide_in(finding: &Finding, report: &Report, secrets: &Secrets) -> Finding {
    let mut finding = finding.clone();
    let diagnostic: &mut Diagnostic = &mut finding.diagnostic;
    let labels = diagnostic.labels.iter_mut().map(|label| &mut label.message);
    let quote = diagnostic.quote.iter_mut().map(|quote| &mut quote.words);
    let titles = diagnostic.fixes.iter_mut().map(|fix| &mut fix.title);
    let own = [&mut diagnostic.message, &mut diagnostic.label];
    let texts = own.into_iter().chain(&mut diagnostic.help).chain(labels).chain(quote).chain(titles);
    for text in texts {
        let hidden = secrets.text(text).into_owned();
        *text = hidden;
    }
    diagnostic.fixes.iter_mut().for_each(|fix| hide_in_fix(fix, report, secrets));
    finding
}

/// An edit that puts back a secret where it stood is narrowed; a fix that writes one somewhere else loses its edits,
/// since half of a fix is worse than none.
fn hide_in_fix(fix: &mut Fix, report: &Report, secrets: &Secrets) {
    let narrowed: Option<Vec<Edit>> = fix.edits.iter().map(|edit| narrow(edit, report, secrets)).collect();
    fix.edits = narrowed.unwrap_or_default();
}

/// The edit, or as much of it as changes anything; `None` if that shows a secret.
fn narrow(edit: &Edit, report: &Report, secrets: &Secrets) -> Option<Edit> {
    let new = edit.replacement.as_str();
    let source = report.source(edit.file);
    let writing = source.map_or(Writing::Prose, |source| source.kind().into());
    let shown = secrets.ranges(new.as_bytes(), writing);
    if shown.is_empty() {
        return Some(edit.clone());
    }
    let old = source?.bytes().get(edit.span.range())?;
    let same = old.iter().zip(new.bytes()).take_while(|(a, b)| **a == *b).count();
    let start = (0..=same).rev().find(|at| new.is_char_boundary(*at))?;
    let rest = (&old[start..], &new[start..]);
    let same = rest.0.iter().rev().zip(rest.1.bytes().rev()).take_while(|(a, b)| **a == *b).count();
    let end = (new.len() - same..=new.len()).find(|at| new.is_char_boundary(*at))?;
    if shown.iter().any(|secret| secret.start < end && start < secret.end) {
        return None;
    }
    let mut edit = edit.clone();
    edit.span.start += start;
    edit.span.end -= new.len() - end;
    edit.replacement = new[start..end].to_owned();
    Some(edit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Applicability, FileKind, Severity};
    use crate::output::testing::World;

    fn edits(old: &str, new: &str) -> Vec<(usize, usize, String)> {
        let mut world = World::new();
        let file = world.file("a.service", FileKind::Systemd, format!("# é\n{old}\n"));
        let at = world.at(file, old);
        let edit = Edit { file, span: at.span, replacement: new.to_owned() };
        let fix = Fix { title: "t".into(), applicability: Applicability::Safe, edits: vec![edit] };
        world.find(Diagnostic::new("r", Severity::Error, at, "m").fix(fix));
        let redacted = Redacted::of(&world.report());
        let edits = &redacted.report(&world.report()).findings[0].diagnostic.fixes[0].edits;
        edits.iter().map(|edit| (edit.span.start, edit.span.end, edit.replacement.clone())).collect()
    }

    #[test]
    fn an_edit_is_narrowed_until_it_shows_nothing_or_is_left_out() {
        assert_eq!(edits("puma -d", "puma"), [(5, 12, "puma".into())]);
        let (old, new) = ("puma -d --control-token abc", "puma --control-token abc");
        assert_eq!(edits(old, new), [(11, 14, String::new())]);
        assert_eq!(
            edits("puma --control-token abc -d", "puma --control-token abc"),
            [(29, 32, String::new())]
        );
        assert_eq!(edits("TOKEN=abc puma", "puma --control-token abc"), []);
    }
}
