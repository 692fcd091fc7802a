//! A SIGHUP that stops Puma.

use super::edits::resend;
use super::view::{CommandView, Evaluation, Purpose};
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Diagnostic, Location, Severity};
use crate::puma::command_line::{Program, signal};

pub(super) const RULE: Rule = Rule {
    name: "hangup-stops",
    summary: "SIGHUP to a Puma without log files, which it stops",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/hangup-stops.md"),
    check: Check::Command(check),
};

fn check(view: &CommandView<'_>) -> Vec<Diagnostic> {
    let run = &view.command.invocation;
    let release = view.release();
    let reloads = matches!(view.command.purpose, Purpose::Reload | Purpose::Restart);
    if run.program != Program::Kill || !reloads || !catalog::stops_on_hangup(release) {
        return Vec::new();
    }
    let Some((_, span)) = signal(run).filter(|(name, _)| name == "HUP") else { return Vec::new() };
    let launches: Vec<&Evaluation<'_>> = view
        .scene
        .evaluations
        .iter()
        .filter(|e| view.command.service.is_none_or(|service| e.launch.service == Some(service.id)))
        .collect();
    let redirects = |e: &&Evaluation<'_>| {
        let flag =
            ["redirect-stdout", "redirect-stderr"].iter().any(|flag| e.launch.flag(flag, release).is_some());
        flag || e.trace.opaque || e.trace.calls.iter().any(|call| call.name == "stdout_redirect")
    };
    let Some(first) = launches.first().filter(|_| !launches.iter().any(redirects)) else { return Vec::new() };
    let revives = view
        .command
        .service
        .and_then(|service| service.last("Restart"))
        .is_some_and(|e| e.value.text() == "always");
    let (severity, outcome) = if revives {
        (Severity::Warning, "every reload is a stop and a start, and requests are refused in between")
    } else {
        (Severity::Error, "a reload stops Puma, and nothing starts it again")
    };
    let diagnostic =
        Diagnostic::new(RULE.name, severity, view.at(span), format!("SIGHUP stops this Puma: {outcome}"))
            .label("without stdout_redirect, it means stop")
            .also(Location { file: first.config, span: crate::model::Span::at(0) }, "no stdout_redirect here")
            .help("send USR2: it restarts Puma and keeps the sockets open");
    vec![match resend(view.scene, view.command.file, span) {
        Some(fix) => diagnostic.fix(fix),
        None => diagnostic,
    }]
}
