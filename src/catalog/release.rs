//! The releases of Puma that the catalog knows.

use std::fmt;

use super::tables;
use super::version::{NotAVersion, Version};

/// One known release of Puma. Small and `Copy`; ordered by version, not by date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Release(pub(super) u16);

/// What the catalog holds about a release itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseEntry {
    /// As RubyGems writes it.
    pub version: &'static str,
    /// The day on which it came out, `2026-05-27`.
    pub date: &'static str,
    /// Whether it was taken back from RubyGems.
    pub yanked: bool,
}

/// Which release's facts stand for a version that someone asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The release whose facts are used.
    pub release: Release,
    /// What was asked for.
    pub asked: Version,
    /// Whether these are the facts of what was asked for. A short version (`8`) means its newest known release,
    /// exactly. False for a version that the catalog does not know: one newer than all has the facts of the newest,
    /// one in between those of the nearest below, one older than all those of the oldest.
    pub exact: bool,
}

impl Resolved {
    /// What to call it: `8.0.2` where `8` was asked for, and the asked version where it isn't known.
    pub fn name(&self) -> String {
        if self.exact { self.release.to_string() } else { self.asked.to_string() }
    }

    /// Whether a version newer than every known release was asked for.
    pub fn is_newer_than_known(&self) -> bool {
        !self.exact && self.asked > Release::newest().version()
    }

    /// Whether a version older than every known release was asked for.
    pub fn is_older_than_known(&self) -> bool {
        !self.exact && self.asked < Release::oldest().version()
    }
}

impl Release {
    /// The newest known release.
    pub fn newest() -> Release {
        Release(u16::try_from(tables::RELEASES.len()).unwrap_or(u16::MAX).saturating_sub(1))
    }

    /// The oldest known release.
    pub const fn oldest() -> Release {
        Release(0)
    }

    /// Every known release, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Release> + ExactSizeIterator {
        (0..=Release::newest().0).map(Release)
    }

    /// The release that is exactly `version`, if it is known.
    pub fn exactly(version: &Version) -> Option<Release> {
        Release::all().find(|release| release.version() == *version)
    }

    /// The release whose facts stand for `text`.
    pub fn parse(text: &str) -> Result<Resolved, NotAVersion> {
        Ok(Release::resolve(&text.parse()?))
    }

    /// The release whose facts stand for `asked`.
    pub fn resolve(asked: &Version) -> Resolved {
        let family =
            Release::all().rev().find(|release| asked.is_short() && asked.is_prefix_of(&release.version()));
        let exact = family.or_else(|| Release::exactly(asked));
        let release = exact.unwrap_or_else(|| {
            Release::all().rev().find(|release| release.version() < *asked).unwrap_or(Release::oldest())
        });
        Resolved { release, asked: asked.clone(), exact: exact.is_some() }
    }

    /// The release before this one, in version order.
    pub fn previous(self) -> Option<Release> {
        self.0.checked_sub(1).map(Release)
    }

    /// The release after this one, in version order.
    pub fn next(self) -> Option<Release> {
        (self < Release::newest()).then(|| Release(self.0 + 1))
    }

    /// Its version as text.
    pub fn name(self) -> &'static str {
        self.entry().version
    }

    /// Its version.
    pub fn version(self) -> Version {
        // The build parsed every one of them.
        self.name().parse().unwrap_or_default()
    }

    /// The day on which it came out.
    pub fn date(self) -> &'static str {
        self.entry().date
    }

    /// Whether it was taken back from RubyGems.
    pub fn is_yanked(self) -> bool {
        self.entry().yanked
    }

    fn entry(self) -> &'static ReleaseEntry {
        &tables::RELEASES[usize::from(self.0).min(tables::RELEASES.len() - 1)]
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
