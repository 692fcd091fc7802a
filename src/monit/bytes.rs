//! Which bytes Monit takes for what, and how it takes the quotes and escapes off a string.

use crate::model::{Span, Word};

/// Whether an unquoted string may hold the byte: no control, blank, `!` or `@ : { } " ' ; ( ) , %`.
pub(super) fn is_string(byte: u8) -> bool {
    byte > b'!'
        && !matches!(byte, b'@' | b':' | b'{' | b'}' | b'"' | b'\'' | b';' | b'(' | b')' | b',' | b'%')
}

/// Whether a mail address may hold the byte.
pub(super) fn is_address(byte: u8) -> bool {
    byte > b'!' && is_address_name(byte)
}

/// Whether the name before a mail address may hold the byte.
pub(super) fn is_address_name(byte: u8) -> bool {
    byte >= b' ' && !matches!(byte, b'<' | b'>' | b'{' | b'}' | b'[' | b']')
}

/// Whether the byte is blank within a line.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

/// Whether the byte is passed over between tokens, within a line: blanks, and `; , ( )`.
pub(super) fn is_wide_blank(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b';' | b',' | b'(' | b')')
}

/// C's `isspace`.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// What C sees of a string: everything before the first NUL.
pub(super) fn c_string(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    &bytes[..end]
}

/// Bytes that know where they stood in the file.
pub(super) struct Spelled {
    bytes: Vec<u8>,
    origins: Vec<usize>,
}

impl Spelled {
    /// The bytes of `span`, up to the first NUL.
    pub(super) fn new(file: &[u8], span: Span) -> Self {
        let bytes = c_string(&file[span.range()]).to_vec();
        let origins = (span.start..span.start + bytes.len()).collect();
        Self { bytes, origins }
    }

    /// Takes off every quote and blank at either end, however many there are, as Monit does: `"/run/a.pid' "` is
    /// `/run/a.pid`.
    pub(super) fn unquote(mut self) -> Self {
        let strip = |byte: &u8| matches!(*byte, b'"' | b'\'') || is_space(*byte);
        let start = self.bytes.iter().position(|byte| !strip(byte)).unwrap_or(self.bytes.len());
        self.bytes.drain(..start);
        self.origins.drain(..start);
        let end = self.bytes.iter().rposition(|byte| !strip(byte)).map_or(0, |last| last + 1);
        self.truncate(end);
        self
    }

    /// Expands `\n`, `\t`, `\r`, `\ `, `\\` and `\0xHH`. Any other backslash stays. A NUL ends the string.
    pub(super) fn expand_escapes(mut self) -> Self {
        let at = |bytes: &[u8], index: usize| bytes.get(index).copied().unwrap_or(0);
        let (mut from, mut to) = (0, 0);
        while from < self.bytes.len() {
            let origin = self.origins[from];
            let mut value = Some(self.bytes[from]);
            if self.bytes[from] == b'\\' {
                match at(&self.bytes, from + 1) {
                    b'n' => (value, from) = (Some(b'\n'), from + 1),
                    b't' => (value, from) = (Some(b'\t'), from + 1),
                    b'r' => (value, from) = (Some(b'\r'), from + 1),
                    b' ' => (value, from) = (Some(b' '), from + 1),
                    b'\\' => from += 1,
                    b'0' if at(&self.bytes, from + 2) == b'x' => {
                        let digits = (at(&self.bytes, from + 3), at(&self.bytes, from + 4));
                        if digits != (b'0', b'0') {
                            value = Some(hex(digits.0).wrapping_mul(16).wrapping_add(hex(digits.1)));
                            from += 4;
                        }
                    }
                    // Monit leaves this place as it is, which may hold a byte from before.
                    b'0' => value = None,
                    _ => {}
                }
            }
            if let Some(value) = value {
                self.bytes[to] = value;
            }
            self.origins[to] = origin;
            from += 1;
            to += 1;
        }
        self.truncate(to);
        let end = c_string(&self.bytes).len();
        self.truncate(end);
        self
    }

    fn truncate(&mut self, end: usize) {
        self.bytes.truncate(end);
        self.origins.truncate(end);
    }

    /// The word written at `span`; what is not UTF-8 becomes U+FFFD, at the place of its first byte.
    pub(super) fn into_word(self, span: Span) -> Word {
        let mut text = String::with_capacity(self.bytes.len());
        let mut origins = Vec::with_capacity(self.bytes.len());
        let mut at = 0;
        for chunk in self.bytes.utf8_chunks() {
            let valid = chunk.valid().len();
            text.push_str(chunk.valid());
            origins.extend_from_slice(&self.origins[at..at + valid]);
            at += valid;
            if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
                origins.extend([self.origins[at]; char::REPLACEMENT_CHARACTER.len_utf8()]);
                at += chunk.invalid().len();
            }
        }
        Word::new(text, origins, span)
    }
}

/// Monit's reading of a hexadecimal digit, which refuses nothing.
fn hex(digit: u8) -> u8 {
    if digit >= b'A' { (digit & 0xdf).wrapping_sub(b'A' - 10) } else { digit.wrapping_sub(b'0') }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Word {
        let span = Span::new(0, text.len());
        Spelled::new(text.as_bytes(), span).unquote().expand_escapes().into_word(span)
    }

    #[test]
    fn quotes_and_blanks_go_at_both_ends() {
        assert_eq!(word("\"/run/a.pid' \"").text(), "/run/a.pid");
        assert_eq!(word("\" /run\"").origin(0), 2);
        assert_eq!(word("\"\"").text(), "");
        assert_eq!(word("'\"a\"'").text(), "a");
    }

    #[test]
    fn escapes_expand_and_keep_their_place() {
        let escaped = word(r#""a\nb\0x41c\\\q""#);
        assert_eq!(escaped.text(), "a\nbAc\\\\q");
        assert_eq!(escaped.origin(1), 2);
        assert_eq!(escaped.origin(3), 5);
        assert_eq!(escaped.origin(4), 10);
        assert_eq!(word(r#""\0x""#).text().chars().count(), 1);
        assert_eq!(word(r#""a\0x00b""#).text(), "a\\0x00b");
    }

    #[test]
    fn what_is_not_utf8_keeps_its_place() {
        let span = Span::new(0, 4);
        let word = Spelled::new(b"a\xffbc", span).into_word(span);
        assert_eq!(word.text(), "a\u{fffd}bc");
        assert_eq!(word.origin(4), 2);
    }
}
