//! Every file, parsed once.

use std::path::Path;

use crate::deployment::Lock;
use crate::docker;
use crate::model::{FileId, FileKind, Source, Word};
use crate::monit::{self, Control};
use crate::procfile;
use crate::ruby::{self, Rejection, Tree};
use crate::script;
use crate::systemd::{self, Context, Manager, Unit, UnitName};
use crate::yaml::Yaml;

/// What a file's own parser made of it.
pub enum Parsed {
    /// A Puma config, or why it isn't read.
    Puma(Result<Tree, Rejection>),
    /// A unit; its mistakes stand in it.
    Systemd(Unit),
    /// A Monit file; its mistakes stand in it.
    Monit(Control),
    /// A Procfile.
    Procfile(Vec<procfile::Process>),
    /// A Dockerfile.
    Dockerfile(Box<docker::Image>),
    /// A compose file.
    Compose(Vec<docker::Service>),
    /// A deploy file of Capistrano, or why it isn't read.
    Capistrano(Result<Tree, Rejection>),
    /// A shell script, as [`script::parse`] gives it.
    Script(Word),
    /// A lock.
    Lock(Lock),
}

/// All files of a run and what their parsers made of them, by [`FileId`].
pub struct Files<'a> {
    /// The sources.
    pub sources: &'a [Source],
    parsed: Vec<Parsed>,
}

impl<'a> Files<'a> {
    /// Parses every source.
    pub fn parse(sources: &'a [Source]) -> Self {
        let parsed = sources
            .iter()
            .map(|source| match source.kind() {
                FileKind::Puma => Parsed::Puma(ruby::parse(source.bytes())),
                FileKind::Systemd => {
                    Parsed::Systemd(systemd::parse_as(unit_name(source).kind(), source.bytes()))
                }
                FileKind::Monit => Parsed::Monit(monit::parse(source.bytes())),
                FileKind::Procfile => Parsed::Procfile(procfile::parse(source.bytes())),
                FileKind::Dockerfile => Parsed::Dockerfile(Box::new(docker::parse(source.bytes()))),
                FileKind::Compose => Parsed::Compose(docker::services(&Yaml::parse(source.bytes()))),
                FileKind::Capistrano => Parsed::Capistrano(ruby::parse(source.bytes())),
                FileKind::Script => Parsed::Script(script::parse(source.bytes())),
                FileKind::Lock => Parsed::Lock(Lock::parse(source.bytes())),
            })
            .collect();
        Self { sources, parsed }
    }

    /// A file's text.
    pub fn source(&self, file: FileId) -> &'a Source {
        &self.sources[file.0 as usize]
    }

    /// What the parser made of a file.
    pub fn parsed(&self, file: FileId) -> &Parsed {
        &self.parsed[file.0 as usize]
    }

    /// A config's tree, if it could be read.
    pub fn tree(&self, file: FileId) -> Option<&Tree> {
        match self.parsed(file) {
            Parsed::Puma(Ok(tree)) => Some(tree),
            _ => None,
        }
    }

    /// A unit.
    pub fn unit(&self, file: FileId) -> Option<&Unit> {
        match self.parsed(file) {
            Parsed::Systemd(unit) => Some(unit),
            _ => None,
        }
    }

    /// For which unit a unit file's values are read.
    pub fn context(&self, file: FileId) -> Context {
        let source = self.source(file);
        let names = source.path().components().map(|part| part.as_os_str());
        let of_user = names.clone().zip(names.skip(1)).any(|(a, b)| a == "systemd" && b == "user");
        let manager = if of_user { Manager::User } else { Manager::System };
        Context { manager, ..Context::system(unit_name(source)) }
    }

    /// A Monit file.
    pub fn control(&self, file: FileId) -> Option<&Control> {
        match self.parsed(file) {
            Parsed::Monit(control) => Some(control),
            _ => None,
        }
    }

    /// A lock.
    pub fn lock(&self, file: FileId) -> Option<&Lock> {
        match self.parsed(file) {
            Parsed::Lock(lock) => Some(lock),
            _ => None,
        }
    }
}

/// The name of a unit file's unit; a drop-in's folder names it. One whose name says nothing is read as a service.
fn unit_name(source: &Source) -> UnitName {
    let path = source.path();
    let drop_in = path.extension().is_some_and(|extension| extension == "conf");
    let named = if drop_in { path.parent().and_then(Path::file_name) } else { path.file_name() };
    let file = named.unwrap_or_default().to_string_lossy();
    let file = if drop_in { file.strip_suffix(".d").unwrap_or(&file).into() } else { file };
    UnitName::new(&file).unwrap_or_else(UnitName::nameless_service)
}
