//! A signal to stop with that is none of Puma's.

use super::edits::{remove_command, set_value};
use super::view::{Purpose, Scene};
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Applicability, Diagnostic, Fix, Location, Severity, Speaker};
use crate::puma::command_line::{Program, signal};

pub(super) const RULE: Rule = Rule {
    name: "kill-signal",
    summary: "a stop signal that kills Puma at once, or does not stop it",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/kill-signal.md"),
    check: Check::Deployment(check),
};

/// What a signal does when it is meant to stop.
enum Effect {
    Abrupt,
    Restarts,
    None,
}

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let Some(entry) = service.last("KillSignal") else { continue };
        let text = entry.value.text();
        let name = text.strip_prefix("SIG").unwrap_or(text);
        let Some(diagnostic) =
            finding(scene, name, service.assignment(entry), "write KillSignal=SIGTERM, or remove the line")
        else {
            continue;
        };
        found.push(match set_value(scene, service, entry, "SIGTERM") {
            Some(edit) => diagnostic.fix(Fix {
                title: "write KillSignal=SIGTERM".into(),
                applicability: applicability(name),
                edits: vec![edit],
            }),
            None => diagnostic,
        });
    }
    for command in &scene.commands {
        let stops = command.purpose == Purpose::Stop && command.invocation.program == Program::Kill;
        if !stops || !command.service.is_some_and(|service| service.runs_puma()) {
            continue;
        }
        let Some((name, span)) = signal(&command.invocation) else { continue };
        // A signal that the kernel drops has a rule of its own.
        if matches!(effect(scene, &name), Some(Effect::None)) {
            continue;
        }
        let place = Location { file: command.file, span };
        let Some(diagnostic) = finding(
            scene,
            &name,
            place,
            "remove the line: systemd sends SIGTERM, and Puma finishes its requests",
        ) else {
            continue;
        };
        found.push(match remove_command(scene, command, span) {
            Some(edit) => diagnostic.fix(Fix {
                title: "remove ExecStop=".into(),
                applicability: applicability(&name),
                edits: vec![edit],
            }),
            None => diagnostic,
        });
    }
    found
}

fn finding(scene: &Scene<'_>, name: &str, place: Location, help: &str) -> Option<Diagnostic> {
    let (message, label) = match effect(scene, name)? {
        Effect::Abrupt => (
            format!("SIG{name} ends Puma at once: requests are cut off, and the pidfile stays"),
            "Puma does not handle it",
        ),
        Effect::Restarts => (format!("SIG{name} restarts Puma instead of stopping it"), "a restart"),
        Effect::None => (
            format!("SIG{name} does not stop Puma: systemd waits for TimeoutStopSec=, and then kills it"),
            "Puma goes on serving",
        ),
    };
    let diagnostic = Diagnostic::new(RULE.name, RULE.severity, place, message).label(label).help(help);
    Some(match effect(scene, name)? {
        Effect::Abrupt => diagnostic.quote(Speaker::Systemd, "Failed with result 'signal'."),
        _ => diagnostic.quote(Speaker::Systemd, "State 'stop-sigterm' timed out. Killing."),
    })
}

/// Who may decide to send SIGTERM instead. SIGQUIT, SIGUSR1 and SIGUSR2 come from other servers, where they stop
/// gently; whoever writes SIGKILL or SIGABRT wants an end at once.
fn applicability(name: &str) -> Applicability {
    match name {
        "KILL" | "ABRT" | "9" => Applicability::Unsafe,
        _ => Applicability::Safe,
    }
}

fn effect(scene: &Scene<'_>, name: &str) -> Option<Effect> {
    let trapped = catalog::signal(name).is_some_and(|signal| signal.is_trapped(scene.release()));
    match name {
        "TERM" | "INT" => None,
        "USR1" | "USR2" if trapped => Some(Effect::Restarts),
        "QUIT" | "KILL" | "ABRT" | "9" | "3" if !trapped => Some(Effect::Abrupt),
        "TSTP" | "TTIN" | "TTOU" | "WINCH" | "URG" | "CONT" => Some(Effect::None),
        _ => None,
    }
}
