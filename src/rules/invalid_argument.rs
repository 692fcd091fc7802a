//! Arguments that Puma refuses.

use super::view::ConfigView;
use super::words::{class_and_message, outcome, wording};
use super::{Check, Rule};
use crate::catalog::{self, CheckKind, Circumstances, Directive, Form, Refusal, Stage};
use crate::model::{Condition, Diagnostic, Severity, Speaker, Value};
use crate::puma::arguments::{combinations, with_arguments};
use crate::puma::evaluate::Call;

pub(super) const RULE: Rule = Rule {
    name: "invalid-argument",
    summary: "an argument that Puma refuses",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/invalid-argument.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let trace = &view.evaluation.trace;
    let release = view.release();
    let mut circumstances = Circumstances::at(release);
    let mut found = Vec::new();
    for call in trace.calls.iter().filter(|call| !trace.methods.contains(&call.name)) {
        let Some((directive, form)) = catalog::directive(&call.name).and_then(|d| Some((d, d.at(release)?)))
        else {
            continue;
        };
        match wrong_count(form, call) {
            Some(words) => found.extend(diagnose(view, call, None, &call.condition, &words)),
            None => found.extend(refused(view, call, directive, circumstances)),
        }
        // `worker_timeout` is measured against the interval as it was set so far.
        if call.name == "worker_check_interval"
            && call.condition.is_always()
            && let Some(argument) = call.arguments.first()
        {
            circumstances.check_interval =
                with_arguments(std::slice::from_ref(&argument.value), |all| all[0].number());
        }
    }
    found
}

/// What Ruby says of the number of arguments, if it is wrong.
fn wrong_count(form: &Form, call: &Call) -> Option<String> {
    if call.splat {
        return None;
    }
    let takes_keywords = form.keywords().next().is_some();
    let given = call.arguments.iter().filter(|argument| !(argument.keywords && takes_keywords)).count();
    let arity = form.arity();
    (!arity.takes(given)).then(|| arity.words(given))
}

/// What the catalog says of the values: of all that they may be, or of some.
fn refused(
    view: &ConfigView<'_>,
    call: &Call,
    directive: &Directive,
    circumstances: Circumstances,
) -> Option<Diagnostic> {
    let values: Vec<&Value> = call.arguments.iter().map(|argument| &argument.value).collect();
    let all = combinations(&values);
    let judged: Vec<(Condition, Option<Refusal>)> = all
        .into_iter()
        .filter_map(|(when, values)| {
            let when = call.condition.and(&when)?;
            let refusal = with_arguments(&values, |arguments| directive.refuses(arguments, circumstances));
            Some((when, refusal.filter(|refusal| refusal.certain || gem_is_missing(view, refusal))))
        })
        .collect();
    let everywhere = judged.iter().all(|(_, refusal)| refusal.is_some());
    let (when, refusal) = judged.into_iter().find_map(|(when, refusal)| Some((when, refusal?)))?;
    let when = if everywhere { call.condition.clone() } else { when };
    let span = call.arguments.get(refusal.argument).map_or(call.span, |argument| argument.span);
    diagnose(view, call, Some((span, refusal.stage)), &when, &refusal.words)
}

/// Whether what decides is a gem, and the lock lacks it.
fn gem_is_missing(view: &ConfigView<'_>, refusal: &Refusal) -> bool {
    refusal.kind == CheckKind::NeedsGem
        && view.scene.lock().is_some_and(|lock| lock.gem(catalog::check::AUTO_WORKERS_GEM).is_none())
}

fn diagnose(
    view: &ConfigView<'_>,
    call: &Call,
    place: Option<(crate::model::Span, Stage)>,
    condition: &Condition,
    words: &str,
) -> Option<Diagnostic> {
    let (class, message) = class_and_message(words);
    let stage = place.map_or(Stage::Config, |(_, stage)| stage);
    // What is refused later is out of reach of a `rescue` in the file.
    if stage == Stage::Config && call.is_rescued_from(class) {
        return None;
    }
    let (severity, outcome) = outcome(condition);
    let version = view.scene.deployment.target.name();
    let span = place.map_or(call.span, |(span, _)| span);
    Some(
        Diagnostic::new(
            RULE.name,
            severity,
            view.at(span),
            format!("Puma {version} refuses this `{}`: {outcome}", call.name),
        )
        .label(match stage {
            Stage::Config => "refused as the file is loaded",
            Stage::Launch => "refused as Puma starts",
            Stage::Run => "refused as Puma boots",
        })
        .quote(Speaker::Puma, wording(view.scene).reword(message))
        .help(help(call, condition)),
    )
}

/// What to do, as far as the condition tells.
fn help(call: &Call, condition: &Condition) -> String {
    let variable = condition.clauses().iter().find_map(|clause| match (&clause.fact, clause.holds) {
        (crate::model::Fact::EnvSet(name), false) => Some(name),
        _ => None,
    });
    match variable {
        Some(name) => format!("give it a default: ENV.fetch(\"{name}\", …)"),
        None => format!("give `{}` what it takes: {}", call.name, takes(call)),
    }
}

fn takes(call: &Call) -> String {
    match catalog::directive(&call.name) {
        Some(directive) => {
            let signature = directive.forms.last().map_or("()", |form| form.signature);
            format!("{}{signature}", directive.name)
        }
        None => "another value".to_owned(),
    }
}
