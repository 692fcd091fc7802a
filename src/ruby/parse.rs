//! Bytes in, [`Tree`] or [`Rejection`] out.

use std::fmt;

use lib_ruby_parser::source::{Decoder, DecoderResult};
use lib_ruby_parser::{Node, Parser, ParserOptions, ParserResult};

use super::children;
use super::convert::convert;
use super::guard;
use super::heredoc;
use super::syntax;
use super::tree::{Comment, Heredoc, Tree};
use crate::model::Span;

/// Why a file has no [`Tree`]. A file with an error is never read in part: what a parser makes of the
/// text around an error is a guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Ruby refuses it too (or would read it otherwise than it looks).
    Syntax(SyntaxError),
    /// Larger than 256 KiB.
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Too many of something that the parser handles slowly; says what.
    TooComplex(String),
    /// Expressions nested deeper than any config needs.
    TooDeep {
        /// An expression beyond the limit.
        span: Span,
    },
    /// Ten seconds were not enough.
    TimedOut,
    /// The parser broke down; its words.
    ParserFailed(String),
    /// The system gave no thread to parse on; its words.
    NoThread(String),
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::Syntax(error) => f.write_str(&error.message),
            Rejection::TooLarge { bytes } => write!(f, "it is too large ({bytes} bytes)"),
            Rejection::TooComplex(what) => write!(f, "it is too complex: {what}"),
            Rejection::TooDeep { .. } => f.write_str("it is nested too deeply"),
            Rejection::TimedOut => f.write_str("reading it takes too long"),
            Rejection::ParserFailed(words) => write!(f, "the Ruby parser failed: {words}"),
            Rejection::NoThread(words) => write!(f, "no thread could be started: {words}"),
        }
    }
}

impl std::error::Error for Rejection {}

/// The first syntax error of a file; later ones tend to be its echoes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where it shows, which may be after where it was made.
    pub span: Span,
    /// What is wrong, in one line.
    pub message: String,
    /// Where to look.
    pub hint: Option<String>,
}

/// A token, for comparing two versions of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub name: &'static str,
    pub value: Vec<u8>,
    pub span: Span,
}

/// A parsed file with its tokens.
#[derive(Debug)]
pub(super) struct Parsed {
    pub tree: Tree,
    pub tokens: Vec<Token>,
}

/// Parses a config as Ruby 3.1. Never panics, whatever the bytes.
pub fn parse(bytes: &[u8]) -> Result<Tree, Rejection> {
    read(bytes, false).map(|parsed| parsed.tree)
}

/// Parses, and keeps the tokens.
pub(super) fn parse_with_tokens(bytes: &[u8]) -> Result<Parsed, Rejection> {
    read(bytes, true)
}

fn read(bytes: &[u8], keep_tokens: bool) -> Result<Parsed, Rejection> {
    syntax::binary(bytes)?;
    guard::check(bytes)?;
    guard::run(bytes, move |bytes| on_thread(bytes, keep_tokens))
}

/// What the parser's thread does. The parser's tree is dropped here, where the stack is deep.
fn on_thread(bytes: &[u8], keep_tokens: bool) -> Result<Parsed, Rejection> {
    let options = ParserOptions {
        buffer_name: String::new(),
        // Offsets must stay those of the file.
        decoder: Some(Decoder::new(Box::new(|_, bytes| DecoderResult::Ok(bytes)))),
        record_tokens: true,
    };
    let result = Parser::new(bytes.to_vec(), options).do_parse();
    let comments = comments(bytes, &result);
    syntax::check(bytes, &result, &comments)?;

    let mut openers = Vec::new();
    let mut last = 0;
    if let Some(ast) = &result.ast {
        let too_deep = children::walk(ast, |node| {
            last = last.max(node.expression().end);
            if let Node::Heredoc(_) | Node::XHeredoc(_) = node {
                openers.push(node.expression().begin);
            }
        });
        if let Some(node) = too_deep {
            let span = node.expression();
            return Err(Rejection::TooDeep { span: clamped(bytes, span.begin, span.end) });
        }
    }
    let heredocs = heredoc::ranges(bytes, openers);
    let end_marker = end_marker(bytes, &result, &heredocs, last);
    syntax::check_encoding(bytes, &result, &comments, end_marker)?;

    let (nodes, statements) = convert(bytes, result.ast.as_deref());
    let tree = Tree { nodes, statements, comments, heredocs, end_marker };
    let tokens = if keep_tokens { tokens(bytes, &result) } else { Vec::new() };
    Ok(Parsed { tree, tokens })
}

/// A span of the parser, made to lie in the file.
pub(super) fn clamped(bytes: &[u8], start: usize, end: usize) -> Span {
    Span::new(start.min(bytes.len()), end.min(bytes.len()))
}

fn tokens(bytes: &[u8], result: &ParserResult) -> Vec<Token> {
    let token = |token: &lib_ruby_parser::Token| Token {
        name: token.token_name(),
        value: token.as_bytes().clone(),
        span: clamped(bytes, token.loc.begin, token.loc.end),
    };
    result.tokens.iter().map(token).collect()
}

/// The comments, without their line ends.
fn comments(bytes: &[u8], result: &ParserResult) -> Vec<Comment> {
    let comment = |comment: &lib_ruby_parser::source::Comment| {
        let mut span = clamped(bytes, comment.location.begin, comment.location.end);
        let text = &bytes[span.range()];
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        span.end = span.start + text.strip_suffix(b"\r").unwrap_or(text).len();
        Comment { span }
    };
    let mut comments: Vec<Comment> = result.comments.iter().map(comment).collect();
    comments.sort_by_key(|comment| comment.span.start);
    comments.dedup();
    comments
}

/// Where the parser stopped although the file goes on: at `__END__`, ^D or ^Z.
fn end_marker(bytes: &[u8], result: &ParserResult, heredocs: &[Heredoc], last: usize) -> Option<usize> {
    let stop = result.tokens.last().map_or(bytes.len(), |token| token.loc.begin);
    let rest = bytes.get(stop..).unwrap_or_default();
    if rest.starts_with(b"__END__") || matches!(rest.first(), Some(0x04 | 0x1a)) {
        return Some(stop);
    }
    // After a heredoc the last token does not tell.
    let after = heredocs.iter().map(|heredoc| heredoc.lines.end).fold(last, usize::max);
    if heredocs.is_empty() {
        return None;
    }
    let mut at = after;
    for line in bytes.get(after..)?.split_inclusive(|b| *b == b'\n') {
        let line_start = at == 0 || bytes[at - 1] == b'\n';
        if line_start && matches!(line, b"__END__" | b"__END__\n" | b"__END__\r\n") {
            return Some(at);
        }
        if let Some(stop) = line.iter().position(|b| matches!(b, 0x04 | 0x1a | b'#'))
            && line[stop] != b'#'
        {
            return Some(at + stop);
        }
        at += line.len();
    }
    None
}
