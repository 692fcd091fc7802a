//! Signals that Puma traps.

use super::range::Range;
use super::release::Release;
use super::tables;

/// A signal, in every release that traps it.
#[derive(Debug, Clone, Copy)]
pub struct Signal {
    /// Its name: `SIGUSR2`.
    pub name: &'static str,
    /// What it does, range by range.
    pub meanings: &'static [Meaning],
}

/// What a signal does.
#[derive(Debug, Clone, Copy)]
pub struct Meaning {
    /// Where.
    pub releases: Range,
    /// To which process.
    pub place: Place,
    /// What.
    pub what: &'static str,
}

/// The process that a signal is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The process that was started, with workers or without.
    Master,
    /// The master, only if there are workers.
    ClusterMaster,
    /// A worker.
    Worker,
}

/// The signal of that name, with or without `SIG`.
pub fn signal(name: &str) -> Option<&'static Signal> {
    let short = name.strip_prefix("SIG").unwrap_or(name);
    tables::SIGNALS.iter().find(|signal| signal.name.strip_prefix("SIG") == Some(short))
}

/// Every signal, by name.
pub fn signals() -> &'static [Signal] {
    tables::SIGNALS
}

impl Signal {
    /// Whether `release` traps it.
    pub fn is_trapped(&self, release: Release) -> bool {
        self.at(release).is_some()
    }

    /// What it does at `release`; what Puma does not trap does what the system has it do.
    pub fn at(&self, release: Release) -> Option<&'static Meaning> {
        self.meanings.iter().find(|meaning| meaning.releases.contains(release))
    }
}
