//! ERB: `<%= x %>`, `<% if x %>`, `<%# x %>`, `<%%`; with `-` at either end.

use super::tags::{Does, Tag, find, first_word};
use crate::model::Span;

/// Words that begin something that an `end` ends.
const OPENING: &[&str] = &["if", "unless", "case", "while", "until", "for", "begin"];
/// Words that begin another case.
const OTHERWISE: &[&str] = &["else", "when", "in", "rescue", "ensure"];

/// Whether a line holds a tag.
pub(super) fn shows(line: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = find(line, from, b"<%") {
        let inner = &line[at + 2..];
        if matches!(inner.first(), None | Some(b'=' | b'-' | b' ' | b'#')) {
            return true;
        }
        from = at + 2;
    }
    false
}

/// The tags of a file, in order.
pub(super) fn tags(bytes: &[u8]) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(start) = find(bytes, at, b"<%") {
        if bytes.get(start + 2) == Some(&b'%') {
            at = start + 3;
            continue;
        }
        // What is never closed goes on to the end.
        let close = close(bytes, start + 2).unwrap_or(bytes.len());
        let end = (close + 2).min(bytes.len());
        let mut inner = Span::new(start + 2, close);
        let mut fills = false;
        match bytes.get(start + 2) {
            Some(b'=') => {
                fills = true;
                inner.start += 1;
            }
            Some(b'-') => inner.start += 1,
            _ => {}
        }
        if !inner.is_empty() && bytes.get(inner.end - 1) == Some(&b'-') {
            inner.end -= 1;
        }
        let code = String::from_utf8_lossy(bytes.get(inner.range()).unwrap_or_default());
        let does = if fills { filling(code.trim()) } else { meaning(code.trim()) };
        tags.push(Tag { span: Span::new(start, end), inner, does });
        at = end;
    }
    tags
}

/// Where the tag is closed; `%%>` stands for itself.
fn close(bytes: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let at = find(bytes, from, b"%>")?;
        if at == 0 || bytes[at - 1] != b'%' || at == from {
            return Some(at);
        }
        from = at + 2;
    }
}

fn filling(code: &str) -> Does {
    if opens_block(code) { Does::Open } else { Does::Fill }
}

fn meaning(code: &str) -> Does {
    if code.starts_with('#') {
        return Does::Nothing;
    }
    match first_word(code) {
        "elsif" => Does::OtherwiseIf,
        word if OTHERWISE.contains(&word) => Does::Otherwise,
        "end" => Does::Close,
        // `<% if x then y end %>` is whole.
        word if OPENING.contains(&word) && !ends(code) => Does::Open,
        _ if code.starts_with('}') => Does::Close,
        _ if opens_block(code) && !ends(code) => Does::Open,
        _ => Does::Nothing,
    }
}

fn ends(code: &str) -> bool {
    code.ends_with(" end") || code.ends_with(";end")
}

/// `… do`, `… do |x|`, `… {`, `… { |x|`
fn opens_block(code: &str) -> bool {
    let code = match code.strip_suffix('|').and_then(|code| code.rsplit_once('|')) {
        Some((before, _)) => before.trim_end(),
        None => code,
    };
    code.ends_with('{') || code.ends_with(" do") || code.ends_with(")do") || code == "do"
}
