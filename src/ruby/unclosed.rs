//! Which opener lacks its `end`: the parser only notices at the end of the file.

use lib_ruby_parser::Token;

/// With more openers than this no hint would help.
const DEPTH_LIMIT: usize = 250;

/// A keyword or bracket that waits for its closer.
struct Opener<'a> {
    at: usize,
    text: &'a str,
    indentation: usize,
    closer: &'static str,
}

/// A sentence that names the line of the most likely unclosed opener.
///
/// An `end` that stands further left than the innermost opener's line most likely closes an outer one,
/// and the inner one was forgotten.
pub(super) fn hint(bytes: &[u8], tokens: &[Token]) -> Option<String> {
    let lines = Lines::new(bytes);
    let mut open: Vec<Opener> = Vec::new();
    let mut suspect: Option<Opener> = None;
    for token in tokens {
        let at = token.loc.begin;
        let text = bytes.get(at..token.loc.end).and_then(|text| std::str::from_utf8(text).ok());
        let text = text.unwrap_or_default();
        if let Some(closer) = closer(token.token_name()) {
            if open.len() == DEPTH_LIMIT {
                return None;
            }
            open.push(Opener { at, text, indentation: lines.line(at).indentation, closer });
        } else if let Some(closed) = closes(token.token_name()) {
            let line = lines.line(at);
            if closed == "end" && at == line.first {
                let left = line.indentation;
                while open.last().is_some_and(|opener| opener.indentation > left) {
                    suspect = suspect.or(open.pop());
                }
            }
            if let Some(found) = open.iter().rposition(|opener| opener.closer == closed) {
                open.truncate(found);
            }
        }
    }
    let opener = suspect.or_else(|| open.pop())?;
    let line = bytes[..opener.at].iter().filter(|b| **b == b'\n').count() + 1;
    Some(format!("`{}` in line {line} has no `{}`", opener.text, opener.closer))
}

fn closer(token: &str) -> Option<&'static str> {
    Some(match token {
        "kCLASS" | "kMODULE" | "kDEF" | "kBEGIN" | "kIF" | "kUNLESS" | "kCASE" | "kWHILE" | "kUNTIL"
        | "kFOR" | "kDO" | "kDO_BLOCK" | "kDO_LAMBDA" => "end",
        "tLPAREN" | "tLPAREN2" | "tLPAREN_ARG" => ")",
        "tLBRACK" | "tLBRACK2" => "]",
        "tLBRACE" | "tLBRACE_ARG" | "tLCURLY" | "tLAMBEG" => "}",
        _ => return None,
    })
}

fn closes(token: &str) -> Option<&'static str> {
    Some(match token {
        "kEND" => "end",
        "tRPAREN" => ")",
        "tRBRACK" => "]",
        "tRCURLY" => "}",
        _ => return None,
    })
}

/// Where a line begins and where its first character stands.
#[derive(Clone, Copy, Default)]
struct Line {
    start: usize,
    first: usize,
    /// The columns before the first character; a tab counts as eight.
    indentation: usize,
}

/// The lines, read once: a file may be one long line full of openers.
struct Lines(Vec<Line>);

impl Lines {
    fn new(bytes: &[u8]) -> Self {
        let mut start = 0;
        let lines = bytes.split_inclusive(|b| *b == b'\n').map(|line| {
            let blanks = line.iter().take_while(|b| matches!(b, b' ' | b'\t'));
            let columns = blanks.clone().map(|b| if *b == b'\t' { 8 } else { 1 }).sum();
            let line_start = start;
            start += line.len();
            Line { start: line_start, first: line_start + blanks.count(), indentation: columns }
        });
        Lines(lines.collect())
    }

    fn line(&self, at: usize) -> Line {
        let next = self.0.partition_point(|line| line.start <= at);
        next.checked_sub(1).and_then(|last| self.0.get(last)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::{Rejection, parse};

    fn hint(text: &str) -> String {
        match parse(text.as_bytes()) {
            Err(Rejection::Syntax(error)) => error.hint.unwrap_or_default(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_opener_is_found_by_indentation() {
        #[rustfmt::skip]
        let table = [
            ("a 1\non_boot do\n x\nb 2", "`do` in line 2 has no `end`"),
            ("on_boot do\n  if x\n    a\nend\nb 2\n", "`if` in line 2 has no `end`"),
            ("on_boot do\n  if x\n    a\n  end\nb 2\n", "`do` in line 1 has no `end`"),
            ("x = if a then\n  b\n", "`if` in line 1 has no `end`"),
            ("while x do\n  a\nend\nbegin\n", "`begin` in line 4 has no `end`"),
            ("a 1\nfoo(1,\n", "`(` in line 2 has no `)`"),
            ("on_boot {\n  a if b\n", "`{` in line 1 has no `}`"),
        ];
        for (text, expected) in table {
            assert_eq!(hint(text), expected, "{text}");
        }
    }
}
