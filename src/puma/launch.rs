//! One way in which Puma is started.

use super::Environment;
use super::command_line::{self, Invocation};
use super::flags::flags;
use crate::catalog::{Program, Release};
use crate::model::{FileId, Location, Text, Word};

/// Who starts Puma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starter {
    /// Somebody who types `puma` in the app's root; nothing says otherwise.
    Default,
    /// A unit's `ExecStart=`.
    Systemd,
    /// A Monit check's start program.
    Monit,
}

/// One way in which Puma is started: working directory, environment, command line.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The name to show: the unit's file name, the check's name, or `puma`.
    pub name: String,
    /// Who starts it.
    pub starter: Starter,
    /// Where it is written; `None` for the default launch.
    pub place: Option<Location>,
    /// The configs that are loaded, in order, as far as they are among the files, with their paths on the server.
    pub configs: Vec<(FileId, Text)>,
    /// The working directory on the server.
    pub directory: Text,
    /// The environment variables.
    pub environment: Environment,
    /// The command; `None` for the default launch.
    pub invocation: Option<Invocation>,
}

impl Launch {
    /// The value of a flag of `puma`, by its long name without dashes; the last one given counts.
    pub fn flag(&self, long: &str, release: Release) -> Option<Word> {
        let invocation = self.invocation.as_ref()?;
        let program = match invocation.program {
            command_line::Program::Pumactl => Program::Pumactl,
            _ => Program::Puma,
        };
        let given = flags(program, &invocation.arguments, release);
        let mut named =
            given.into_iter().filter(|flag| flag.found.found().is_some_and(|f| f.flag.long == long));
        named.next_back()?.value
    }
}
