//! A Monit check that starts a unit which is not there.

use super::view::Scene;
use super::{Check, Rule};
use crate::deployment::Service;
use crate::model::{Diagnostic, Location, Severity, Speaker};
use crate::systemd::Manager;

pub(super) const RULE: Rule = Rule {
    name: "unknown-unit",
    summary: "a Monit check that starts a unit which is not there",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/unknown-unit.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for command in scene.commands.iter().filter(|command| command.check.is_some()) {
        let of_user = command.invocation.arguments.iter().find(|word| word.text() == "--user");
        for word in super::view::units_of(&command.invocation) {
            let name = word.text();
            let at = |span| Location { file: command.file, span };
            let full = if name.contains('.') { name.to_owned() } else { format!("{name}.service") };
            if let Some(service) = scene.service_named(name) {
                // Monit runs as root, and root's systemctl asks the system's manager.
                if service.context.manager == Manager::User && of_user.is_none() {
                    found.push(
                        finding(at(word.span()), &full, "it is a unit of a user, which root's systemctl does not see")
                            .also(service_place(service), "a unit of a user's manager")
                            .help("install it in /etc/systemd/system; or start it as that user, with XDG_RUNTIME_DIR set"),
                    );
                } else if let Some(flag) = of_user {
                    found.push(
                        Diagnostic::new(
                            RULE.name,
                            RULE.severity,
                            at(flag.span()),
                            "Monit runs without a session of a user: systemctl --user reaches no manager",
                        )
                        .label("no manager answers")
                        .quote(Speaker::Monit, "Failed to connect to bus")
                        .help("make it a unit of the system, with User=; then systemctl needs no --user"),
                    );
                }
                continue;
            }
            // Its template is here, and the rest of its name is filled in elsewhere.
            let is_filled_in = scene.deployment.services.iter().any(|service| {
                let prefix = full.split_once('@').map(|(prefix, _)| prefix);
                scene.is_template(service.file) && Some(service.context.unit.prefix()) == prefix
            });
            if is_filled_in {
                continue;
            }
            let mut services = scene.deployment.services.iter();
            let made = |service: &&Service| {
                let stem = full.strip_suffix(".service");
                scene.is_template(service.file) && Some(service.context.unit.prefix()) == stem
            };
            if let Some(service) = services.find(made) {
                found.push(
                    finding(at(word.span()), &full, "there is only its template")
                        .also(service_place(service), "a template, which needs an instance")
                        .help(format!("name the instance: {}@….service", full.trim_end_matches(".service"))),
                );
                continue;
            }
            let near = scene.pumas().find(|service| strsim::damerau_levenshtein(service.name(), &full) <= 2);
            if let Some(service) = near {
                found.push(
                    finding(at(word.span()), &full, &format!("the unit here is {}", service.name()))
                        .also(service_place(service), "this one is near")
                        .help(format!("write `{}`", service.name().trim_end_matches(".service"))),
                );
            }
        }
    }
    found
}

fn finding(place: Location, full: &str, why: &str) -> Diagnostic {
    Diagnostic::new(RULE.name, RULE.severity, place, format!("systemd knows no {full}: {why}"))
        .label("not found")
        .quote(Speaker::Monit, format!("(exit status 5) -- Unit {full} not found."))
}

fn service_place(service: &Service) -> Location {
    let entry = service.all("ExecStart").first().copied();
    entry.map_or(Location { file: service.file, span: crate::model::Span::at(0) }, |entry| {
        service.assignment(entry)
    })
}
