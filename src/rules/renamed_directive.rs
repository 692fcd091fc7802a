//! A directive that has a new name; the old one still works and warns.

use super::view::ConfigView;
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Applicability, Diagnostic, Edit, Fix, Severity, Speaker};

pub(super) const RULE: Rule = Rule {
    name: "renamed-directive",
    summary: "a directive under a name that Puma is giving up",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/renamed-directive.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let release = view.release();
    let trace = &view.evaluation.trace;
    let mut found = Vec::new();
    for call in trace.calls.iter().filter(|call| !trace.methods.contains(&call.name)) {
        let Some(directive) = catalog::directive(&call.name) else { continue };
        let Some(deprecation) = directive.deprecation_at(release) else { continue };
        let new = deprecation.replacement;
        let since = deprecation.releases.first();
        let same_meaning =
            since.previous().is_none_or(|before| directive.changes_between(before, since).next().is_none());
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            RULE.severity,
            view.at(call.name_span),
            format!("`{}` is called `{new}` since Puma {since}", call.name),
        )
        .label(format!("works, and warns; call it `{new}`"))
        .quote(Speaker::Puma, deprecation.words);
        if catalog::directive(new).is_some_and(|new| new.exists(release)) {
            diagnostic = diagnostic.fix(Fix {
                title: format!("call it `{new}`"),
                applicability: if same_meaning { Applicability::Safe } else { Applicability::Unsafe },
                edits: vec![Edit {
                    file: view.evaluation.config,
                    span: call.name_span,
                    replacement: new.into(),
                }],
            });
        }
        let help = match same_meaning {
            true => format!(
                "rename it once every server runs Puma {since} or newer; older ones do not know `{new}`"
            ),
            false => {
                format!("read what `{new}` means before you rename it: it is not what `{}` meant", call.name)
            }
        };
        found.push(diagnostic.help(help));
    }
    found
}
