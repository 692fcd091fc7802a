//! Ranges of releases.

use std::fmt;

use super::release::Release;

/// Releases in version order, both ends included: `2.0.0..4.3.12`, or `5.0.0..` to the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Range {
    first: Release,
    last: Release,
}

/// Ranges in ascending order that do not touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ranges(pub(super) &'static [Range]);

impl Range {
    /// A range between two places in the list of releases, for the tables.
    pub(super) const fn of(first: u16, last: u16) -> Self {
        Self { first: Release(first), last: Release(last) }
    }

    /// The first release in it.
    pub fn first(self) -> Release {
        self.first
    }

    /// The last release in it.
    pub fn last(self) -> Release {
        self.last
    }

    /// Whether `release` is in it.
    pub fn contains(self, release: Release) -> bool {
        self.first <= release && release <= self.last
    }

    /// Whether it reaches the newest known release, so that nothing is known to end it.
    pub fn is_open(self) -> bool {
        self.last == Release::newest()
    }

    /// Every release in it, oldest first.
    pub fn releases(self) -> impl DoubleEndedIterator<Item = Release> {
        (self.first.0..=self.last.0).map(Release)
    }
}

impl Ranges {
    /// No release at all.
    pub const NONE: Ranges = Ranges(&[]);

    /// Whether `release` is in one of them.
    pub fn contains(self, release: Release) -> bool {
        self.0.iter().any(|range| range.contains(release))
    }

    /// The first release of the first range.
    pub fn first(self) -> Option<Release> {
        self.0.first().map(|range| range.first)
    }

    /// The last release of the last range.
    pub fn last(self) -> Option<Release> {
        self.0.last().map(|range| range.last)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The ranges.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Range> {
        self.0.iter().copied()
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_open() {
            write!(f, "{}..", self.first)
        } else {
            write!(f, "{}..{}", self.first, self.last)
        }
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, range) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            range.fmt(f)?;
        }
        Ok(())
    }
}
