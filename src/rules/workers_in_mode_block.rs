//! `workers` inside of `cluster do` or `single do`.

use super::view::ConfigView;
use super::{Check, Rule};
use crate::model::{Diagnostic, Fact, Severity, Speaker, Value};
use crate::puma::evaluate::mode_block;

pub(super) const RULE: Rule = Rule {
    name: "workers-in-mode-block",
    summary: "`workers` inside of `cluster do` or `single do`",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/workers-in-mode-block.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let trace = &view.evaluation.trace;
    // What decides the mode is what stands outside of the blocks.
    let outside = trace.calls.iter().rev().find(|call| call.name == "workers" && mode_of(call).is_none());
    let workers = outside.and_then(|call| call.arguments.first()).map(|argument| argument.value.clone());
    let mut found = Vec::new();
    for call in trace.calls.iter().filter(|call| call.name == "workers") {
        let Some(mode) = mode_of(call) else { continue };
        let sure = call.condition.clauses().len() == 1;
        let severity = match (&workers, mode) {
            (Some(Value::Int(count)), "cluster") if *count > 0 && sure => Severity::Error,
            (Some(Value::Int(0)), "single") if sure => Severity::Error,
            (Some(Value::Int(_)), _) => continue,
            _ => Severity::Warning,
        };
        found.push(
            Diagnostic::new(
                RULE.name,
                severity,
                view.at(call.span),
                format!("`workers` stands in `{mode} do`: the server will not boot in {mode} mode"),
            )
            .label("the mode is chosen by then")
            .quote(
                Speaker::Puma,
                format!("cannot change the number of workers inside a {mode} configuration hook"),
            )
            .help("set the number of workers outside of the block"),
        );
    }
    found
}

/// The mode whose block a call stands in.
fn mode_of(call: &crate::puma::evaluate::Call) -> Option<&'static str> {
    ["cluster", "single"].into_iter().find(|mode| {
        let inside = mode_block(mode);
        call.condition.clauses().iter().any(|clause| clause.fact == Fact::Opaque(inside.clone()))
    })
}
