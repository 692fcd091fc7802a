//! A lambda that counts its arguments, where Puma passes one more.

use super::view::ConfigView;
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Diagnostic, Severity, Speaker, Value};
use crate::puma::evaluate::Block;

pub(super) const RULE: Rule = Rule {
    name: "strict-hook-lambda",
    summary: "a lambda that refuses the argument Puma passes to it",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/strict-hook-lambda.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let release = view.release();
    let mut found = Vec::new();
    for call in &view.evaluation.trace.calls {
        let Some(directive) = catalog::directive(&call.name).filter(|directive| directive.exists(release))
        else {
            continue;
        };
        if !catalog::passes_an_argument(directive.canonical_at(release), release) {
            continue;
        }
        let Block::Passed(Value::Proc(shape)) = &call.block else { continue };
        if !shape.strict || shape.maximum != Some(0) {
            continue;
        }
        found.push(
            Diagnostic::new(
                RULE.name,
                RULE.severity,
                view.at(call.span),
                format!("`{}` is skipped: Puma passes an argument that this lambda refuses", call.name),
            )
            .label("a lambda without parameters")
            .quote(
                Speaker::Puma,
                format!(
                    "WARNING {} hook failed with exception (ArgumentError)",
                    directive.canonical_at(release)
                ),
            )
            .help(format!("give it a block, which ignores what it doesn't take: {} {{ … }}", call.name)),
        );
    }
    found
}
