//! A comment that silences nothing.

use super::{Check, Rule};
use crate::model::{Diagnostic, Location, Severity};

/// The rule. What it says is found by `suppression`, when everything else has been found.
pub const RULE: Rule = Rule {
    name: "unused-suppression",
    summary: "a comment for puma-lint that silences nothing",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/unused-suppression.md"),
    check: Check::Suppressions,
};

/// A finding of this rule.
pub fn finding(at: Location, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(RULE.name, RULE.severity, at, message)
}
