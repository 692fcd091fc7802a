//! What the lexer gives the parser.

use crate::model::{Span, Word};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word of the language, under its canonical name.
    Key(&'static str),
    /// `check` and what follows it.
    Check(CheckKind),
    /// A string that is not a path.
    Text,
    /// A string that starts with `/`.
    Path,
    /// A mail address.
    Mail,
    /// A whole number.
    Number,
    /// A number with a fraction.
    Real,
    /// The name after `check` or `depends on`.
    Name,
    /// The name after `group`.
    GroupName,
    /// A quoted cron specification after `every`.
    Cron,
    /// An URL.
    Url,
    /// What follows `from:` or `reply-to:`.
    Address,
    /// `subject:` or `message:` and its text.
    MailText,
    /// One header of an `http headers` list.
    Header,
    /// Any other byte.
    Sign(u8),
    /// The end of the file, or a NUL.
    End,
}

/// What a check watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckKind {
    /// A process. `process` may be left out.
    Process,
    /// A program that is run and judged by its exit status.
    Program,
    /// A file system; `check device` is an old name of it.
    Filesystem,
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A remote host.
    Host,
    /// A network interface.
    Network,
    /// A named pipe.
    Fifo,
    /// The machine itself.
    System,
}

/// A token and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// The line that Monit would name for this token: the one on which it ends, by Monit's own count.
    pub(super) line: usize,
    /// The value of a string.
    pub(super) word: Option<Word>,
    /// The token opened argument mode (`"` after `start program =`); where the closing quote stands.
    pub(super) arguments: Option<Arguments>,
    /// The token stands in argument mode.
    pub(super) is_argument: bool,
}

/// The quotes of argument mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arguments {
    /// The opening quote.
    pub(super) open: usize,
    /// The closing quote, unless the file ended first.
    pub(super) close: Option<usize>,
}
