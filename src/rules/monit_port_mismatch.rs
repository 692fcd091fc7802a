//! A connection test of Monit where Puma does not listen.

use super::socket_mismatch::{Address, binds};
use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Location, Severity, Text};
use crate::monit::{ActionKind, Condition};
use crate::puma::same_place::{Verdict, compare};

pub(super) const RULE: Rule = Rule {
    name: "monit-port-mismatch",
    summary: "a Monit test of a port or socket where Puma does not listen",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/monit-port-mismatch.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    for launch in &scene.deployment.launches {
        match binds(scene, launch) {
            Some(ways) => all.extend(ways.into_iter().flatten()),
            None => return Vec::new(),
        }
    }
    if all.is_empty()
        || scene.deployment.services.iter().any(|s| !s.unit.all("Socket", "ListenStream").is_empty())
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (file, check) in scene.process_checks() {
        if !scene.deployment.monitors(file, check.span) || scene.may_watch_any_instance(file, check) {
            continue;
        }
        for test in &check.tests {
            let (span, what) = match &test.condition {
                Condition::Port { host, port, .. } => {
                    let here =
                        host.as_ref().is_none_or(|h| matches!(h.text(), "localhost" | "127.0.0.1" | "::1"));
                    let listens = all.iter().any(
                        |bind| matches!(&bind.address, Address::Tcp(_, p) if u64::from(*p) == port.value),
                    );
                    if !here || listens {
                        continue;
                    }
                    (port.span, format!("port {}", port.value))
                }
                Condition::UnixSocket { path, .. } => {
                    let text = Text::known(path.text());
                    let listens = all.iter().any(|bind| match &bind.address {
                        Address::Unix(other) => compare(&text, &Text::known(other)) != Verdict::Different,
                        Address::Tcp(..) => false,
                    });
                    if listens {
                        continue;
                    }
                    (path.span(), path.text().to_owned())
                }
                _ => continue,
            };
            let outcome = match test.action.kind {
                ActionKind::Restart => "Monit restarts it again and again",
                ActionKind::Stop => "Monit stops it",
                _ => "the test always fails",
            };
            let mut diagnostic = Diagnostic::new(
                RULE.name,
                RULE.severity,
                Location { file, span },
                format!("Puma does not listen on {what}: {outcome}"),
            )
            .label("nothing answers")
            .help("test where Puma listens; or write a check of its own for what listens here");
            for bind in all.iter().take(2) {
                let shown = match &bind.address {
                    Address::Tcp(host, port) => format!("{host}:{port}"),
                    Address::Unix(path) => path.clone(),
                };
                if !diagnostic.labels.iter().any(|label| label.location == bind.place) {
                    diagnostic = diagnostic.also(bind.place, format!("Puma listens on {shown}"));
                }
            }
            found.push(diagnostic);
        }
    }
    found
}
