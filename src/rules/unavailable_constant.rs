//! A constant that the target release does not have yet.

use super::view::ConfigView;
use super::words::outcome;
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Diagnostic, Severity, Speaker};

pub(super) const RULE: Rule = Rule {
    name: "unavailable-constant",
    summary: "a constant that is newer than this Puma",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/unavailable-constant.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let release = view.release();
    let mut found = Vec::new();
    for used in view.evaluation.trace.constants.iter().filter(|constant| !constant.is_rescued()) {
        let Some(constant) = catalog::constant(&used.path).filter(|constant| !constant.exists(release))
        else {
            continue;
        };
        let Some(since) = constant.releases.iter().map(|range| range.first()).find(|first| *first > release)
        else {
            continue;
        };
        let (severity, outcome) = outcome(&used.condition);
        found.push(
            Diagnostic::new(
                RULE.name,
                severity,
                view.at(used.span),
                format!(
                    "Puma {} has no constant `{}` yet: {outcome}",
                    view.scene.deployment.target.name(),
                    used.path
                ),
            )
            .label(format!("new in {since}"))
            .quote(Speaker::Puma, constant.words().trim_start_matches("NameError: "))
            .help(format!("write the value itself, or upgrade to Puma {since} first")),
        );
    }
    found
}
