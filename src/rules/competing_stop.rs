//! A Monit stop that systemd undoes.

use super::view::{Purpose, Scene};
use super::{Check, Rule, monit_programs};
use crate::model::{Diagnostic, Location, Severity};
use crate::puma::command_line::Program;

pub(super) const RULE: Rule = Rule {
    name: "competing-stop",
    summary: "a Monit stop program that systemd undoes",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/competing-stop.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (file, check) in scene.process_checks() {
        let Some(service) = scene.services_started_by(file, check).into_iter().next() else { continue };
        let Some(restart) = service.last("Restart").filter(|entry| entry.value.text() == "always") else {
            continue;
        };
        let stop = scene.commands.iter().find(|command| {
            command.file == file
                && command.check == Some(check.span)
                && command.purpose == Purpose::Stop
                && matches!(command.invocation.program, Program::Kill | Program::Pumactl)
        });
        let Some(stop) = stop else { continue };
        let diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            Location { file, span: stop.invocation.name.span() },
            "Monit stops Puma behind systemd's back, and systemd starts it again",
        )
        .label("Monit takes it for stopped, and watches it no longer")
        .also(service.assignment(restart), "starts Puma again, whoever stopped it")
        .help(format!(
            "stop the unit: \"/bin/systemctl stop {}\"",
            service.name().trim_end_matches(".service")
        ));
        found.push(match monit_programs::through_systemd(scene, file, check.span) {
            Some(fix) => diagnostic.fix(fix),
            None => diagnostic,
        });
    }
    found
}
