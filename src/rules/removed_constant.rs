//! A constant that the target release no longer has.

use super::view::ConfigView;
use super::words::outcome;
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Applicability, Diagnostic, Edit, Fix, Severity, Speaker};
use crate::puma::evaluate::ConstantUse;
use crate::ruby;

pub(super) const RULE: Rule = Rule {
    name: "removed-constant",
    summary: "a constant that this Puma no longer has",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/removed-constant.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let used = view.evaluation.trace.constants.iter();
    used.filter(|constant| !constant.is_rescued()).filter_map(|constant| diagnose(view, constant)).collect()
}

fn diagnose(view: &ConfigView<'_>, used: &ConstantUse) -> Option<Diagnostic> {
    let release = view.release();
    let constant = catalog::constant(&used.path)?;
    let removed = constant.removed_in().filter(|removed| *removed <= release)?;
    let asked = view.scene.deployment.target.name();
    let (severity, outcome) = outcome(&used.condition);
    let mut found = Diagnostic::new(
        RULE.name,
        severity,
        view.at(used.span),
        format!("Puma {asked} has no constant `{}`: {outcome}", used.path),
    )
    .quote(Speaker::Puma, constant.words().trim_start_matches("NameError: "));
    // `rackup DefaultRackup` says what happens without it.
    let holder = view.evaluation.trace.calls.iter().find(|call| {
        constant.default_of.is_some_and(|directive| call.name == directive)
            && call.arguments.len() == 1
            && call.arguments[0].span == used.span
    });
    found = match (holder, constant.replacement_at(release)) {
        (Some(call), _) => {
            let evaluation = view.evaluation;
            found = found
                .label(format!("removed in {removed}; it was the default"))
                .help(format!("remove the line: without `{}` Puma does the same", call.name));
            match ruby::remove_statement(
                view.scene.files.bytes(evaluation.config),
                evaluation.tree,
                call.node,
            ) {
                Ok(edits) => found.fix(Fix {
                    title: format!("remove `{} {}`", call.name, used.path),
                    applicability: Applicability::Safe,
                    edits: edits
                        .into_iter()
                        .map(|(span, replacement)| Edit { file: evaluation.config, span, replacement })
                        .collect(),
                }),
                Err(_) => found,
            }
        }
        (None, Some(new)) => {
            found.label(format!("removed in {removed}")).help(format!("write the value itself, or `{new}`"))
        }
        (None, None) => found.label(format!("removed in {removed}")).help("write the value itself"),
    };
    Some(found)
}
