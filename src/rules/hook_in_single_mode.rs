//! A hook that only runs with workers, where there are none.

use super::view::ConfigView;
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Diagnostic, Severity, Speaker, Value};
use crate::puma::evaluate::Block;

pub(super) const RULE: Rule = Rule {
    name: "hook-in-single-mode",
    summary: "a hook that needs workers, where there are none",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/hook-in-single-mode.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let release = view.release();
    let trace = &view.evaluation.trace;
    let single = matches!(view.evaluation.workers(release), Value::Int(count) if count < 1);
    let silenced = trace.calls.iter().any(|call| call.name == "silence_fork_callback_warning");
    if !single || silenced {
        return Vec::new();
    }
    let hooks = trace.calls.iter().filter(|call| {
        call.condition.is_always() && call.block != Block::None && !trace.methods.contains(&call.name)
    });
    let mut found = Vec::new();
    for call in hooks {
        let Some(directive) = catalog::directive(&call.name).filter(|d| d.cluster_only && d.exists(release))
        else {
            continue;
        };
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            view.at(call.name_span),
            format!("`{}` never runs: Puma is started without workers", call.name),
        )
        .label("only with workers")
        .help("remove it, or say how many workers there are: workers 2");
        if let Some(warning) = directive.single_mode_warning_at(release) {
            let words = warning.words.replace("{canonical}", directive.canonical_at(release));
            diagnostic = diagnostic.quote(Speaker::Puma, words.trim_end());
        }
        found.push(diagnostic);
    }
    found
}
