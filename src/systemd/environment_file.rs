//! The file that `EnvironmentFile=` names: nearly, but not quite, what a shell reads.
//!
//! Comments (`#`, `;`) only where a key could start, and one that ends in a backslash goes on in the next line.
//! Quotes around a value go away, `\` makes the next character ordinary, before a line end it joins the lines.
//! Nothing is replaced. A key that is no name (`export B`) is dropped with a word in the journal.

use super::draft::{Draft, is_clean};
use super::environment::is_name;
use super::unit::is_blank;
use crate::model::{Span, Word};

/// What such a file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvironmentFile {
    /// Name and value in file order; of one name the last counts.
    pub assignments: Vec<(Word, Word)>,
    /// Each assignment that is dropped, with systemd's words for it, which a colon and the file's path follow.
    pub dropped: Vec<(Span, String)>,
    /// The file cannot be read (it holds a NUL, or a key or value that is not UTF-8): the service does not
    /// start, unless the path had a leading `-`.
    pub unreadable: Option<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    BeforeKey,
    Key,
    BeforeValue,
    Value,
    Escape,
    Single,
    Double,
    DoubleEscape,
    Comment,
    CommentEscape,
}

/// Reads the content of an environment file.
pub fn environment_file(bytes: &[u8]) -> EnvironmentFile {
    let mut reader = Reader::default();
    if let Some(nul) = bytes.iter().position(|byte| *byte == 0) {
        reader.file.unreadable = Some(Span::new(nul, nul + 1));
        return reader.file;
    }
    let mut state = State::BeforeKey;
    for (at, byte) in bytes.iter().enumerate() {
        state = reader.step(state, at, *byte);
    }
    if !matches!(state, State::BeforeKey | State::Key | State::Comment | State::CommentEscape) {
        reader.push();
    }
    reader.file
}

#[derive(Default)]
struct Reader {
    file: EnvironmentFile,
    key: Draft,
    value: Draft,
    /// Where the blanks at the end of a value start, which belong to it only if more follows.
    blanks: Option<usize>,
    /// Where the value starts, and where its last byte ends, as written.
    written: Option<(usize, usize)>,
}

impl Reader {
    fn step(&mut self, state: State, at: usize, byte: u8) -> State {
        let newline = matches!(byte, b'\n' | b'\r');
        if matches!(
            state,
            State::BeforeValue
                | State::Value
                | State::Escape
                | State::Single
                | State::Double
                | State::DoubleEscape
        ) && !is_blank(byte)
        {
            let start = self.written.map_or(at, |written| written.0);
            self.written = Some((start, at + 1));
        }
        match state {
            State::BeforeKey => match byte {
                b'#' | b';' => State::Comment,
                _ if is_blank(byte) => State::BeforeKey,
                _ => {
                    self.key.push(byte, at);
                    State::Key
                }
            },
            State::Key if newline => {
                self.key = Draft::default();
                State::BeforeKey
            }
            State::Key if byte == b'=' => {
                self.blanks = None;
                self.written = None;
                // Where an empty value stands.
                State::BeforeValue
            }
            State::Key => {
                self.key.push(byte, at);
                State::Key
            }
            State::BeforeValue | State::Value if newline => {
                if state == State::Value {
                    self.chomp();
                }
                self.push();
                State::BeforeKey
            }
            State::BeforeValue => match byte {
                b'\'' => State::Single,
                b'"' => State::Double,
                b'\\' => State::Escape,
                _ if is_blank(byte) => State::BeforeValue,
                _ => {
                    self.value.push(byte, at);
                    State::Value
                }
            },
            State::Value if byte == b'\\' => {
                self.blanks = None;
                State::Escape
            }
            State::Value => {
                if !is_blank(byte) {
                    self.blanks = None;
                } else if self.blanks.is_none() {
                    self.blanks = Some(self.value.len());
                }
                self.value.push(byte, at);
                State::Value
            }
            State::Escape => {
                if !newline {
                    self.value.push(byte, at);
                }
                State::Value
            }
            State::Single if byte == b'\'' => State::BeforeValue,
            State::Double if byte == b'"' => State::BeforeValue,
            State::Double if byte == b'\\' => State::DoubleEscape,
            State::Single | State::Double => {
                self.value.push(byte, at);
                state
            }
            State::DoubleEscape => {
                if !matches!(byte, b'"' | b'\\' | b'`' | b'$' | b'\n') {
                    self.value.push(b'\\', at.saturating_sub(1));
                }
                if byte != b'\n' {
                    self.value.push(byte, at);
                }
                State::Double
            }
            State::Comment if byte == b'\\' => State::CommentEscape,
            State::Comment if newline => State::BeforeKey,
            State::Comment | State::CommentEscape => State::Comment,
        }
    }

