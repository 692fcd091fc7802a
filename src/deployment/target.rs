//! Which release a deployment must work on, who says so, and where the upgrade to it starts.

use super::Lock;
use crate::catalog::{Release, Resolved, Version};
use crate::model::FileId;

/// The release that a deployment must work on.
#[derive(Debug, Clone)]
pub struct Target {
    /// The release whose facts are used, and what was asked for.
    pub resolved: Resolved,
    /// Who says so.
    pub source: TargetSource,
}

/// Who names the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetSource {
    /// `--target-version`
    Flag,
    /// `puma-lint.toml`
    Settings,
    /// The deployment's own lock.
    Lock(FileId),
    /// Nobody: the newest known release.
    Newest,
}

impl Target {
    /// The flag decides, else the settings, else the lock, else the newest known release.
    pub fn find(flag: Option<&Version>, settings: Option<&Version>, lock: Option<(FileId, &Lock)>) -> Target {
        let flag = flag.map(|version| (version, TargetSource::Flag));
        if let Some((version, source)) = flag.or(settings.map(|version| (version, TargetSource::Settings))) {
            return Target { resolved: Release::resolve(version), source };
        }
        match lock.and_then(|(file, lock)| Some((file, locked(lock)?))) {
            Some((file, version)) => {
                Target { resolved: Release::resolve(&version), source: TargetSource::Lock(file) }
            }
            None => Target {
                resolved: Release::resolve(&Release::newest().version()),
                source: TargetSource::Newest,
            },
        }
    }

    /// What to call it: `8.0.2` where `8` was asked for, and the asked version where it isn't known.
    pub fn name(&self) -> String {
        self.resolved.name()
    }

    /// Where the upgrade to it starts: the flag decides, else the lock, unless the lock names the target itself.
    /// Without an answer there is no upgrade to speak of.
    pub fn origin(&self, flag: Option<&Version>, lock: Option<&Lock>) -> Option<Resolved> {
        let elsewhere = matches!(self.source, TargetSource::Flag | TargetSource::Settings);
        let version = flag.cloned().or_else(|| locked(lock.filter(|_| elsewhere)?))?;
        Some(Release::resolve(&version))
    }
}

/// The Puma of a lock.
pub fn locked(lock: &Lock) -> Option<Version> {
    lock.gem("puma")?.version.parse().ok()
}
