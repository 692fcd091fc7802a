//! A stop that systemd gives less time than Puma takes.

use std::time::Duration;

use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Location, Severity, Speaker, Value};
use crate::puma::options;
use crate::systemd;

pub(super) const RULE: Rule = Rule {
    name: "stop-timeout",
    summary: "a stop that systemd gives less time than the config says",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/stop-timeout.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let Some(entry) = service.last("TimeoutStopSec").or_else(|| service.last("TimeoutSec")) else {
            continue;
        };
        let Some(limit) = systemd::time_span(entry.value.text()).filter(|limit| *limit > Duration::ZERO)
        else {
            continue;
        };
        for evaluation in scene.evaluations_of(service) {
            let workers = matches!(evaluation.workers(scene.release()), Value::Int(count) if count > 0);
            let wanted = ["worker_shutdown_timeout", "force_shutdown_after"].into_iter().find_map(|name| {
                let option = options::last(&evaluation.trace, name, Value::Nil)?;
                let seconds = match option.value {
                    Value::Int(seconds) => u64::try_from(seconds).ok()?,
                    _ => return None,
                };
                let counts = name != "worker_shutdown_timeout" || workers;
                (counts && Duration::from_secs(seconds) > limit).then_some((name, seconds, option.span))
            });
            let Some((name, seconds, span)) = wanted else { continue };
            found.push(
                Diagnostic::new(
                    RULE.name,
                    RULE.severity,
                    service.assignment(entry),
                    format!(
                        "systemd kills Puma after {}, and the config gives requests {seconds} seconds",
                        super::watchdog_unsupported::shown(limit)
                    ),
                )
                .label("the shorter of the two")
                .also(Location { file: evaluation.config, span }, format!("{name}: {seconds} seconds"))
                .quote(Speaker::Systemd, "State 'stop-sigterm' timed out. Killing.")
                .help(format!("write more than {seconds} seconds here, or less in the config")),
            );
        }
    }
    found
}