    fn chomp(&mut self) {
        if let Some(blanks) = self.blanks.take() {
            self.value.truncate(blanks);
        }
    }

    fn push(&mut self) {
        self.chomp();
        let (mut key, value) = (std::mem::take(&mut self.key), std::mem::take(&mut self.value));
        let length = key.bytes().iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
        key.truncate(length);
        let key_span = key.span_of(0, length);
        let written = self.written.take();
        let span = written.map_or(Span::at(key_span.end), |(start, end)| Span::new(start, end));
        if self.file.unreadable.is_some() {
            return;
        }
        if !is_clean(key.bytes()) || !is_clean(value.bytes()) {
            self.file.unreadable = Some(key_span.join(span));
            self.file.assignments.clear();
            return;
        }
        let (key, value) = (key.into_word(key_span), value.into_word(span));
        if is_name(key.text()) {
            self.file.assignments.push((key, value));
        } else {
            let words = format!("Ignoring invalid environment assignment '{}={}'", key.text(), value.text());
            self.file.dropped.push((key_span.join(span), words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let pair = |(name, value): &(Word, Word)| (name.text().to_owned(), value.text().to_owned());
        environment_file(text.as_bytes()).assignments.iter().map(pair).collect()
    }

    fn one(text: &str) -> String {
        let mut found = read(text);
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        found.remove(0).1
    }

    #[test]
    fn plain_values() {
        assert_eq!(one("A = b c  \n"), "b c");
        assert_eq!(one("J=val # not comment\n"), "val # not comment");
        assert_eq!(one("# c\n; d\n  F=$A/x"), "$A/x");
        assert_eq!(one("A=b\r\n"), "b");
        assert_eq!(one("A=\n"), "");
    }

    #[test]
    fn quotes_and_escapes() {
        assert_eq!(one("A='b\\n$c'\n"), "b\\n$c");
        assert_eq!(one("A=\"b\\\"\\$\\n\nc\"\n"), "b\"$\\n\nc");
        assert_eq!(one("A=b\\\nc\n"), "bc");
        assert_eq!(one("A='b' 'c'\n"), "bc");
        assert_eq!(one("A='b'c d\n"), "bc d");
        assert_eq!(one("A=\"b\\\nc\"\n"), "bc");
    }

    #[test]
    fn what_is_dropped() {
        let file = environment_file(b"export B=2\n1C=d\nE\nF=g\n");
        assert_eq!(file.assignments.len(), 1);
        assert_eq!(file.dropped[0].1, "Ignoring invalid environment assignment 'export B=2'");
        assert_eq!(file.dropped[0].0, Span::new(0, 10));
        assert_eq!(file.dropped.len(), 2);
        // A comment that ends in a backslash swallows the next line.
        assert_eq!(read("# c \\\nA=b\nC=d\n").len(), 1);
    }

    #[test]
    fn what_cannot_be_read() {
        assert!(environment_file(b"A=b\0").unreadable.is_some());
        assert!(environment_file(b"A=\xFF\nB=c\n").unreadable.is_some());
        assert!(environment_file(b"# \xFF\nB=c\n").unreadable.is_none());
    }

    #[test]
    fn values_know_their_place() {
        let file = environment_file(b"A = 'b c' \n");
        assert_eq!(file.assignments[0].1.span(), Span::new(4, 9));
        assert_eq!(file.assignments[0].1.span_of(0..1), Span::new(5, 6));
    }
}
