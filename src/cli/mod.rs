//! Arguments, one file a verb. Exit codes: 0 clean, 1 findings, 2 could not do the job.

mod check;
mod common;
mod explain;
mod fix;
mod installers;
mod migrate;
mod progress;
mod rules;
mod settings;
mod show;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Finds what a Puma upgrade breaks: in Puma configs, systemd units and Monit files.
#[derive(Debug, Parser)]
#[command(name = "puma-lint", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 nothing found, 1 something found, 2 could not do the job.\n\
    `puma-lint PATH` is short for `puma-lint check PATH`.")]
struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    check: check::Check,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Check files and folders (the default).
    Check(check::Check),
    /// Apply fixes.
    Fix(fix::FixArguments),
    /// Print what Puma would use, launch by launch.
    Show(show::ShowArguments),
    /// Let systemd run a Puma that daemonizes itself, and Monit watch it.
    Migrate(migrate::MigrateArguments),
    /// Print the page of a rule.
    Explain(explain::Explain),
    /// List all rules.
    Rules(rules::RulesArguments),
    /// Print the completions of a shell, for installers.
    Completions(installers::Completions),
    /// Print the manual page, for installers.
    Man(installers::Man),
}

/// What a verb comes to.
pub(crate) enum Ended {
    /// Nothing to complain about.
    Clean,
    /// Findings, or a diff.
    Found,
    /// It could not do its job.
    Failed,
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Clean => ExitCode::SUCCESS,
            Ended::Found => ExitCode::from(1),
            Ended::Failed => ExitCode::from(2),
        }
    }
}

/// Runs the program on this process's arguments.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(habits(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(error) => {
            let failed = error.use_stderr();
            // A closed pipe is nothing to complain about.
            let _ = error.print();
            return if failed { Ended::Failed.into() } else { ExitCode::SUCCESS };
        }
    };
    let mut out = io::stdout().lock();
    let ended = match arguments.verb {
        None => arguments.check.run(&mut out),
        Some(Verb::Check(check)) => check.run(&mut out),
        Some(Verb::Fix(fix)) => fix.run(&mut out),
        Some(Verb::Show(show)) => show.run(&mut out),
        Some(Verb::Migrate(migrate)) => migrate.run(&mut out),
        Some(Verb::Explain(explain)) => explain.run(&mut out),
        Some(Verb::Rules(rules)) => rules.run(&mut out),
        Some(Verb::Completions(completions)) => completions.run(&mut out),
        Some(Verb::Man(man)) => man.run(&mut out),
    };
    match ended.and_then(|ended| out.flush().map(|()| ended)) {
        Ok(ended) => ended.into(),
        // `puma-lint | head` closes the pipe.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            common::complain(&format!("cannot write the report: {error}"));
            Ended::Failed.into()
        }
    }
}

/// Ruby habits: `-a` is `fix`, `-A` is `fix --unsafe`, wherever it stands among paths and flags.
fn habits(arguments: impl Iterator<Item = std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let mut all: Vec<std::ffi::OsString> = arguments.collect();
    let verb = all.get(1).and_then(|first| first.to_str()).unwrap_or_default();
    if Arguments::command().find_subcommand(verb).is_some() {
        return all;
    }
    let flags = all.iter().take_while(|argument| *argument != "--");
    let Some(at) = flags.into_iter().position(|argument| argument == "-a" || argument == "-A") else {
        return all;
    };
    let habit = all.remove(at);
    all.insert(1, "fix".into());
    if habit == "-A" {
        all.insert(2, "--unsafe".into());
    }
    all
}
