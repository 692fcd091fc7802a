//! Jinja: `{{ x }}`, `{% if x %}`, `{# x #}`, `{% raw %}`; with `-` or `+` at either end.

use super::tags::{Does, Tag, find, first_word};
use crate::model::Span;

/// The longest tag, in bytes, in which quotes and braces count. Longer ones are tricks.
const LONGEST: usize = 512;

/// Words that begin something that `endWORD` ends.
const OPENING: &[&str] =
    &["if", "for", "block", "macro", "call", "filter", "with", "autoescape", "unless", "case"];

/// Words that a statement can begin with.
const STATEMENTS: &[&str] = &[
    "if", "elif", "else", "endif", "for", "endfor", "set", "block", "endblock", "macro", "endmacro", "raw",
    "include", "import", "from", "extends", "filter", "with", "endwith", "do",
];

/// Whether a line holds a tag. In Ruby, only what no Ruby could mean counts.
pub(super) fn shows(line: &[u8], in_ruby: bool) -> bool {
    let text = String::from_utf8_lossy(line);
    let statement = text.match_indices("{%").any(|(at, _)| {
        let code = text[at + 2..].trim_start_matches(['-', '+']).trim_start();
        STATEMENTS.contains(&first_word(code)) && code.contains("%}")
    });
    let value = text.match_indices("{{").any(|(at, _)| {
        let rest = &text[at + 2..];
        match rest.split_once("}}") {
            Some((inner, _)) => !in_ruby || is_expression(inner),
            None => false,
        }
    });
    statement || value
}

/// `deploy_to`, `puma.port | default(9292)`: a name first, and nothing that makes a hash.
fn is_expression(inner: &str) -> bool {
    let inner = inner.trim_matches(['-', '+']).trim();
    let name = first_word(inner);
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    named && !inner.contains("=>") && !inner[name.len()..].trim_start().starts_with(':')
}

/// The tags of a file, in order.
pub(super) fn tags(bytes: &[u8]) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(start) =
        bytes.get(at..).and_then(|rest| rest.iter().position(|b| *b == b'{')).map(|i| at + i)
    {
        let (end, fills) = match bytes.get(start + 1) {
            Some(b'{') => (close(bytes, start + 2, b"}}"), Some(true)),
            Some(b'%') => (close(bytes, start + 2, b"%}"), Some(false)),
            Some(b'#') => (find(bytes, start + 2, b"#}"), None),
            _ => {
                at = start + 1;
                continue;
            }
        };
        // What is never closed goes on to the end.
        let close = end.unwrap_or(bytes.len());
        let span = Span::new(start, (close + 2).min(bytes.len()));
        let mut inner = Span::new(start + 2, close);
        if fills.is_some() {
            let trims = |at: usize| matches!(bytes.get(at), Some(b'-' | b'+'));
            inner.start += usize::from(!inner.is_empty() && trims(inner.start));
            inner.end -= usize::from(!inner.is_empty() && trims(inner.end - 1));
        }
        at = span.end;
        let code = String::from_utf8_lossy(bytes.get(inner.range()).unwrap_or_default());
        let does = match fills {
            Some(true) => Does::Fill,
            Some(false) => meaning(code.trim()),
            None => Does::Nothing,
        };
        let raw = fills == Some(false) && first_word(code.trim()) == "raw";
        tags.push(Tag { span, inner, does });
        if raw {
            at = end_of_raw(bytes, at);
        }
    }
    tags
}

/// Where `{% endraw %}` begins.
fn end_of_raw(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(start) = find(bytes, at, b"{%") {
        let code = String::from_utf8_lossy(&bytes[start + 2..(start + 16).min(bytes.len())]);
        if first_word(code.trim_start_matches(['-', '+']).trim_start()) == "endraw" {
            return start;
        }
        at = start + 2;
    }
    bytes.len()
}

/// Where a tag is closed; not within quotes, nor within braces of its own.
fn close(bytes: &[u8], from: usize, mark: &[u8]) -> Option<usize> {
    let (mut at, mut depth, mut quote) = (from, 0usize, None);
    while let Some(byte) = bytes.get(at).filter(|_| at - from < LONGEST) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, _) if depth == 0 && bytes[at..].starts_with(mark) => return Some(at),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'{') => depth += 1,
            (None, b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    // A quote or brace of its own that is never closed: the first mark it is.
    find(bytes, from, mark)
}

fn meaning(code: &str) -> Does {
    let word = first_word(code);
    match word {
        "elif" | "elsif" => Does::OtherwiseIf,
        "else" | "when" => Does::Otherwise,
        "include" | "extends" => Does::Fill,
        "set" if !code.contains('=') => Does::Open,
        "endraw" => Does::Nothing,
        _ if OPENING.contains(&word) => Does::Open,
        _ if word.starts_with("end") => Does::Close,
        _ => Does::Nothing,
    }
}
