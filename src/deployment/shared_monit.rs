//! Monit files that watch the Pumas of several apps: whose each of their checks is.

use std::path::Path;

use super::watched::is_called;
use crate::model::{FileId, Span, Word};
use crate::monit::ProcessCheck;
use crate::parsed::Files;
use crate::puma::command_line::{Invocation, Program, invocations};
use crate::systemd;

/// What is known of an app when its Monit checks are looked for.
pub(super) struct Candidate<'a, Key> {
    /// What the app is known by.
    pub key: &'a Key,
    /// The app's folder here.
    pub root: &'a Path,
    /// Its units.
    pub units: &'a [FileId],
}

/// The apps that a Monit file surely watches, each with the checks that are its own.
pub(super) fn watchers<Key: Clone + PartialEq>(
    files: &Files<'_>,
    file: FileId,
    apps: &[Candidate<'_, Key>],
) -> Vec<(Key, Vec<Span>)> {
    let homes: Vec<Vec<String>> = apps.iter().map(|app| homes(files, app.units)).collect();
    let mut found: Vec<(Key, Vec<Span>)> = Vec::new();
    for check in checks_of(files, file) {
        let Some(app) = owner(files, check, apps, &homes) else { continue };
        match found.iter_mut().find(|(key, _)| key == app) {
            Some((_, spans)) => spans.push(check.span),
            None => found.push((app.clone(), vec![check.span])),
        }
    }
    found
}

fn checks_of<'a>(files: &'a Files<'_>, file: FileId) -> impl Iterator<Item = &'a ProcessCheck> {
    files.control(file).into_iter().flat_map(|control| &control.checks)
}

/// The app that a check names: by a unit, else by a path on the server, else by the name of a folder.
fn owner<'a, Key>(
    files: &Files<'_>,
    check: &ProcessCheck,
    apps: &'a [Candidate<'_, Key>],
    homes: &[Vec<String>],
) -> Option<&'a Key> {
    let programs = [&check.start, &check.stop, &check.restart].into_iter().flatten();
    let words: Vec<&Word> = programs.flat_map(|program| &program.words).collect();
    let runs: Vec<Invocation> = [&check.start, &check.stop, &check.restart]
        .into_iter()
        .flatten()
        .flat_map(|program| invocations(&program.words))
        .collect();
    let named = runs.iter().filter(|run| run.program == Program::Systemctl).flat_map(|run| &run.arguments);
    let named: Vec<&str> = named.map(Word::text).collect();
    let by_unit = |app: &Candidate<'_, Key>, _: &[String]| {
        app.units.iter().any(|unit| named.iter().any(|name| is_called(files, *unit, name)))
    };
    let paths: Vec<&str> = check.watch.pidfile().into_iter().chain(words).map(Word::text).collect();
    let by_path = |_: &Candidate<'_, Key>, homes: &[String]| {
        homes.iter().any(|home| paths.iter().any(|path| path.contains(home.as_str())))
    };
    let by_name = |app: &Candidate<'_, Key>, _: &[String]| {
        let name = app.root.file_name().and_then(|name| name.to_str());
        paths.iter().flat_map(|path| path.split('/')).any(|part| Some(part) == name)
    };
    let only = |means: &dyn Fn(&Candidate<'_, Key>, &[String]) -> bool| {
        let mut meant = apps.iter().zip(homes).filter(|(app, homes)| means(app, homes));
        let first = meant.next();
        first.filter(|_| meant.next().is_none()).map(|(app, _)| app.key)
    };
    only(&by_unit).or_else(|| only(&by_path)).or_else(|| only(&by_name))
}

/// Where units say that their app is on the server, with a `/` behind it.
fn homes(files: &Files<'_>, units: &[FileId]) -> Vec<String> {
    let entries = units.iter().filter_map(|unit| {
        let entry = files.unit(*unit)?.last("Service", "WorkingDirectory")?;
        let directory = systemd::working_directory(entry, &files.context(*unit));
        directory.value.known().map(|path| path.text().to_owned())
    });
    let homes = entries.map(|path| {
        let path = path.trim_end_matches('/');
        format!("{}/", path.strip_suffix("/current").unwrap_or(path))
    });
    homes.filter(|home| home.len() > 1).collect()
}
