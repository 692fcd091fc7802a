//! What the settings say about who belongs together.

use std::path::Path;

use super::watched;
use crate::model::{FileId, FileKind, Span};
use crate::monit::ProcessCheck;
use crate::parsed::Files;
use crate::settings::{Settings, Tie};

/// A `[[deployment]]` and those of its files that are among the members.
pub(super) struct Claim<'a> {
    pub tie: &'a Tie,
    /// The folder of the settings file.
    pub dir: &'a Path,
    pub configs: Vec<FileId>,
    pub units: Vec<FileId>,
    pub monit: Vec<FileId>,
}

impl Claim<'_> {
    fn is_of(&self, file: FileId) -> bool {
        [&self.configs, &self.units, &self.monit].into_iter().any(|list| list.contains(&file))
    }

    /// Whether this app says that a check is its own: by the check's name, else by its unit, else by the app's root.
    /// `None` if it says nothing.
    pub fn says(&self, files: &Files<'_>, file: FileId, check: &ProcessCheck) -> Option<bool> {
        if !self.monit.contains(&file) {
            return None;
        }
        if let Some(names) = &self.tie.checks {
            return Some(names.iter().any(|name| name == check.name.text()));
        }
        let named = watched::units_named(check);
        let of_unit = named
            .iter()
            .any(|name| self.units.iter().any(|unit| watched::is_called(files, *unit, name.text())));
        let below_root =
            self.tie.root.as_ref().is_some_and(|root| watched::paths(check).any(|path| lies_in(path, root)));
        (of_unit || below_root).then_some(true)
    }
}

/// Whether a path on the server lies in a folder.
fn lies_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/') || folder == "/")
}

/// What the deployments of the settings claim among the members.
pub(super) fn claims<'a>(files: &Files<'_>, members: &[FileId], settings: &'a Settings) -> Vec<Claim<'a>> {
    let of = |kind: FileKind, paths: &[std::path::PathBuf]| -> Vec<FileId> {
        let meant = |file: &FileId| {
            let source = files.source(*file);
            source.kind() == kind && paths.iter().any(|path| names(path, source.path()))
        };
        members.iter().copied().filter(meant).collect()
    };
    let claims = settings.deployments().map(|(file, tie)| Claim {
        tie,
        dir: &file.dir,
        configs: of(FileKind::Puma, &tie.configs),
        units: of(FileKind::Systemd, &tie.units),
        monit: of(FileKind::Monit, &tie.monit),
    });
    claims
        .filter(|claim| !(claim.configs.is_empty() && claim.units.is_empty() && claim.monit.is_empty()))
        .collect()
}

/// Whether a path of the settings means a file: the file itself, a folder that it is in, or the unit of a drop-in.
fn names(path: &Path, file: &Path) -> bool {
    let drop_ins = || {
        let mut folder = path.as_os_str().to_owned();
        folder.push(".d");
        file.parent().is_some_and(|parent| parent.as_os_str() == folder)
    };
    file.starts_with(path) || drop_ins()
}

/// Whether any deployment of the settings names a file.
pub(super) fn is_claimed(claims: &[Claim<'_>], file: FileId) -> bool {
    claims.iter().any(|claim| claim.is_of(file))
}

/// The checks in the Monit files of a deployment that surely watch another app.
pub(super) fn foreign(files: &Files<'_>, claims: &[Claim<'_>], mine: usize) -> Vec<(FileId, Span)> {
    let Some(own) = claims.get(mine) else { return Vec::new() };
    let mut foreign = Vec::new();
    for file in &own.monit {
        let Some(control) = files.control(*file) else { continue };
        for check in &control.checks {
            let others = claims.iter().enumerate().filter(|(at, _)| *at != mine);
            let is_others =
                || others.into_iter().any(|(_, other)| other.says(files, *file, check) == Some(true));
            let is_foreign = match own.says(files, *file, check) {
                Some(is_own) => !is_own,
                None => is_others(),
            };
            if is_foreign {
                foreign.push((*file, check.span));
            }
        }
    }
    foreign
}

/// The names of checks that the settings name and no Monit file holds.
pub(super) fn missing_checks(files: &Files<'_>, claim: &Claim<'_>) -> Vec<String> {
    let held = |name: &&String| {
        let controls = claim.monit.iter().filter_map(|file| files.control(*file));
        controls.flat_map(|control| &control.checks).any(|check| check.name.text() == name.as_str())
    };
    let names = claim.tie.checks.iter().flatten();
    // What is not among the files may hold the check.
    if claim.monit.is_empty() { Vec::new() } else { names.filter(|name| !held(name)).cloned().collect() }
}
