//! A limit of Monit for a cluster, of which it measures the smallest part.

use super::view::{Evaluation, Scene};
use super::{Check, Rule};
use crate::model::{Diagnostic, FileId, Location, ServiceId, Severity, Value};
use crate::monit::{Condition, ProcessCheck, Resource};

pub(super) const RULE: Rule = Rule {
    name: "master-only-limit",
    summary: "a memory or CPU limit of Monit that leaves out Puma's workers",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/master-only-limit.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (file, check) in scene.process_checks() {
        if !scene.deployment.monitors(file, check.span) {
            continue;
        }
        let Some(workers) = workers(scene, file, check) else { continue };
        for limit in check.tests.iter().filter_map(|test| limit(&test.condition)) {
            let total = if limit.name == "cpu" { "total cpu" } else { "totalmem" };
            let workers = if workers == 1 {
                "its worker, which serves, does".to_owned()
            } else {
                format!("its {workers} workers, which serve, do")
            };
            let what = if limit.name == "cpu" { "processor time" } else { "memory" };
            found.push(
                Diagnostic::new(
                    RULE.name,
                    // Nobody's server dies of an alert that never comes.
                    if limit.name == "cpu" { Severity::Info } else { RULE.severity },
                    Location { file, span: limit.name_span },
                    format!("Monit measures the {what} of Puma's master alone: {workers} not count"),
                )
                .label("one process, without its children")
                .help(format!("write `{total}`, and a limit for master and workers together")),
            );
        }
    }
    found
}

/// The upper limit of a test that leaves children out.
fn limit(condition: &Condition) -> Option<&Resource> {
    let Condition::Resources(resources) = condition else { return None };
    resources
        .iter()
        .find(|resource| matches!(resource.name, "memory" | "cpu") && resource.operator.starts_with('>'))
}

/// How many workers the watched Puma surely has; none where it has none, or where it may have.
fn workers(scene: &Scene<'_>, file: FileId, check: &ProcessCheck) -> Option<i64> {
    let services: Vec<ServiceId> =
        scene.services_started_by(file, check).iter().map(|service| service.id).collect();
    let watched = |evaluation: &&Evaluation<'_>| {
        services.is_empty() || evaluation.launch.service.is_some_and(|service| services.contains(&service))
    };
    let counts = scene.evaluations.iter().filter(watched).map(|evaluation| {
        match (evaluation.trace.opaque, evaluation.workers(scene.release())) {
            (false, Value::Int(count)) if count > 0 => Some(count),
            _ => None,
        }
    });
    counts.collect::<Option<Vec<i64>>>()?.into_iter().min()
}
