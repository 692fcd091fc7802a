//! Plugins that come with Puma, and the Ruby that Puma needs.

use super::range::Range;
use super::release::Release;
use super::tables;
use super::version::Version;

/// A plugin that comes with Puma.
#[derive(Debug, Clone, Copy)]
pub struct Plugin {
    /// Its name.
    pub name: &'static str,
    /// What it does, in one phrase.
    pub summary: &'static str,
    /// The releases it comes with.
    pub releases: Range,
}

/// The oldest Ruby that a range of releases takes.
#[derive(Debug, Clone, Copy)]
pub struct Ruby {
    /// The releases.
    pub releases: Range,
    /// The oldest Ruby.
    pub minimum: &'static str,
}

/// The plugin of that name. Another may come from a gem `puma-plugin-…`.
pub fn plugin(name: &str) -> Option<&'static Plugin> {
    tables::PLUGINS.iter().find(|plugin| plugin.name == name)
}

/// Every plugin that comes with Puma, by name.
pub fn plugins() -> &'static [Plugin] {
    tables::PLUGINS
}

/// The oldest Ruby that `release` takes.
pub fn minimum_ruby(release: Release) -> Option<Version> {
    let found = tables::RUBIES.iter().find(|ruby| ruby.releases.contains(release))?;
    found.minimum.parse().ok()
}
