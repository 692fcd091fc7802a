//! Sorts the files of a tree into the apps they belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::instances::Instances;
use super::shared_monit::{self, Candidate};
use super::ties::{self, Claim};
use super::{Deployment, Line, Target, deploys, launches, lines, service, watched};
use crate::catalog::Version;
use crate::model::{FileId, FileKind, Span};
use crate::parsed::Files;
use crate::puma::Launch;
use crate::settings::Settings;
use crate::systemd;
use crate::workspace::Root;

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
    /// The checks that are surely this app's, where its Monit files are other apps', too.
    own_checks: BTreeSet<(FileId, Span)>,
    /// The checks in them that are other apps'.
    other_checks: BTreeSet<(FileId, Span)>,
    others: Vec<FileId>,
}

/// An app: its folder, and its place among the claims of the settings if they name it.
type Key = (PathBuf, Option<usize>);

/// Sorts the files of a root into deployments, in the order of their folders.
///
/// What a `[[deployment]]` of the settings names belongs there. Else a config's app is the folder around its `config/`,
/// and a unit or Monit file belongs to the app whose folder it lies in, else to the app that its own paths name, else to
/// the only app there is.
pub fn assemble(files: &Files<'_>, root: &Root, versions: &Versions, settings: &Settings) -> Vec<Deployment> {
    let (members, links, root) = (root.files.as_slice(), root.instances.as_slice(), root.dir.as_path());
    let claims = ties::claims(files, members, settings);
    let mut apps: BTreeMap<Key, App> = BTreeMap::new();
    for (at, claim) in claims.iter().enumerate() {
        let dir = claim.configs.first().map(|config| app_root(files.source(*config).made()));
        let app = App {
            configs: claim.configs.clone(),
            units: claim.units.clone(),
            monit: claim.monit.clone(),
            ..App::default()
        };
        apps.insert((dir.unwrap_or_else(|| claim.dir.to_owned()), Some(at)), app);
    }
    let of = |kind| members.iter().copied().filter(move |file| files.source(*file).kind() == kind);
    let free = |file: &FileId| !ties::is_claimed(&claims, *file);
    for file in of(FileKind::Puma).filter(free) {
        let key = home(&apps, app_root(files.source(file).made()));
        apps.entry(key).or_default().configs.push(file);
    }
    let keys: Vec<Key> = apps.keys().cloned().collect();
    for file in of(FileKind::Systemd).filter(free) {
        let owner = owner(files, file, &keys).unwrap_or_else(|| (root.to_owned(), None));
        apps.entry(owner).or_default().units.push(file);
    }
    for file in of(FileKind::Monit).filter(free) {
        watch(files, file, root, &keys, &mut apps);
    }
    let locks: Vec<FileId> = of(FileKind::Lock).collect();
    // The real files and the templates of one app are two deployments.
    let alone = |apps: &BTreeMap<Key, App>| {
        [false, true].map(|made| apps.values().filter(|app| is_made(files, app) == made).count() == 1)
    };
    let before = alone(&apps);
    let others = members.iter().copied().filter(|file| files.source(*file).kind().holds_any_commands());
    for file in others {
        let owner = owner_by_place(files, file, &keys, &locks);
        apps.entry(owner).or_default().others.push(file);
    }
    if apps.is_empty() && !locks.is_empty() {
        apps.insert((root.to_owned(), None), App::default());
    }
    let ruby_versions: Vec<FileId> = of(FileKind::RubyVersion).collect();
    let after = alone(&apps);
    let scene = Scene {
        files,
        locks: &locks,
        ruby_versions: &ruby_versions,
        versions,
        settings,
        claims: &claims,
        links,
        alone: [0, 1].map(|made| before[made] || after[made]),
    };
    apps.into_iter().map(|((root, claim), app)| scene.deployment(&root, claim, app)).collect()
}

