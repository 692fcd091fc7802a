//! A Dockerfile's instructions, as BuildKit cuts them: directives, continued lines, comments, heredocs.

use crate::model::{Span, Word};

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Its name, in capitals.
    pub name: String,
    /// What follows, continued lines joined.
    pub rest: Word,
}

/// The instructions whose lines may begin heredocs.
const WITH_HEREDOC: &[&str] = &["RUN", "COPY", "ADD"];

/// The instructions of a Dockerfile, in order.
pub fn instructions(bytes: &[u8]) -> Vec<Instruction> {
    let mut lines = Lines { bytes, at: 0 };
    let escape = escape(bytes);
    let mut found = Vec::new();
    while let Some(instruction) = next(&mut lines, escape) {
        let begun = WITH_HEREDOC.contains(&instruction.name.as_str());
        let begun = if begun { heredocs(instruction.rest.text()) } else { Vec::new() };
        found.push(instruction);
        // One that never ends holds all the rest.
        if !begun.iter().all(|heredoc| skip(&mut lines, heredoc)) {
            break;
        }
    }
    found
}

struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    /// The next line without its end, and where it starts.
    fn next(&mut self) -> Option<(usize, &'a [u8])> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        self.at += length + 1;
        let line = &rest[..length];
        Some((start, line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

/// The character that continues a line: `# escape=` says it at the file's top, among other directives.
fn escape(bytes: &[u8]) -> u8 {
    let mut lines = Lines { bytes: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), at: 0 };
    while let Some((_, line)) = lines.next() {
        let Some(comment) = line.trim_ascii().strip_prefix(b"#") else { break };
        let Some(equals) = comment.iter().position(|byte| *byte == b'=') else { break };
        let (name, value) = (comment[..equals].trim_ascii(), comment[equals + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"escape") && value == b"`" {
            return b'`';
        }
        if name.is_empty() || !name.iter().all(u8::is_ascii_alphanumeric) {
            break;
        }
    }
    b'\\'
}

fn next(lines: &mut Lines<'_>, escape: u8) -> Option<Instruction> {
    let (mut text, mut origins): (Vec<u8>, Vec<usize>) = Default::default();
    let mut end = 0;
    while let Some((start, line)) = lines.next() {
        let blank = line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        // Comments and empty lines are dropped, within a continued instruction, too.
        if blank == line.len() || line[blank] == b'#' {
            continue;
        }
        let from = if text.is_empty() { blank } else { 0 };
        let trimmed = line.trim_ascii_end();
        let continued = trimmed.last() == Some(&escape);
        let kept = if continued { &trimmed[..trimmed.len() - 1] } else { trimmed };
        let kept = kept.get(from..).unwrap_or_default();
        text.extend_from_slice(kept);
        origins.extend((0..kept.len()).map(|at| start + from + at));
        end = start + from + kept.len();
        if !continued && !text.is_empty() {
            break;
        }
    }
    let name = text.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
    let first = *origins.first()?;
    let word = String::from_utf8_lossy(&text[..name]).trim_start_matches('\u{feff}').to_uppercase();
    let blank = text[name..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let from = name + blank;
    let span = Span::new(origins.get(from).copied().unwrap_or(end.max(first)), end);
    Some(Instruction { name: word, rest: lossy(&text[from..], &origins[from..], span) })
}

/// A word of these bytes; what isn't UTF-8 becomes U+FFFD.
fn lossy(bytes: &[u8], origins: &[usize], span: Span) -> Word {
    let whole = Word::read(bytes, 0);
    let places = (0..whole.text().len()).map(|at| origins.get(whole.origin(at)).copied().unwrap_or(span.end));
    Word::new(whole.text(), places.collect(), span)
}

/// A heredoc that a line begins.
struct Heredoc {
    end: String,
    tabs: bool,
}

fn heredocs(line: &str) -> Vec<Heredoc> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find("<<") {
        let behind = &rest[at + 2..];
        // `<<<` is a string, which no body follows.
        if let Some(string) = behind.strip_prefix('<') {
            rest = string.trim_start_matches('<');
            continue;
        }
        let tabs = behind.starts_with('-');
        let name = behind.trim_start_matches('-').trim_start_matches(['"', '\'']);
        let length = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
        let (end, after) = name.split_at(length);
        if !end.is_empty() && !end.starts_with(|c: char| c.is_ascii_digit()) {
            found.push(Heredoc { end: end.to_owned(), tabs });
        }
        rest = after;
    }
    found
}

/// Steps over a heredoc's body and its end. Whether there is an end.
fn skip(lines: &mut Lines<'_>, heredoc: &Heredoc) -> bool {
    while let Some((_, line)) = lines.next() {
        let tabs = if heredoc.tabs { line.iter().take_while(|byte| **byte == b'\t').count() } else { 0 };
        if &line[tabs..] == heredoc.end.as_bytes() {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let found = instructions(text.as_bytes()).into_iter();
        found.map(|one| (one.name, one.rest.text().to_owned())).collect()
    }

    fn is(text: &str, wanted: &[(&str, &str)]) {
        let wanted: Vec<_> = wanted.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(read(text), wanted, "{text:?}");
    }

    #[test]
    fn lines_are_joined_without_comments() {
        is(
            "# syntax=docker/dockerfile:1\r\nfrom ruby:3 AS base\r\n\r\nRUN a && \\  \r\n  # why\r\n\r\n  b\r\nCMD x",
            &[("FROM", "ruby:3 AS base"), ("RUN", "a &&   b"), ("CMD", "x")],
        );
        is("RUN a \\\n", &[("RUN", "a ")]);
        is("\\\nCMD x\n", &[("CMD", "x")]);
        is("", &[]);
    }

    #[test]
    fn another_escape_is_said_at_the_top_only() {
        is("# escape=`\nRUN a `\n b\\\nCMD c", &[("RUN", "a  b\\"), ("CMD", "c")]);
        is("# a comment\n# escape=`\nRUN a `\nCMD c", &[("RUN", "a `"), ("CMD", "c")]);
        is("#syntax = x\n# Escape = `\nRUN a `\n b", &[("RUN", "a  b")]);
    }

    #[test]
    fn heredocs_hold_no_instructions() {
        is("RUN <<EOF\nCMD puma -d\nEOF\nCMD x", &[("RUN", "<<EOF"), ("CMD", "x")]);
        is("COPY <<-\"A\" <<B /x\nCMD a\n\tA\nCMD b\nB\nCMD x", &[("COPY", "<<-\"A\" <<B /x"), ("CMD", "x")]);
        is("RUN cat <<<EOF\nCMD x", &[("RUN", "cat <<<EOF"), ("CMD", "x")]);
        is("RUN echo $((1 << 2))\nCMD x", &[("RUN", "echo $((1 << 2))"), ("CMD", "x")]);
        is("RUN a << EOF\nCMD x", &[("RUN", "a << EOF"), ("CMD", "x")]);
        is("RUN a <<EOF\nCMD x", &[("RUN", "a <<EOF")]);
    }

    #[test]
    fn words_know_their_places() {
        let text = "FROM x\nCMD puma \\\n  -d\n";
        let found = instructions(text.as_bytes());
        let rest = &found[1].rest;
        let at = rest.text().find("-d").unwrap();
        assert_eq!(&text[rest.span_of(at..at + 2).range()], "-d");
        assert_eq!(&text[rest.span().range()], "puma \\\n  -d");
    }
}
