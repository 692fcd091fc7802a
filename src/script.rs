//! Shell scripts: their text as the shell reader takes it.

use std::collections::BTreeMap;

use crate::model::Word;

/// The lines of a script, the bodies of its heredocs blanked: they are data. Nothing of a script that makes
/// `puma` mean something else.
pub fn parse(bytes: &[u8]) -> Word {
    let mut text = bytes.to_vec();
    let mut ends: Vec<Vec<u8>> = Vec::new();
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match ends.first() {
            Some(end) => {
                if line.trim_ascii() == end.as_slice() {
                    ends.remove(0);
                }
                let blanked = text[start..start + line.len()].iter_mut().filter(|byte| **byte != b'\n');
                blanked.for_each(|byte| *byte = b' ');
            }
            None => ends = heredocs(line),
        }
        start += line.len();
    }
    let script = Word::read(&text, 0);
    let redefined = ["puma()", "puma ()", "function puma", "alias puma", "pumactl()"];
    if redefined.iter().any(|words| script.text().contains(words)) { Word::plain("", 0) } else { script }
}

/// The ends of the heredocs that a line begins.
fn heredocs(line: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = line.get(at..).and_then(|rest| rest.windows(2).position(|two| two == b"<<")) {
        at += next + 2;
        // `<<<` is a string, `$((1 << 2))` a number.
        if line.get(at) == Some(&b'<') {
            at += line[at..].iter().take_while(|byte| **byte == b'<').count();
            continue;
        }
        let behind = line[at..].strip_prefix(b"-").unwrap_or(&line[at..]).trim_ascii_start();
        let quoted = behind.iter().take_while(|byte| matches!(byte, b'"' | b'\'' | b'\\')).count();
        let name = &behind[quoted..];
        let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        if length > 0 && !name[0].is_ascii_digit() {
            found.push(name[..length].to_vec());
        }
    }
    found
}

/// Whether a comment begins at this place of a script: outside of quotes, where a word could begin.
pub fn is_comment(script: &Word, place: usize) -> bool {
    let (mut quote, mut escaped, mut in_comment, mut blank) = (None, false, false, true);
    for (at, byte) in script.text().bytes().enumerate() {
        if in_comment && byte != b'\n' {
            continue;
        }
        in_comment = false;
        let begins = blank && !escaped && quote.is_none() && byte == b'#';
        if at == place {
            return begins;
        }
        match (quote, byte) {
            _ if escaped => escaped = false,
            (None | Some(b'"'), b'\\') => escaped = true,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => in_comment = begins,
        }
        blank = byte.is_ascii_whitespace() || matches!(byte, b';' | b'&' | b'|' | b'(' | b')');
    }
    false
}

/// The variables that a script sets once, in the plain way, to what can be read: `PIDFILE=$APP/tmp/puma.pid`.
pub fn variables(script: &Word) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, Option<String>> = BTreeMap::new();
    for line in script.text().lines() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else { continue };
        if name.is_empty() || !name.chars().all(is_name) || name.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = quote.and_then(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
        let value = inner.unwrap_or(value);
        let hidden = |c: char| matches!(c, '`' | '"' | '\'' | '\\' | '*' | '~' | ';' | '&' | '|' | '(');
        let plain = !value.contains(hidden) && (inner.is_some() || !value.contains(char::is_whitespace));
        let known = |name: &str| found.get(name).cloned().flatten();
        let value = if quote == Some('\'') { Some(value.to_owned()) } else { fill_in(value, known) };
        let again = found.contains_key(name);
        found.insert(name.to_owned(), value.filter(|_| plain && !again));
    }
    found.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A text with its variables filled in; `None` if one of them isn't known.
pub fn fill_in(text: &str, known: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, behind) =
            braced.unwrap_or_else(|| after.split_at(after.find(|c| !is_name(c)).unwrap_or(after.len())));
        filled.push_str(&known(name)?);
        rest = behind;
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heredocs_are_blanked_and_all_else_keeps_its_place() {
        let text = "#!/bin/sh\ncat <<-'EOF' > x\n\tpuma -d\n\tEOF\ncat << A <<B\nx\nA\npuma\nB\ncat <<<A\npuma -p 1 # \u{e9}\n";
        let script = parse(text.as_bytes());
        assert_eq!(script.text().matches("puma").count(), 1);
        let at = script.text().find("puma").unwrap();
        assert_eq!(&text[script.span_of(at..at + 4).range()], "puma");
        assert_eq!(script.text().lines().count(), text.lines().count());
    }

    #[test]
    fn a_script_with_its_own_puma_says_nothing() {
        assert_eq!(parse(b"puma() {\n  true\n}\npuma -d\n").text(), "");
    }

    #[test]
    fn variables_that_are_set_once_are_known() {
        let script = "APP=/srv/shop\nPID=\"$APP/tmp/${NAME}.pid\"\nexport NAME='a'\nP2=${APP}/b # c\nX=`date`\nY=1\nif x; then\n  Y=2\nfi\nZ=$1\n";
        let found = variables(&parse(script.as_bytes()));
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, [("APP", "/srv/shop"), ("NAME", "a")]);
        let script = "A=/a\nB=$A/b\nC=\"${B} c\"\n";
        let found = variables(&parse(script.as_bytes()));
        assert_eq!(found["C"], "/a/b c");
        assert_eq!(fill_in("x", |_| None).as_deref(), Some("x"));
        assert_eq!(fill_in("$(pwd)", |_| None), None);
    }
}
