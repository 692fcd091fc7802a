//! A time-out of Monit that is shorter than systemd's.

use std::time::Duration;

use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Location, Severity, Speaker};
use crate::systemd;

pub(super) const RULE: Rule = Rule {
    name: "monit-timeout",
    summary: "a Monit time-out that is shorter than the unit's",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/monit-timeout.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (file, check) in scene.process_checks() {
        let Some(service) = scene.services_started_by(file, check).into_iter().next() else { continue };
        // Only these types take as long as Puma takes to boot.
        let waits = matches!(service.kind(), "notify" | "forking" | "oneshot");
        let pairs = [(&check.start, "TimeoutStartSec", waits), (&check.stop, "TimeoutStopSec", true)];
        for (program, key, counts) in pairs {
            let Some(timeout) = program.as_ref().and_then(|program| program.timeout).filter(|_| counts)
            else {
                continue;
            };
            let Some(entry) = service.last(key).or_else(|| service.last("TimeoutSec")) else { continue };
            let Some(limit) = systemd::time_span(entry.value.text()) else { continue };
            if limit == Duration::MAX
                || limit == Duration::ZERO
                || Duration::from_secs(timeout.seconds) >= limit
            {
                continue;
            }
            let verb = if key == "TimeoutStartSec" { "start" } else { "stop" };
            found.push(
                Diagnostic::new(
                    RULE.name,
                    RULE.severity,
                    Location { file, span: timeout.span },
                    format!(
                        "Monit gives up on a {verb} after {} seconds, and systemd may take {}",
                        timeout.seconds,
                        super::watchdog_unsupported::shown(limit)
                    ),
                )
                .label("the shorter of the two")
                .also(service.assignment(entry), "what the unit allows")
                .quote(Speaker::Monit, format!("Program timed out after {} s", timeout.seconds))
                .help(format!(
                    "give Monit more time than the unit: with timeout {} seconds",
                    limit.as_secs() + 10
                )),
            );
        }
    }
    found
}
