//! What belongs together: the configs of one app, what starts and watches them, and the release they must work on.

mod app;
mod deploys;
mod instances;
mod launches;
mod lines;
mod lock;
mod service;
mod shared_monit;
mod target;
mod ties;
mod watched;

use crate::capistrano::Stage;
use crate::catalog::Resolved;
use crate::model::{FileId, ServiceId, Span};
use crate::puma::Launch;

pub use app::{Versions, assemble};
pub use lines::Line;
pub use lock::*;
pub use service::{Service, is_drop_in, is_start};
pub use target::{Target, TargetSource, locked};

/// The config files, launches and supervisors of one app.
#[derive(Debug)]
pub struct Deployment {
    /// The app's root, as people see it from where they stand.
    pub root: String,
    /// The app's root, absolute.
    pub dir: std::path::PathBuf,
    /// Its Puma configs.
    pub configs: Vec<FileId>,
    /// Its units.
    pub units: Vec<FileId>,
    /// Its services and sockets, each with its drop-ins.
    pub services: Vec<Service>,
    /// Its Monit files.
    pub monit: Vec<FileId>,
    /// Its other files with commands.
    pub others: Vec<FileId>,
    /// The command lines of those.
    pub lines: Vec<Line>,
    /// Its `Gemfile.lock`.
    pub lock: Option<FileId>,
    /// Its `.ruby-version`.
    pub ruby_version: Option<FileId>,
    /// The files of variables that its units read.
    pub environment_files: Vec<FileId>,
    /// The release that everything must work on.
    pub target: Target,
    /// Where the upgrade to it starts, if there is one.
    pub from: Option<Resolved>,
    /// The stages that Capistrano deploys it to.
    pub stages: Vec<Stage>,
    /// The ways in which Puma is started.
    pub launches: Vec<Launch>,
    /// The Monit checks that watch this app, by file and place.
    pub checks: Vec<(FileId, Span)>,
    /// The checks in its Monit files that watch another app.
    pub foreign: Vec<(FileId, Span)>,
    /// The checks that the settings name and no Monit file holds.
    pub missing_checks: Vec<String>,
}

impl Deployment {
    /// One of its services.
    pub fn service(&self, id: ServiceId) -> Option<&Service> {
        self.services.get(id.0 as usize)
    }

    /// Every file of it, in the order of reports.
    pub fn files(&self) -> Vec<FileId> {
        let lists = [&self.configs, &self.units, &self.monit, &self.others];
        lists.into_iter().flatten().copied().chain(self.deciding()).collect()
    }

    /// The files that decide what the others come to, and have nothing to check themselves.
    pub fn deciding(&self) -> impl Iterator<Item = FileId> {
        self.environment_files.iter().copied().chain(self.ruby_version).chain(self.lock)
    }

    /// The folders that every release of it shares, if all stages agree on them.
    pub fn links(&self) -> Option<&[String]> {
        let (first, rest) = self.stages.split_first()?;
        let all_agree = rest.iter().all(|stage| stage.linked_dirs == first.linked_dirs);
        first.linked_dirs.as_deref().filter(|_| all_agree)
    }

    /// Whether a Monit check watches this app.
    pub fn monitors(&self, file: FileId, check: Span) -> bool {
        self.checks.contains(&(file, check))
    }

    /// Whether a Monit check in one of its files watches another app.
    pub fn is_foreign(&self, file: FileId, check: Span) -> bool {
        self.foreign.contains(&(file, check))
    }
}
