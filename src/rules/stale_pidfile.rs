//! A pidfile that a unit writes and nobody removes.

use super::pidfiles;
use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Location, Severity};
use crate::puma::same_place::{Verdict, compare};
use crate::systemd;

pub(super) const RULE: Rule = Rule {
    name: "stale-pidfile",
    summary: "a pidfile that the unit writes and nobody removes",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/stale-pidfile.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (service, place, path) in pidfiles::shell_written(scene) {
        let Some(known) = path.as_known().map(str::to_owned) else { continue };
        let mentioned = ["ExecStop", "ExecStopPost"]
            .iter()
            .flat_map(|key| service.all(key))
            .any(|entry| entry.value.text().contains(&known));
        // systemd removes its PIDFile=, and its RuntimeDirectory=; Puma its own.
        let by_systemd = service.last("PIDFile").is_some_and(|entry| {
            systemd::pid_file(entry, &service.context).path.is_some_and(|p| p.text() == known)
        });
        let in_runtime = known.starts_with("/run/") && !service.all("RuntimeDirectory").is_empty();
        let by_puma = scene.evaluations_of(service).any(|evaluation| {
            pidfiles::pidfile(scene, evaluation)
                .is_some_and(|(_, paths)| paths.iter().any(|p| compare(p, &path) != Verdict::Different))
        });
        if mentioned || by_systemd || in_runtime || by_puma {
            continue;
        }
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            place,
            "nobody removes this pidfile: after a stop it names a process that is gone, or another one",
        )
        .label(format!("written by the unit, as {}", owner(service)))
        .help(format!(
            "let Puma write it, which also removes it: `pidfile \"{known}\"` in the config; and remove this line"
        ));
        let kept = service.pumas().into_iter().find_map(|(entry, run)| {
            run.kept.map(|kept| Location { file: service.value(entry).file, span: kept.by.span() })
        });
        if let Some(kept) = kept {
            diagnostic = diagnostic.also(kept, "$MAINPID is this process, not Puma");
        }
        for evaluation in scene.evaluations_of(service) {
            if let Some((other, paths)) = pidfiles::pidfile(scene, evaluation) {
                diagnostic =
                    diagnostic.also(other, format!("Puma writes its own: {}", pidfiles::listed(&paths)));
            }
        }
        found.push(diagnostic);
    }
    found
}

fn owner(service: &crate::deployment::Service) -> String {
    service.last("User").map_or_else(|| "root".to_owned(), |entry| entry.value.text().to_owned())
}
