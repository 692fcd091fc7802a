//! `Rails` in a config that is read before Rails is there.

use super::view::ConfigView;
use super::words::outcome;
use super::{Check, Rule};
use crate::model::{Diagnostic, Severity, Speaker};
use crate::puma::Starter;

pub(super) const RULE: Rule = Rule {
    name: "uninitialized-rails",
    summary: "a config that asks `Rails` before anything has loaded it",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/uninitialized-rails.md"),
    check: Check::Config(check),
};

/// The first use is the one that Ruby complains of.
fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let launch = view.evaluation.launch;
    let mut uses = view.evaluation.trace.undefined.iter();
    let Some(used) = uses.find(|used| !used.is_rescued()) else { return Vec::new() };
    let (severity, outcome) = outcome(&used.condition);
    // Who has no unit may never start Puma other than by `rails server`, which knows Rails.
    let by_hand = launch.starter == Starter::Default;
    let severity = if by_hand { Severity::Warning } else { severity };
    let message = match by_hand {
        true => format!("plain `puma` reads this before Rails is loaded: {outcome}"),
        false => format!("Puma reads this before Rails is loaded: {outcome}"),
    };
    vec![
        Diagnostic::new(RULE.name, severity, view.at(used.span), message)
            .label("only `rails server` knows `Rails` here")
            .quote(Speaker::Puma, used.words.clone())
            .help(
                "ask what Rails asks: ENV.fetch(\"RAILS_ENV\", \"development\") instead of Rails.env, \
                 File.expand_path(\"..\", __dir__) instead of Rails.root",
            ),
    ]
}
