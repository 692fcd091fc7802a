//! A path in /tmp that only the service itself can see.

use super::pidfiles::{self, ReaderKind};
use super::view::Scene;
use super::{Check, Rule};
use crate::deployment::Service;
use crate::model::{Diagnostic, Location, Severity, Text, Value};
use crate::puma::same_place::{Verdict, compare};

pub(super) const RULE: Rule = Rule {
    name: "private-tmp-path",
    summary: "a pidfile or socket in the /tmp of PrivateTmp=",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/private-tmp-path.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas().filter(|service| service.is_on("PrivateTmp")) {
        let Some(switch) = service.last("PrivateTmp") else { continue };
        let readers = pidfiles::readers(scene);
        for writer in &pidfiles::writers(scene) {
            let [path] = writer.paths_of(service)[..] else { continue };
            if !in_tmp(path) {
                continue;
            }
            let same = |reader: &&pidfiles::Reader| compare(path, &reader.path) == Verdict::Same;
            let Some(reader) = readers.iter().find(|r| r.kind != ReaderKind::Idle && same(r)) else {
                continue;
            };
            let who = if reader.kind == ReaderKind::Monit { "Monit" } else { "systemd" };
            found.push(
                finding(service, writer.place, path, format!("{who} looks for it in the real /tmp"))
                    .also(reader.place, format!("{who} finds nothing here"))
                    .also(service.assignment(switch), "gives the service a /tmp of its own"),
            );
        }
        for evaluation in scene.evaluations_of(service) {
            for call in evaluation.trace.calls.iter().filter(|call| call.name == "bind") {
                let Some(argument) = call.arguments.first() else { continue };
                let Value::Text(url) = &argument.value else { continue };
                let Some(path) = url.as_known().and_then(|url| url.strip_prefix("unix://")) else { continue };
                let path = Text::known(path.split('?').next().unwrap_or_default());
                if in_tmp(&path) {
                    let place = Location { file: evaluation.config, span: argument.span };
                    let mut diagnostic =
                        finding(service, place, &path, "no proxy outside can reach it".into())
                            .also(service.assignment(switch), "gives the service a /tmp of its own");
                    diagnostic.severity = Severity::Warning;
                    found.push(diagnostic);
                }
            }
        }
    }
    found
}

fn finding(service: &Service, place: Location, path: &Text, outcome: String) -> Diagnostic {
    let shown = pidfiles::show(path);
    Diagnostic::new(
        RULE.name,
        RULE.severity,
        place,
        format!("{shown} is in a /tmp that only {} sees: {outcome}", service.name()),
    )
    .label(format!("really /tmp/systemd-private-…{shown}"))
    .help("put it below /run, with RuntimeDirectory=; or below the app's shared folder")
}

fn in_tmp(path: &Text) -> bool {
    path.as_known().is_some_and(|path| path.starts_with("/tmp/") || path.starts_with("/var/tmp/"))
}
