//! The same option set twice.

use std::collections::HashMap;

use super::view::ConfigView;
use super::{Check, Rule};
use crate::catalog::{self, Collects};
use crate::model::{Diagnostic, Severity};
use crate::puma::evaluate::{Block, Call};

pub(super) const RULE: Rule = Rule {
    name: "repeated-directive",
    summary: "an option that is set twice, so that one does not count",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/repeated-directive.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let release = view.release();
    let trace = &view.evaluation.trace;
    let mut last: HashMap<&str, &Call> = HashMap::new();
    let mut found = Vec::new();
    for call in trace.calls.iter().filter(|call| call.condition.is_always()) {
        let Some(directive) = catalog::directive(&call.name).filter(|directive| directive.exists(release))
        else {
            continue;
        };
        let scalar = directive.collects_at(release) == Collects::Last
            && directive.sets_at(release).next().is_some()
            && !call.arguments.is_empty()
            && call.block == Block::None;
        if !scalar || trace.methods.contains(&call.name) {
            continue;
        }
        let Some(before) = last.insert(directive.name, call) else { continue };
        let values = |call: &Call| call.arguments.iter().map(|a| a.value.clone()).collect::<Vec<_>>();
        // A value that builds on what was set before is no slip.
        if before.span == call.span {
            continue;
        }
        let same = values(before) == values(call);
        found.push(
            Diagnostic::new(
                RULE.name,
                if same { Severity::Info } else { Severity::Warning },
                view.at(before.span),
                format!("this `{}` does not count: it is set again further down", call.name),
            )
            .label("set here")
            .also(view.at(call.span), if same { "and again, to the same" } else { "this one counts" })
            .help("keep the one that you mean"),
        );
    }
    found
}
