//! A pidfile of the config that the command line overrides.

use super::pidfiles::{configured, listed};
use super::view::{Command, Scene};
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Diagnostic, Location, Severity};
use crate::puma::command_line::{Program, is_pumactl_start};
use crate::puma::flags::flags;
use crate::puma::same_place::{Verdict, compare};

pub(super) const RULE: Rule = Rule {
    name: "overridden-pidfile",
    summary: "a pidfile of the config that the command line overrides",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/overridden-pidfile.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for evaluation in &scene.evaluations {
        let launch = evaluation.launch;
        let (Some(flag), Some(place)) = (launch.flag("pidfile", scene.release()), launch.place) else {
            continue;
        };
        let Some((span, paths)) = configured(evaluation, "pidfile") else { continue };
        let given = launch.text(flag.text());
        let given = crate::puma::evaluate::paths::expand(&given, &launch.directory).unwrap_or(given);
        if paths.iter().any(|path| compare(path, &given) != Verdict::Different) {
            continue;
        }
        // Only who asks the config is misled.
        let asks = scene.commands.iter().find(|command| {
            let of_launch = command.service.is_none_or(|service| launch.service == Some(service.id));
            of_launch && asks_config(scene, command)
        });
        let Some(asks) = asks else { continue };
        found.push(
            Diagnostic::new(
                RULE.name,
                RULE.severity,
                Location { file: evaluation.config, span },
                "pumactl -F looks for this pidfile, and Puma writes the one of its command line",
            )
            .label(format!("{}: never written in this launch", listed(&paths)))
            .also(Location { file: place.file, span: flag.span() }, "the command line wins")
            .also(Location { file: asks.file, span: asks.invocation.name.span() }, "reads the config")
            .quote(
                crate::model::Speaker::Puma,
                format!("No such file or directory @ rb_sysopen - {}", listed(&paths)),
            )
            .help("say the path once: in the config, without --pidfile"),
        );
    }
    found
}

/// Whether it is a pumactl that takes the pidfile from a config.
fn asks_config(scene: &Scene<'_>, command: &Command<'_>) -> bool {
    let run = &command.invocation;
    if run.program != Program::Pumactl || is_pumactl_start(run) {
        return false;
    }
    let given = flags(catalog::Program::Pumactl, &run.arguments, scene.release());
    let has = |long: &str| given.iter().any(|flag| flag.found.found().is_some_and(|f| f.flag.long == long));
    has("config-file") && !has("pidfile") && !has("state") && !has("pid") && !has("control-url")
}
