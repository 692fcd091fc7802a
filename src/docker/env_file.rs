//! The file that a compose file's `env_file` names: one variable a line, nearly as a shell has it.
//!
//! What is quoted over several lines, escaped, or made of other variables isn't read.

use crate::model::{Span, Word};

/// A variable that such a file sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: Word,
    /// Its value, if the file tells.
    pub value: Option<String>,
}

/// What the file sets, in order: of one name the last counts.
pub fn settings(bytes: &[u8]) -> Vec<Setting> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let bare = line.trim_start_matches('\u{feff}').trim_start();
        let bare = bare.strip_prefix("export ").map_or(bare, str::trim_start);
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        let at = from + line.len() - bare.len();
        let length = bare.find(|c: char| !is_name(c)).unwrap_or(bare.len());
        let (name, behind) = bare.split_at(length);
        // `NAME: value` is read as well.
        let value = behind.trim_start_matches([' ', '\t']).strip_prefix(['=', ':']);
        if name.is_empty() || value.is_none() && !behind.trim().is_empty() {
            break;
        }
        let Ok(value) = value.map_or(Ok(None), read) else { break };
        let name = Word::new(name, (at..at + length).collect(), Span::new(at, at + length));
        found.push(Setting { name, value });
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// A value goes on in the next line: where it ends isn't looked for.
struct Unended;

/// What stands behind the `=` of a line.
fn read(text: &str) -> Result<Option<String>, Unended> {
    let text = text.trim();
    let plain = |value: &str| (!value.contains(['$', '\\'])).then(|| value.to_owned());
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inner = &text[1..];
            let end = inner.find(quote).ok_or(Unended)?;
            if quote == '\'' {
                return Ok(Some(inner[..end].to_owned()));
            }
            // An escaped quote ends nothing.
            if inner[..end].ends_with('\\') { Err(Unended) } else { Ok(plain(&inner[..end])) }
        }
        _ => {
            let comment = [" #", "\t#"].into_iter().filter_map(|mark| text.find(mark)).min();
            let value = if text.starts_with('#') { "" } else { &text[..comment.unwrap_or(text.len())] };
            Ok(plain(value.trim_end()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_where_they_are_plain() {
        let text = "\u{feff}# x\nA=1\r\nexport B = two # why\nC='$x # y'\nD=\"a b\" # c\nE=$A\nF\nG=\n H: v\nI=a#b\nJ=\"a\\nb\"\n";
        let found: Vec<_> = settings(text.as_bytes())
            .into_iter()
            .map(|one| (one.name.text().to_owned(), text[one.name.span().range()].to_owned(), one.value))
            .collect();
        let wanted = [
            ("A", Some("1")),
            ("B", Some("two")),
            ("C", Some("$x # y")),
            ("D", Some("a b")),
            ("E", None),
            ("F", None),
            ("G", Some("")),
            ("H", Some("v")),
            ("I", Some("a#b")),
            ("J", None),
        ];
        let wanted = wanted.map(|(name, value)| (name.to_owned(), name.to_owned(), value.map(str::to_owned)));
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_is_not_understood_ends_it() {
        for rest in ["X=\"a\nY=1\n", "X='a\nY=1\n", "X=\"a\\\"b\"\nY=1\n", "? x\nY=1\n", "a b\nY=1\n"] {
            assert_eq!(settings(format!("A=1\n{rest}").as_bytes()).len(), 1, "{rest}");
        }
        assert_eq!(settings(b"A=\xff\n"), []);
    }
}
