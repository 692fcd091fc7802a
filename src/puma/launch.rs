//! One way in which Puma is started.

use super::Environment;
use super::command_line::Invocation;
use crate::model::{FileId, Location, Text};

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
    /// The config that is loaded, if it is among the files.
    pub config: Option<FileId>,
    /// The config's path on the server.
    pub config_path: Text,
    /// The working directory on the server.
    pub directory: Text,
    /// The environment variables.
    pub environment: Environment,
    /// The command; `None` for the default launch.
    pub invocation: Option<Invocation>,
}
