//! A hook without its block.

use super::view::ConfigView;
use super::words::{class_and_message, outcome, wording};
use super::{Check, Rule};
use crate::catalog::{self, Need, Without};
use crate::model::{Diagnostic, Severity, Speaker};
use crate::puma::evaluate::Block;

pub(super) const RULE: Rule = Rule {
    name: "missing-block",
    summary: "a hook without its block",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/missing-block.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let trace = &view.evaluation.trace;
    let release = view.release();
    let mut found = Vec::new();
    for call in
        trace.calls.iter().filter(|call| call.block == Block::None && !trace.methods.contains(&call.name))
    {
        let Some(directive) = catalog::directive(&call.name) else { continue };
        let Some(rule) = directive.exists(release).then(|| directive.block_at(release)).flatten() else {
            continue;
        };
        let needed = match rule.need {
            Need::Required => true,
            Need::Optional => false,
            Need::UnlessArgument => call.arguments.is_empty() && !call.splat,
        };
        if !needed || rule.without == Without::Accepted {
            continue;
        }
        let (class, message) = class_and_message(rule.words.unwrap_or_default());
        if rule.without == Without::Refused && call.is_rescued_from(class) {
            continue;
        }
        let (mut severity, will_not_boot) = outcome(&call.condition);
        let happens = match rule.without {
            Without::FailsAtStop => "Puma runs, and dies of it as it stops".to_owned(),
            Without::FailsAtRestart => "Puma runs, and dies of it as it restarts".to_owned(),
            Without::FailsInWorker => "every worker dies of it as it starts".to_owned(),
            Without::Ignored | Without::Accepted => {
                severity = Severity::Warning;
                "nothing happens, and nothing is said".to_owned()
            }
            Without::Refused | Without::FailsAtBoot => will_not_boot,
        };
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            severity,
            view.at(call.span),
            format!("`{}` is given no block: {happens}", call.name),
        )
        .label("a block belongs here")
        .help(format!("write `{} do … end`, or remove the line", call.name));
        if !message.is_empty() {
            diagnostic = diagnostic.quote(Speaker::Puma, wording(view.scene).reword(message));
        }
        found.push(diagnostic);
    }
    found
}
