//! `prune_bundler`, which a preloaded app leaves without effect.

use super::view::ConfigView;
use super::{Check, Rule};
use crate::model::{Diagnostic, Severity, Value};
use crate::puma::options;

pub(super) const RULE: Rule = Rule {
    name: "ineffective-prune-bundler",
    summary: "`prune_bundler` beside `preload_app!`, which wins",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/ineffective-prune-bundler.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let trace = &view.evaluation.trace;
    let on = |name| options::last(trace, name, Value::Bool(true)).filter(|o| o.value.truthy() == Some(true));
    let (Some(prune), Some(preload)) = (on("prune_bundler"), on("preload_app!")) else { return Vec::new() };
    if !matches!(view.evaluation.workers(view.release()), Value::Int(count) if count > 0) {
        return Vec::new();
    }
    vec![
        Diagnostic::new(
            RULE.name,
            RULE.severity,
            view.at(prune.span),
            "`prune_bundler` does nothing beside `preload_app!`",
        )
        .label("ignored without a word")
        .also(view.at(preload.span), "the app is loaded before the workers are forked")
        .help("keep one of them: prune_bundler for phased restarts, preload_app! for less memory"),
    ]
}
