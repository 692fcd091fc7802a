//! A gem that the config requires and the lock lacks.

use super::view::ConfigView;
use super::{Check, Rule};
use crate::model::{Diagnostic, Severity, Speaker};

pub(super) const RULE: Rule = Rule {
    name: "missing-gem",
    summary: "a `require` of a gem that the lock does not hold",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/missing-gem.md"),
    check: Check::Config(check),
};

/// Features that belong to one gem alone, so that a lock without the gem decides.
const GEMS: &[(&str, &str)] = &[
    ("puma/daemon", "puma-daemon"),
    ("puma_worker_killer", "puma_worker_killer"),
    ("barnes", "barnes"),
    ("sd_notify", "sd_notify"),
];

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let Some(lock) = view.scene.lock() else { return Vec::new() };
    let mut found = Vec::new();
    for required in view.evaluation.trace.requires.iter().filter(|required| required.condition.is_always()) {
        let Some((_, gem)) = GEMS.iter().find(|(feature, _)| *feature == required.feature) else { continue };
        if lock.entries(gem).next().is_some() || required.is_rescued() {
            continue;
        }
        found.push(
            Diagnostic::new(
                RULE.name,
                RULE.severity,
                view.at(required.span),
                format!("the lock has no gem {gem}: the server will not boot"),
            )
            .label("required here")
            .quote(Speaker::Ruby, format!("cannot load such file -- {}", required.feature))
            .help(format!("add it to the Gemfile (bundle add {gem}), or remove the line")),
        );
    }
    found
}
