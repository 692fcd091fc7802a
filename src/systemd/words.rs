//! Splitting a value into words: quotes, C escapes, blanks.

use super::Entry;
use super::Problem;
use super::draft::Draft;
use super::unit::is_blank;
use crate::model::{Span, Word};

/// How a value is split; the names are those of systemd's `EXTRACT_` flags.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rules {
    /// Quotes group, and go away.
    pub(super) unquote: bool,
    /// Backslashes are C escapes; an unknown one is an error.
    pub(super) unescape: bool,
    /// Unknown escapes stay as they are.
    pub(super) keep_unknown: bool,
    /// Backslashes are ordinary.
    pub(super) retain_escapes: bool,
    /// A quote that is never closed is closed by the end.
    pub(super) relax: bool,
    /// Words are separated by colons instead of blanks, and a backslash may stand before one.
    pub(super) colons: bool,
}

impl Rules {
    fn separates(self, byte: u8) -> bool {
        if self.colons { byte == b':' } else { is_blank(byte) }
    }
}

/// Exec lines and `Environment=`: quotes and C escapes.
pub(super) const EXEC: Rules = Rules {
    unquote: true,
    unescape: true,
    keep_unknown: false,
    retain_escapes: false,
    relax: false,
    colons: false,
};
/// Quotes only; a backslash makes the next character ordinary.
pub(super) const QUOTES: Rules = Rules { unescape: false, ..EXEC };
/// Quotes only; backslashes are ordinary.
pub(super) const QUOTES_RAW: Rules = Rules { unescape: false, retain_escapes: true, ..EXEC };
/// Blanks only; backslashes are ordinary.
pub(super) const BLANKS: Rules = Rules { unquote: false, ..QUOTES_RAW };
/// Blanks only; a backslash goes away.
pub(super) const BLANKS_UNESCAPED: Rules = Rules { unquote: false, ..QUOTES };
/// `source:destination`, with C escapes.
pub(super) const COLONS: Rules = Rules { unquote: false, colons: true, ..EXEC };
/// How the value of `$X` is split: quotes group, nothing is an error.
pub(super) const VARIABLE: Rules = Rules { relax: true, ..QUOTES };

/// The value cannot be split: a quote stays open, or an escape is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Invalid;

/// Walks over a value, word by word.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    value: &'a Word,
    at: usize,
}

impl<'a> Words<'a> {
    pub(super) fn new(value: &'a Word) -> Self {
        Self { value, at: 0 }
    }

    /// What is left. After a word, the blanks behind it are gone too.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.value.text().as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Where the rest starts in the value.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Skips bytes, and the blanks behind them.
    pub(super) fn skip(&mut self, count: usize) {
        self.at += count;
        self.skip_separators(EXEC);
    }

    fn skip_separators(&mut self, rules: Rules) {
        self.at += self.rest().iter().take_while(|byte| rules.separates(**byte)).count();
    }

    /// The next word; `None` at the end. On an error the place is lost.
    pub(super) fn next(&mut self, rules: Rules) -> Result<Option<Word>, Invalid> {
        self.skip_separators(rules);
        if self.rest().is_empty() {
            return Ok(None);
        }
        let (start, mut quote) = (self.at, None);
        let mut draft = Draft::default();
        let mut end = self.at;
        while let Some(&byte) = self.rest().first() {
            let origin = self.value.origin(self.at);
            if byte == b'\\' && !rules.retain_escapes {
                self.at += 1;
                self.escape(rules, quote.is_some(), origin, &mut draft)?;
            } else if Some(byte) == quote {
                quote = None;
                self.at += 1;
            } else if quote.is_none() && rules.unquote && matches!(byte, b'"' | b'\'') {
                quote = Some(byte);
                self.at += 1;
            } else if quote.is_none() && rules.separates(byte) {
                break;
            } else {
                draft.push(byte, origin);
                self.at += 1;
            }
            end = self.at;
        }
        if quote.is_some() && !rules.relax {
            return Err(Invalid);
        }
        self.skip_separators(rules);
        Ok(Some(draft.into_word(self.value.span_of(start..end))))
    }

    /// What follows a backslash.
    fn escape(
        &mut self,
        rules: Rules,
        quoted: bool,
        origin: usize,
        draft: &mut Draft,
    ) -> Result<(), Invalid> {
        let Some(&byte) = self.rest().first() else {
            return match (rules.keep_unknown && (!quoted || rules.relax), rules.relax) {
                (true, _) => {
                    draft.push(b'\\', origin);
                    Ok(())
                }
                (false, true) => Ok(()),
                (false, false) => Err(Invalid),
            };
        };
        if !rules.unescape {
            draft.push(byte, self.value.origin(self.at));
            self.at += 1;
            return Ok(());
        }
        if let Some((length, bytes)) = escaped(self.rest()) {
            draft.push_all(&bytes, origin);
            self.at += length;
        } else if rules.colons && byte == b':' {
            draft.push(byte, self.value.origin(self.at));
            self.at += 1;
        } else if rules.keep_unknown {
            draft.push(b'\\', origin);
            draft.push(byte, self.value.origin(self.at));
            self.at += 1;
        } else {
            return Err(Invalid);
        }
        Ok(())
    }

