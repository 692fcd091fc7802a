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
        let is_line_end = |byte: &&u8| matches!(byte, b'\n' | b'\r');
        span.end -= text.iter().rev().take_while(is_line_end).count();
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
    // After a heredoc that ends the file the last token stands at the heredoc, and does not tell.
    let in_heredoc = heredocs.iter().any(|heredoc| heredoc.lines.start <= stop && stop < heredoc.lines.end);
    if !in_heredoc && (rest.starts_with(b"__END__") || matches!(rest.first(), Some(0x04 | 0x1a))) {
        return Some(stop);
    }
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

#[cfg(test)]
mod tests {
    use super::super::tree::NodeKind;
    use super::*;
    use proptest::prelude::*;

    /// The configs of the fixtures; Ruby refuses one of them.
    fn configs() -> Vec<(String, Vec<u8>)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/puma/cases");
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
    }

    /// Every node lies in the file, has its parts inside, and is reached once from the statements.
    fn check(bytes: &[u8], tree: &Tree) {
        let mut reached = vec![0; tree.len()];
        let mut open = tree.statements.clone();
        while let Some(id) = open.pop() {
            reached[id.0 as usize] += 1;
            assert!(tree.span(id).end <= bytes.len());
            open.extend(tree.children(id));
        }
        assert!(reached.iter().all(|times| *times <= 1), "{:?}", String::from_utf8_lossy(bytes));
        for span in tree.comments.iter().map(|comment| comment.span) {
            assert!(matches!(bytes[span.start], b'#' | b'='));
            assert!(!matches!(bytes[span.end - 1], b'\n' | b'\r'));
        }
        for heredoc in &tree.heredocs {
            assert!(bytes[heredoc.opener.range()].starts_with(b"<<"));
            assert!(heredoc.lines.end <= bytes.len());
        }
    }

    #[test]
    fn the_fixtures_are_read() {
        for (path, bytes) in configs() {
            match parse(&bytes) {
                Ok(tree) => check(&bytes, &tree),
                Err(Rejection::Syntax(_)) => assert!(path.ends_with("syntax_error.rb"), "{path}"),
                Err(other) => panic!("{path}: {other}"),
            }
        }
    }

    #[test]
    fn a_config_cut_anywhere_gives_an_answer() {
        for (_, bytes) in configs().into_iter().step_by(7) {
            for end in 0..bytes.len() {
                match parse(&bytes[..end]) {
                    Ok(tree) => check(&bytes[..end], &tree),
                    Err(Rejection::Syntax(error)) => assert!(error.span.end <= end),
                    Err(other) => panic!("{:?}: {other}", String::from_utf8_lossy(&bytes[..end])),
                }
            }
        }
    }

    #[test]
    fn what_is_not_code_is_told_apart() {
        let tree = parse(b"\xef\xbb\xbfport 1 # why\r\n__END__\r\nnot code").unwrap();
        assert_eq!(tree.span(tree.statements[0]), Span::new(3, 9));
        assert_eq!(tree.comments, [Comment { span: Span::new(10, 15) }]);
        assert_eq!(tree.end_marker, Some(17));
        for (text, end_marker) in [
            (&b"a <<X\n__END__\nX\n__END__\n\xff"[..], Some(16)),
            (b"a <<X\n__END__\nX\n", None),
            (b"a 1\n\x04 rest", Some(4)),
            (b"a 1\n\x1a", Some(4)),
            (b"a 1\n__END__ x\n", None),
            (b"__END__", Some(0)),
            (b"# a\n", None),
            (b"", None),
        ] {
            let tree = parse(text).unwrap();
            assert_eq!(tree.end_marker, end_marker, "{:?}", String::from_utf8_lossy(text));
        }
        assert!(parse(b"").unwrap().is_empty());
    }

    /// None of these may take the process down, or much time; which rejection it is may vary.
    #[test]
    fn hostile_shapes_are_refused() {
        let repeated = [
            "(",
            "[",
            "{",
            "!",
            "-",
            "a+",
            "a.b.",
            "->{",
            "{a:",
            "[{a:[",
            "begin;",
            "if a;",
            "\"#{",
            "a do ",
            "a ? b : ",
            "def a;",
            "<<A+",
            "case a;when ",
            "a&&",
            "a=",
            "not ",
            "*",
            "&",
            "%w[",
            "/",
            "|",
            "a rescue ",
            "class A;",
            "x,",
            "#{",
            "\u{feff}",
            "in {a:",
            "p(",
            "a[",
            "=begin\n",
            "end\n",
        ];
        for shape in repeated {
            for size in [10_000, guard::SIZE_LIMIT] {
                let text = shape.repeat(size / shape.len());
                let started = std::time::Instant::now();
                assert!(
                    parse(text.as_bytes()).is_err() || shape.starts_with(['#', '=', '\u{feff}']),
                    "{shape}"
                );
                assert!(started.elapsed().as_secs() < 9, "{shape}: {:?}", started.elapsed());
            }
        }
        let closed = [
            ("(", ")"),
            ("[", "]"),
            ("!", "a"),
            ("a.b(", ")"),
            ("{a:", "1}"),
            ("begin;", "end;"),
            ("-> {", "}"),
        ];
        for (open, close) in closed {
            let text = format!("x {}1{}", open.repeat(20_000), close.repeat(20_000));
            assert!(parse(text.as_bytes()).is_err(), "{open}");
        }
        for chain in ["a + ", "a.b.", "a || ", "a ? b : "] {
            let text = format!("{}a", chain.repeat(4_000));
            assert!(matches!(parse(text.as_bytes()), Err(Rejection::TooDeep { .. })), "{chain}");
        }
    }

    #[test]
    fn the_limits_are_told() {
        let large = vec![b'#'; guard::SIZE_LIMIT + 1];
        assert_eq!(parse(&large).unwrap_err(), Rejection::TooLarge { bytes: large.len() });
        assert!(parse(&large[1..]).is_ok());
        let pairs = format!("a({})", "a: 1,".repeat(2_001));
        assert!(matches!(parse(pairs.as_bytes()), Err(Rejection::TooComplex(_))));
        let known_panic = b"class Q><<~MSG\nMSG\n\"";
        assert!(parse(known_panic).is_err());
        let deep = format!("{}1{}", "[".repeat(240), "]".repeat(240));
        assert!(parse(deep.as_bytes()).is_ok());
    }

    #[test]
    fn a_large_ordinary_config_is_read() {
        let text = "on_worker_boot do\n  bind \"tcp://#{ENV['HOST']}:9292\" # why\nend\n".repeat(1_400);
        let tree = parse(text.as_bytes()).unwrap();
        assert_eq!(tree.statements.len(), 1_400);
        assert!(matches!(tree.kind(tree.statements[0]), NodeKind::Call { block: Some(_), .. }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn random_bytes_give_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(tree) = parse(&bytes) {
                check(&bytes, &tree);
            }
        }

        #[test]
        fn random_ruby_gives_an_answer(parts in prop::collection::vec(prop::sample::select(vec![
            "a", "b ", "1", "\"", "'", "#{", "}", "{", "(", ")", "[", "]", "do ", "end\n", "if ", "else ", "\n",
            ";", "<<~A", "A\n", "<<'B'", "B\n", "rescue ", "begin ", "ensure ", "=", ",", ":", "|", "->", "&", "*",
            "def ", "class ", "when ", "case ", "in ", "=>", "# c\n", "=begin\n", "\n=end\n", "__END__", "\r\n",
            "\r", "\\\n", "%w[", "/", "?", "!", "@", "$", "é", "\t", ".", "..", "return ", "unless ", "while ",
        ]), 0..30)) {
            let text = parts.concat();
            match parse(text.as_bytes()) {
                Ok(tree) => check(text.as_bytes(), &tree),
                Err(Rejection::Syntax(error)) => prop_assert!(error.span.end <= text.len()),
                Err(Rejection::ParserFailed(_)) => {}
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }
}
