//! Comments that silence findings: `# puma-lint: ignore[rule, rule] -- reason`, and `ignore-file[rule]` at the top.
//!
//! They are taken from the comments that the parsers export; text is never searched for them again.
//!
//! A comment at the end of a line means the statement in that line; one in a line of its own means the statement below.
//! A statement reaches down to the first one that is nested in it: a comment above `on_worker_boot do` silences nothing
//! in its block.

mod read;
mod unused;

use crate::model::{Diagnostic, FileId, Source, Span};
use crate::parsed::Files;

pub use read::Mistake;

/// The suppressions of a run, and which of them were of use.
#[derive(Debug, Default)]
pub struct Suppressions {
    all: Vec<Suppression>,
    mistakes: Vec<(FileId, Mistake)>,
}

/// One comment.
#[derive(Debug)]
struct Suppression {
    file: FileId,
    /// The whole comment.
    comment: Span,
    /// Whether it stands in a line of its own.
    own_line: bool,
    /// The lines (from 0, the last included) whose findings it silences; `None` for the whole file.
    lines: Option<(usize, usize)>,
    /// What stands between the brackets.
    list: Span,
    names: Vec<Name>,
}

/// A rule that a suppression names.
#[derive(Debug)]
struct Name {
    text: String,
    span: Span,
    used: bool,
}

impl Suppression {
    fn covers(&self, line: usize) -> bool {
        self.lines.is_none_or(|(first, last)| (first..=last).contains(&line))
    }
}

impl Suppressions {
    /// Finds them in all files.
    pub fn read(files: &Files<'_>) -> Self {
        let mut found = Self::default();
        for (at, _) in files.sources.iter().enumerate() {
            let file = FileId(u32::try_from(at).unwrap_or(u32::MAX));
            read::file(files, file, &mut found);
        }
        found
    }

    /// Whether a finding is silenced at any of its places. What silences it has been of use.
    pub fn silences(&mut self, files: &Files<'_>, diagnostic: &Diagnostic) -> bool {
        let labels = diagnostic.labels.iter().map(|label| label.location);
        let mut silenced = false;
        for place in std::iter::once(diagnostic.location).chain(labels) {
            let line = files.source(place.file).line_of(place.span.start);
            for suppression in self.all.iter_mut().filter(|s| s.file == place.file && s.covers(line)) {
                for name in suppression.names.iter_mut().filter(|name| name.text == diagnostic.rule) {
                    name.used = true;
                    silenced = true;
                }
            }
        }
        silenced
    }
}

/// The lines (from 0, the last included) of the statement in a line: those of the innermost one.
pub fn statement_lines(source: &Source, statements: &[Span], line: usize) -> (usize, usize) {
    let lines = |span: &Span| {
        let text = source.bytes().get(span.range()).unwrap_or_default().trim_ascii_end();
        let last = span.start + text.len().saturating_sub(1);
        (source.line_of(span.start), source.line_of(last))
    };
    let around = statements.iter().map(lines).filter(|(first, last)| (*first..=*last).contains(&line));
    around.max().unwrap_or((line, line))
}

#[cfg(test)]
mod tests;
