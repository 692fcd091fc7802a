//! What systemd says of a line.

use super::Entry;
use crate::model::Span;

/// The longest message systemd logs: it formats into a buffer of `LINE_MAX` bytes.
const LONGEST: usize = 2047;

/// Something systemd complains about while it reads a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The part of the file that is meant.
    pub span: Span,
    /// The line that systemd names, from 1: of a line with continuations the last one.
    pub line: usize,
    /// systemd 252's own words, without the file's name and line before them.
    pub words: String,
    /// The unit does not load (`LoadState=error` or `bad-setting`), and the rest of the file is not read.
    pub fatal: bool,
    /// The assignment takes effect nevertheless. (Debian's 252 says some of these at debug level only.)
    pub kept: bool,
}

impl Problem {
    /// A line, or an assignment, that is ignored.
    pub(super) fn ignored(span: Span, line: usize, words: impl Into<String>) -> Self {
        let mut words = words.into();
        if words.len() > LONGEST {
            let mut end = LONGEST;
            while !words.is_char_boundary(end) {
                end -= 1;
            }
            words.truncate(end);
        }
        Self { span, line, words, fatal: false, kept: false }
    }

    /// A complaint about an entry's value.
    pub(super) fn of(entry: &Entry, span: Span, words: impl Into<String>) -> Self {
        Self::ignored(span, entry.line, words)
    }

    /// The same, fatal if so.
    pub(super) fn fatal_if(mut self, fatal: bool) -> Self {
        self.fatal = fatal;
        self
    }

    /// The same, of an assignment that takes effect.
    pub(super) fn kept(mut self) -> Self {
        self.kept = true;
        self
    }
}
