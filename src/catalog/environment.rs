//! Environment variables that Puma knows.

use super::check::{Argument, Check, Circumstances, Refusal};
use super::range::{Range, Ranges};
use super::release::Release;
use super::tables;

/// A variable, in every release that reads or writes it.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name; `PUMA_INHERIT_*` is a family.
    pub name: &'static str,
    /// What it is for, in one phrase.
    pub summary: &'static str,
    /// Where Puma reads it.
    pub read: Ranges,
    /// Where Puma writes it.
    pub written: Ranges,
    /// The option it sets where neither the command line nor the config does.
    pub sets: Option<Sets>,
    /// What Puma asks of its value.
    pub checks: &'static [Check],
}

/// An option that a variable sets.
#[derive(Debug, Clone, Copy)]
pub struct Sets {
    /// The option, by Puma's own name.
    pub option: &'static str,
    /// Where it sets it.
    pub releases: Range,
    /// Of several variables for one option that are set, the one with the lowest rank wins.
    pub rank: u8,
}

/// The variable of that name, in whatever release.
pub fn variable(name: &str) -> Option<&'static Variable> {
    let find = |name: &str| {
        let at = tables::VARIABLES.binary_search_by(|entry| entry.name.cmp(name)).ok()?;
        tables::VARIABLES.get(at)
    };
    find(name).or_else(|| {
        tables::VARIABLES
            .iter()
            .find(|v| v.name.strip_suffix('*').is_some_and(|prefix| name.starts_with(prefix)))
    })
}

/// Every variable, by name.
pub fn variables() -> &'static [Variable] {
    tables::VARIABLES
}

/// The variables that set `option` at `release`, the one that wins first.
pub fn variables_for(option: &str, release: Release) -> Vec<&'static Variable> {
    let mut found: Vec<(u8, &'static Variable)> = tables::VARIABLES
        .iter()
        .filter_map(|variable| Some((variable.sets?, variable)))
        .filter(|(sets, _)| sets.option == option && sets.releases.contains(release))
        .map(|(sets, variable)| (sets.rank, variable))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, variable)| variable).collect()
}

impl Variable {
    /// The option it sets at `release`.
    pub fn sets_at(&self, release: Release) -> Option<&'static str> {
        self.sets.filter(|sets| sets.releases.contains(release)).map(|sets| sets.option)
    }

    /// What Puma says at `release` to such a value, if it refuses it.
    pub fn refuses(&self, value: &str, release: Release) -> Option<Refusal> {
        self.checks
            .iter()
            .find_map(|check| check.refuses(&[Argument::Text(value)], Circumstances::at(release)))
    }
}
