//! What a control file says, with the place of every value.

use super::token::CheckKind;
use crate::model::{Span, Word};

/// A control file as Monit reads it, up to the first syntax error.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Control {
    /// The process checks, in order. The last one may be incomplete when there is a syntax error.
    pub checks: Vec<ProcessCheck>,
    /// All other checks; their bodies are passed over.
    pub other_checks: Vec<OtherCheck>,
    /// The `include` statements. Whoever reads files expands them.
    pub includes: Vec<Include>,
    /// The `set` statements.
    pub sets: Vec<SetStatement>,
    /// Every comment up to where Monit stops reading at a NUL, without its line end.
    pub comments: Vec<Span>,
    /// The syntax error at which Monit stops reading.
    pub error: Option<SyntaxError>,
    /// What else makes Monit refuse the file, in its own words. Monit reports all of these.
    pub errors: Vec<Complaint>,
    /// What Monit does not mind, and is hardly meant.
    pub warnings: Vec<Warning>,
    /// Where a NUL stands between tokens: Monit silently reads nothing after it.
    pub nul: Option<usize>,
}

impl Control {
    /// Every statement and every option of a check, in no order: what a comment above or behind can mean.
    pub fn statement_heads(&self) -> Vec<Span> {
        let mut heads: Vec<Span> = self.sets.iter().map(|set| set.span).collect();
        heads.extend(self.includes.iter().map(|include| include.span));
        heads.extend(self.other_checks.iter().map(|check| check.span));
        for check in &self.checks {
            heads.push(check.keyword_span.join(check.watch.span));
            let programs = [&check.start, &check.stop, &check.restart].into_iter().flatten();
            heads.extend(programs.map(|program| program.span));
            heads.extend(check.tests.iter().map(|test| test.span));
        }
        heads
    }

    /// Whether Monit would load the file (if every user, group, regular expression and file in it is as it should be).
    pub fn is_accepted(&self) -> bool {
        self.error.is_none() && self.errors.is_empty()
    }
}

/// A syntax error: Monit stops reading there, and loads nothing of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The token that Monit cannot use.
    pub span: Span,
    /// Monit's words: `syntax error 'token'`.
    pub words: String,
    /// The line that Monit names.
    pub line: usize,
    /// What was being read.
    pub place: Place,
    /// The process check it stands in, an index into [`Control::checks`].
    pub inside: Option<usize>,
}

/// What was being read when a syntax error was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// A statement, or an option of a check, was to begin.
    Statement,
    /// The name of a check.
    CheckName,
    /// `pidfile` or `matching`.
    Watch,
    /// The path after `pidfile`: absolute, and quoted if it holds anything but a plain word.
    Pidfile,
    /// What follows `matching`.
    Pattern,
    /// The words of a program.
    Program,
    /// The user or group of a program.
    User,
    /// The number or the unit after `timeout`.
    Timeout,
    /// What an `if` tests.
    Test,
    /// The value that a test compares with.
    TestValue,
    /// The unit of that value.
    TestUnit,
    /// How often, or `then`.
    Then,
    /// What to do after `then`.
    Action,
    /// What follows `else`.
    Recovery,
    /// Any other option of a check.
    Option,
    /// A `set` statement.
    Set,
}

/// An error of meaning, or an unbalanced quote: Monit reads on and refuses the file in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The text that Monit quotes.
    pub span: Span,
    /// Monit's words, with what it quotes.
    pub words: String,
    /// The line that Monit names; `None` where it names none.
    pub line: Option<usize>,
    /// What it is about.
    pub kind: ComplaintKind,
}

/// What a complaint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ComplaintKind {
    /// A quote without its partner, or another thing that cannot be cut into tokens.
    Lexical,
    /// Two checks have one name; case plays no part.
    NameConflict,
    /// A check's name starts with `/`.
    NameIsPath,
    /// More than 63 words.
    TooManyArguments,
    /// A number of cycles, events or restarts out of range.
    Rate,
    /// `depends on` a check that is not in the file. Only where the file includes no other.
    UnknownDependency,
    /// Monit would never look: `set init` without `set daemon`, or `set daemon 0`. Only where the file includes no other.
    PollTime,
    /// Checks depend on each other in a circle. Only where the file includes no other.
    DependencyLoop,
}

/// Something that Monit accepts, and that is hardly meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: WarningKind,
}

/// What is hardly meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WarningKind {
    /// `mode manual`: Monit takes it for `onreboot laststate`.
    ModeManual,
    /// A program is defined again; only the last definition holds. The span is that of the earlier one.
    ProgramOverridden,
    /// A second `every`; only the last holds. The span is that of the earlier one.
    EveryOverridden,
}

/// An `include` statement: Monit puts the files in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// A glob pattern, relative to Monit's working directory.
    pub pattern: Word,
    /// The pattern as written; the keyword stands before it.
    pub span: Span,
    /// The line as Monit counts.
    pub line: usize,
    /// The process check in whose body it stands, an index into [`Control::checks`]. Every include after a check and
    /// before the next statement stands in its body.
    pub inside: Option<usize>,
    /// Options of that check follow the include. Monit adds them to the last check of the included files, if any.
    pub options_follow: bool,
}

