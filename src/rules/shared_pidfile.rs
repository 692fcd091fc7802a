//! Two Pumas, or two checks, with one pidfile.

use super::pidfiles;
use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, FileId, Location, ServiceId, Severity, Text};
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
    service: ServiceId,
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
                && !may_be_apart(scene, home.service, other.service)
        });
        let Some(other) = other else { continue };
        let places = |id: ServiceId| scene.deployment.launches.iter().find(|l| l.service == Some(id))?.place;
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            Severity::Error,
            home.place,
            format!("{} and {} write one pidfile, {}", other.name, home.name, pidfiles::show(&home.path)),
        )
        .label("the second overwrites it, and the first to stop deletes it")
        .help(if are_of_one_template(scene, home.service, other.service) {
            "put %i into its name: then each instance has its own"
        } else {
            "give each its own file: from a variable that the units set, or with --pidfile"
        });
        let mut places: Vec<Location> =
            [places(other.service), places(home.service)].into_iter().flatten().collect();
        places.dedup();
        for place in places {
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

fn are_of_one_template(scene: &Scene<'_>, a: ServiceId, b: ServiceId) -> bool {
    let file = |id: ServiceId| scene.deployment.service(id).map(|service| service.file);
    file(a) == file(b)
}

/// Whether they are instances of one template that may run on two machines: `puma@staging` and `puma@production`.
/// Those that one Monit starts are on one.
fn may_be_apart(scene: &Scene<'_>, a: ServiceId, b: ServiceId) -> bool {
    let starts = |monit: FileId, id: ServiceId| {
        let mut checks = scene.process_checks().filter(|(file, _)| *file == monit);
        checks.any(|(file, check)| {
            scene.services_started_by(file, check).iter().any(|service| service.id == id)
        })
    };
    are_of_one_template(scene, a, b)
        && !scene.monit_files().any(|(monit, _)| starts(monit, a) && starts(monit, b))
}

/// Whether one unit stops the other.
fn conflict(scene: &Scene<'_>, a: ServiceId, b: ServiceId) -> bool {
    let (Some(a), Some(b)) = (scene.deployment.service(a), scene.deployment.service(b)) else { return false };
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
