//! A config that ends itself.

use super::view::ConfigView;
use super::{Check, Rule};
use crate::model::{Diagnostic, Severity, Speaker};
use crate::puma::evaluate::{Halt, trace::catches};

pub(super) const RULE: Rule = Rule {
    name: "reached-halt",
    summary: "a `raise`, `exit` or `abort` that is surely reached",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/reached-halt.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let halts = view.evaluation.trace.halts.iter();
    halts
        .filter(|halt| halt.condition.is_always() && !is_rescued(halt))
        .map(|halt| diagnose(view, halt))
        .collect()
}

/// Whether a `rescue` around it may catch it. What class a `raise` is of often can't be told: any will do.
fn is_rescued(halt: &Halt) -> bool {
    match halt.name.as_str() {
        "exit!" => false,
        "exit" | "abort" => catches(&halt.rescued, "SystemExit"),
        "ENV.fetch" => catches(&halt.rescued, "KeyError"),
        _ => !halt.rescued.is_empty(),
    }
}

fn diagnose(view: &ConfigView<'_>, halt: &Halt) -> Diagnostic {
    let name = halt.argument.as_ref().and_then(|argument| argument.as_str());
    let found = |message: String| Diagnostic::new(RULE.name, RULE.severity, view.at(halt.span), message);
    if halt.name == "ENV.fetch" {
        let name = name.unwrap_or("…");
        return found(format!("{name} is not set here: the server will not boot"))
            .label("no default is given")
            .quote(Speaker::Ruby, format!("key not found: \"{name}\""))
            .help(format!("set {name} where Puma is started, or give a default: ENV.fetch(\"{name}\", …)"));
    }
    found(format!("`{}` is always reached: the server will not boot", halt.name))
        .label("Puma ends here, whatever follows")
        .help("remove it, or say when it should happen")
}
