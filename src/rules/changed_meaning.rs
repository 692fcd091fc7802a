//! Something that a config says, and that comes to something else after an upgrade.

use super::view::ConfigView;
use super::{Check, Rule, upgrade};
use crate::catalog::UpgradeKind;
use crate::model::{Diagnostic, Severity};

pub(super) const RULE: Rule = Rule {
    name: "changed-meaning",
    summary: "a setting that comes to something else after the upgrade",
    severity: Severity::Info,
    page: include_str!("../../fixtures/rules/changed-meaning.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    upgrade::findings(view, &RULE, UpgradeKind::ChangedMeaning)
}
