//! A phased restart that this config makes impossible.

use super::edits::resend;
use super::upgrade::is_preloaded_by_default;
use super::view::{Command, Evaluation, Purpose, Scene};
use super::{Check, Rule};
use crate::model::{Diagnostic, Location, Severity, Span, Speaker, Value};
use crate::puma::command_line::{Program, signal};
use crate::puma::options;

pub(super) const RULE: Rule = Rule {
    name: "phased-restart-unavailable",
    summary: "a phased restart asked of a Puma that cannot do one",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/phased-restart-unavailable.md"),
    check: Check::Deployment(check),
};

pub(super) fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for command in &scene.commands {
        let Some(asked) = phased_restart(command) else { continue };
        // The launch of the unit that the command stands in; elsewhere any launch, if all agree.
        let mut launches = scene.evaluations.iter().filter(|evaluation| {
            command.service.is_none_or(|service| evaluation.launch.service == Some(service.id))
        });
        let Some(first) = launches.next() else { continue };
        let Some(reason) = impossible(scene, first) else { continue };
        if launches.any(|other| impossible(scene, other).is_none()) {
            continue;
        }
        let config = |span| Location { file: first.config, span };
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            Location { file: command.file, span: asked },
            format!("no phased restart is possible: {}", reason.message),
        )
        .label(if command.purpose == Purpose::Reload {
            "this asks for one; every reload is a full restart"
        } else {
            "this asks for one; Puma restarts in full"
        })
        .quote(Speaker::Puma, "phased-restart called but not available, restarting normally.")
        .help(reason.help);
        if let Some(span) = reason.span {
            diagnostic = diagnostic.also(config(span), reason.label);
        }
        if let (Program::Kill, Some(fix)) = (command.invocation.program, resend(scene, command.file, asked)) {
            diagnostic = diagnostic.fix(fix);
        }
        found.push(diagnostic);
    }
    found
}

/// Where a command asks for a phased restart.
fn phased_restart(command: &Command<'_>) -> Option<Span> {
    let invocation = &command.invocation;
    match invocation.program {
        Program::Kill => signal(invocation).filter(|(name, _)| name == "USR1").map(|(_, span)| span),
        Program::Pumactl => {
            invocation.arguments.iter().find(|word| word.text() == "phased-restart").map(|word| word.span())
        }
        _ => None,
    }
}

/// Why no phased restart is possible.
struct Reason {
    message: String,
    /// What decides it in the config.
    span: Option<Span>,
    label: &'static str,
    help: &'static str,
}

/// The reason, where one is sure.
fn impossible(scene: &Scene<'_>, evaluation: &Evaluation<'_>) -> Option<Reason> {
    let trace = &evaluation.trace;
    let preload = options::last(trace, "preload_app!", Value::Bool(true));
    let workers = options::last(trace, "workers", Value::Int(0));
    if let Some(preload) = &preload {
        match preload.value.truthy() {
            Some(true) => {
                return Some(Reason {
                    message: "preload_app! loads the app once, for all workers".into(),
                    span: Some(preload.span),
                    label: "the app is loaded before the workers are forked",
                    help: "send USR2, which says what happens; or drop preload_app! if you need phased restarts",
                });
            }
            _ => return None,
        }
    }
    if is_preloaded_by_default(evaluation, scene.release()) {
        return Some(Reason {
            message: format!("Puma {} preloads the app by default", scene.deployment.target.name()),
            // Without `workers` a variable decides.
            span: workers.map(|workers| workers.span),
            label: "more than one worker: the app is preloaded unless told otherwise",
            help: "say `preload_app! false` to keep phased restarts; or send USR2, which says what happens",
        });
    }
    let workers = workers?;
    match workers.value {
        Value::Int(count) if count < 1 => Some(Reason {
            message: "Puma runs without workers".into(),
            span: Some(workers.span),
            label: "no workers, so nothing to restart one by one",
            help: "send USR2, which says what happens; or run two workers or more",
        }),
        _ => None,
    }
}
