//! Percent signs in units that systemd would replace, and that are meant for somebody else.

use std::ops::Range;

use crate::model::{Edit, FileId, Span};
use crate::systemd::{Context, Entry, SpecifierError};

/// The percent signs before a letter or a digit, without those that are doubled already.
pub(super) fn specifiers(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(length) = text.get(at..).and_then(|rest| rest.find('%')) {
        at += length;
        match bytes.get(at + 1) {
            Some(b'%') => at += 2,
            Some(next) => {
                found.extend(next.is_ascii_alphanumeric().then_some(at));
                at += 1;
            }
            None => break,
        }
    }
    found
}

/// The formats of `date +FORMAT`, without their quotes.
pub(super) fn date_formats(text: &str) -> Vec<Range<usize>> {
    let begins = |at: usize| {
        at == 0 || text[..at].ends_with([' ', '\t', '"', '\'', '(', '`', '/', ';', '|', '&', '@', '-', '!'])
    };
    let all = text.match_indices("date").filter(|(at, _)| begins(*at));
    all.filter_map(|(at, name)| format(text, at + name.len())).collect()
}

/// The word of a command that begins with `+`, and would end the options of `date`.
fn format(text: &str, mut at: usize) -> Option<Range<usize>> {
    loop {
        let rest = text.get(at..)?;
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let word = &rest[blank..];
        if blank == 0 || word.starts_with([')', '`', ';', '|', '&', '<', '>']) {
            return None;
        }
        let quote = ["\\\"", "\\'", "\"", "'"].into_iter().find(|quote| word.starts_with(quote));
        let inner = &word[quote.map_or(0, str::len)..];
        let length = match quote {
            Some(quote) => inner.find(quote)?,
            None => {
                let ends = [' ', '\t', ')', '`', '"', '\'', ';', '|', '&', '<', '>'];
                inner.find(ends).unwrap_or(inner.len())
            }
        };
        let start = text.len() - inner.len();
        if inner.starts_with('+') {
            return Some(start..start + length);
        }
        at = start + length + quote.map_or(0, str::len);
    }
}

/// The percent signs of a value that is refused for one of them, and that nobody can have meant for systemd; `None` where
/// that is not plain.
pub(super) fn meant_literally(text: &str, context: &Context) -> Option<Vec<usize>> {
    let known = |at: usize| {
        let specifier = crate::model::Word::plain(&text[at..at + 2], 0);
        // Later systemds know `%D`.
        text[at..].starts_with("%D") || context.resolve(&specifier) != Err(SpecifierError::InvalidSlot)
    };
    let dates = date_formats(text);
    let (mut meant, others): (Vec<usize>, Vec<usize>) =
        specifiers(text).into_iter().partition(|at| dates.iter().any(|date| date.contains(at)));
    let (encoded, others): (Vec<usize>, Vec<usize>) =
        others.into_iter().partition(|at| is_percent_encoded(text, *at) && !others_known(text, *at, &known));
    meant.extend(encoded);
    if others.iter().any(|at| !known(*at)) {
        if others.iter().any(|at| known(*at)) {
            return None;
        }
        meant.extend(others);
    }
    meant.sort_unstable();
    (!meant.is_empty()).then_some(meant)
}

/// The word around a place, as blanks and quotes part them.
fn word_around(text: &str, at: usize) -> Range<usize> {
    let parts = |c: char| matches!(c, ' ' | '\t' | '"' | '\'');
    let start = text[..at].rfind(parts).map_or(0, |before| before + 1);
    start..at + text[at..].find(parts).unwrap_or(text.len() - at)
}

/// Whether every percent sign of the word stands before two hexadecimal digits, as in a URL.
fn is_percent_encoded(text: &str, at: usize) -> bool {
    let word = &text[word_around(text, at)];
    specifiers(word).into_iter().all(|at| {
        word.as_bytes().get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Whether systemd knows every specifier of the word.
fn others_known(text: &str, at: usize, known: &impl Fn(usize) -> bool) -> bool {
    let word = word_around(text, at);
    specifiers(&text[word.clone()]).into_iter().all(|at| known(word.start + at))
}

/// Doubles percent signs of a value; `None` where the file doesn't hold them as they are read.
pub(super) fn doubled(bytes: &[u8], file: FileId, entry: &Entry, signs: &[usize]) -> Option<Vec<Edit>> {
    let edit = |at: &usize| {
        let place = entry.value.origin(*at);
        let written = bytes.get(place..place + 2)? == &entry.value.text().as_bytes()[*at..*at + 2];
        written.then(|| Edit { file, span: Span::at(place), replacement: "%".into() })
    };
    signs.iter().map(edit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systemd::UnitName;

    #[test]
    fn formats_of_date_are_found() {
        for (text, wanted) in [
            ("/bin/date +%F", Some("+%F")),
            ("sh -c 'a $(date +%F-%H) b'", Some("+%F-%H")),
            ("sh -c 'a `date -u \"+%F %T\"` b'", Some("+%F %T")),
            ("sh -c \"date -d 'a b' \\\"+%F %T\\\" x\"", Some("+%F %T")),
            ("-date +%F>x", Some("+%F")),
            ("sh -c 'update +%F'", None),
            ("sh -c 'date; x +%F'", None),
            ("sh -c '$(date) +%F'", None),
            ("sh -c 'date' +", None),
            ("date \"+%F", None),
            ("date ü", None),
            ("date", None),
        ] {
            let found = date_formats(text).first().map(|range| &text[range.clone()]);
            assert_eq!(found, wanted, "{text}");
        }
    }

    #[test]
    fn only_what_is_plain_is_meant_literally() {
        let context = Context::system(UnitName::new("shop.service").unwrap());
        let doubled = |text: &str| {
            let signs = meant_literally(text, &context)?;
            let all = text
                .char_indices()
                .map(|(at, c)| if signs.contains(&at) { format!("{c}{c}") } else { c.to_string() });
            Some(all.collect::<String>())
        };
        for (text, wanted) in [
            ("date +%Y-%m-%d-%F > %n", Some("date +%%Y-%%m-%%d-%%F > %n")),
            ("U=postgres://u:p%40%C3%A9@h/%2F", Some("U=postgres://u:p%%40%%C3%%A9@h/%%2F")),
            ("A=%F %%T %", Some("A=%%F %%T %")),
            ("A=%F %T", None),
            ("A=%D %F", None),
            ("é=%F é", Some("é=%%F é")),
            ("%n", None),
            ("%", None),
        ] {
            assert_eq!(doubled(text).as_deref(), wanted, "{text}");
        }
    }
}