/// A check of anything but a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherCheck {
    /// What it watches.
    pub kind: CheckKind,
    /// Its name.
    pub name: Word,
    /// From `check` to its last token.
    pub span: Span,
}

/// A `set` statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetStatement {
    /// The word after `set`, in lower case: `daemon`, `httpd`, `limits`, …
    pub name: &'static str,
    /// From `set` to the last token.
    pub span: Span,
    /// The values of those statements whose values are kept.
    pub value: SetValue,
}

/// The value of a `set` statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetValue {
    /// Not kept.
    Other,
    /// `set daemon SECONDS [with start delay SECONDS]`.
    Daemon {
        /// How often Monit looks.
        seconds: Number,
        /// How long it waits before the first look.
        start_delay: Option<Number>,
    },
    /// `set limits { … }`.
    Limits(Vec<Limit>),
    /// `set onreboot …`.
    OnReboot(OnReboot),
    /// The path of `set log`, `set pidfile`, `set idfile`, `set statefile`.
    Path(Word),
}

/// One entry of `set limits { … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// In lower case: `starttimeout`, `stoptimeout`, `restarttimeout`, `programtimeout`, …
    pub name: &'static str,
    /// The value as written.
    pub value: Number,
    /// `second`, `millisecond`, `byte`, `kilobyte`, …; `None` where none is written (then bytes).
    pub unit: Option<&'static str>,
    /// From the name to the unit.
    pub span: Span,
}

/// A whole number and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// The value; larger than any real one when it does not fit.
    pub value: u64,
    /// As written.
    pub span: Span,
}

/// `check process`.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessCheck {
    /// Its name.
    pub name: Word,
    /// From `check` to its last token.
    pub span: Span,
    /// `check process`.
    pub keyword_span: Span,
    /// How the process is found.
    pub watch: Watch,
    /// `start program`.
    pub start: Option<Program>,
    /// `stop program`.
    pub stop: Option<Program>,
    /// `restart program`.
    pub restart: Option<Program>,
    /// Every `if`.
    pub tests: Vec<Test>,
    /// The names after `depends on`.
    pub depends: Vec<Word>,
    /// The groups it belongs to.
    pub groups: Vec<Word>,
    /// `mode`, the last one.
    pub mode: Option<(Mode, Span)>,
    /// `every`, the last one.
    pub every: Option<Every>,
    /// `onreboot`, the last one.
    pub onreboot: Option<(OnReboot, Span)>,
    /// `alert` and `noalert`.
    pub alerts: Vec<Alert>,
}

/// How Monit finds the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// `pidfile` (or `path`), or `matching`.
    pub kind: WatchKind,
    /// The path or the pattern.
    pub value: Word,
    /// Keyword and value.
    pub span: Span,
}

impl Watch {
    /// The path of the pidfile, if that is how the process is found.
    pub fn pidfile(&self) -> Option<&Word> {
        (self.kind == WatchKind::Pidfile).then_some(&self.value)
    }

    /// The pattern for the command line, if that is how the process is found.
    pub fn pattern(&self) -> Option<&Word> {
        (self.kind == WatchKind::Matching).then_some(&self.value)
    }
}

/// By what a process is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WatchKind {
    /// A pidfile, always absolute.
    Pidfile,
    /// A POSIX extended regular expression for the command line.
    Matching,
}

/// A program that Monit runs, without a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// `start program = "`, without the quote.
    pub keyword_span: Span,
    /// The words that Monit runs, those after the closing quote included.
    pub words: Vec<Word>,
    /// From the keyword to the last option.
    pub span: Span,
    /// `"` followed on the keyword's line: words split on blanks.
    pub quoted: bool,
    /// In argument mode, the text between the quotes; it reaches to the end of the file if no quote closes it.
    pub quotes: Option<Span>,
    /// How many of the words stand within the quotes. Any further ones come from text after the closing quote,
    /// as of `"/bin/sh -c "cd /a""`.
    pub quoted_words: usize,
    /// The file ends before the closing quote.
    pub unclosed: bool,
    /// `as uid …`, the last one.
    pub uid: Option<User>,
    /// `gid …`, the last one.
    pub gid: Option<User>,
    /// `with timeout N seconds`.
    pub timeout: Option<Timeout>,
    /// What Monit accepts, and is hardly meant.
    pub warnings: Vec<ProgramWarning>,
}

/// A user or group of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name, or the number as written.
    pub value: Word,
    /// It is a number, not a name.
    pub is_number: bool,
}

/// How long Monit waits for a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout {
    /// The time; 0 is accepted.
    pub seconds: u64,
    /// From `timeout` to the unit.
    pub span: Span,
    /// The number alone.
    pub number_span: Span,
}