/// Gives a Monit file to the apps that it watches; one that lies in an app's folder is that app's alone.
fn watch(files: &Files<'_>, file: FileId, root: &Path, keys: &[Key], apps: &mut BTreeMap<Key, App>) {
    let candidates: Vec<Candidate<'_, Key>> = keys
        .iter()
        .filter_map(|key| Some(Candidate { key, root: &key.0, units: &apps.get(key)?.units }))
        .collect();
    let watchers = match keys {
        [_] => Vec::new(),
        _ if own_folder(files, file, keys).is_some() => Vec::new(),
        _ => shared_monit::watchers(files, file, &candidates),
    };
    if watchers.is_empty() {
        let owner = owner(files, file, keys).unwrap_or_else(|| (root.to_owned(), None));
        apps.entry(owner).or_default().monit.push(file);
        return;
    }
    let all = files.control(file).into_iter().flat_map(|control| &control.checks).map(|check| check.span);
    let all: Vec<_> = all.collect();
    for (at, (key, own)) in watchers.iter().enumerate() {
        let app = apps.entry(key.clone()).or_default();
        app.monit.push(file);
        app.own_checks.extend(own.iter().map(|span| (file, *span)));
        let taken = |span: &Span| watchers.iter().any(|(_, spans)| spans.contains(span));
        // What is nobody's is reported once.
        let others = all.iter().filter(|span| !own.contains(span) && (at > 0 || taken(span)));
        app.other_checks.extend(others.map(|span| (file, *span)));
    }
}

/// The app of a config that no deployment of the settings names: the only one that they name in its folder, else the
/// folder's own.
fn home(apps: &BTreeMap<Key, App>, dir: PathBuf) -> Key {
    let mut there = apps
        .iter()
        .filter(|((other, claim), app)| *other == dir && claim.is_some() && !app.configs.is_empty());
    match (there.next(), there.next()) {
        (Some((key, _)), None) => key.clone(),
        _ => (dir, None),
    }
}

/// What all apps of a tree share.
struct Scene<'a> {
    files: &'a Files<'a>,
    locks: &'a [FileId],
    ruby_versions: &'a [FileId],
    versions: &'a Versions,
    settings: &'a Settings,
    claims: &'a [Claim<'a>],
    /// The links that are named after an instance.
    links: &'a [PathBuf],
    /// Whether it is the only app; those that only templates make are counted apart.
    alone: [bool; 2],
}

impl Scene<'_> {
    /// The instances of an app's templates; nothing is looked at where it has none.
    fn instances(&self, app: &App, foreign: &[(FileId, Span)], lines: &[Line]) -> Instances {
        let mut instances = Instances::default();
        if app.units.iter().any(|unit| self.files.context(*unit).unit.is_template()) {
            instances.add_units(self.files, &app.units);
            instances.add_links(self.files, &app.units, self.links);
            instances.add_checks(self.files, &app.monit, foreign);
            lines.iter().flat_map(|line| &line.runs).for_each(|run| instances.add_run(run));
        }
        instances
    }

    fn deployment(&self, root: &Path, claim: Option<usize>, app: App) -> Deployment {
        let (files, versions) = (self.files, self.versions);
        let lock = nearest(files, root, self.locks);
        let ruby_version = nearest(files, root, self.ruby_versions);
        let locked = lock.and_then(|file| Some((file, files.lock(file)?)));
        let own = claim.and_then(|at| self.claims.get(at));
        let (tie, asked) = (own.map(|claim| claim.tie), self.settings.of(root));
        let wanted = tie.and_then(|tie| tie.target.as_ref());
        let wanted = wanted.or_else(|| asked.and_then(|file| file.target.as_ref()));
        let target = Target::find(versions.target.as_ref(), wanted, locked);
        let (start, last_word) = versions.start(lock);
        let start = start.or_else(|| tie.and_then(|tie| tie.from.as_ref()));
        let start = start.or_else(|| asked.and_then(|file| file.from.as_ref()));
        let from = target.origin(start, locked.map(|(_, lock)| lock).filter(|_| !last_word));
        let mut foreign = claim.map_or_else(Vec::new, |at| ties::foreign(files, self.claims, at));
        foreign.extend(app.other_checks.iter().copied());
        let told = launches::Told {
            root: tie.and_then(|tie| tie.root.as_deref()),
            foreign: &foreign,
            lock: locked.map(|(_, lock)| lock),
        };
        let lines: Vec<Line> = app.others.iter().flat_map(|file| lines::lines(files, root, *file)).collect();
        let instances = self.instances(&app, &foreign, &lines);
        let services = service::services(files, &app.units, &instances);
        let stages = deploys::stages(files, root, &app.others, locked.map(|(_, lock)| lock));
        let started =
            launches::Started { services: &services, monit: &app.monit, lines: &lines, stages: &stages };
        let launches = launches::launches(files, root, &app.configs, &started, &target, &told);
        let environment_files = environment_files(files, &launches);
        let only_mine = |file: FileId| {
            own.is_some_and(|own| own.monit.contains(&file))
                && self.claims.iter().filter(|claim| claim.monit.contains(&file)).count() == 1
        };
        let alone = self.alone[usize::from(is_made(files, &app))];
        let is_own = |check: (FileId, Span)| alone || only_mine(check.0) || app.own_checks.contains(&check);
        let mut checks = watched::checks(files, &app.monit, &app.units, own, is_own);
        checks.retain(|check| !foreign.contains(check));
        Deployment {
            root: shown_root(files, root, &app, lock),
            dir: root.to_owned(),
            checks,
            foreign,
            missing_checks: own.map(|own| ties::missing_checks(files, own)).unwrap_or_default(),
            configs: app.configs,
            units: app.units,
            services,
            monit: app.monit,
            others: app.others,
            lines,
            lock,
            ruby_version,
            environment_files,
            target,
            from,
            stages,
            launches,
        }
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

/// Whether an app's configs are made by templates.
fn is_made(files: &Files<'_>, app: &App) -> bool {
    !app.configs.is_empty() && app.configs.iter().all(|config| files.source(*config).template().is_some())
}

/// The app that a unit or Monit file belongs to.
fn owner(files: &Files<'_>, file: FileId, apps: &[Key]) -> Option<Key> {
    if let [only] = apps {
        return Some(only.clone());
    }
    if let Some(key) = own_folder(files, file, apps) {
        return Some(key.clone());
    }
    let around = around(files, file, apps);
    let named = named_folders(files, file);
    let mut matching = apps.iter().filter(|(dir, _)| {
        dir.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| named.iter().any(|part| part == name))
    });
    let first = matching.next();
    match matching.next() {
        None => first.or(around).cloned(),
        Some(_) => None,
    }
}

