//! Sorts the files of a tree into the apps they belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Deployment, Target, launches, service, watched};
use crate::catalog::Version;
use crate::model::{FileId, FileKind};
use crate::parsed::Files;
use crate::puma::Launch;
use crate::systemd;

/// The versions that someone asked for, whatever the locks say.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    /// The release that everything must work on.
    pub target: Option<Version>,
    /// Where the upgrade starts.
    pub from: Option<Version>,
    /// The Puma of each lock at the revision where the upgrade starts, if one was named.
    pub earlier: Option<BTreeMap<FileId, Version>>,
}

impl Versions {
    /// Where the upgrade of a deployment with that lock starts, and whether that is the last word.
    fn start(&self, lock: Option<FileId>) -> (Option<&Version>, bool) {
        let earlier = self.earlier.as_ref().and_then(|earlier| earlier.get(&lock?));
        (self.from.as_ref().or(earlier), self.earlier.is_some())
    }
}

/// The files of one app.
#[derive(Default)]
struct App {
    configs: Vec<FileId>,
    units: Vec<FileId>,
    monit: Vec<FileId>,
}

/// Sorts the files below `root` into deployments, in the order of their folders.
///
/// A config's app is the folder around its `config/`. A unit or Monit file belongs to the app whose folder it lies in,
/// else to the app that its own paths name, else to the only app there is.
pub fn assemble(files: &Files<'_>, root: &Path, members: &[FileId], versions: &Versions) -> Vec<Deployment> {
    let mut apps: BTreeMap<PathBuf, App> = BTreeMap::new();
    let of = |kind| members.iter().copied().filter(move |file| files.source(*file).kind() == kind);
    for file in of(FileKind::Puma) {
        apps.entry(app_root(files.source(file).path())).or_default().configs.push(file);
    }
    let roots: Vec<PathBuf> = apps.keys().cloned().collect();
    for file in of(FileKind::Systemd).chain(of(FileKind::Monit)) {
        let owner = owner(files, file, &roots).unwrap_or_else(|| root.to_owned());
        let app = apps.entry(owner).or_default();
        match files.source(file).kind() {
            FileKind::Systemd => app.units.push(file),
            _ => app.monit.push(file),
        }
    }
    let locks: Vec<FileId> = of(FileKind::Lock).collect();
    if apps.is_empty() && !locks.is_empty() {
        apps.insert(root.to_owned(), App::default());
    }
    let ruby_versions: Vec<FileId> = of(FileKind::RubyVersion).collect();
    let alone = apps.len() == 1;
    let deciding = (locks.as_slice(), ruby_versions.as_slice());
    apps.into_iter().map(|(root, app)| deployment(files, &root, app, deciding, versions, alone)).collect()
}

fn deployment(
    files: &Files<'_>,
    root: &Path,
    app: App,
    (locks, ruby_versions): (&[FileId], &[FileId]),
    versions: &Versions,
    alone: bool,
) -> Deployment {
    let lock = nearest(files, root, locks);
    let ruby_version = nearest(files, root, ruby_versions);
    let locked = lock.and_then(|file| Some((file, files.lock(file)?)));
    let target = Target::find(versions.target.as_ref(), locked);
    let (start, last_word) = versions.start(lock);
    let from = target.origin(start, locked.map(|(_, lock)| lock).filter(|_| !last_word));
    let services = service::services(files, &app.units);
    let launches = launches::launches(
        files,
        root,
        &app.configs,
        &services,
        &app.monit,
        &target,
        lock.and_then(|file| files.lock(file)),
    );
    let environment_files = environment_files(files, &launches);
    let checks = watched::checks(files, &app.monit, &app.units, alone);
    Deployment {
        root: shown_root(files, root, &app.configs),
        dir: root.to_owned(),
        checks,
        configs: app.configs,
        units: app.units,
        services,
        monit: app.monit,
        lock,
        ruby_version,
        environment_files,
        target,
        from,
        launches,
    }
}

/// The files whose variables the launches get.
fn environment_files(files: &Files<'_>, launches: &[Launch]) -> Vec<FileId> {
    let places = launches.iter().flat_map(|launch| launch.environment.places.values());
    let named: BTreeSet<FileId> =
        places.map(|place| place.file).filter(|file| files.environment(*file).is_some()).collect();
    named.into_iter().collect()
}

/// The app's root on this machine: the folder around `config/` (or `config/puma/`), else the config's own.
pub(super) fn app_root(config: &Path) -> PathBuf {
    let folder = config.parent().unwrap_or(Path::new(""));
    let named = |path: &Path, name: &str| path.file_name().is_some_and(|n| n == name);
    let above = |path: &Path| path.parent().unwrap_or(Path::new("")).to_owned();
    match folder.parent() {
        Some(config) if named(folder, "puma") && named(config, "config") => above(config),
        _ if named(folder, "config") => above(folder),
        _ => folder.to_owned(),
    }
}

/// The app that a unit or Monit file belongs to.
fn owner(files: &Files<'_>, file: FileId, roots: &[PathBuf]) -> Option<PathBuf> {
    if let [only] = roots {
        return Some(only.clone());
    }
    let path = files.source(file).path();
    let around =
        roots.iter().filter(|root| path.starts_with(root)).max_by_key(|root| root.components().count());
    if let Some(root) =
        around.filter(|root| roots.iter().filter(|other| other.starts_with(root)).count() == 1)
    {
        return Some(root.clone());
    }
    let named = named_folders(files, file);
    let mut matching = roots.iter().filter(|root| {
        root.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| named.iter().any(|part| part == name))
    });
    let first = matching.next();
    match matching.next() {
        None => first.or(around).cloned(),
        Some(_) => None,
    }
}

/// The folder names in the paths of a unit's `WorkingDirectory=` or a check's pidfile, and the file's own name.
fn named_folders(files: &Files<'_>, file: FileId) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    if let Some(unit) = files.unit(file) {
        texts.extend(unit.last("Service", "WorkingDirectory").map(|entry| entry.value.text().to_owned()));
        let commands = unit.all("Service", "ExecStart").into_iter();
        let context = files.context(file);
        let commands = commands.flat_map(|entry| systemd::commands(entry, &context).commands);
        texts.extend(commands.flat_map(|command| command.argv).map(|word| word.text().to_owned()));
    }
    if let Some(control) = files.control(file) {
        for check in &control.checks {
            if let Some(path) = check.watch.pidfile() {
                texts.push(path.text().to_owned());
            }
        }
    }
    let path = files.source(file).path();
    let stem = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut names: Vec<String> = texts.iter().flat_map(|text| text.split('/')).map(str::to_owned).collect();
    names.extend(stem.split('.').next().map(str::to_owned));
    names
}

/// The file of the app's own folder, else the nearest above.
fn nearest(files: &Files<'_>, root: &Path, candidates: &[FileId]) -> Option<FileId> {
    let folder = |file: &FileId| files.source(*file).path().parent().unwrap_or(Path::new("")).to_owned();
    let around = candidates.iter().filter(|file| root.starts_with(folder(file)));
    around.max_by_key(|file| folder(file).components().count()).copied()
}

/// The app's root as people see it: what stands before `config/` in a config's shown path.
fn shown_root(files: &Files<'_>, root: &Path, configs: &[FileId]) -> String {
    let shown = configs.first().map(|config| app_root(Path::new(files.source(*config).shown())));
    let text = shown.unwrap_or_else(|| root.to_owned()).to_string_lossy().into_owned();
    if text.is_empty() { ".".to_owned() } else { text }
}
