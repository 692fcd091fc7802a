//! A Monit check that starts Puma itself, in the foreground.

use super::view::{Purpose, Scene};
use super::{Check, Rule, monit_programs};
use crate::catalog;
use crate::deployment::is_start;
use crate::model::{Diagnostic, Location, Severity, Speaker, Value};
use crate::puma::options;

pub(super) const RULE: Rule = Rule {
    name: "monit-starts-puma",
    summary: "a Monit check that starts Puma itself, in the foreground",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/monit-starts-puma.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let release = scene.release();
    let daemons = catalog::directive("daemonize").is_some_and(|directive| directive.exists(release));
    if scene.daemonizes_by_gem() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for command in scene.commands.iter().filter(|command| command.check.is_some()) {
        let run = &command.invocation;
        let starts = matches!(command.purpose, Purpose::Start | Purpose::Restart) && is_start(run);
        if !starts || run.background {
            continue;
        }
        // A flag that daemonizes, or that is gone, is another rule's matter.
        let daemon = run.arguments.iter().any(|word| matches!(word.text(), "-d" | "--daemon"));
        let by_config = scene
            .evaluations
            .iter()
            .any(|evaluation| options::last(&evaluation.trace, "daemonize", Value::Bool(true)).is_some());
        if daemon || by_config || daemons && scene.evaluations.is_empty() {
            continue;
        }
        let service = scene.pumas().next();
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            Location { file: command.file, span: run.name.span() },
            "Monit waits for its start program to end, and this Puma never does",
        )
        .label("stays in the foreground")
        .quote(Speaker::Monit, "failed to start (exit status -1) -- Program timed out");
        if let Some(service) = service {
            if let Some((entry, other)) = service.pumas().first() {
                diagnostic =
                    diagnostic.also(service.at(entry, other.name.span()), "systemd starts the same Puma");
            }
            let name = service.name().trim_end_matches(".service");
            diagnostic = diagnostic.help(format!("let systemd start it: \"/bin/systemctl start {name}\""));
        } else {
            diagnostic = diagnostic
                .help("let systemd keep Puma running, and start the unit here: \"/bin/systemctl start …\"");
        }
        let check =
            command.check.and_then(|check| monit_programs::through_systemd(scene, command.file, check));
        found.push(match check {
            Some(fix) => diagnostic.fix(fix),
            None => diagnostic,
        });
    }
    found
}
