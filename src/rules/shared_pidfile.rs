//! Two Pumas, or two checks, with one pidfile.

use super::pidfiles;
use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, FileId, Location, Severity, Text};
use crate::puma::same_place::{Verdict, compare};

pub(super) const RULE: Rule = Rule {
    name: "shared-pidfile",
    summary: "one pidfile for two Pumas, or two Monit checks",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/shared-pidfile.md"),
    check: Check::Deployment(check),
};

/// A service and the one file that its Puma writes.
struct Home {
    service: FileId,
    name: String,
    place: Location,
    path: Text,
}

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut homes: Vec<Home> = Vec::new();
    for evaluation in &scene.evaluations {
        let Some(service) = evaluation.launch.service else { continue };
        let Some((place, paths)) = pidfiles::pidfile(scene, evaluation) else { continue };
        let [path] = paths.as_slice() else { continue };
        if path.as_known().is_none() || homes.iter().any(|home| home.service == service) {
            continue;
        }
        let name = evaluation.launch.name.clone();
        homes.push(Home { service, name, place, path: path.clone() });
    }
    for (at, home) in homes.iter().enumerate() {
        // Who replaces another may use its file.
        let other = homes[..at].iter().find(|other| {
            compare(&home.path, &other.path) == Verdict::Same
                && !conflict(scene, home.service, other.service)
                && !alternatives(scene, home, other)
        });
        let Some(other) = other else { continue };
        let places = |file: FileId| scene.deployment.launches.iter().find(|l| l.service == Some(file))?.place;
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            Severity::Error,
            home.place,
            format!("{} and {} write one pidfile, {}", other.name, home.name, pidfiles::show(&home.path)),
        )
        .label("the second overwrites it, and the first to stop deletes it")
        .help("give each its own file: from a variable that the units set, or with --pidfile");
        for place in [places(other.service), places(home.service)].into_iter().flatten() {
            if place != home.place {
                diagnostic = diagnostic.also(place, format!("writes {}", pidfiles::show(&home.path)));
            }
        }
        found.push(diagnostic);
    }
    found.extend(checks(scene));
    found
}

/// Whether two units start one Puma in one way, so that only one of them can be in use.
fn alternatives(scene: &Scene<'_>, a: &Home, b: &Home) -> bool {
    let launches = |home: &Home| {
        let mine = scene.deployment.launches.iter().filter(|launch| launch.service == Some(home.service));
        let words = |launch: &crate::puma::Launch| {
            let run = launch.invocation.as_ref()?;
            Some(run.arguments.iter().map(|word| word.text().to_owned()).collect::<Vec<_>>())
        };
        mine.map(|launch| (launch.directory.clone(), words(launch), launch.environment.variables.clone()))
            .collect::<Vec<_>>()
    };
    a.name == b.name || launches(a) == launches(b)
}

/// Whether one unit stops the other.
fn conflict(scene: &Scene<'_>, a: FileId, b: FileId) -> bool {
    let named = |file: FileId| scene.deployment.services.iter().find(|service| service.file == file);
    let (Some(a), Some(b)) = (named(a), named(b)) else { return false };
    let stops = |unit: &crate::deployment::Service, name: &str| {
        let entries = unit.unit.all("Unit", "Conflicts");
        entries.iter().any(|entry| entry.value.text().split_whitespace().any(|word| word == name))
    };
    stops(a, b.name()) || stops(b, a.name())
}

/// Checks of one Monit that watch one file.
fn checks(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut seen: Vec<(Location, String, String)> = Vec::new();
    let mut found = Vec::new();
    for (file, check) in scene.process_checks() {
        let Some(path) = check.watch.pidfile() else { continue };
        let place = Location { file, span: path.span() };
        let name = check.name.text().to_owned();
        if let Some((first, other, _)) =
            seen.iter().find(|(p, _, text)| p.file == file && text == path.text())
        {
            found.push(
                Diagnostic::new(
                    RULE.name,
                    Severity::Warning,
                    place,
                    format!("Monit watches one process twice, as {other} and {name}: each acts on it"),
                )
                .label("the same pidfile")
                .also(*first, "watched here before")
                .help("leave one check, or give each process its own pidfile"),
            );
        }
        seen.push((place, name, path.text().to_owned()));
    }
    found
}
