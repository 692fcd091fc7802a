//! Makes visible what must not reach a terminal raw.
//!
//! Paths, source lines and words quoted from them are untrusted: a control character could drive
//! the terminal, and a bidirectional override could make a line read other than it is.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character is shown as an escape: controls, marks that change the direction of text,
/// and characters that take no room and so hide.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Appends a character, as an escape if it hides.
pub fn push(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c.is_ascii_control() => _ = write!(out, "\\x{:02x}", u32::from(c)),
        c if is_hidden(c) => _ = write!(out, "\\u{{{:x}}}", u32::from(c)),
        c => out.push(c),
    }
}

/// Appends a byte that belongs to no character.
pub fn push_byte(out: &mut String, byte: u8) {
    _ = write!(out, "\\x{byte:02x}");
}

/// Text for one line: line ends are escaped too.
pub fn inline(text: &str) -> Cow<'_, str> {
    escape_unless(text, |_| false)
}

/// Text that may span lines: `\n` stays, and `\r\n` becomes `\n`.
pub fn block(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        return Cow::Owned(escape_unless(&text.replace("\r\n", "\n"), |c| c == '\n').into_owned());
    }
    escape_unless(text, |c| c == '\n')
}

fn escape_unless(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(|c| is_hidden(c) && !keep(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if keep(c) { out.push(c) } else { push(&mut out, c) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_overrides_become_visible() {
        assert_eq!(inline("a\x1b[31m\u{202e}b\n\u{9b}"), "a\\x1b[31m\\u{202e}b\\n\\u{9b}");
        assert_eq!(block("a\r\nb\rc\n"), "a\nb\\rc\n");
        let mut out = String::new();
        push_byte(&mut out, 0xff);
        assert_eq!(out, "\\xff");
    }

    #[test]
    fn plain_text_in_any_language_is_borrowed() {
        for text in ["config/puma.rb", "日本é", "👩\u{200d}💻", "e\u{301}"] {
            assert!(matches!(inline(text), Cow::Borrowed(same) if same == text));
        }
    }
}
