//! The first syntax error, in words that help.

use lib_ruby_parser::source::MagicCommentKind;
use lib_ruby_parser::{Diagnostic, DiagnosticMessage, ErrorLevel, ParserResult};

use super::encoding::{self, Encoding};
use super::parse::{Rejection, SyntaxError, clamped};
use super::token_words::word;
use super::tree::Comment;
use super::unclosed;
use crate::model::Span;

fn error(span: Span, message: impl Into<String>, hint: Option<&str>) -> Rejection {
    Rejection::Syntax(SyntaxError { span, message: message.into(), hint: hint.map(str::to_owned) })
}

/// Refuses a file with NUL bytes: Ruby would stop reading at the first of them.
pub(super) fn binary(bytes: &[u8]) -> Result<(), Rejection> {
    match bytes.iter().position(|b| *b == 0) {
        Some(at) => {
            Err(error(Span::new(at, at + 1), "a NUL byte: this is a binary file, not Ruby text", None))
        }
        None => Ok(()),
    }
}

/// Refuses what the parser found wrong, or misread.
pub(super) fn check(bytes: &[u8], result: &ParserResult, comments: &[Comment]) -> Result<(), Rejection> {
    let is_error = |diagnostic: &&Diagnostic| diagnostic.level == ErrorLevel::Error;
    let errors = || result.diagnostics.iter().filter(is_error);
    let first = errors().min_by_key(|diagnostic| (diagnostic.loc.begin, diagnostic.loc.end));
    let misread = result
        .diagnostics
        .iter()
        .any(|diagnostic| matches!(diagnostic.message, DiagnosticMessage::SlashRAtMiddleOfLine {}));
    if (first.is_some() || misread)
        && let Some(at) = bare_carriage_return(bytes, comments)
    {
        let hint = "end lines with a line feed, or with a carriage return and a line feed";
        return Err(error(Span::new(at, at + 1), "bare carriage return", Some(hint)));
    }
    let Some(first) = first else { return Ok(()) };
    if let Some(span) = merge_marker(bytes, comments) {
        let hint = "a merge was left half done; keep one side and delete the markers";
        return Err(error(span, "merge-conflict marker", Some(hint)));
    }
    let span = clamped(bytes, first.loc.begin, first.loc.end);
    let at_end = match &first.message {
        DiagnosticMessage::UnexpectedToken { token_name } => {
            matches!(token_name.as_str(), "END_OF_INPUT" | "EOF" | "end-of-input")
        }
        _ => false,
    };
    let message = match &first.message {
        DiagnosticMessage::UnexpectedToken { token_name } => format!("unexpected {}", word(token_name)),
        message => message.render(),
    };
    let hint = if at_end { unclosed::hint(bytes, &result.tokens) } else { None };
    let hint = hint.unwrap_or_else(|| "this file is read as Ruby 3.1".to_owned());
    Err(Rejection::Syntax(SyntaxError { span, message, hint: Some(hint) }))
}

/// Refuses bytes that the file's encoding does not have, and encodings that Ruby does not have.
pub(super) fn check_encoding(
    bytes: &[u8],
    result: &ParserResult,
    comments: &[Comment],
    end_marker: Option<usize>,
) -> Result<(), Rejection> {
    let encoding = declared(bytes, result)?;
    let end = end_marker.unwrap_or(bytes.len());
    let message = match encoding {
        Encoding::Utf8 => "invalid multibyte char (UTF-8)",
        Encoding::Ascii => "invalid multibyte char (US-ASCII)",
        Encoding::Other => return Ok(()),
    };
    let mut at = 0;
    for chunk in bytes[..end].utf8_chunks() {
        let text = chunk.valid();
        let wrong = match encoding {
            Encoding::Ascii => non_ascii(text, at, comments),
            _ => None,
        };
        at += text.len();
        let invalid = Span::new(at, at + chunk.invalid().len());
        let wrong =
            wrong.or((!invalid.is_empty() && !in_comment(comments, invalid.start)).then_some(invalid));
        if let Some(span) = wrong {
            let hint = "save the file as UTF-8, or name its encoding in a magic comment on the first line";
            return Err(error(span, message, Some(hint)));
        }
        at = invalid.end;
    }
    Ok(())
}

