//! What an option is when nothing sets it.

use super::range::Range;
use super::release::Release;
use super::tables;
use super::value::{Change, Value};

/// An option's default, in every release that has one.
#[derive(Debug, Clone, Copy)]
pub struct Default {
    /// The option, by Puma's own name.
    pub option: &'static str,
    /// What it is, range by range: on MRI and Linux, where the machine has an IPv6 address.
    pub values: &'static [(Range, Value)],
    /// What changed, for people who cross it; also what depends on the machine or on other options.
    pub changes: &'static [Change],
}

/// The default of an option, in whatever release.
pub fn default(option: &str) -> Option<&'static Default> {
    let at = tables::DEFAULTS.binary_search_by(|entry| entry.option.cmp(option)).ok()?;
    tables::DEFAULTS.get(at)
}

/// Every default, by option.
pub fn defaults() -> &'static [Default] {
    tables::DEFAULTS
}

impl Default {
    /// The default at `release`, if it has one.
    pub fn at(&self, release: Release) -> Option<&'static Value> {
        self.values.iter().find(|(range, _)| range.contains(release)).map(|(_, value)| value)
    }

    /// What changed after `from`, up to and including `to`.
    pub fn changes_between(&self, from: Release, to: Release) -> impl Iterator<Item = &'static Change> {
        self.changes.iter().filter(move |change| from < change.release && change.release <= to)
    }
}
