//! `$X` and `${X}` in the words of a command, as systemd replaces them just before it runs it.

use super::draft::Draft;
use super::words::{VARIABLE, Words};
use crate::model::Word;

/// The words that one word becomes.
///
/// `$X` as a *whole* word becomes the words of its value (also when it was quoted), none if unset; whatever
/// follows the `$` is the name, so `$(cat` and `$A/x` vanish. `${X}` is replaced anywhere and never split, `$$`
/// is a `$`, and a `$` inside a word stays. Replaced bytes have the `$` as their origin.
pub fn expand(word: &Word, env: &dyn Fn(&str) -> Option<String>) -> Vec<Word> {
    let text = word.text();
    if let Some(name) = text.strip_prefix('$').filter(|rest| !rest.starts_with(['{', '$'])) {
        return split(word, env(name).unwrap_or_default());
    }
    vec![replace(word, env)]
}

fn split(word: &Word, value: String) -> Vec<Word> {
    let origin = word.origin(0);
    let value = Word::new(value.clone(), vec![origin; value.len()], word.span());
    let mut words = Words::new(&value);
    let mut found = Vec::new();
    while let Ok(Some(part)) = words.next(VARIABLE) {
        found.push(Word::new(part.text(), vec![origin; part.text().len()], word.span()));
    }
    found
}

fn replace(word: &Word, env: &dyn Fn(&str) -> Option<String>) -> Word {
    let text = word.text();
    let bytes = text.as_bytes();
    let mut draft = Draft::default();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let origin = word.origin(at);
        match (byte, bytes.get(at + 1)) {
            (b'$', Some(b'$')) => {
                draft.push(b'$', origin);
                at += 2;
            }
            (b'$', Some(b'{')) => match variable(&text[at + 2..]) {
                Some((name, length)) => {
                    draft.push_all(env(name).unwrap_or_default().as_bytes(), origin);
                    at += 2 + length;
                }
                None => {
                    // `${a:…}` and what is never closed stay as they are; what follows may be a variable again.
                    let end =
                        at + 2 + text[at + 2..].find(':').map_or(text.len() - at - 2, |colon| colon + 1);
                    (at..end).for_each(|at| draft.push(bytes[at], word.origin(at)));
                    at = end;
                }
            },
            // A `$` takes the next character with it, whatever it is.
            (b'$', Some(next)) => {
                draft.push(b'$', origin);
                draft.push(*next, word.origin(at + 1));
                at += 2;
            }
            _ => {
                draft.push(byte, origin);
                at += 1;
            }
        }
    }
    draft.into_word(word.span())
}

/// The name in `X}…`, and the length with its brace. A colon makes it no variable.
fn variable(rest: &str) -> Option<(&str, usize)> {
    let end = rest.find(['}', ':'])?;
    rest[end..].starts_with('}').then(|| (&rest[..end], end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    fn expanded(text: &str) -> Vec<String> {
        let env = |name: &str| match name {
            "A" => Some("x y".to_owned()),
            "B" => Some("b".to_owned()),
            "Q" => Some("'one two' three".to_owned()),
            _ => None,
        };
        expand(&Word::plain(text, 0), &env).iter().map(|word| word.text().to_owned()).collect()
    }

    #[test]
    fn a_whole_word_splits() {
        assert_eq!(expanded("$A"), ["x", "y"]);
        assert_eq!(expanded("$Q"), ["one two", "three"]);
        for odd in ["$C", "$A/x", "$A$B", "$B-x", "$(cat"] {
            assert_eq!(expanded(odd), Vec::<String>::new(), "{odd}");
        }
    }

    #[test]
    fn braces_anywhere_and_dollars() {
        assert_eq!(expanded("p${A}q"), ["px yq"]);
        assert_eq!(expanded("${A}${B}"), ["x yb"]);
        assert_eq!(expanded("${C}"), [""]);
        assert_eq!(expanded("p$A"), ["p$A"]);
        assert_eq!(expanded("$$A $$"), ["$A $"]);
        assert_eq!(expanded("${A:-z}${B}"), ["${A:-z}b"]);
        assert_eq!(expanded("${A"), ["${A"]);
        assert_eq!(expanded("a$"), ["a$"]);
    }

    #[test]
    fn replaced_bytes_point_at_the_variable() {
        let words = expand(&Word::plain("-p${P}x", 10), &|_| Some("3000".to_owned()));
        assert_eq!(words[0].text(), "-p3000x");
        assert_eq!(words[0].span_of(2..6), Span::new(12, 13));
        assert_eq!(words[0].origin(6), 16);
    }
}
