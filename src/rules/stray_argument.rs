//! A word behind `puma` that Puma takes for the rackup file.

use super::view::{CommandView, Purpose};
use super::{Check, Rule};
use crate::catalog::{self, CommandLine};
use crate::model::{Diagnostic, Severity, Speaker};
use crate::puma::command_line::Program;

pub(super) const RULE: Rule = Rule {
    name: "stray-argument",
    summary: "a word behind `puma` that it takes for the rackup file",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/stray-argument.md"),
    check: Check::Command(check),
};

fn check(view: &CommandView<'_>) -> Vec<Diagnostic> {
    let run = &view.command.invocation;
    if run.program != Program::Puma || view.command.purpose != Purpose::Start {
        return Vec::new();
    }
    // A config that builds the app itself needs no rackup file.
    let builds = |name: &str| matches!(name, "app" | "rackup");
    if view
        .scene
        .evaluations
        .iter()
        .any(|e| e.trace.opaque || e.trace.calls.iter().any(|call| builds(&call.name)))
    {
        return Vec::new();
    }
    let words: Vec<&str> = run.arguments.iter().map(|word| word.text()).collect();
    let line = CommandLine::parse(catalog::Program::Puma, &words, view.release());
    if line.error.is_some() || line.exits {
        return Vec::new();
    }
    // Of several, Puma takes the first.
    let Some(word) = line.operands.first().and_then(|place| run.arguments.get(*place)) else {
        return Vec::new();
    };
    let text = word.text();
    if let Some(app) = above_the_app(view, &line, text) {
        return vec![
            Diagnostic::new(
                RULE.name,
                Severity::Warning,
                view.word(word),
                format!("Puma looks for the rackup file above the app: {text} from {app}"),
            )
            .label("not the app's own, unless there is one above it")
            .quote(Speaker::Puma, "ERROR: No application configured, nothing to run")
            .help("leave the word away: Puma finds config.ru in its working directory"),
        ];
    }
    let help = if super::assignment_as_program::is_assignment(text) && !text.ends_with(".ru") {
        match view.command.service {
            Some(_) => "set it before the command, or with Environment= in the unit",
            None => "set it before the command",
        }
    } else if matches!(text, "start" | "stop" | "restart" | "status" | "phased-restart") {
        "leave the word away: it is a command of pumactl, and `puma` alone starts"
    } else if text.starts_with('#') {
        "put the comment on a line of its own"
    } else {
        return Vec::new();
    };
    vec![
        Diagnostic::new(
            RULE.name,
            RULE.severity,
            view.word(word),
            format!("Puma takes `{text}` for the rackup file, which is not there: it exits at once"),
        )
        .label("taken for the rackup file")
        .quote(Speaker::Puma, "ERROR: No application configured, nothing to run")
        .help(help),
    ]
}

/// The app's folder, if that is where Puma starts and the rackup file is to be above it: `-C` names the app's own config.
fn above_the_app(view: &CommandView<'_>, line: &CommandLine, rackup: &str) -> Option<String> {
    if !rackup.starts_with("../") || line.setting("dir").is_some() {
        return None;
    }
    let service = view.command.service?;
    let entry = service.last("WorkingDirectory")?;
    let directory = crate::systemd::working_directory(entry, &service.context);
    let directory = directory.value.known()?.text().trim_end_matches('/').to_owned();
    let config = &line.setting("config")?.argument.as_ref()?.text;
    let below = config.strip_prefix(&format!("{directory}/")).unwrap_or(config);
    below.starts_with("config/").then_some(directory)
}
