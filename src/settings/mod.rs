//! `puma-lint.toml`: what a project asks of every run.
//!
//! A settings file holds for the folder that it lies in and all below; of several the nearest holds, and nothing of
//! the others. Keys are data ([`keys`]); what is wrong with a file is said with its place in it.

pub mod keys;
mod read;
pub mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalog::Version;
use crate::model::{FileKind, Severity, Source, Span};
use crate::workspace::{self, BadPattern, Excludes};

pub use read::asked_version;

/// The names of a settings file.
pub const NAMES: &[&str] = &["puma-lint.toml", ".puma-lint.toml"];

/// One settings file.
#[derive(Debug)]
pub struct File {
    /// The file as it was read.
    pub source: Source,
    /// Its folder, absolute: what its paths are relative to, and where it holds.
    pub dir: PathBuf,
    /// `target-version`
    pub target: Option<Version>,
    /// `from`
    pub from: Option<Version>,
    /// `fail-on`
    pub fail_on: Option<Severity>,
    /// `select`: the rules to run, if only some.
    pub select: Option<Vec<String>>,
    /// `ignore`
    pub ignore: Vec<String>,
    /// `exclude`
    pub exclude: Vec<String>,
    /// `[severity]`; `None` is `off`.
    pub severity: BTreeMap<String, Option<Severity>>,
    /// `[[deployment]]`
    pub deployments: Vec<Tie>,
    /// Where each key at the top stands; a rule's severity under `severity.RULE`, a deployment under `deployment.N`.
    pub places: BTreeMap<String, Span>,
}

/// A `[[deployment]]`: files that belong to one app.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tie {
    /// Its Puma configs, absolute.
    pub configs: Vec<PathBuf>,
    /// Its units, or folders of them, absolute.
    pub units: Vec<PathBuf>,
    /// Its Monit files, or folders of them, absolute.
    pub monit: Vec<PathBuf>,
    /// The checks that watch it, by name, if that is said.
    pub checks: Option<Vec<String>>,
    /// The app's root on the server.
    pub root: Option<String>,
    /// The release that it must work on.
    pub target: Option<Version>,
    /// Where its upgrade starts.
    pub from: Option<Version>,
}

/// Something that is wrong with a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What, in one line.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// A settings file that cannot be used.
#[derive(Debug)]
pub enum Refused {
    /// It cannot be read; the whole sentence.
    Unreadable(String),
    /// It says something that means nothing.
    Wrong(Box<Wrong>),
}

/// A settings file and what is wrong with it, in order.
#[derive(Debug)]
pub struct Wrong {
    /// The file.
    pub source: Source,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// The settings of a run.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    files: Vec<Arc<File>>,
    /// The first file holds wherever it lies (`--config`).
    everywhere: bool,
}

impl Settings {
    /// The settings of one file, which holds everywhere.
    pub fn everywhere(file: File) -> Self {
        Self { files: vec![Arc::new(file)], everywhere: true }
    }

    /// Adds a file, which holds in its folder.
    pub fn add(&mut self, file: File) {
        self.files.push(Arc::new(file));
    }

    /// Whether a file at that path is among them, or none can be added.
    pub fn knows(&self, path: &Path) -> bool {
        self.everywhere || self.files.iter().any(|file| file.source.path() == path)
    }

    /// What holds in a folder.
    pub fn of(&self, dir: &Path) -> Option<&File> {
        if self.everywhere {
            return self.files.first().map(AsRef::as_ref);
        }
        let around = self.files.iter().filter(|file| dir.starts_with(&file.dir));
        around.max_by_key(|file| file.dir.components().count()).map(AsRef::as_ref)
    }

    /// The files.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter().map(AsRef::as_ref)
    }

    /// Every `[[deployment]]`, with its file.
    pub fn deployments(&self) -> impl Iterator<Item = (&File, &Tie)> {
        self.files().flat_map(|file| file.deployments.iter().map(move |tie| (file, tie)))
    }

    /// Adds what the files exclude.
    pub fn exclude(&self, excludes: &mut Excludes) -> Result<(), BadPattern> {
        self.files().try_for_each(|file| excludes.add(&file.dir, file.exclude.iter().map(String::as_str)))
    }

    /// The files whose kind a `[[deployment]]` tells.
    pub fn told(&self) -> Vec<(PathBuf, FileKind)> {
        let kinds = |tie: &Tie| {
            let lists = [
                (&tie.configs, FileKind::Puma),
                (&tie.units, FileKind::Systemd),
                (&tie.monit, FileKind::Monit),
            ];
            lists.map(|(paths, kind)| paths.iter().map(move |path| (path.clone(), kind)).collect::<Vec<_>>())
        };
        self.deployments().flat_map(|(_, tie)| kinds(tie)).flatten().collect()
    }
}

/// The settings file that holds in a folder (absolute, without symbolic links): in it or above it, up to the root of
/// its repository.
pub fn find(dir: &Path) -> Option<PathBuf> {
    let last = workspace::project_root(dir);
    let here = dir.ancestors().take_while(|above| above.starts_with(&last));
    here.flat_map(|above| NAMES.iter().map(move |name| above.join(name))).find(|path| path.is_file())
}

/// Reads a settings file. `shown` is its path for people; `rules` are the names of all rules.
pub fn load(path: &Path, shown: &str, rules: &[&str]) -> Result<File, Refused> {
    let bytes =
        workspace::read_settings(path).map_err(|reason| Refused::Unreadable(format!("{shown}: {reason}")))?;
    parse(Source::new(shown, path, FileKind::Settings, bytes), rules)
}

/// Reads settings that were read by somebody else.
pub fn parse(source: Source, rules: &[&str]) -> Result<File, Refused> {
    read::read(source, rules).map_err(Refused::Wrong)
}

/// The word that was probably meant.
pub(crate) fn nearest<'a>(word: &str, all: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distances = all.into_iter().map(|known| (strsim::damerau_levenshtein(known, word), known));
    distances
        .min()
        .filter(|(distance, known)| *distance <= 4 && *distance * 2 < known.len())
        .map(|(_, known)| known)
}
