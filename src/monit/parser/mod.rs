//! The grammar: statements here, each kind of statement in a file of its own.
//!
//! A function that meets a token it cannot use returns the [`Place`] it was in; the token is the one at the cursor,
//! which is also the one that Monit names.

mod action;
mod check;
mod condition;
mod connection;
mod options;
mod program;
mod protocol;
mod sets;
mod ssl;

use std::collections::BTreeSet;

use super::bytes;
use super::lexer::{Lexed, LexicalError, RawInclude};
use super::model::{Complaint, ComplaintKind, Control, Include, Number, OtherCheck, Place, SyntaxError};
use super::token::{Arguments, CheckKind, Kind, Token};
use crate::model::{Span, Word, hole};

/// Parses a file that was cut into tokens.
pub(super) fn parse(file: &[u8], lexed: Lexed) -> Control {
    let Lexed { tokens, includes, comments, errors } = lexed;
    let control = Control { comments, ..Control::default() };
    let mut parser =
        Parser { file, tokens, at: 0, control, names: BTreeSet::new(), bodies: Vec::new(), argument: 0 };
    if let Err(place) = parser.statements() {
        parser.fail(place);
    }
    parser.finish(includes, errors)
}

/// The words with which an option of any check begins.
const OPTIONS: &[&str] = &[
    "alert",
    "depends",
    "every",
    "group",
    "if",
    "mode",
    "noalert",
    "not every",
    "onreboot",
    "restart",
    "start",
    "stop",
];

/// What a grammar function returns.
type Parsed<T> = Result<T, Place>;

struct Parser<'a> {
    file: &'a [u8],
    /// Ends with [`Kind::End`].
    tokens: Vec<Token>,
    at: usize,
    control: Control,
    /// The names of all checks, in lower case.
    names: BTreeSet<String>,
    /// For each process check, its first token and the token after its body.
    bodies: Vec<(usize, usize)>,
    /// The last token with a value: Monit names it in errors of meaning.
    argument: usize,
}

/// A token that was used.
struct Used {
    kind: Kind,
    span: Span,
    word: Option<Word>,
    arguments: Option<Arguments>,
    is_argument: bool,
}

