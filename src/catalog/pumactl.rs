//! What `pumactl` does besides its flags.

use super::range::Range;
use super::release::Release;
use super::tables;

/// A command of `pumactl`, in every release that had it.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// What it does, in one phrase.
    pub summary: &'static str,
    /// Where it exists, and the signal it sends where there is no control server: `None` where it cannot do without
    /// one, empty where it only asks whether the process lives.
    pub forms: &'static [(Range, Option<&'static str>)],
}

/// Where `pumactl` does not do what one would think.
#[derive(Debug, Clone, Copy)]
pub struct Quirk {
    /// Its name.
    pub name: &'static str,
    /// Where it is so.
    pub releases: Range,
    /// What `pumactl` prints, if it fails; `{call}` is the call that it fails on.
    pub words: Option<&'static str>,
    /// What is so.
    pub what: &'static str,
    /// With which configs it fails, if it does.
    pub fails: Option<Fails>,
    /// The calls that `Fails` speaks of.
    pub calls: &'static [&'static str],
}

/// With which configs `pumactl` fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fails {
    /// With any, and without one.
    Always,
    /// With any that -F names.
    ConfigGiven,
    /// With one that makes one of the calls.
    Calls,
    /// With one that registers a hook that needs workers, where there are none.
    SingleModeCalls,
}

/// The command of that name, in whatever release.
pub fn command(name: &str) -> Option<&'static Command> {
    let at = tables::PUMACTL_COMMANDS.binary_search_by(|entry| entry.name.cmp(name)).ok()?;
    tables::PUMACTL_COMMANDS.get(at)
}

/// Every command, by name.
pub fn commands() -> &'static [Command] {
    tables::PUMACTL_COMMANDS
}

/// The quirk of that name.
pub fn quirk(name: &str) -> Option<&'static Quirk> {
    let at = tables::PUMACTL_QUIRKS.binary_search_by(|entry| entry.name.cmp(name)).ok()?;
    tables::PUMACTL_QUIRKS.get(at)
}

/// Every quirk at `release`.
pub fn quirks_at(release: Release) -> impl Iterator<Item = &'static Quirk> {
    tables::PUMACTL_QUIRKS.iter().filter(move |quirk| quirk.releases.contains(release))
}

/// Whether flags that follow the command count at `release`; before, they are ignored.
pub fn flags_after_command(release: Release) -> bool {
    tables::PUMACTL_FLAGS_AFTER_COMMAND.contains(release)
}

impl Command {
    /// Whether `release` has it.
    pub fn exists(&self, release: Release) -> bool {
        self.forms.iter().any(|(range, _)| range.contains(release))
    }

    /// The signal it sends at `release`.
    pub fn signal_at(&self, release: Release) -> Option<&'static str> {
        self.forms.iter().find(|(range, _)| range.contains(release)).and_then(|(_, signal)| *signal)
    }

    /// The first release that has it.
    pub fn introduced_in(&self) -> Release {
        self.forms.first().map_or(Release::newest(), |(range, _)| range.first())
    }
}