    /// The next word, systemd's way with unknown escapes: it keeps them and says so.
    pub(super) fn next_or_warn(
        &mut self,
        entry: &Entry,
        whole: &str,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Word>, Invalid> {
        let before = self.clone();
        if let Ok(word) = self.next(EXEC) {
            return Ok(word);
        }
        *self = before;
        let start = self.at;
        match self.next(Rules { keep_unknown: true, ..EXEC }) {
            Ok(word) => {
                if let Some(word) = &word {
                    let words = format!("Ignoring unknown escape sequences: \"{}\"", word.text());
                    problems.push(Problem::of(entry, word.span(), words).kept());
                }
                Ok(word)
            }
            Err(Invalid) => {
                let span = self.value.span_of(start..self.value.text().len());
                problems.push(Problem::of(entry, span, format!("Unbalanced quoting, ignoring: \"{whole}\"")));
                Err(Invalid)
            }
        }
    }
}

/// Reads what follows a backslash: how many bytes, and what they stand for. `None` if systemd does not know it.
fn escaped(rest: &[u8]) -> Option<(usize, Vec<u8>)> {
    let simple = |byte: u8| Some((1, vec![byte]));
    match rest.first()? {
        b'a' => simple(7),
        b'b' => simple(8),
        b'f' => simple(12),
        b'n' => simple(b'\n'),
        b'r' => simple(b'\r'),
        b't' => simple(b'\t'),
        b'v' => simple(11),
        b's' => simple(b' '),
        byte @ (b'\\' | b'"' | b'\'') => simple(*byte),
        b'x' => {
            let code = number(rest, 1..3, 16)?;
            Some((3, vec![u8::try_from(code).ok().filter(|byte| *byte != 0)?]))
        }
        b'u' => Some((5, encode(number(rest, 1..5, 16)?)?)),
        b'U' => {
            let code = number(rest, 1..9, 16).filter(|code| char::from_u32(*code).is_some())?;
            Some((9, encode(code)?))
        }
        b'0'..=b'7' => {
            let code = number(rest, 0..3, 8)?;
            Some((3, vec![u8::try_from(code).ok().filter(|byte| *byte != 0)?]))
        }
        _ => None,
    }
}

fn number(rest: &[u8], digits: std::ops::Range<usize>, base: u32) -> Option<u32> {
    rest.get(digits)?
        .iter()
        .try_fold(0u32, |sum, digit| sum.checked_mul(base)?.checked_add(char::from(*digit).to_digit(base)?))
}

/// UTF-8, also of what is no character (a surrogate), which is then no UTF-8.
fn encode(code: u32) -> Option<Vec<u8>> {
    if code == 0 {
        return None;
    }
    match char::from_u32(code) {
        Some(c) => Some(c.to_string().into_bytes()),
        None => Some(vec![0xFF; 3]),
    }
}

/// A part of a value that is shown in a message.
pub(super) fn span_from(value: &Word, at: usize) -> Span {
    value.span_of(at.min(value.text().len())..value.text().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, rules: Rules) -> Result<Vec<String>, Invalid> {
        let value = Word::plain(text, 0);
        let mut words = Words::new(&value);
        let mut found = Vec::new();
        while let Some(word) = words.next(rules)? {
            found.push(word.text().to_owned());
        }
        Ok(found)
    }

    #[test]
    fn quotes_group_and_may_stand_inside_a_word() {
        assert_eq!(split(r#" a  "b c" foo'bar baz'"x" '' "#, EXEC).unwrap(), ["a", "b c", "foobar bazx", ""]);
        assert_eq!(split("'a", EXEC), Err(Invalid));
        assert_eq!(split("'a b", VARIABLE).unwrap(), ["a b"]);
        assert_eq!(split("'a b'", BLANKS).unwrap(), ["'a", "b'"]);
    }

    #[test]
    fn escapes_count_in_both_quotes() {
        assert_eq!(
            split(r#"a\tb '\x41\102' "\u00e9\s\"" \U0001F600"#, EXEC).unwrap(),
            ["a\tb", "AB", "é \"", "😀"]
        );
        for unknown in [r"\q", r"a\ b", r"\x4", r"\x00", r"\000", r"\400", r"\u12", r"\UFFFFFFFF", r"a\"] {
            assert_eq!(split(unknown, EXEC), Err(Invalid), "{unknown}");
        }
        let keep = Rules { keep_unknown: true, ..EXEC };
        assert_eq!(split(r"\q a\ b c\", keep).unwrap(), [r"\q", r"a\ b", r"c\"]);
        assert_eq!(split(r"'a\q' '", keep), Err(Invalid));
        assert_eq!(split(r"a\b", QUOTES).unwrap(), ["ab"]);
        assert_eq!(split(r"a\:b\x20::c", COLONS).unwrap(), ["a:b ", "c"]);
        assert_eq!(split(r"a\b", QUOTES_RAW).unwrap(), [r"a\b"]);
    }

    #[test]
    fn words_know_where_they_stand() {
        let value = Word::plain(r#"x "a\tb" y"#, 10);
        let mut words = Words::new(&value);
        words.next(EXEC).unwrap();
        let word = words.next(EXEC).unwrap().unwrap();
        assert_eq!((word.text(), word.span()), ("a\tb", Span::new(12, 18)));
        assert_eq!((word.origin(1), word.origin(2)), (14, 16));
    }
}