impl Parser<'_> {
    /// The whole file.
    fn statements(&mut self) -> Parsed<()> {
        loop {
            match self.kind() {
                Kind::End => return Ok(()),
                Kind::Key("set") => self.set()?,
                Kind::Check(CheckKind::Process) => self.process_check()?,
                Kind::Check(kind) => self.other_check(kind)?,
                _ => return Err(Place::Statement),
            }
        }
    }

    /// A check of something else: its head is read, its body passed over.
    fn other_check(&mut self, kind: CheckKind) -> Parsed<()> {
        let start = self.bump().span;
        let name = self.word_of(&[Kind::Name], Place::CheckName)?;
        match kind {
            CheckKind::Process | CheckKind::System => {}
            CheckKind::Program => {
                if !self.is("path") {
                    return Err(Place::Watch);
                }
                self.program()?;
            }
            CheckKind::Host | CheckKind::Network => {
                let interface = kind == CheckKind::Network && self.eat("interface").is_some();
                if !interface {
                    self.expect("address", Place::Watch)?;
                }
                self.word_of(&[Kind::Text], Place::Watch)?;
            }
            CheckKind::File | CheckKind::Directory | CheckKind::Fifo => {
                self.expect("path", Place::Watch)?;
                self.word_of(&[Kind::Path], Place::Watch)?;
            }
            CheckKind::Filesystem => {
                self.expect("path", Place::Watch)?;
                self.word_of(&[Kind::Path, Kind::Text], Place::Watch)?;
            }
        }
        self.claim_name(&name);
        if !matches!(self.kind(), Kind::Key(key) if OPTIONS.contains(&key)) && !self.at_statement() {
            return Err(Place::Statement);
        }
        self.skip_body();
        let span = self.since(start);
        self.control.other_checks.push(OtherCheck { kind, name, span });
        Ok(())
    }

    /// Whether a statement may begin at the cursor, or the file ends there.
    fn at_statement(&self) -> bool {
        matches!(self.kind(), Kind::End | Kind::Key("set") | Kind::Check(_))
    }

    /// Passes over everything up to the next statement.
    fn skip_body(&mut self) {
        while !self.at_statement() {
            self.bump();
        }
    }

    /// Complains when a check's name is taken, or is a path.
    fn claim_name(&mut self, name: &Word) {
        let text = name.text();
        if !self.names.insert(text.to_ascii_lowercase()) {
            let words = format!("Service name conflict, {text} already defined");
            self.complain(ComplaintKind::NameConflict, words);
        }
        if text.starts_with('/') {
            let words = format!("Service name '{text}' must not start with '/' -- ");
            self.complain(ComplaintKind::NameIsPath, words);
        }
    }

    /// What the token at the cursor is.
    fn kind(&self) -> Kind {
        self.tokens[self.at].kind
    }

    /// Whether the token at the cursor begins with what a template fills in: that may be a number, a path or a text.
    fn is_filled_in(&self) -> bool {
        let token = &self.tokens[self.at];
        let string = matches!(token.kind, Kind::Text | Kind::Path | Kind::Number | Kind::Real);
        string && token.word.as_ref().is_some_and(|word| word.text().starts_with(hole::is_hole))
    }

    /// Whether the token at the cursor is a whole number, or may be.
    fn is_number(&self) -> bool {
        self.kind() == Kind::Number || self.is_filled_in()
    }

    /// Whether the token at the cursor is a certain word of the language.
    fn is(&self, key: &str) -> bool {
        matches!(self.kind(), Kind::Key(found) if found == key)
    }

    /// Uses the token at the cursor. The end of the file is never used up.
    fn bump(&mut self) -> Used {
        let last = self.tokens.len() - 1;
        let token = &mut self.tokens[self.at];
        let used = Used {
            kind: token.kind,
            span: token.span,
            word: token.word.take(),
            arguments: token.arguments,
            is_argument: token.is_argument,
        };
        if used.word.is_some() || matches!(used.kind, Kind::Header | Kind::Address | Kind::MailText) {
            self.argument = self.at;
        }
        self.at = (self.at + 1).min(last);
        used
    }

    /// Uses a word of the language if it stands here.
    fn eat(&mut self, key: &str) -> Option<Span> {
        self.is(key).then(|| self.bump().span)
    }

    /// Uses a word of the language, which has to stand here.
    fn expect(&mut self, key: &str, place: Place) -> Parsed<Span> {
        self.eat(key).ok_or(place)
    }

    /// Uses a sign, which has to stand here.
    fn sign(&mut self, sign: u8, place: Place) -> Parsed<Span> {
        if self.kind() != Kind::Sign(sign) {
            return Err(place);
        }
        Ok(self.bump().span)
    }

    /// Uses a token with a value of one of some kinds, which has to stand here.
    fn word_of(&mut self, kinds: &[Kind], place: Place) -> Parsed<Word> {
        if !kinds.contains(&self.kind()) && !self.is_filled_in() {
            return Err(place);
        }
        let used = self.bump();
        Ok(used.word.unwrap_or_else(|| Word::plain("", used.span.start)))
    }

    /// Uses a whole number, which has to stand here.
    fn number(&mut self, place: Place) -> Parsed<Number> {
        let word = self.word_of(&[Kind::Number], place)?;
        if word.has_hole() {
            // Of all numbers, this one is within the most bounds.
            return Ok(Number { value: 1, span: word.span() });
        }
        Ok(Number { value: word.text().parse().unwrap_or(u64::MAX), span: word.span() })
    }

    /// From `start` to the last token used.
    fn since(&self, start: Span) -> Span {
        let last = self.tokens[..self.at].last().map_or(start, |token| token.span);
        start.join(last)
    }

    /// Keeps an error of meaning; Monit quotes the last value it read.
    fn complain(&mut self, kind: ComplaintKind, words: String) {
        let token = &self.tokens[self.argument];
        let (span, line) = (token.span, token.line);
        let words = format!("{words} '{}'", self.quoted(span));
        self.control.errors.push(Complaint { span, words, line: Some(line), kind });
    }

    /// A token as Monit prints it.
    fn quoted(&self, span: Span) -> String {
        String::from_utf8_lossy(bytes::c_string(&self.file[span.range()])).into_owned()
    }

    /// Keeps the syntax error at the cursor.
    fn fail(&mut self, place: Place) {
        let token = &self.tokens[self.at];
        let (span, line) = (token.span, token.line);
        let words = format!("syntax error '{}'", self.quoted(span));
        let inside = self.bodies.last().filter(|(_, end)| *end == usize::MAX).map(|_| self.bodies.len() - 1);
        self.control.error = Some(SyntaxError { span, words, line, place, inside });
    }

    /// Puts together what the lexer and the grammar found.
    fn finish(mut self, includes: Vec<RawInclude>, errors: Vec<LexicalError>) -> Control {
        for (_, end) in &mut self.bodies {
            *end = (*end).min(self.at);
        }
        for RawInclude { pattern, span, line, tokens_before } in includes {
            let before = self.bodies.partition_point(|(start, _)| *start < tokens_before);
            let body = before.checked_sub(1).filter(|body| tokens_before <= self.bodies[*body].1);
            let options_follow = body.is_some_and(|body| tokens_before < self.bodies[body].1);
            self.control.includes.push(Include { pattern, span, line, inside: body, options_follow });
        }
        // Of what the lexer met after the offending token, Monit saw nothing.
        let stop = self.control.error.as_ref().map_or(usize::MAX, |error| error.span.start);
        for LexicalError { span, line, what } in errors.into_iter().filter(|error| error.span.start <= stop) {
            let words = format!("{what} '{}'", self.quoted(span));
            self.control.errors.push(Complaint {
                span,
                words,
                line: Some(line),
                kind: ComplaintKind::Lexical,
            });
        }
        self.control.errors.sort_by_key(|complaint| complaint.span);
        let end = self.tokens.last().map_or(0, |token| token.span.start);
        self.control.nul = (end < self.file.len()).then_some(end);
        self.control
    }
}
