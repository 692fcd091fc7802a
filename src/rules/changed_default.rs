//! A default that changes on the way from one release to another.

use super::view::ConfigView;
use super::{Check, Rule, upgrade};
use crate::catalog::UpgradeKind;
use crate::model::{Diagnostic, Severity};

pub(super) const RULE: Rule = Rule {
    name: "changed-default",
    summary: "a default that is another one after the upgrade",
    severity: Severity::Info,
    page: include_str!("../../fixtures/rules/changed-default.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    upgrade::findings(view, &RULE, UpgradeKind::ChangedDefault)
}
