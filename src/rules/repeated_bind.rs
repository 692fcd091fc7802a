//! The same address bound twice.

use super::view::ConfigView;
use super::{Check, Rule};
use crate::catalog::{self, Collects};
use crate::model::{Diagnostic, Severity, Speaker};
use crate::puma::evaluate::Call;

pub(super) const RULE: Rule = Rule {
    name: "repeated-bind",
    summary: "the same address bound twice",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/repeated-bind.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let release = view.release();
    let Some(bind) = catalog::directive("bind") else { return Vec::new() };
    if bind.collects_at(release) != Collects::List {
        return Vec::new();
    }
    let trace = &view.evaluation.trace;
    // What is cleared in between no longer counts, nor what a flag replaces.
    let from = trace.calls.iter().rposition(|call| call.name == "clear_binds!").map_or(0, |at| at + 1);
    let mut seen: Vec<(&str, &Call)> = Vec::new();
    let mut found = Vec::new();
    for call in trace.calls[from..].iter().filter(|call| call.name == "bind" && call.condition.is_always()) {
        let Some(url) = call.arguments.first().and_then(|argument| argument.value.as_str()) else { continue };
        let address = url.split('?').next().unwrap_or(url);
        if !address.starts_with("tcp://") && !address.starts_with("ssl://") || address.ends_with(":0") {
            continue;
        }
        if let Some((_, first)) = seen.iter().find(|(known, _)| *known == address) {
            found.push(
                Diagnostic::new(
                    RULE.name,
                    RULE.severity,
                    view.at(call.span),
                    format!("{address} is bound twice: the server will not boot"),
                )
                .label("bound again")
                .also(view.at(first.span), "bound here")
                .quote(Speaker::Puma, "Address already in use - bind(2)")
                .help("remove one of them"),
            );
        }
        seen.push((address, call));
    }
    found
}
