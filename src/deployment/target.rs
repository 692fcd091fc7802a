//! Which release a deployment must work on, and who says so.

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
    /// The deployment's own lock.
    Lock(FileId),
    /// Nobody: the newest known release.
    Newest,
}

impl Target {
    /// The flag decides, else the lock, else the newest known release.
    pub fn find(flag: Option<&Version>, lock: Option<(FileId, &Lock)>) -> Target {
        if let Some(version) = flag {
            return Target { resolved: Release::resolve(version), source: TargetSource::Flag };
        }
        let locked =
            lock.and_then(|(file, lock)| Some((file, lock.gem("puma")?.version.parse::<Version>().ok()?)));
        match locked {
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
        if self.resolved.exact { self.resolved.release.to_string() } else { self.resolved.asked.to_string() }
    }
}
