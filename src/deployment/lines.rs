//! The command lines of files that are neither units nor Monit's.

use std::path::Path;

use crate::model::FileId;
use crate::parsed::{Files, Parsed};
use crate::puma::command_line::{Invocation, shell_invocations};
use crate::puma::{Environment, Starter};

/// A command line, or several that belong together.
#[derive(Debug, Clone)]
pub struct Line {
    /// The file it stands in.
    pub file: FileId,
    /// What to call what it starts: the file, and its name in it.
    pub name: String,
    /// Who runs it.
    pub starter: Starter,
    /// The programs that it runs.
    pub runs: Vec<Invocation>,
    /// The environment variables.
    pub environment: Environment,
    /// Where it runs; `None` for the app's root.
    pub directory: Option<String>,
}

/// The lines of a file in the app at `root` that run a program we know.
pub(super) fn lines(files: &Files<'_>, root: &Path, file: FileId) -> Vec<Line> {
    let path = files.source(file).path();
    let shown = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let line = |name: String, starter: Starter, runs: Vec<Invocation>| Line {
        file,
        name,
        starter,
        runs,
        environment: Environment::default(),
        directory: None,
    };
    let lines = match files.parsed(file) {
        Parsed::Procfile(processes) => processes
            .iter()
            .map(|process| {
                let name = format!("{shown}:{}", process.name.text());
                line(name, Starter::Procfile, shell_invocations(&process.command))
            })
            .collect(),
        _ => Vec::new(),
    };
    lines.into_iter().filter(|line: &Line| !line.runs.is_empty()).collect()
}
