//! An older Puma that leaves a unit which expects it to stay.

use super::view::Scene;
use super::{Check, Rule};
use crate::catalog;
use crate::deployment::Service;
use crate::model::{Diagnostic, Location, Severity, Value};
use crate::puma::options;

pub(super) const RULE: Rule = Rule {
    name: "daemon-in-foreground-service",
    summary: "a Puma that daemonizes in a unit that expects it to stay",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/daemon-in-foreground-service.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let kind = service.kind();
        if !matches!(kind, "simple" | "exec" | "notify" | "idle") {
            continue;
        }
        let Some(place) = daemonizing(scene, service) else { continue };
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            place,
            "Puma leaves the process that systemd watches: the service ends, and Puma is killed with it",
        )
        .label("goes to the background")
        .help("let Puma stay in the foreground: systemd needs no daemon");
        if let Some(entry) = service.last("Type") {
            diagnostic = diagnostic.also(service.assignment(entry), "expects the process to stay");
        }
        found.push(diagnostic);
    }
    found
}

/// Whether a service's Puma goes to the background by itself.
pub(super) fn daemonizes(scene: &Scene<'_>, service: &Service) -> bool {
    daemonizing(scene, service).is_some()
}

/// What makes a service's Puma go to the background.
fn daemonizing(scene: &Scene<'_>, service: &Service) -> Option<Location> {
    let release = scene.release();
    if !scene.daemonizes_by_gem() && !catalog::directive("daemonize")?.exists(release) {
        return None;
    }
    for launch in scene.deployment.launches.iter().filter(|launch| launch.service == Some(service.id)) {
        if launch.has_flag("daemon", release) {
            return launch.place;
        }
    }
    scene.evaluations_of(service).find_map(|evaluation| {
        let option = options::last(&evaluation.trace, "daemonize", Value::Bool(true))?;
        (option.value.truthy() == Some(true))
            .then_some(Location { file: evaluation.config, span: option.span })
    })
}
