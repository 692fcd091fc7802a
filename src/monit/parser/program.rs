//! `start program`, `stop program`, `restart program` and `exec`: words, user and group, then the time-out.

use super::{Parsed, Parser};
use crate::model::{Span, Word};
use crate::monit::model::{ComplaintKind, Place, Program, ProgramWarning, ProgramWarningKind, Timeout, User};
use crate::monit::token::Kind;

/// At this many words Monit complains.
const TOO_MANY_WORDS: usize = 64;

impl Parser<'_> {
    /// `start [program] [=] "…" [as uid U] [gid G] [with timeout N seconds]`.
    pub(super) fn program(&mut self) -> Parsed<Program> {
        let mut program = self.command()?;
        program.timeout = self.timeout()?;
        program.span = self.since(program.span);
        Ok(program)
    }

    /// A program without a time-out.
    pub(super) fn command(&mut self) -> Parsed<Program> {
        let opener = self.bump();
        let quotes = opener.arguments.map(|arguments| {
            let start = arguments.open + 1;
            Span::new(start, arguments.close.unwrap_or(self.file.len()).max(start))
        });
        let unclosed = opener.arguments.is_some_and(|arguments| arguments.close.is_none());
        let closed =
            opener.arguments.and_then(|arguments| arguments.close).map_or(opener.span.end, |close| close + 1);
        let mut words: Vec<Word> = Vec::new();
        let mut quoted_words = 0;
        while words.is_empty() || matches!(self.kind(), Kind::Text | Kind::Path) {
            if !matches!(self.kind(), Kind::Text | Kind::Path) {
                return Err(Place::Program);
            }
            let used = self.bump();
            quoted_words += usize::from(used.is_argument);
            words.push(used.word.unwrap_or_else(|| Word::plain("", used.span.start)));
            if words.len() == TOO_MANY_WORDS {
                let text = "Exceeded maximum number of program arguments".to_owned();
                self.complain(ComplaintKind::TooManyArguments, text);
            }
        }
        let keyword_end = opener.span.end - usize::from(quotes.is_some());
        let keyword = self.file[opener.span.start..keyword_end].trim_ascii_end().len();
        let last = words.last().map_or(opener.span, Word::span);
        let mut program = Program {
            keyword_span: Span::new(opener.span.start, opener.span.start + keyword),
            words,
            span: opener.span.join(last).join(Span::at(closed)),
            quoted: quotes.is_some(),
            quotes,
            quoted_words,
            unclosed,
            uid: None,
            gid: None,
            timeout: None,
            warnings: Vec::new(),
        };
        program.warnings = self.program_warnings(&program);
        self.users(&mut program)?;
        Ok(program)
    }

    /// `as uid U and gid G`, in any order, any number of times.
    fn users(&mut self, program: &mut Program) -> Parsed<()> {
        while let Kind::Key(key @ ("uid" | "gid")) = self.kind() {
            self.bump();
            let is_number = self.kind() == Kind::Number;
            let value = self.word_of(&[Kind::Text, Kind::Number], Place::User)?;
            program.span = program.span.join(value.span());
            let user = Some(User { value, is_number });
            if key == "uid" {
                program.uid = user;
            } else {
                program.gid = user;
            }
        }
        Ok(())
    }

    /// `timeout N seconds`, if it stands here.
    pub(super) fn timeout(&mut self) -> Parsed<Option<Timeout>> {
        let Some(keyword) = self.eat("timeout") else { return Ok(None) };
        let number = self.number(Place::Timeout)?;
        let unit = self.expect("second", Place::Timeout)?;
        Ok(Some(Timeout { seconds: number.value, span: keyword.join(unit), number_span: number.span }))
    }

    /// What Monit accepts, and is hardly meant.
    fn program_warnings(&self, program: &Program) -> Vec<ProgramWarning> {
        let mut warnings = Vec::new();
        let mut warn = |kind, span| warnings.push(ProgramWarning { span, kind });
        if !program.quoted {
            warn(ProgramWarningKind::NotQuoted, program.span);
        }
        if let Some(first) = program.words.first() {
            if first.text().chars().any(char::is_whitespace) {
                warn(ProgramWarningKind::BlankInProgram, first.span());
            }
            if !first.text().starts_with('/') {
                warn(ProgramWarningKind::NotAbsolute, first.span());
            }
        }
        if let Some(quotes) = program.quotes {
            if let [first, .., last] | [first @ last] = &program.words[program.quoted_words..] {
                warn(ProgramWarningKind::WordsAfterQuote, first.span().join(last.span()));
            }
            if program.unclosed {
                warn(ProgramWarningKind::Unclosed, quotes);
            }
            if self.file[quotes.range()].contains(&b'\n') {
                warn(ProgramWarningKind::SeveralLines, quotes);
            }
        }
        warnings
    }
}
