//! Other gems whose older versions do not work with some releases of Puma.

use super::range::Range;
use super::release::Release;
use super::tables;
use super::version::Version;

/// Versions of a gem that do not work with a range of releases.
#[derive(Debug, Clone, Copy)]
pub struct Gem {
    /// Its name.
    pub name: &'static str,
    /// The first version that works, as RubyGems writes it.
    pub below: &'static str,
    /// The releases of Puma that the versions below do not work with.
    pub releases: Range,
    /// Where that matters.
    pub needed: Needed,
    /// What Ruby says.
    pub words: &'static str,
}

/// What a gem is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// Its plugin, where the config loads it; Puma then does not boot.
    Plugin,
    /// The app's tests.
    Tests,
}

/// Every gem, by name.
pub fn gems() -> &'static [Gem] {
    tables::GEMS
}

impl Gem {
    /// Whether `version` of it does not work with `release`.
    pub fn breaks(&self, version: &Version, release: Release) -> bool {
        let below = self.below.parse::<Version>();
        self.releases.contains(release) && below.is_ok_and(|below| *version < below)
    }
}
