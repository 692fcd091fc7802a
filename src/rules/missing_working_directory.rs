//! A unit that starts Puma in `/`.

use super::view::Scene;
use super::{Check, Rule};
use crate::catalog::{self, CommandLine};
use crate::model::{Diagnostic, Severity, Speaker};
use crate::puma::command_line::Program;

pub(super) const RULE: Rule = Rule {
    name: "missing-working-directory",
    summary: "a unit that starts Puma in /",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/missing-working-directory.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let release = scene.release();
    let mut found = Vec::new();
    for service in scene.pumas() {
        let elsewhere =
            ["WorkingDirectory", "RootDirectory", "RootImage"].iter().any(|key| service.last(key).is_some());
        if elsewhere || service.is_of_system() != Some(true) {
            continue;
        }
        // A config that says where the app is, or builds it, or is not here to be read.
        let says = |name: &str| matches!(name, "directory" | "rackup" | "app");
        let evaluations: Vec<_> = scene.evaluations_of(service).collect();
        let told =
            evaluations.iter().any(|e| e.trace.opaque || e.trace.calls.iter().any(|call| says(&call.name)));
        let unread = scene.deployment.launches.iter().any(|launch| {
            launch.service == Some(service.id) && launch.configs.is_empty() && has_config(launch, release)
        });
        if told || unread {
            continue;
        }
        for (entry, run) in service.pumas() {
            // Rails finds its app by its script.
            if run.program == Program::RailsServer {
                continue;
            }
            if run.directory.is_some() || run.program != Program::Puma && evaluations.is_empty() {
                continue;
            }
            let words: Vec<&str> = run.arguments.iter().map(|word| word.text()).collect();
            let program =
                if run.program == Program::Puma { catalog::Program::Puma } else { catalog::Program::Pumactl };
            let line = CommandLine::parse(program, &words, release);
            let rackup = run.program == Program::Puma && !line.operands.is_empty();
            if rackup || line.setting("dir").is_some() || words.iter().any(|word| word.contains('$')) {
                continue;
            }
            // `env -C`, `sudo -D`, a script: any wrapper may go somewhere.
            let text = entry.value.text();
            if text.contains("--chdir") || text.contains(" -C /") && text.contains("env ") {
                continue;
            }
            found.push(
                Diagnostic::new(
                    RULE.name,
                    RULE.severity,
                    service.at(entry, run.name.span()),
                    "this unit starts Puma in /, where no app is: it exits at once",
                )
                .label("runs in / without WorkingDirectory=")
                .quote(Speaker::Puma, "ERROR: No application configured, nothing to run")
                .help("add WorkingDirectory= with the app's folder to [Service]"),
            );
        }
    }
    found
}

/// Whether a launch names its config.
fn has_config(launch: &crate::puma::Launch, release: catalog::Release) -> bool {
    launch.flag("config", release).is_some() || launch.flag("config-file", release).is_some()
}
