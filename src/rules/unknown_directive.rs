//! A call that no Puma knows.

use super::view::ConfigView;
use super::words::{outcome, undefined_class, wording};
use super::{Check, Rule};
use crate::catalog;
use crate::model::{Applicability, Diagnostic, Edit, Fix, Severity, Speaker, Value};
use crate::puma::evaluate::Trace;
use crate::puma::ruby_library;

pub(super) const RULE: Rule = Rule {
    name: "unknown-directive",
    summary: "a call that no Puma knows",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/unknown-directive.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let trace = &view.evaluation.trace;
    let stranger = stranger(trace);
    let mut found = Vec::new();
    for call in &trace.calls {
        let known = catalog::directive::method(&call.name).is_some();
        if known
            || trace.methods.contains(&call.name)
            || call.is_rescued_from(undefined_class(&call.name, call.bare))
        {
            continue;
        }
        let (mut severity, mut outcome) = outcome(&call.condition);
        let mut help = None;
        if let Some(stranger) = &stranger {
            severity = Severity::Info;
            outcome = format!("it must come from {stranger}");
            help = Some(format!("nothing to do if {stranger} brings it"));
        }
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            severity,
            view.at(call.name_span),
            format!("no Puma knows `{}`: {outcome}", call.name),
        )
        .quote(Speaker::Puma, wording(view.scene).undefined(&call.name, call.bare));
        if let Some(meant) = catalog::did_you_mean(&call.name, view.release()) {
            diagnostic = diagnostic.label(format!("did you mean `{}`?", meant.name)).fix(Fix {
                title: format!("call `{}`", meant.name),
                applicability: Applicability::Unsafe,
                edits: vec![Edit {
                    file: view.evaluation.config,
                    span: call.name_span,
                    replacement: meant.name.to_owned(),
                }],
            });
            help.get_or_insert(format!("write `{}`, if that is what it should be", meant.name));
        } else {
            diagnostic = diagnostic.label("not a directive of any release");
        }
        found.push(
            diagnostic.help(help.unwrap_or_else(|| "remove it, or define the method in this file".into())),
        );
    }
    found
}

/// What may add directives that the catalog cannot know.
fn stranger(trace: &Trace) -> Option<String> {
    let required = trace.requires.iter().find(|required| !ruby_library::is_standard(&required.feature));
    if let Some(required) = required {
        return Some(format!("`require \"{}\"`", required.feature));
    }
    let plugin = trace.calls.iter().filter(|call| call.name == "plugin").find_map(|call| {
        match call.arguments.first().map(|argument| &argument.value) {
            Some(Value::Sym(name)) => Some(name.clone()).filter(|name| catalog::plugin(name).is_none()),
            Some(value) => match value.as_str() {
                Some(name) => Some(name.to_owned()).filter(|name| catalog::plugin(name).is_none()),
                None => Some("…".into()),
            },
            None => None,
        }
    });
    if let Some(name) = plugin {
        return Some(format!("the plugin {name}"));
    }
    trace.opaque.then(|| "code that this linter cannot read".to_owned())
}
