//! Cuts a control file into tokens exactly as Monit does: the longest match wins, and what a byte means depends on
//! what went before (after `check` a name, after `start program = "` words of a command line, …).
//!
//! Source: Monit 5.33, observed. Lines are counted as Monit counts them, which is not always how an editor does.

mod initial;
mod special;

use super::bytes::{self, Spelled};
use super::token::{Arguments, CheckKind, Kind, Token};
use crate::model::{Span, Word};

/// An `include` statement as the lexer met it. Monit's parser never sees one.
pub(super) struct RawInclude {
    pub(super) pattern: Word,
    pub(super) span: Span,
    pub(super) line: usize,
    /// How many tokens stand before it.
    pub(super) tokens_before: usize,
}

/// Something that Monit complains about while it cuts tokens, and goes on.
pub(super) struct LexicalError {
    pub(super) span: Span,
    pub(super) line: usize,
    pub(super) what: &'static str,
}

/// Everything found in a file. `tokens` ends with [`Kind::End`].
#[derive(Default)]
pub(super) struct Lexed {
    pub(super) tokens: Vec<Token>,
    pub(super) includes: Vec<RawInclude>,
    pub(super) comments: Vec<Span>,
    pub(super) errors: Vec<LexicalError>,
}

/// What the next bytes are taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Initial,
    Arguments,
    ServiceName,
    Depends,
    GroupName,
    Every,
    Url,
    Address,
    HttpHeaders,
    Include,
}

struct Lexer<'a> {
    file: &'a [u8],
    at: usize,
    line: usize,
    state: State,
    /// `path "` opens argument mode only in a `check program`, and only until any other sign.
    in_check_program: bool,
    /// The token that opened argument mode.
    opener: usize,
    /// Where the URL began that is being read, and whether its host was met.
    url_start: usize,
    url_has_host: bool,
    /// The mail address was met.
    has_address: bool,
    out: Lexed,
}

/// Cuts the whole file.
pub(super) fn lex(file: &[u8]) -> Lexed {
    let mut lexer = Lexer {
        file,
        at: 0,
        line: 1,
        state: State::Initial,
        in_check_program: false,
        opener: 0,
        url_start: 0,
        url_has_host: false,
        has_address: false,
        out: Lexed::default(),
    };
    while lexer.at < file.len() {
        let ended = match lexer.state {
            State::Initial => lexer.initial(),
            State::Arguments => lexer.arguments(),
            State::ServiceName => lexer.service_name(),
            State::Depends => lexer.depends(),
            State::GroupName => lexer.group_name(),
            State::Every => lexer.every(),
            State::Url => lexer.url(),
            State::Address => lexer.address(),
            State::HttpHeaders => lexer.http_headers(),
            State::Include => lexer.include(),
        };
        if ended {
            break;
        }
    }
    let end = lexer.at.min(file.len());
    lexer.emit(Kind::End, Span::at(end), None);
    lexer.out
}

impl<'a> Lexer<'a> {
    /// The byte `ahead` of here; 0 after the end.
    fn peek(&self, ahead: usize) -> u8 {
        self.file.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// What is left of the file.
    fn rest(&self) -> &'a [u8] {
        &self.file[self.at..]
    }

    /// How many bytes from `from` on (counted from here) satisfy `test`.
    fn run(&self, from: usize, test: impl Fn(u8) -> bool) -> usize {
        self.rest().iter().skip(from).take_while(|byte| test(**byte)).count()
    }

    /// The length of the unquoted string that starts `from` bytes ahead.
    fn string_run(&self, from: usize) -> usize {
        self.run(from, bytes::is_string)
    }

    /// Takes the next `length` bytes.
    fn take(&mut self, length: usize) -> Span {
        let span = Span::new(self.at, (self.at + length).min(self.file.len()));
        self.at = span.end;
        span
    }

    /// Counts the lines in a span as Monit does: up to the first NUL.
    fn count_lines(&mut self, span: Span) {
        self.line += bytes::c_string(&self.file[span.range()]).iter().filter(|byte| **byte == b'\n').count();
    }

    fn emit(&mut self, kind: Kind, span: Span, word: Option<Word>) {
        let is_argument = self.state == State::Arguments;
        self.out.tokens.push(Token { kind, span, line: self.line, word, arguments: None, is_argument });
    }

    /// Emits an unquoted string.
    fn emit_plain(&mut self, kind: Kind, length: usize) {
        let span = self.take(length);
        let word = Spelled::new(self.file, span).into_word(span);
        self.emit(kind, span, Some(word));
    }

    /// Emits a quoted string.
    fn emit_quoted(&mut self, kind: Kind, length: usize) {
        let span = self.take(length);
        self.count_lines(span);
        let word = Spelled::new(self.file, span).unquote().expand_escapes().into_word(span);
        self.emit(kind, span, Some(word));
    }

    /// Emits a word after which argument mode begins; its last byte is the quote.
    fn emit_opener(&mut self, key: &'static str, length: usize) {
        let span = self.take(length);
        self.opener = self.out.tokens.len();
        self.emit(Kind::Key(key), span, None);
        if let Some(token) = self.out.tokens.last_mut() {
            token.arguments = Some(Arguments { open: span.end - 1, close: None });
        }
        self.state = State::Arguments;
    }

    /// Emits `check …`, after which a name follows.
    fn emit_check(&mut self, kind: CheckKind, length: usize) {
        let span = self.take(length);
        self.in_check_program = kind == CheckKind::Program;
        self.emit(Kind::Check(kind), span, None);
        self.state = State::ServiceName;
    }

    /// Emits a byte that means nothing by itself; a NUL ends the file. True when it did.
    fn emit_sign(&mut self) -> bool {
        self.in_check_program = false;
        let sign = self.peek(0);
        if sign == 0 {
            return true;
        }
        let span = self.take(1);
        self.emit(Kind::Sign(sign), span, None);
        false
    }

    /// Complains as Monit does, and goes on.
    fn complain(&mut self, what: &'static str, span: Span) {
        let line = self.line;
        self.out.errors.push(LexicalError { span, line, what });
    }

    /// The length of the string quoted by `quote` that starts `from` bytes ahead, both quotes included, if it ends
    /// and every byte inside satisfies `inside`.
    fn quoted(&self, from: usize, quote: u8, inside: impl Fn(u8) -> bool) -> Option<usize> {
        if self.peek(from) != quote {
            return None;
        }
        let length = self.run(from + 1, |byte| byte != quote && inside(byte));
        (self.file.get(self.at + from + 1 + length) == Some(&quote)).then_some(length + 2)
    }
}
