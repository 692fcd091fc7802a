//! Constants that a config can name.

use super::range::{Range, Ranges};
use super::release::Release;
use super::tables;
use super::value::Value;

/// A constant of Puma's, in every release that had it.
#[derive(Debug, Clone, Copy)]
pub struct Constant {
    /// Its path: `Puma::Const::PERSISTENT_TIMEOUT`, or `DefaultRackup` for one that a config reaches bare.
    pub path: &'static str,
    /// Where it exists.
    pub releases: Ranges,
    /// What it is, where that is a number or a text.
    pub values: &'static [(Range, Value)],
    /// What holds the value elsewhere.
    pub replacements: &'static [(Range, &'static str)],
    /// The directive of which it was the default, so that a call with nothing but the constant can be dropped.
    pub default_of: Option<&'static str>,
}

/// The constant that a config means by `path`: `::Puma::X`, `Puma::X`, and, since a config is evaluated inside of
/// `Puma`, `Const::X`.
pub fn constant(path: &str) -> Option<&'static Constant> {
    let absolute = path.strip_prefix("::");
    let find = |path: &str| {
        let at = tables::CONSTANTS.binary_search_by(|entry| entry.path.cmp(path)).ok()?;
        tables::CONSTANTS.get(at)
    };
    match absolute {
        // `::DefaultRackup` is no constant of Puma's.
        Some(path) => find(path).filter(|found| found.path.starts_with("Puma::")),
        None => find(path).or_else(|| find(&format!("Puma::{path}"))),
    }
}

/// Every constant, by path.
pub fn constants() -> &'static [Constant] {
    tables::CONSTANTS
}

impl Constant {
    /// Whether `release` has it.
    pub fn exists(&self, release: Release) -> bool {
        self.releases.contains(release)
    }

    /// Its value at `release`.
    pub fn value_at(&self, release: Release) -> Option<&'static Value> {
        self.values.iter().find(|(range, _)| range.contains(release)).map(|(_, value)| value)
    }

    /// The value it had at the last release that had it.
    pub fn last_value(&self) -> Option<&'static Value> {
        self.values.last().map(|(_, value)| value)
    }

    /// What to write instead at `release`.
    pub fn replacement_at(&self, release: Release) -> Option<&'static str> {
        self.replacements.iter().find(|(range, _)| range.contains(release)).map(|(_, with)| *with)
    }

    /// The first release without it, if it was removed for good.
    pub fn removed_in(&self) -> Option<Release> {
        self.releases.last().and_then(Release::next)
    }

    /// What Ruby says of it where it does not exist.
    pub fn words(&self) -> String {
        let inside = if self.path.contains("::") { "" } else { "Puma::DSL::" };
        format!("NameError: uninitialized constant {inside}{}", self.path)
    }
}
