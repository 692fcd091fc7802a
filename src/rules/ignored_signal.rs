//! A signal that does nothing to Puma.

use super::edits::{remove_command, resend};
use super::view::{CommandView, Purpose};
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Applicability, Diagnostic, Fix, Severity};
use crate::puma::command_line::{Program, signal};

pub(super) const RULE: Rule = Rule {
    name: "ignored-signal",
    summary: "a signal that does nothing to a Puma under systemd",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/ignored-signal.md"),
    check: Check::Command(check),
};

/// Signals that do nothing to a process that doesn't trap them: the kernel ignores the first five by
/// default, and drops the stops for a service, whose process group has no terminal (signal(7), setpgid(2)).
const DROPPED: &[&str] = &["CHLD", "CLD", "URG", "WINCH", "CONT", "TSTP", "TTIN", "TTOU"];

fn check(view: &CommandView<'_>) -> Vec<Diagnostic> {
    let invocation = &view.command.invocation;
    if invocation.program != Program::Kill || !view.command.service.is_some_and(|service| service.runs_puma())
    {
        return Vec::new();
    }
    let Some((name, word)) = signal(invocation) else { return Vec::new() };
    if !DROPPED.contains(&name.as_str())
        || catalog::signal(&name).is_some_and(|signal| signal.is_trapped(view.release()))
    {
        return Vec::new();
    }
    let (severity, outcome, help) = match view.command.purpose {
        Purpose::Stop => (
            Severity::Warning,
            "Puma goes on serving until systemd sends SIGTERM itself",
            "remove the line: without ExecStop= systemd sends SIGTERM, and Puma finishes its requests",
        ),
        Purpose::Reload => (
            Severity::Error,
            "the reload reports success and reloads nothing",
            "send USR2 for a restart that keeps the sockets open, or USR1 where phased restarts are possible",
        ),
        _ => (Severity::Warning, "Puma goes on as before", "send a signal that Puma knows, or none"),
    };
    let diagnostic = Diagnostic::new(
        RULE.name,
        severity,
        view.at(word),
        format!("SIG{name} does nothing to Puma: {outcome}"),
    )
    .label("no Puma handles it, and the kernel drops it for a service")
    .help(help);
    let fix = match view.command.purpose {
        Purpose::Stop => remove_command(view.scene, view.command, word).map(|edit| Fix {
            title: "remove ExecStop=".into(),
            applicability: Applicability::Safe,
            edits: vec![edit],
        }),
        // The reload will then restart Puma, which it did not do so far.
        Purpose::Reload => resend(view.scene, view.command.file, word),
        _ => None,
    };
    vec![match fix {
        Some(fix) => diagnostic.fix(fix),
        None => diagnostic,
    }]
}
