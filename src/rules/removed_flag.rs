//! A flag of `puma` that the target release no longer has.

use super::view::{Command, CommandView, Purpose};
use super::{Check, Rule, foreground, monit_programs};
use crate::capistrano::{Plugin, Stage};
use crate::catalog::{self, CAPISTRANO_GEM, DeployStart};
use crate::model::{Applicability, Diagnostic, Edit, Fix, Severity, Speaker, Story};
use crate::puma::Starter;
use crate::puma::command_line::Program;
use crate::puma::flags::{FlagUse, flags, removed};
use crate::ruby;

pub(super) const RULE: Rule = Rule {
    name: "removed-flag",
    summary: "a command-line flag that this Puma no longer has",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/removed-flag.md"),
    check: Check::Command(check),
};

fn check(view: &CommandView<'_>) -> Vec<Diagnostic> {
    let program = match view.command.invocation.program {
        Program::Puma => catalog::Program::Puma,
        Program::Pumactl => catalog::Program::Pumactl,
        _ => return Vec::new(),
    };
    let release = view.release();
    let asked = view.scene.deployment.target.name();
    let mut found = Vec::new();
    for given in flags(program, &view.command.invocation.arguments, release) {
        let Some(words) = given.found.words(&given.name) else { continue };
        // Only a flag that some older release took was removed; any other is a slip of another kind.
        let Some(flag) = removed(program, &given.name, release) else { continue };
        let Some(removed) = flag.removed_in() else { continue };
        let daemon = flag.long == "daemon";
        let deploy = OfDeploy::find(view);
        let diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            view.at(given.span),
            format!("Puma {asked} refuses `{}`: it exits at once", given.name),
        )
        .quote(Speaker::Puma, words.clone());
        let diagnostic = match flag.replacement {
            Some(new) => diagnostic
                .label(format!("{words}; since {removed} it is `--{new}`"))
                .help(format!("write `--{new}` instead")),
            None => {
                let help = match &deploy {
                    Some(deploy) => deploy.help.clone(),
                    None if daemon => instead_of_daemon(view.command).to_owned(),
                    None => "remove the flag".to_owned(),
                };
                diagnostic.label(format!("{words} (removed in {removed})")).help(help)
            }
        };
        let fix = match flag.replacement {
            Some(new) => renamed(view, &given, new),
            None if daemon => deploy.and_then(|deploy| deploy.fix).or_else(|| stay(view)),
            None => None,
        };
        let diagnostic = match fix {
            Some(fix) => diagnostic.fix(fix),
            None => diagnostic,
        };
        found.push(if daemon { diagnostic.role(Story::Daemonizing, 1) } else { diagnostic });
    }
    found
}

/// What to do where it is a plugin of capistrano3-puma that says the flag.
struct OfDeploy {
    help: String,
    fix: Option<Fix>,
}

impl OfDeploy {
    fn find(view: &CommandView<'_>) -> Option<OfDeploy> {
        let place = view.word(&view.command.invocation.name);
        let stages = &view.scene.deployment.stages;
        let mut stages = stages.iter().filter(|_| view.command.starter == Starter::Capistrano);
        let (stage, start, plugin) = stages.find_map(|stage| {
            let (start, plugin) = stage.starts().find(|(_, plugin)| plugin.place == place)?;
            Some((stage, start, plugin))
        })?;
        let (task, instead) = (if start.by_monit { "its Monit check" } else { "each deploy" }, start.instead);
        let help = format!("{CAPISTRANO_GEM} {} writes the flag into {task} by itself: {instead}", stage.gem);
        Some(OfDeploy { help, fix: of_plugin(view, stage, start, plugin) })
    }
}

/// Lets systemd start what the plugin starts. Its unit has to be on the server, so somebody has to see to that.
fn of_plugin(view: &CommandView<'_>, stage: &Stage, start: &DeployStart, plugin: &Plugin) -> Option<Fix> {
    let file = plugin.place.file;
    let systemd = catalog::deploy_plugin("Systemd").filter(|systemd| systemd.exists(&stage.gem))?;
    if start.by_monit || stage.plugins.iter().any(|other| other.name == systemd.name) {
        let tree = view.scene.files.deploy_file(file)?;
        let edits = ruby::remove_statement(view.scene.files.bytes(file), tree, plugin.node).ok()?;
        return Some(Fix {
            title: format!("remove Capistrano::Puma::{}", plugin.name),
            applicability: Applicability::Unsafe,
            edits: edits.into_iter().map(|(span, replacement)| Edit { file, span, replacement }).collect(),
        });
    }
    let written = view.scene.files.source(file).text(plugin.place.span);
    let before = written.strip_suffix(plugin.name.as_str()).filter(|_| !plugin.name.is_empty())?;
    Some(Fix {
        title: "install Capistrano::Puma::Systemd instead".into(),
        applicability: Applicability::Unsafe,
        edits: vec![Edit { file, span: plugin.place.span, replacement: format!("{before}{}", systemd.name) }],
    })
}

/// What to do where Puma can no longer go to the background by itself.
fn instead_of_daemon(command: &Command<'_>) -> &'static str {
    match (command.starter, command.purpose) {
        (Starter::Systemd, Purpose::Start) => {
            "remove the flag together with Type=forking: systemd keeps Puma running"
        }
        (Starter::Docker | Starter::Compose, _) => {
            "remove the flag: a container runs as long as Puma stays in the foreground"
        }
        (Starter::Procfile, _) => "remove the flag: what runs the Procfile wants Puma in the foreground",
        _ => {
            "start Puma through systemd: without the flag it stays in the foreground, and this would wait for it"
        }
    }
}

/// The flag's new name in the place of the old one.
fn renamed(view: &CommandView<'_>, given: &FlagUse, new: &str) -> Option<Fix> {
    let written = view.scene.files.source(view.command.file).bytes().get(given.span.range())?;
    (written == given.name.as_bytes()).then(|| Fix {
        title: format!("write `--{new}`"),
        applicability: Applicability::Safe,
        edits: vec![Edit { file: view.command.file, span: given.span, replacement: format!("--{new}") }],
    })
}

/// Without a daemon: the unit has to expect that, and Monit has to leave Puma to systemd.
fn stay(view: &CommandView<'_>) -> Option<Fix> {
    let command = view.command;
    match (command.service, command.check) {
        (Some(service), _) if command.purpose == Purpose::Start => {
            foreground::of_service(view.scene, service)
        }
        (_, Some(check)) => monit_programs::through_systemd(view.scene, command.file, check),
        _ => None,
    }
}
