//! A watchdog that nobody feeds.

use std::time::Duration;

use super::edits::remove_setting;
use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Applicability, Diagnostic, Fix, Severity, Speaker};
use crate::puma::command_line::KeptWhy;
use crate::systemd::{self, Entry};

pub(super) const RULE: Rule = Rule {
    name: "watchdog-unsupported",
    summary: "WatchdogSec= with a Puma that never reports to it",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/watchdog-unsupported.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let Some(entry) = service.last("WatchdogSec") else { continue };
        let Some(limit) = systemd::time_span(entry.value.text()) else { continue };
        if limit == Duration::ZERO || limit == Duration::MAX {
            continue;
        }
        let silence = super::notify_unsupported::silence(scene, service);
        let listens = service.last("NotifyAccess").is_some_and(|e| matches!(e.value.text(), "all" | "exec"));
        // With Type=notify the start fails before, and that is reported.
        let apart = service.kind() != "notify" && !listens;
        let child = service.pumas().into_iter().find(|(_, run)| {
            apart && run.kept.as_ref().is_some_and(|kept| !matches!(kept.why, KeptWhy::Dash | KeptWhy::Sudo))
        });
        let (severity, why, help) = match (silence, child) {
            (Some(silence), _) => (silence.severity, silence.message, "remove WatchdogSec=".to_owned()),
            (None, Some(_)) => (
                Severity::Error,
                "a wrapper is the main process, and systemd listens to no other".to_owned(),
                "write `exec` before the command that becomes Puma, or remove WatchdogSec=".to_owned(),
            ),
            (None, None) => continue,
        };
        let diagnostic = Diagnostic::new(
            RULE.name,
            severity,
            service.assignment(entry),
            format!("systemd will kill Puma every {}: {why}", shown(limit)),
        )
        .label("nothing reports to this watchdog")
        .quote(Speaker::Systemd, format!("Watchdog timeout (limit {})!", shown(limit)))
        .help(help);
        // Where nobody knows whether a gem is there, somebody has to say so.
        let applicability =
            if severity == Severity::Error { Applicability::Safe } else { Applicability::Unsafe };
        let harmful = |entry: &Entry| systemd::time_span(entry.value.text()) != Some(Duration::ZERO);
        found.push(match remove_setting(scene, service, "WatchdogSec", harmful) {
            Some(edits) => diagnostic.fix(Fix { title: "remove WatchdogSec=".into(), applicability, edits }),
            None => diagnostic,
        });
    }
    found
}

/// A time as systemd writes it.
pub(super) fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds}s"),
        (minutes, 0) => format!("{minutes}min"),
        (minutes, seconds) => format!("{minutes}min {seconds}s"),
    }
}