/// Something about a program that Monit accepts, and that is hardly meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgramWarning {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: ProgramWarningKind,
}

/// What is hardly meant about a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProgramWarningKind {
    /// No `"` follows the keyword: keywords and noise words within the command are not taken for words of it.
    NotQuoted,
    /// One quoted word holds blanks and is taken for the name of the program.
    BlankInProgram,
    /// Words after the closing quote: a quote within the quotes closed them. The span is that of the words.
    WordsAfterQuote,
    /// No quote closes the command before the end of the file.
    Unclosed,
    /// The text between the quotes runs over several lines.
    SeveralLines,
    /// The program is not an absolute path, so Monit does not find it.
    NotAbsolute,
}

/// An `if` of a process check.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// From `if` to the last token.
    pub span: Span,
    /// What is tested, as written.
    pub what: String,
    /// What is tested.
    pub condition: Condition,
    /// `if succeeded …` instead of `if failed …`: Monit acts when the connection is made.
    pub on_success: bool,
    /// `for N cycles`, `N times within M cycles`.
    pub rate: Option<Rate>,
    /// What to do.
    pub action: Action,
    /// What to do when it is well again, if that is written.
    pub recovery: Option<Action>,
}

/// What an `if` tests.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Memory, processor time, children, threads, load, disk: all of them have to be beyond their limits.
    Resources(Vec<Resource>),
    /// `failed port …`.
    Port {
        /// `host …`; without it, `localhost`.
        host: Option<Word>,
        /// The port.
        port: Number,
        /// The protocol in lower case.
        protocol: Option<&'static str>,
        /// The path of `request`.
        request: Option<Word>,
        /// `with timeout N seconds`.
        timeout: Option<Timeout>,
        /// `ssl`, `https` or `type tcpssl`.
        ssl: bool,
    },
    /// `failed unixsocket …`.
    UnixSocket {
        /// The socket.
        path: Word,
        /// The protocol in lower case.
        protocol: Option<&'static str>,
        /// `with timeout N seconds`.
        timeout: Option<Timeout>,
    },
    /// `failed url …`.
    Url(Option<Word>),
    /// `exist`, or `does not exist`.
    Exist {
        /// `not`.
        negated: bool,
    },
    /// `N restarts within M cycles`.
    Restarts {
        /// How many restarts.
        restarts: Number,
        /// Within how many cycles.
        cycles: Number,
    },
    /// `changed pid`, `changed ppid`.
    Changed(&'static str),
    /// `uptime OP N unit`.
    Uptime,
    /// `failed uid`, `euid`, `gid`: the word says which.
    Owner(&'static str, Word),
    /// `filedescriptors`, `total filedescriptors`.
    FileDescriptors,
    /// `failed security attribute`.
    SecurityAttribute,
}

/// One limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// `memory`, `total memory`, `cpu`, `total cpu`, `children`, `threads`, `loadavg`, `read`, `write`, `disk read`,
    /// `disk write`.
    pub name: &'static str,
    /// The name as written.
    pub name_span: Span,
    /// `>`, `>=`, `<`, `<=`, `==`, `!=`, `changed`; `==` if none is written.
    pub operator: &'static str,
    /// The value as written.
    pub value: f64,
    /// The place of the value.
    pub value_span: Span,
    /// `byte`, `kilobyte`, `megabyte`, `gigabyte`, `percent`, `operations`; `None` if none is written.
    pub unit: Option<&'static str>,
}

/// How often before Monit acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many times.
    pub times: u64,
    /// Within how many cycles.
    pub cycles: u64,
    /// From the first number to `cycles`.
    pub span: Span,
}

/// What Monit does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What.
    pub kind: ActionKind,
    /// The whole action.
    pub span: Span,
    /// What `exec` runs.
    pub program: Option<Program>,
}

/// What Monit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionKind {
    /// Only tells.
    Alert,
    /// Runs a program.
    Exec,
    /// Restarts the process.
    Restart,
    /// Starts it.
    Start,
    /// Stops it, and watches it no longer.
    Stop,
    /// Watches it no longer. `timeout` after a number of restarts means the same.
    Unmonitor,
}

/// `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Monit acts.
    Active,
    /// Monit only tells.
    Passive,
    /// An old name of `onreboot laststate`.
    Manual,
}

/// `onreboot`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnReboot {
    /// Starts the process.
    Start,
    /// Does not start it.
    NoStart,
    /// As it was before.
    LastState,
}

/// `every`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Every {
    /// When.
    pub when: When,
    /// The whole option.
    pub span: Span,
}

/// When a check is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// `every N cycles`.
    Cycles(u64),
    /// `every "…"`.
    Cron(Word),
    /// `not every "…"`.
    NotCron(Word),
}

/// `alert` or `noalert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Who is told.
    pub address: Word,
    /// `noalert`.
    pub negated: bool,
    /// The whole option.
    pub span: Span,
}
