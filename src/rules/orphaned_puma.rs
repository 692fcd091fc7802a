//! A stop that ends the wrapper and leaves Puma.

use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Severity, Speaker};
use crate::puma::command_line::KeptWhy;

pub(super) const RULE: Rule = Rule {
    name: "orphaned-puma",
    summary: "KillMode=process with a wrapper that stays Puma's parent",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/orphaned-puma.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let Some(mode) = service.last("KillMode").filter(|e| matches!(e.value.text(), "process" | "none"))
        else {
            continue;
        };
        // A stop command may end Puma itself.
        if !service.all("ExecStop").is_empty() || !service.all("ExecStopPost").is_empty() {
            continue;
        }
        for (entry, run) in service.pumas() {
            let Some(kept) = run.kept else { continue };
            // su and sudo pass signals on; which shell sh is, only the host knows.
            let by = kept.by.text().rsplit('/').next().unwrap_or_default();
            if matches!(kept.why, KeptWhy::Su | KeptWhy::Sudo) || kept.why == KeptWhy::Dash && by == "sh" {
                continue;
            }
            found.push(
                Diagnostic::new(
                    RULE.name,
                    RULE.severity,
                    service.assignment(mode),
                    format!(
                        "systemd stops {by} and leaves Puma running: the next start finds its port taken"
                    ),
                )
                .label("only the main process gets the signal")
                .also(service.at(entry, kept.by.span()), "the main process")
                .quote(Speaker::Systemd, "remains running after unit stopped.")
                .help("write KillMode=mixed, and `exec` before the command that becomes Puma"),
            );
        }
    }
    found
}
