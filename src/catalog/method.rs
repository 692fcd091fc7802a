//! Methods of Puma's modules that configs are known to call.

use super::range::Range;
use super::release::Release;
use super::tables;

/// A method of a module.
#[derive(Debug, Clone, Copy)]
pub struct ModuleMethod {
    /// As it is called: `Puma.forkable?`.
    pub name: &'static str,
    /// Where it exists; `None` if no release ever had it.
    pub releases: Option<Range>,
}

/// The method of that name, in whatever release.
pub fn module_method(name: &str) -> Option<&'static ModuleMethod> {
    tables::METHODS.iter().find(|method| method.name == name)
}

impl ModuleMethod {
    /// Whether it exists at `release`.
    pub fn exists(&self, release: Release) -> bool {
        self.releases.is_some_and(|range| range.contains(release))
    }
}
