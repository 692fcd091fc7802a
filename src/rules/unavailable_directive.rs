//! A directive that the target release does not have yet.

use super::view::ConfigView;
use super::words::{outcome, undefined_class, wording};
use super::{Check, Rule};
use crate::catalog::{self, Directive, Release};
use crate::model::{Applicability, Diagnostic, Edit, Fix, Severity, Speaker};
use crate::puma::evaluate::Call;

pub(super) const RULE: Rule = Rule {
    name: "unavailable-directive",
    summary: "a directive that is newer than this Puma",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/unavailable-directive.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let trace = &view.evaluation.trace;
    let calls = trace.calls.iter().filter(|call| {
        !trace.methods.contains(&call.name) && !call.is_rescued_from(undefined_class(&call.name, call.bare))
    });
    calls
        .filter_map(|call| {
            let directive = catalog::directive(&call.name)?;
            let since = available_after(directive, view.release())?;
            Some(diagnose(view, call, directive, since))
        })
        .collect()
}

/// The first release after `release` that has the directive, if `release` lacks it.
fn available_after(directive: &Directive, release: Release) -> Option<Release> {
    if directive.exists(release) {
        return None;
    }
    directive.forms.iter().map(|form| form.releases.first()).find(|first| *first > release)
}

fn diagnose(view: &ConfigView<'_>, call: &Call, directive: &Directive, since: Release) -> Diagnostic {
    let name = directive.name;
    let (severity, outcome) = outcome(&call.condition);
    let found = Diagnostic::new(
        RULE.name,
        severity,
        view.at(call.span),
        format!("Puma {} does not know `{name}` yet: {outcome}", view.scene.deployment.target.name()),
    )
    .label(format!("new in {since}"))
    .quote(Speaker::Puma, wording(view.scene).undefined(name, call.bare));
    let older = catalog::directives().find(|older| {
        older.exists(view.release())
            && older.deprecation.is_some_and(|d| d.replacement == name && d.releases.first() == since)
    });
    match older {
        Some(older) if same_meaning(older, since) => {
            found.help(format!("call it `{}` until you run Puma {since}", older.name)).fix(Fix {
                title: format!("call it `{}`", older.name),
                applicability: Applicability::Unsafe,
                edits: vec![Edit {
                    file: view.evaluation.config,
                    span: call.name_span,
                    replacement: older.name.to_owned(),
                }],
            })
        }
        _ => found.help(format!("upgrade to Puma {since} first, or ask with `if respond_to?(:{name})`")),
    }
}

fn same_meaning(directive: &Directive, since: Release) -> bool {
    since.previous().is_none_or(|before| directive.changes_between(before, since).next().is_none())
}
