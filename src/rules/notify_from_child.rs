//! A Puma whose word systemd does not accept, because another process is the main one.

use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Severity, Speaker};
use crate::puma::command_line::KeptWhy;

pub(super) const RULE: Rule = Rule {
    name: "notify-from-child",
    summary: "Type=notify with a wrapper that stays Puma's parent",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/notify-from-child.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas().filter(|service| service.kind() == "notify") {
        // With these, systemd listens to Puma, too.
        if service.last("NotifyAccess").is_some_and(|access| matches!(access.value.text(), "all" | "exec")) {
            continue;
        }
        // A Puma that says nothing is another matter.
        if super::notify_unsupported::silence(scene, service).is_some() {
            continue;
        }
        for (entry, run) in service.pumas() {
            let Some(kept) = run.kept.filter(|_| !run.background) else { continue };
            let by = kept.by.text().rsplit('/').next().unwrap_or_default();
            let (severity, label) = match kept.why {
                KeptWhy::Dash if by == "sh" => (
                    Severity::Warning,
                    "where sh is dash, as on Debian and Ubuntu, it waits for Puma".to_owned(),
                ),
                KeptWhy::Dash => (Severity::Error, format!("{by} waits for Puma instead of becoming it")),
                KeptWhy::Redirected => {
                    (Severity::Error, format!("{by} waits for a command whose output it redirects"))
                }
                KeptWhy::Piped => (Severity::Error, format!("{by} waits for every part of a pipeline")),
                KeptWhy::List => {
                    (Severity::Error, format!("{by} waits for Puma: it is one of several commands"))
                }
                KeptWhy::Su => (Severity::Error, "su waits for Puma".to_owned()),
                KeptWhy::Sudo => (
                    Severity::Warning,
                    "sudo waits for Puma, and takes $NOTIFY_SOCKET away from it".to_owned(),
                ),
            };
            let help = match kept.why {
                KeptWhy::Su | KeptWhy::Sudo => "say User= in the unit, and run Puma without it",
                KeptWhy::Redirected => {
                    "write `exec` before the command; or let systemd redirect: StandardOutput=append:…"
                }
                KeptWhy::Piped => "run Puma alone; StandardOutput= or the journal takes its output",
                _ => "write `exec` before the command that becomes Puma",
            };
            found.push(
                Diagnostic::new(
                    RULE.name,
                    severity,
                    service.at(entry, kept.by.span()),
                    format!("systemd does not accept Puma's word: {by} is the main process"),
                )
                .label(label)
                .also(service.at(entry, run.name.span()), "a child that systemd does not listen to")
                .quote(
                    Speaker::Systemd,
                    "Got notification message from PID …, but reception only permitted for main PID …",
                )
                .help(help),
            );
        }
    }
    found
}
