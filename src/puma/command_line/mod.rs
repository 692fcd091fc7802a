//! Finds the program behind the wrappers of a start command: shells, `bundle exec`, version managers.

mod command;
mod shells;
mod signal;
mod wrappers;

use crate::model::Word;

pub use signal::signal;

use command::{Surroundings, command};
use shells::shell_line;

/// How deep shells may be nested in each other.
const NESTING: usize = 6;

/// The programs that mean something to a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `puma`
    Puma,
    /// `pumactl`
    Pumactl,
    /// `rails server`, which starts Puma itself
    RailsServer,
    /// `kill`
    Kill,
    /// `systemctl`
    Systemctl,
    /// `echo`, which may write a pidfile
    Echo,
}

/// The names under which programs are called.
const PROGRAMS: &[(&str, Program)] = &[
    ("puma", Program::Puma),
    ("puma.rb", Program::Puma),
    ("pumactl", Program::Pumactl),
    ("kill", Program::Kill),
    ("systemctl", Program::Systemctl),
    ("echo", Program::Echo),
];

/// A program that a command line runs, with what its wrappers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Which program.
    pub program: Program,
    /// Its name as written.
    pub name: Word,
    /// Its arguments.
    pub arguments: Vec<Word>,
    /// The words that find it: `bundle exec`, `rbenv exec`, `rvm 3.1 do`.
    pub finders: Vec<Word>,
    /// As whom `sudo -u` or `su` runs it.
    pub user: Option<Word>,
    /// Where a `cd` before it went.
    pub directory: Option<Word>,
    /// What `A=b` and `env A=b` set for it.
    pub variables: Vec<(String, String)>,
    /// What `ruby -r` loads before it.
    pub requires: Vec<String>,
    /// Whether something runs before it that may set any variable: a login shell, `dotenv`.
    pub login_shell: bool,
    /// Whether a shell sends it to the background, or it goes there by itself.
    pub background: bool,
    /// Whether a shell reads its words: it may have variables of its own.
    pub in_shell: bool,
    /// Where a shell sends its output.
    pub output: Option<Word>,
    /// What stays around as its parent, instead of becoming it.
    pub kept: Option<Kept>,
}

/// A program that starts another and waits for it, so that the process that was started is not the one that serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The program that waits.
    pub by: Word,
    /// Why it does.
    pub why: KeptWhy,
}

/// Why a program stays around. Observed with bash 5.2 and dash 0.5.12.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptWhy {
    /// dash, and `sh` where that is dash: it never becomes its last command by itself.
    Dash,
    /// A redirection: the shell undoes it afterwards.
    Redirected,
    /// A pipeline.
    Piped,
    /// More follows, or the command is part of a longer list.
    List,
    /// `su -c`, which stays to close the session.
    Su,
    /// `sudo`, which stays to pass signals on, and drops the variable that says where to report.
    Sudo,
}

impl Invocation {
    /// A program that is run as it is, without wrappers.
    pub fn plain(program: Program, name: Word, arguments: Vec<Word>) -> Self {
        Self {
            program,
            name,
            arguments,
            finders: Vec::new(),
            user: None,
            directory: None,
            variables: Vec::new(),
            requires: Vec::new(),
            in_shell: false,
            login_shell: false,
            background: false,
            output: None,
            kept: None,
        }
    }
}

/// Every known program that the words of a command run.
pub fn invocations(words: &[Word]) -> Vec<Invocation> {
    let mut found = Vec::new();
    command(words, &Surroundings::default(), NESTING, &mut found);
    found
}

/// Every known program that a line runs which a shell reads.
pub fn shell_invocations(line: &Word) -> Vec<Invocation> {
    let mut found = Vec::new();
    shell_line(Some(line), None, &Surroundings::default(), NESTING, &mut found);
    found
}

/// Whether it is a command that becomes Puma.
pub fn starts_puma(invocation: &Invocation) -> bool {
    matches!(invocation.program, Program::Puma | Program::RailsServer) || is_pumactl_start(invocation)
}

/// Whether it is `pumactl … start`, which becomes Puma.
pub fn is_pumactl_start(invocation: &Invocation) -> bool {
    invocation.program == Program::Pumactl && invocation.arguments.iter().any(|word| word.text() == "start")
}

#[cfg(test)]
mod tests;
