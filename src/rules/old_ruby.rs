//! A Ruby that is too old for the target release.

use super::view::Scene;
use super::{Check, Rule};
use crate::catalog::{Version, minimum_ruby};
use crate::deployment::TargetSource;
use crate::model::{Diagnostic, Severity, Speaker};

pub(super) const RULE: Rule = Rule {
    name: "old-ruby",
    summary: "a Ruby that this Puma cannot be installed on",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/old-ruby.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    // Where nobody names a Puma, what else is there tells that it is not the newest.
    if scene.deployment.target.source == TargetSource::Newest {
        return Vec::new();
    }
    let Some((ruby, place)) = scene.ruby() else { return Vec::new() };
    let (Some(minimum), Ok(locked)) = (minimum_ruby(scene.release()), ruby.parse::<Version>()) else {
        return Vec::new();
    };
    if locked >= minimum {
        return Vec::new();
    }
    let puma = scene.deployment.target.name();
    vec![
        Diagnostic::new(
            RULE.name,
            RULE.severity,
            place,
            format!("Puma {puma} needs Ruby {minimum} or newer; the app runs on Ruby {ruby}"),
        )
        .label("too old: the gem will not be installed")
        .quote(
            Speaker::Ruby,
            format!("puma-{puma} requires Ruby version >= {minimum}. The current ruby version is {ruby}."),
        )
        .help("upgrade Ruby first, with the Puma that you have; then Puma"),
    ]
}
