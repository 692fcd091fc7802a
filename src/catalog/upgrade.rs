//! What an upgrade changes without breaking.

use super::release::Release;
use super::tables;

/// Something that changes at a release, for people who cross it with a config that it concerns.
#[derive(Debug, Clone, Copy)]
pub struct Upgrade {
    /// What it is about; unique.
    pub topic: &'static str,
    /// What sort of change it is.
    pub kind: UpgradeKind,
    /// The first release where it is so.
    pub release: Release,
    /// Which configs it concerns.
    pub affects: Affects,
    /// The option, directive or variable that `affects` speaks of.
    pub subject: &'static str,
    /// What narrows `affects`: see there.
    pub matching: &'static [&'static str],
    /// What happens, with `{from}`, `{to}`, `{since}` and `{value}`.
    pub what: &'static str,
    /// Why that is so here.
    pub label: &'static str,
    /// What to do.
    pub help: &'static str,
}

/// A sort of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpgradeKind {
    /// What is so when nothing is said.
    ChangedDefault,
    /// What something that is said comes to.
    ChangedMeaning,
}

/// Which configs a change concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affects {
    /// Nothing sets the option: no directive, no flag, no variable.
    OptionUnset,
    /// Nothing sets the option, and there may be workers.
    ClusterOptionUnset,
    /// Something sets the option, and to none of the values in `matching`.
    OptionSet,
    /// Puma listens at a port and no host is given, or nothing says where it listens.
    DefaultHost,
    /// The app is preloaded at this release, and was not at the one before, and nobody asked for either.
    Preloaded,
    /// The variable decides an option that it did not decide before, and to another value.
    VariableRead,
    /// The directive is called.
    DirectiveCalled,
    /// The directive is called with nothing, or with something that Ruby takes for true.
    TruthyArgument,
    /// The first argument of the directive, or of the flag of that name, is one of `matching`.
    ArgumentIs,
    /// The first argument of the directive, or of the flag of that name, starts with one of `matching`.
    ArgumentStarts,
    /// The directive is called with one of the keywords in `matching`.
    KeywordGiven,
}

/// Every change, by topic.
pub fn upgrades() -> &'static [Upgrade] {
    tables::UPGRADES
}

/// What changes after `from`, up to and including `to`.
pub fn upgrades_between(from: Release, to: Release) -> impl Iterator<Item = &'static Upgrade> {
    tables::UPGRADES.iter().filter(move |upgrade| from < upgrade.release && upgrade.release <= to)
}
