//! An option of a directive that the target release does not know yet, and ignores or misreads.

use super::view::ConfigView;
use super::{Check, Rule};
use crate::catalog::{self, Circumstances};
use crate::model::{Diagnostic, Severity, Value};
use crate::puma::arguments::{combinations, with_arguments};

pub(super) const RULE: Rule = Rule {
    name: "unavailable-keyword",
    summary: "an option that this Puma does not know yet and passes over",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/unavailable-keyword.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let release = view.release();
    let trace = &view.evaluation.trace;
    let mut found = Vec::new();
    for call in trace.calls.iter().filter(|call| !call.splat && !trace.methods.contains(&call.name)) {
        let Some(directive) = catalog::directive(&call.name).filter(|directive| directive.exists(release))
        else {
            continue;
        };
        let Some((last, Value::Hash(pairs))) = call.arguments.last().map(|last| (last, &last.value)) else {
            continue;
        };
        let new = pairs.iter().find_map(|(key, _)| match key {
            Value::Sym(name) => directive.keyword(name).filter(|keyword| release < keyword.releases.first()),
            _ => None,
        });
        let Some(keyword) = new else { continue };
        // What is refused, another rule reports.
        let values: Vec<&Value> = call.arguments.iter().map(|argument| &argument.value).collect();
        let refused = combinations(&values).iter().any(|(_, values)| {
            with_arguments(values, |given| directive.refuses(given, Circumstances::at(release)).is_some())
        });
        if refused {
            continue;
        }
        let since = keyword.releases.first();
        found.push(
            Diagnostic::new(
                RULE.name,
                RULE.severity,
                view.at(last.span),
                format!(
                    "Puma {} does not know `{}:` of `{}`: {}",
                    view.scene.deployment.target.name(),
                    keyword.name,
                    call.name,
                    keyword.before.unwrap_or("it is ignored")
                ),
            )
            .label(format!("`{}:` is new in {since}", keyword.name))
            .help(format!("leave it out, or go to Puma {since} or newer")),
        );
    }
    found
}
