//! A method of Puma's modules that the target release does not have.

use super::view::ConfigView;
use super::words::{outcome, wording};
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Diagnostic, Severity, Speaker};
use crate::puma::evaluate::trace::catches;

pub(super) const RULE: Rule = Rule {
    name: "unknown-puma-method",
    summary: "a method of `Puma` that this release does not have",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/unknown-puma-method.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for call in &view.evaluation.trace.module_calls {
        let Some(method) = catalog::module_method(&call.name) else { continue };
        if method.exists(view.release()) || catches(&call.rescued, "NoMethodError") {
            continue;
        }
        let (severity, outcome) = outcome(&call.condition);
        let Some((module, name)) = call.name.rsplit_once('.') else { continue };
        let class = if module == "Puma" { "Module" } else { "Class" };
        let since = method.releases.map(|range| format!("new in {}", range.first()));
        found.push(
            Diagnostic::new(
                RULE.name,
                severity,
                view.at(call.span),
                format!("Puma {} has no `{}`: {outcome}", view.scene.deployment.target.name(), call.name),
            )
            .label(since.unwrap_or_else(|| "in no release".to_owned()))
            .quote(Speaker::Puma, wording(view.scene).undefined_on(name, module, class))
            .help("ask Ruby instead: Process.respond_to?(:fork)"),
        );
    }
    found
}
