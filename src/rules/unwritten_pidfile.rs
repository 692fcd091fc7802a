//! A pidfile that is watched, and that nobody writes at all.

use super::pidfiles::{self, ReaderKind};
use super::view::{Evaluation, Scene};
use super::{Check, Rule};
use crate::model::{Diagnostic, Location, Severity, Speaker};

pub(super) const RULE: Rule = Rule {
    name: "unwritten-pidfile",
    summary: "a pidfile that Monit watches and nobody writes",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/unwritten-pidfile.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let writers = pidfiles::writers(scene);
    for reader in pidfiles::readers(scene) {
        // Which Puma is meant has to be known: the check starts it.
        if reader.kind != ReaderKind::Monit || reader.services.is_empty() {
            continue;
        }
        if writers.iter().any(|writer| reader.concerns(writer)) {
            continue;
        }
        let launches: Vec<&Evaluation<'_>> = scene
            .evaluations
            .iter()
            .filter(|e| e.launch.service.is_some_and(|service| reader.services.contains(&service)))
            .collect();
        let name = reader.path.as_known().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let sure =
            !launches.is_empty() && launches.iter().all(|evaluation| writes_none(scene, evaluation, name));
        if !sure {
            continue;
        }
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            reader.place,
            "Monit watches a file that nothing writes: this Puma has no pidfile",
        )
        .label("never appears")
        .quote(Speaker::Monit, "failed to start (exit status 0) -- no output");
        let mut help = format!("add `pidfile \"{}\"` to the config", pidfiles::show(&reader.path));
        for evaluation in &launches {
            let call = evaluation.source.bytes();
            let conditional = find(call, b"ENV[\"PIDFILE\"]").or_else(|| find(call, b"ENV['PIDFILE']"));
            if let Some(at) = conditional {
                let span = crate::model::Span::new(at, at + b"ENV[\"PIDFILE\"]".len());
                let place = Location { file: evaluation.config, span };
                diagnostic = diagnostic.also(place, "not set by the unit: no pidfile is written");
                help = format!("add `Environment=PIDFILE={}` to the unit", pidfiles::show(&reader.path));
            }
        }
        for service in scene.pumas().filter(|service| reader.services.contains(&service.id)) {
            if let Some((entry, run)) = service.pumas().first() {
                diagnostic =
                    diagnostic.also(service.at(entry, run.name.span()), "runs, and Monit does not see it");
            }
        }
        found.push(diagnostic.help(help));
    }
    found
}

/// Whether a launch surely writes no pidfile, and nothing else in its unit does.
fn writes_none(scene: &Scene<'_>, evaluation: &Evaluation<'_>, name: &str) -> bool {
    let launch = evaluation.launch;
    let unit = launch.service.and_then(|id| scene.deployment.service(id));
    let elsewhere = unit.is_none_or(|service| {
        let keys = ["ExecStartPost", "ExecStartPre", "ExecStart"];
        let mut lines = keys.iter().flat_map(|key| service.all(key));
        lines.any(|entry| entry.key == "ExecStartPost" || entry.value.text().contains(name))
    });
    let mentioned = find(evaluation.source.bytes(), name.as_bytes()).is_some();
    !elsewhere && !mentioned && !evaluation.trace.opaque && pidfiles::pidfile(scene, evaluation).is_none()
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    (!part.is_empty()).then(|| text.windows(part.len()).position(|window| window == part))?
}
