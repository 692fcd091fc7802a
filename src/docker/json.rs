//! The exec form: an array of strings, as JSON has it.

use crate::model::{Span, Word};

/// The strings of the array; `None` where it is none, and Docker hands the whole to a shell.
pub fn strings(text: &Word) -> Option<Vec<Word>> {
    let bytes = text.text().as_bytes();
    let blanks = |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    let mut at = blanks(0);
    if bytes.get(at) != Some(&b'[') {
        return None;
    }
    at = blanks(at + 1);
    let mut found = Vec::new();
    while bytes.get(at) != Some(&b']') {
        let (word, end) = string(text, at)?;
        found.push(word);
        at = blanks(end);
        match bytes.get(at) {
            Some(b',') => {
                at = blanks(at + 1);
                // A comma is followed by another string.
                if bytes.get(at) == Some(&b']') {
                    return None;
                }
            }
            Some(b']') => {}
            _ => return None,
        }
    }
    (blanks(at + 1) == bytes.len()).then_some(found)
}

/// The string that starts at `start`, and the byte after it.
fn string(text: &Word, start: usize) -> Option<(Word, usize)> {
    let source = text.text();
    if source.as_bytes().get(start) != Some(&b'"') {
        return None;
    }
    let (mut read, mut origins) = (String::new(), Vec::new());
    let mut chars = source[start + 1..].char_indices().map(|(at, c)| (start + 1 + at, c));
    while let Some((at, c)) = chars.next() {
        let meant = match c {
            '"' => {
                let span = Span::new(text.origin(start), text.origin(at) + 1);
                return Some((Word::new(read, origins, span), at + 1));
            }
            '\\' => match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                    char::from_u32(u32::from_str_radix(&digits, 16).ok()?).unwrap_or('\u{fffd}')
                }
                plain @ ('"' | '\\' | '/') => plain,
                _ => return None,
            },
            c if c < ' ' => return None,
            c => c,
        };
        read.push(meant);
        origins.extend((0..meant.len_utf8()).map(|byte| {
            let whole = meant == c;
            text.origin(if whole { at + byte } else { at })
        }));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Option<Vec<String>> {
        let words = strings(&Word::plain(text, 0))?;
        Some(words.iter().map(|word| word.text().to_owned()).collect())
    }

    #[test]
    fn arrays_of_strings_are_read() {
        for (text, wanted) in [
            (r#"["a", "b c"]"#, Some(vec!["a", "b c"])),
            (r#" [ "a" ,"b" ] "#, Some(vec!["a", "b"])),
            ("[]", Some(vec![])),
            (r#"["\"\\\/\u0041é"]"#, Some(vec!["\"\\/Aé"])),
            ("['a']", None),
            (r#"["a",]"#, None),
            (r#"["a" "b"]"#, None),
            (r#"["a"] && b"#, None),
            (r#"["a"#, None),
            (r#"["\x"]"#, None),
            ("[1]", None),
            ("puma", None),
            ("", None),
        ] {
            let wanted = wanted.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(texts(text), wanted, "{text}");
        }
    }

    #[test]
    fn strings_know_their_places() {
        let text = r#"["puma", "--\u0064aemon"]"#;
        let words = strings(&Word::plain(text, 100)).unwrap();
        assert_eq!(words[0].span(), Span::new(101, 107));
        assert_eq!(words[1].text(), "--daemon");
        assert_eq!(words[1].span_of(0..2), Span::new(110, 112));
    }
}
