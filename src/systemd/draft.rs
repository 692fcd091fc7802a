//! Bytes on their way to becoming a [`Word`]: each with the offset that it came from.

use crate::model::{Span, Word};

/// Bytes with their origins.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    bytes: Vec<u8>,
    origins: Vec<usize>,
}

impl Draft {
    /// The bytes of a file, each its own origin.
    pub(super) fn of_file(file: &[u8], span: Span) -> Self {
        Self { bytes: file.get(span.range()).unwrap_or_default().to_vec(), origins: span.range().collect() }
    }

    pub(super) fn push(&mut self, byte: u8, origin: usize) {
        self.bytes.push(byte);
        self.origins.push(origin);
    }

    /// Several bytes of one origin.
    pub(super) fn push_all(&mut self, bytes: &[u8], origin: usize) {
        for byte in bytes {
            self.push(*byte, origin);
        }
    }

    pub(super) fn append(&mut self, mut other: Draft) {
        self.bytes.append(&mut other.bytes);
        self.origins.append(&mut other.origins);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
        self.origins.truncate(len);
    }

    /// Replaces the last byte, which keeps its origin.
    pub(super) fn replace_last(&mut self, byte: u8) {
        if let Some(last) = self.bytes.last_mut() {
            *last = byte;
        }
    }

    /// From the first to the last origin of a part; for an empty part, the place where it would stand.
    pub(super) fn span_of(&self, from: usize, to: usize) -> Span {
        match (self.origins.get(from), to.checked_sub(1).and_then(|last| self.origins.get(last))) {
            (Some(start), Some(last)) if to > from => Span::new(*start, last + 1),
            (Some(start), _) => Span::at(*start),
            (None, _) => Span::at(self.origins.last().map_or(0, |last| last + 1)),
        }
    }

    /// A part as a word. What is not UTF-8 becomes U+FFFD, byte by byte.
    pub(super) fn word(&self, from: usize, to: usize, span: Span) -> Word {
        let bytes = self.bytes.get(from..to).unwrap_or_default();
        let origins = self.origins.get(from..to).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => Word::new(text, origins.to_vec(), span),
            Err(_) => lossy(bytes, origins, span),
        }
    }

    /// All of it as a word.
    pub(super) fn into_word(self, span: Span) -> Word {
        match String::from_utf8(self.bytes) {
            Ok(text) => Word::new(text, self.origins, span),
            Err(error) => lossy(error.as_bytes(), &self.origins, span),
        }
    }
}

fn lossy(bytes: &[u8], origins: &[usize], span: Span) -> Word {
    let (mut text, mut places, mut at) = (String::new(), Vec::new(), 0);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        places.extend_from_slice(origins.get(at..at + chunk.valid().len()).unwrap_or_default());
        at += chunk.valid().len();
        for _ in chunk.invalid() {
            text.push('\u{FFFD}');
            let origin = origins.get(at).copied().unwrap_or(span.end);
            places.extend([origin; 3]);
            at += 1;
        }
    }
    Word::new(text, places, span)
}

/// Whether systemd takes the bytes for UTF-8: it also refuses noncharacters such as U+FFFE.
pub(super) fn is_clean(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| !text.chars().any(is_noncharacter))
}

/// As systemd writes it into its log: U+FFFD for each byte that it does not take for UTF-8.
pub(super) fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_noncharacter(c) {
                (0..c.len_utf8()).for_each(|_| text.push('\u{FFFD}'));
            } else {
                text.push(c);
            }
        }
        chunk.invalid().iter().for_each(|_| text.push('\u{FFFD}'));
    }
    text
}

fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf8_keeps_its_place() {
        let mut draft = Draft::default();
        draft.push_all(b"a\xFF", 7);
        draft.push(b'b', 9);
        let word = draft.into_word(Span::new(7, 10));
        assert_eq!(word.text(), "a\u{FFFD}b");
        assert_eq!(word.origin(4), 9);
        assert!(is_clean("é".as_bytes()));
        assert!(!is_clean(b"\xC3"));
        assert!(!is_clean("\u{FFFE}".as_bytes()));
    }
}