/// The encoding of the magic comment. Ruby reads it on the first line, on the second after a shebang.
fn declared(bytes: &[u8], result: &ParserResult) -> Result<Encoding, Rejection> {
    let last_line = if bytes.starts_with(b"#!") { 1 } else { 0 };
    let comment = result.magic_comments.iter().find(|comment| {
        let mut newlines = bytes.iter().take(comment.key_l.begin).filter(|b| **b == b'\n');
        comment.kind == MagicCommentKind::Encoding && newlines.nth(last_line).is_none()
    });
    let Some(comment) = comment else { return Ok(Encoding::Utf8) };
    let span = clamped(bytes, comment.value_l.begin, comment.value_l.end);
    let name = String::from_utf8_lossy(&bytes[span.range()]);
    let hint = "Ruby refuses to load the file; the usual name is `utf-8`";
    encoding::find(&name)
        .ok_or_else(|| error(span, format!("unknown encoding name: {}", name.escape_debug()), Some(hint)))
}

fn non_ascii(text: &str, offset: usize, comments: &[Comment]) -> Option<Span> {
    text.char_indices()
        .filter(|(_, c)| !c.is_ascii())
        .map(|(at, c)| Span::new(offset + at, offset + at + c.len_utf8()))
        .find(|span| !in_comment(comments, span.start))
}

fn in_comment(comments: &[Comment], at: usize) -> bool {
    let next = comments.partition_point(|comment| comment.span.start <= at);
    next.checked_sub(1).and_then(|last| comments.get(last)).is_some_and(|comment| at < comment.span.end)
}

fn bare_carriage_return(bytes: &[u8], comments: &[Comment]) -> Option<usize> {
    let bare = |at: &usize| bytes[*at] == b'\r' && bytes.get(at + 1).is_some_and(|next| *next != b'\n');
    (0..bytes.len()).filter(bare).find(|at| !in_comment(comments, *at))
}

fn merge_marker(bytes: &[u8], comments: &[Comment]) -> Option<Span> {
    let mut at = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let text = line.trim_ascii_end();
        let named = |marker: &[u8]| {
            text.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with(b" "))
        };
        let marker = named(b"<<<<<<<") || named(b">>>>>>>") || text == b"=======";
        if marker && !in_comment(comments, at) {
            return Some(Span::new(at, at + text.len()));
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::parse::{Rejection, SyntaxError, parse};

    fn rejected(bytes: &[u8]) -> SyntaxError {
        match parse(bytes) {
            Err(Rejection::Syntax(error)) => error,
            other => panic!("{:?}: {other:?}", String::from_utf8_lossy(bytes)),
        }
    }

    #[test]
    fn the_first_error_is_told_in_words() {
        #[rustfmt::skip]
        let table: &[(&[u8], usize, &str)] = &[
            (b"threads 5 5\n", 10, "unexpected integer"),
            (b"threads 5, , 5\nx y z 1\n", 11, "unexpected `,`"),
            (b"port 1\nend\n", 7, "unexpected `end`"),
            (b"a 1\n<<<<<<< HEAD\nb 1\n=======\nb 2\n>>>>>>> main\n", 4, "merge-conflict marker"),
            (b"a 1\n\0\n", 4, "a NUL byte: this is a binary file, not Ruby text"),
            (b"port \"\xff\"\n", 6, "invalid multibyte char (UTF-8)"),
            (b"# encoding: us-ascii\nbind \"\xc3\xa9\"\n", 27, "invalid multibyte char (US-ASCII)"),
            (b"# encoding: latin1\nport 1\n", 12, "unknown encoding name: latin1"),
            (b"# -*- coding: utf8 -*-\nport 1\n", 14, "unknown encoding name: utf8"),
            (b"port 1\rbind 'x'\r", 6, "bare carriage return"),
        ];
        for (text, at, message) in table {
            let error = rejected(text);
            assert_eq!((error.span.start, error.message.as_str()), (*at, *message), "{text:?}");
        }
    }

    #[test]
    fn what_ruby_takes_is_taken() {
        let table: [&[u8]; 7] = [
            b"# \xff caf\xe9\nport 1\n",
            b"# encoding: iso-8859-1\nbind \"\xe9\"\n",
            b"# encoding: UTF-8-unix\nport 1\n",
            b"port 1\n__END__\n\xff\n",
            b"port 1\n\n# encoding: latin1\n",
            b"port 1 # a\rb\nport 2\n",
            b"port <<X\n<<<<<<< HEAD\nX\n",
        ];
        for text in table {
            assert!(parse(text).is_ok(), "{:?}: {:?}", String::from_utf8_lossy(text), parse(text));
        }
    }
}
