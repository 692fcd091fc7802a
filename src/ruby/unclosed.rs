//! Which opener lacks its `end`: the parser only notices at the end of the file.

use lib_ruby_parser::Token;

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
    let mut open: Vec<Opener> = Vec::new();
    let mut suspect: Option<Opener> = None;
    for token in tokens {
        let at = token.loc.begin;
        let text = bytes.get(at..token.loc.end).and_then(|text| std::str::from_utf8(text).ok());
        let text = text.unwrap_or_default();
        if let Some(closer) = closer(token.token_name()) {
            open.push(Opener { at, text, indentation: indentation(bytes, at), closer });
        } else if let Some(closed) = closes(token.token_name()) {
            if closed == "end" && starts_line(bytes, at) {
                let left = indentation(bytes, at);
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

fn line_start(bytes: &[u8], at: usize) -> usize {
    bytes[..at.min(bytes.len())].iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline + 1)
}

/// The columns before the first character of the line; a tab counts as eight.
fn indentation(bytes: &[u8], at: usize) -> usize {
    let blanks = bytes[line_start(bytes, at)..].iter().take_while(|b| matches!(b, b' ' | b'\t'));
    blanks.map(|b| if *b == b'\t' { 8 } else { 1 }).sum()
}

fn starts_line(bytes: &[u8], at: usize) -> bool {
    bytes.get(line_start(bytes, at)..at).is_some_and(|before| before.trim_ascii().is_empty())
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
