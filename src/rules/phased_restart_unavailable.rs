//! A phased restart that this config makes impossible.

use super::view::{Command, Purpose, Scene};
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Diagnostic, Location, Severity, Span, Speaker, Value};
use crate::puma::command_line::{Program, signal};
use crate::puma::evaluate::Trace;
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
            command.service.is_none_or(|service| evaluation.launch.service == Some(service.file))
        });
        let Some(first) = launches.next() else { continue };
        let Some(reason) = impossible(scene, &first.trace) else { continue };
        if launches.any(|other| impossible(scene, &other.trace).is_none()) {
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
fn impossible(scene: &Scene<'_>, trace: &Trace) -> Option<Reason> {
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
    let workers = workers?;
    let pruned = options::last(trace, "prune_bundler", Value::Bool(true));
    match workers.value {
        Value::Int(count) if count > 1 && pruned.is_none() && catalog::preloads_clusters(scene.release()) => {
            Some(Reason {
                message: format!("Puma {} preloads the app by default", scene.deployment.target.name()),
                span: Some(workers.span),
                label: "more than one worker: the app is preloaded unless told otherwise",
                help: "say `preload_app! false` to keep phased restarts; or send USR2, which says what happens",
            })
        }
        Value::Int(count) if count < 1 => Some(Reason {
            message: "Puma runs without workers".into(),
            span: Some(workers.span),
            label: "no workers, so nothing to restart one by one",
            help: "send USR2, which says what happens; or run two workers or more",
        }),
        _ => None,
    }
}