/// The app in whose folder a file lies, nearest first; of several apps in one folder nobody knows which is meant.
fn around<'a>(files: &Files<'_>, file: FileId, apps: &'a [Key]) -> Option<&'a Key> {
    let path = files.source(file).made();
    let around = apps.iter().filter(|(dir, _)| path.starts_with(dir));
    let around = around.max_by_key(|(dir, _)| dir.components().count());
    around.filter(|(dir, _)| apps.iter().filter(|(other, _)| other == dir).count() == 1)
}

/// The same, unless further apps lie in that folder.
fn own_folder<'a>(files: &Files<'_>, file: FileId, apps: &'a [Key]) -> Option<&'a Key> {
    around(files, file, apps)
        .filter(|(dir, _)| apps.iter().filter(|(other, _)| other.starts_with(dir)).count() == 1)
}

/// The app that a file of commands belongs to: the one around it, unless a lock nearer to it makes it another's;
/// else the only one.
fn owner_by_place(files: &Files<'_>, file: FileId, apps: &[Key], locks: &[FileId]) -> Key {
    let path = files.source(file).path();
    let folder = deploys::app_of(path).or(path.parent()).unwrap_or(Path::new(""));
    let around = apps.iter().filter(|(dir, _)| folder.starts_with(dir));
    let around = around.max_by_key(|(dir, _)| dir.components().count());
    let lock = nearest(files, folder, locks);
    match (around, apps) {
        (Some(key), _) if nearest(files, &key.0, locks) == lock => key.clone(),
        (None, [only]) if nearest(files, &only.0, locks) == lock => only.clone(),
        _ => (folder.to_owned(), None),
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
    let path = files.source(file).made();
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

/// The app's root as people see it: what stands before `config/` in a config's shown path, else the folder of a file
/// that lies in it.
fn shown_root(files: &Files<'_>, root: &Path, app: &App, lock: Option<FileId>) -> String {
    let config = app.configs.first().map(|config| app_root(Path::new(files.source(*config).shown())));
    let mut inside = app.others.iter().copied().chain(lock);
    let inside = inside.find(|file| files.source(*file).path().parent() == Some(root));
    let beside = || inside.and_then(|file| Some(Path::new(files.source(file).shown()).parent()?.to_owned()));
    let shown = config.or_else(beside).unwrap_or_else(|| root.to_owned());
    let text = shown.to_string_lossy().into_owned();
    if text.is_empty() { ".".to_owned() } else { text }
}
