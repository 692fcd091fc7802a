//! What must never be printed: passwords, tokens and keys.
//!
//! A secret is recognised by the name that stands before it, and wherever else its value stands. In its place stand as
//! many marks as it has characters, so that lines, columns and offsets stay true. A text that is no secret is never
//! touched: the path of a key, a pidfile, a port.

mod names;
mod scan;
mod values;

use std::borrow::Cow;
use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use crate::model::Source;

pub use names::is_secret_name;
pub use scan::Writing;

use values::Values;

/// The secrets of some sources, to be hidden in whatever is said about them.
#[derive(Debug, Default)]
pub struct Secrets {
    values: Values,
}

impl Secrets {
    /// The secrets that stand in sources, and `more` that are known from elsewhere.
    pub fn of<'a>(sources: impl IntoIterator<Item = &'a Source>, more: &[String]) -> Self {
        let mut found = more.to_vec();
        for source in sources {
            let bytes = source.bytes();
            let ranges = scan::secrets(bytes, source.kind().into());
            found
                .extend(ranges.into_iter().filter_map(|range| String::from_utf8(bytes[range].to_vec()).ok()));
        }
        Self { values: Values::of(&found) }
    }

    /// A sentence, or a value, with its secrets hidden.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.content(text.as_bytes(), Writing::Prose) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(hidden) => String::from_utf8_lossy(&hidden).into_owned().into(),
        }
    }

    /// The content of a file with its secrets hidden: as long as it was, byte for byte and character for character.
    pub fn content<'a>(&self, content: &'a [u8], writing: Writing) -> Cow<'a, [u8]> {
        let ranges = self.ranges(content, writing);
        if ranges.is_empty() { Cow::Borrowed(content) } else { Cow::Owned(hide(content, &ranges)) }
    }

    /// A source with its secrets hidden; `None` if it holds none.
    pub fn source(&self, source: &Source) -> Option<Source> {
        match self.content(source.bytes(), source.kind().into()) {
            Cow::Borrowed(_) => None,
            Cow::Owned(hidden) => Some(Source::new(source.shown(), source.path(), source.kind(), hidden)),
        }
    }

    /// Where secrets stand, in order and apart.
    pub fn ranges(&self, content: &[u8], writing: Writing) -> Vec<Range<usize>> {
        let mut ranges = scan::secrets(content, writing);
        ranges.extend(self.values.occurrences(content));
        ranges.sort_by_key(|range| (range.start, range.end));
        let mut apart: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            match apart.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart
    }
}

/// The text without what looks like a secret in it.
pub fn mask(text: &str) -> String {
    Secrets::default().text(text).into_owned()
}

/// Whether there is a secret in the text.
pub fn has_secret(text: &str) -> bool {
    !scan::secrets(text.as_bytes(), Writing::Prose).is_empty()
}

/// The secrets in a variable: all of it, by its name, or a password that stands in it.
pub fn of_variable(name: &str, value: &str) -> Vec<String> {
    match names::suspicion(name).filter(|suspicion| !names::is_harmless(value.as_bytes(), *suspicion)) {
        Some(_) if name.eq_ignore_ascii_case("key") => Vec::new(),
        Some(_) => vec![value.to_owned()],
        None => {
            let ranges = scan::secrets(value.as_bytes(), Writing::Lines);
            ranges.into_iter().map(|range| value[range].to_owned()).collect()
        }
    }
}

/// Whether a variable is a secret, by its name or because a password stands in it.
pub fn is_hidden_variable(name: &str, value: &str) -> bool {
    !value.is_empty() && !of_variable(name, value).is_empty()
}

/// Puts marks in the place of secrets: as many bytes, characters, lines and columns.
fn hide(content: &[u8], ranges: &[Range<usize>]) -> Vec<u8> {
    let mut hidden = Vec::with_capacity(content.len());
    let mut at = 0;
    for range in ranges {
        hidden.extend_from_slice(&content[at..range.start]);
        for chunk in content[range.clone()].utf8_chunks() {
            for c in chunk.valid().chars() {
                hidden.extend_from_slice(mark(c).as_bytes());
            }
            hidden.extend(std::iter::repeat_n(b'*', chunk.invalid().len()));
        }
        at = range.end;
    }
    hidden.extend_from_slice(&content[at..]);
    hidden
}

/// A mark that is as long and as wide as a character. Lines stay lines.
fn mark(c: char) -> &'static str {
    match (c, c.len_utf8()) {
        ('\n', _) => "\n",
        ('\r', _) => "\r",
        (_, 1) => "*",
        (_, 2) => "×",
        (_, 3) if c.width() == Some(2) => "＊",
        (_, 3) => "∗",
        _ => "🞲",
    }
}

#[cfg(test)]
mod tests;
