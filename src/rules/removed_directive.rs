//! A directive that the target release no longer has.

use super::view::ConfigView;
use super::words::{outcome, undefined_class, wording};
use super::{Check, Rule, view};
use crate::catalog::{self, Directive, Release};
use crate::model::{Applicability, Diagnostic, Edit, Fix, Severity, Speaker, Story, Value};
use crate::puma::evaluate::Call;
use crate::ruby;

pub(super) const RULE: Rule = Rule {
    name: "removed-directive",
    summary: "a directive that this Puma no longer has",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/removed-directive.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let trace = &view.evaluation.trace;
    let release = view.release();
    let mut found = Vec::new();
    for call in &trace.calls {
        let Some((directive, removed)) = removed(&call.name, release) else { continue };
        let class = undefined_class(&call.name, call.bare);
        if call.is_rescued_from(class) || trace.methods.contains(&call.name) {
            continue;
        }
        // The gem puma-daemon defines `daemonize` again.
        if call.name == "daemonize" && view::requires(trace, "puma/daemon") {
            continue;
        }
        found.push(diagnose(view, call, directive, removed));
    }
    found
}

/// The directive and the release that removed it, if `release` is at or above that.
fn removed(name: &str, release: Release) -> Option<(&'static Directive, Release)> {
    let directive = catalog::directive(name)?;
    let removed = directive.removed_in()?;
    (removed <= release).then_some((directive, removed))
}

fn diagnose(view: &ConfigView<'_>, call: &Call, directive: &Directive, removed: Release) -> Diagnostic {
    let name = directive.name;
    let asked = view.scene.deployment.target.name();
    let (severity, outcome) = outcome(&call.condition);
    let replaced = match directive.replacement {
        Some(new) => format!("removed in {removed}; `{new}` does its work"),
        None => format!("removed in {removed}, nothing replaces it"),
    };
    let mut found = Diagnostic::new(
        RULE.name,
        severity,
        view.at(call.span),
        format!("Puma {asked} does not know `{name}`: {outcome}"),
    )
    .label(replaced)
    .quote(Speaker::Puma, wording(view.scene).undefined(name, call.bare));
    if name == "daemonize" {
        found = found.role(Story::Daemonizing, 0);
    }
    let found = found.help(help(directive, call));
    let replacement = directive.replacement.and_then(catalog::directive);
    match replacement.filter(|new| new.exists(view.release())) {
        Some(new) => found.fix(Fix {
            title: format!("call `{}` instead", new.name),
            applicability: Applicability::Safe,
            edits: vec![Edit {
                file: view.evaluation.config,
                span: call.name_span,
                replacement: new.name.to_owned(),
            }],
        }),
        None if directive.droppable => match removal(view, call) {
            Ok(fix) => found.fix(fix),
            Err(why) => {
                let help = help(directive, call);
                found.help(format!("{help}\n{why}: remove it by hand"))
            }
        },
        None => found,
    }
}

/// What to do about it.
fn help(directive: &Directive, call: &Call) -> String {
    let off = matches!(call.arguments.first().map(|a| &a.value), Some(Value::Bool(false) | Value::Nil));
    match (directive.replacement, directive.advice) {
        _ if off && directive.droppable => "remove the line: it asks for what this Puma does anyway".into(),
        (Some(new), _) => format!("call `{new}` instead"),
        (None, Some(advice)) => advice.into(),
        (None, None) => "remove it".into(),
    }
}

/// The fix that takes the whole statement away.
fn removal(view: &ConfigView<'_>, call: &Call) -> Result<Fix, String> {
    let evaluation = view.evaluation;
    let edits = ruby::remove_statement(view.scene.files.bytes(evaluation.config), evaluation.tree, call.node)
        .map_err(|refusal| refusal.to_string())?;
    let file = evaluation.config;
    Ok(Fix {
        title: format!("remove `{}`", call.name),
        applicability: Applicability::Safe,
        edits: edits.into_iter().map(|(span, replacement)| Edit { file, span, replacement }).collect(),
    })
}
