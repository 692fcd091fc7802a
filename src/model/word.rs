//! A word of a command line that remembers where each of its bytes stands in the file.

use std::ops::Range;

use super::{Span, hole};

/// One word, after quotes and escapes were taken away, with the way back to the file.
///
/// A shell inside a unit inside quotes (`bash -lc 'cd x && puma -d'`) is split again and again;
/// each split keeps the origins, so that the innermost `-d` still has an exact span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    text: String,
    /// For each byte of `text`, the offset in the file that it came from.
    origins: Vec<usize>,
    /// The whole word as written, quotes included.
    span: Span,
}

impl Word {
    /// A word that stands in the file as it is.
    pub fn plain(text: impl Into<String>, start: usize) -> Self {
        let text = text.into();
        let origins = (start..start + text.len()).collect();
        let span = Span::new(start, start + text.len());
        Self::new(text, origins, span)
    }

    /// What stands at `start` of a file. What isn't UTF-8 becomes U+FFFD, and stands where it stood.
    pub fn read(bytes: &[u8], start: usize) -> Self {
        let (mut text, mut origins) = (String::with_capacity(bytes.len()), Vec::with_capacity(bytes.len()));
        let mut at = start;
        for chunk in bytes.utf8_chunks() {
            let (valid, invalid) = (chunk.valid(), chunk.invalid());
            text.push_str(valid);
            origins.extend(at..at + valid.len());
            at += valid.len();
            if !invalid.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
                origins.extend([at; char::REPLACEMENT_CHARACTER.len_utf8()]);
                at += invalid.len();
            }
        }
        Self { text, origins, span: Span::new(start, start + bytes.len()) }
    }

    /// A word written at `span`, of which byte `i` came from `origins[i]`.
    /// Origins that are missing are taken from the end of the span. What only pads a hole is left out.
    pub fn new(text: impl Into<String>, mut origins: Vec<usize>, span: Span) -> Self {
        let text = text.into();
        origins.resize(text.len(), span.end);
        let (text, origins) = hole::settle(text, origins);
        Self { text, origins, span }
    }

    /// The word's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a template fills in a part of it.
    pub fn has_hole(&self) -> bool {
        hole::has_hole(&self.text)
    }

    /// The whole word as written, quotes included.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Where byte `at` of the text came from.
    pub fn origin(&self, at: usize) -> usize {
        self.origins.get(at).copied().unwrap_or(self.span.end)
    }

    /// Where a part of the text stands in the file.
    pub fn span_of(&self, part: Range<usize>) -> Span {
        if part.is_empty() {
            return Span::at(self.origin(part.start));
        }
        Span::new(self.origin(part.start), self.origin(part.end - 1) + 1)
    }

    /// A part of this word as a word of its own.
    pub fn part(&self, part: Range<usize>) -> Word {
        let span = self.span_of(part.clone());
        Word { text: self.text[part.clone()].to_owned(), origins: self.origins[part].to_vec(), span }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_keeps_its_place() {
        // "a\tb" written with an escape of two characters at offset 11.
        let word = Word::new("a\tb", vec![10, 11, 13], Span::new(9, 15));
        assert_eq!(word.span_of(1..3), Span::new(11, 14));
        assert_eq!(word.part(2..3), Word::plain("b", 13));
        assert_eq!(Word::plain("--daemon", 4).span_of(2..8), Span::new(6, 12));
    }
}
