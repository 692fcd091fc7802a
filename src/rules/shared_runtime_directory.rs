//! A folder below /run that two services take for their own.

use super::view::Scene;
use super::{Check, Rule};
use crate::deployment::Service;
use crate::model::{Diagnostic, Location, Severity};
use crate::systemd;

pub(super) const RULE: Rule = Rule {
    name: "shared-runtime-directory",
    summary: "one RuntimeDirectory= for two services, which each remove it",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/shared-runtime-directory.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut seen: Vec<(String, &Service, Location)> = Vec::new();
    let mut found = Vec::new();
    for service in &scene.deployment.services {
        let keeps = service.last("RuntimeDirectoryPreserve").is_some_and(|entry| entry.value.text() != "no");
        if keeps {
            continue;
        }
        for entry in service.all("RuntimeDirectory") {
            for path in systemd::directories(entry, &service.context).0 {
                let Some(name) = path.known().map(|path| path.text().to_owned()) else { continue };
                let place = service.value(entry);
                let other = seen.iter().find(|(known, other, _)| {
                    *known == name && (service.runs_puma() || other.runs_puma()) && other.file != service.file
                });
                if let Some((_, other, first)) = other {
                    found.push(
                        Diagnostic::new(
                            RULE.name,
                            RULE.severity,
                            place,
                            format!(
                                "{} and {} share /run/{name}: who stops first removes it from under the other",
                                other.name(),
                                service.name()
                            ),
                        )
                        .label("removed on stop, with all that is in it")
                        .also(*first, "the same folder")
                        .help("give each a folder of its own, or say RuntimeDirectoryPreserve=yes in both"),
                    );
                }
                seen.push((name, service, place));
            }
        }
    }
    found
}
