//! A `pumactl` that fails on the config, though Puma itself boots with it.

use super::view::{Command, CommandView, Evaluation};
use super::words::wording;
use super::{Check, Rule};
use crate::catalog::pumactl::{Fails, Quirk, quirk, quirks_at};
use crate::catalog::{self, Release};
use crate::model::{Diagnostic, Location, Severity, Span, Speaker, Value};
use crate::puma::command_line::Program;
use crate::puma::evaluate::{Block, Call};
use crate::puma::flags::flags;

pub(super) const RULE: Rule = Rule {
    name: "broken-pumactl",
    summary: "a pumactl that fails on a config with which Puma boots",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/broken-pumactl.md"),
    check: Check::Command(check),
};

fn check(view: &CommandView<'_>) -> Vec<Diagnostic> {
    if view.command.invocation.program != Program::Pumactl {
        return Vec::new();
    }
    let release = view.release();
    let (given, evaluation) = match reads(view, release) {
        Reads::Nothing => (None, None),
        Reads::Found(evaluation) => (None, evaluation),
        Reads::Given(span, evaluation) => (Some(span), evaluation),
    };
    let mut found = Vec::new();
    for quirk in quirks_at(release) {
        let (Some(fails), Some(words)) = (quirk.fails, quirk.words) else { continue };
        let offender = match (fails, evaluation) {
            (Fails::Always, _) => None,
            (Fails::ConfigGiven, _) if given.is_some() => None,
            (Fails::Calls | Fails::SingleModeCalls, Some(evaluation)) => {
                match offender(quirk, fails, evaluation, release) {
                    Some(call) => Some((evaluation.config, call)),
                    None => continue,
                }
            }
            _ => continue,
        };
        let name = &view.command.invocation.name;
        let called = offender.map_or("", |(_, call)| call.name.as_str());
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            view.word(name),
            format!(
                "pumactl of Puma {} fails here, whatever it is asked",
                view.scene.deployment.target.name()
            ),
        )
        .label(if offender.is_some() {
            "it evaluates the config, and stops there"
        } else {
            "it exits with an error"
        })
        .quote(Speaker::Puma, wording(view.scene).reword(&words.replace("{call}", called)));
        if let Some((file, call)) = offender {
            diagnostic = diagnostic.also(
                Location { file, span: call.name_span },
                "this is what it fails on; Puma itself does not",
            );
        }
        let mended = quirk.releases.last().next().map(|next| format!("go to Puma {next} or newer"));
        let around = offender.filter(|_| quirk_holds("dash-is-no-config", release));
        let around =
            around.map(|_| "give it the pidfile and no config: pumactl -F - -P PIDFILE …".to_owned());
        let help: Vec<String> = mended.into_iter().chain(around).collect();
        found.push(diagnostic.help(help.join("; or ")));
        break;
    }
    found
}

fn quirk_holds(name: &str, release: Release) -> bool {
    quirk(name).is_some_and(|quirk| quirk.releases.contains(release))
}

/// What `pumactl` evaluates before it does anything.
enum Reads<'a> {
    /// No config.
    Nothing,
    /// The one that -F names, if it is among the files.
    Given(Span, Option<&'a Evaluation<'a>>),
    /// The one of its working directory, if that is known.
    Found(Option<&'a Evaluation<'a>>),
}

fn reads<'a>(view: &CommandView<'a>, release: Release) -> Reads<'a> {
    let command = view.command;
    let given = flags(catalog::Program::Pumactl, &command.invocation.arguments, release);
    let config = given
        .into_iter()
        .filter(|flag| flag.found.found().is_some_and(|found| found.flag.long == "config-file"))
        .filter_map(|flag| flag.value)
        .next_back();
    let evaluations = || view.scene.evaluations.iter().filter(|evaluation| is_of(command, evaluation));
    match config {
        Some(path) if path.text() == "-" && quirk_holds("dash-is-no-config", release) => Reads::Nothing,
        Some(path) => {
            let named = |evaluation: &&Evaluation<'_>| {
                let file = evaluation.source.made().file_name().and_then(|name| name.to_str());
                path.text().rsplit('/').next() == file
            };
            Reads::Given(path.span(), evaluations().find(named))
        }
        None if quirk_holds("finds-config", release) && has_directory(command) => {
            Reads::Found(evaluations().next())
        }
        None => Reads::Nothing,
    }
}

/// Whether the command's unit launches this config; any launch will do for a command outside of units.
fn is_of(command: &Command<'_>, evaluation: &Evaluation<'_>) -> bool {
    command.service.is_none_or(|service| evaluation.launch.service == Some(service.id))
}

/// Whether it is said where the command runs: there `pumactl` looks for config/puma.rb.
fn has_directory(command: &Command<'_>) -> bool {
    let entry = command.service.and_then(|service| service.last("WorkingDirectory"));
    entry.is_some() || command.invocation.directory.is_some()
}

/// The call that `pumactl` fails on.
fn offender<'a>(
    quirk: &Quirk,
    fails: Fails,
    evaluation: &'a Evaluation<'_>,
    release: Release,
) -> Option<&'a Call> {
    let single = matches!(evaluation.workers(release), Value::Int(count) if count < 1);
    if fails == Fails::SingleModeCalls && !single {
        return None;
    }
    let trace = &evaluation.trace;
    trace.calls.iter().find(|call| {
        let concerned = match fails {
            Fails::SingleModeCalls => {
                call.block != Block::None
                    && catalog::directive(&call.name)
                        .is_some_and(|directive| directive.single_mode_warning_at(release).is_some())
            }
            _ => quirk.calls.contains(&call.name.as_str()),
        };
        concerned && call.condition.is_always() && !call.is_rescued_from("NoMethodError")
    })
}
