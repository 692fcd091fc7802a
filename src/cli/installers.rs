//! `puma-lint completions SHELL` and `puma-lint man [VERB]`, for whoever packages this program.

use std::io::{self, Write};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, Ended, common};

/// Print the completions of a shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// Prints them.
    pub(crate) fn run(self, out: &mut dyn Write) -> io::Result<Ended> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), env!("CARGO_PKG_NAME"), &mut text);
        // clap_complete 4.6 calls the verbs of a program with a hyphen in its name by two names in one script for bash,
        // and so completes none.
        let text = String::from_utf8_lossy(&text).replace("puma__subcmd__lint", "puma__lint");
        out.write_all(text.as_bytes())?;
        Ok(Ended::Clean)
    }
}

/// Print the manual page, or that of a verb.
#[derive(Debug, Args)]
pub struct Man {
    /// The verb; the program as a whole if none is given.
    #[arg(value_name = "VERB")]
    verb: Option<String>,
}

impl Man {
    /// Prints it.
    pub(crate) fn run(self, out: &mut dyn Write) -> io::Result<Ended> {
        let mut program = Arguments::command().disable_help_subcommand(true);
        program.build();
        let page = match &self.verb {
            None => Some(program),
            Some(verb) => program.find_subcommand(verb).cloned(),
        };
        let Some(page) = page else {
            let verb = self.verb.unwrap_or_default();
            common::complain(&format!("there is no verb {verb:?}; `puma-lint --help` lists them"));
            return Ok(Ended::Failed);
        };
        clap_mangen::Man::new(page).render(out)?;
        Ok(Ended::Clean)
    }
}
