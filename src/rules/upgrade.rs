//! What the catalog's changes come to for one config under one launch.

use super::view::{ConfigView, Evaluation};
use super::{Rule, phased_restart_unavailable};
use crate::catalog::{self, Affects, Release, Upgrade, UpgradeKind};
use crate::model::{Diagnostic, FileId, Location, Span, Value};
use crate::puma::command_line::Program;
use crate::puma::evaluate::Call;
use crate::puma::flags::{FlagUse, flags};
use crate::puma::options;
use crate::systemd;

/// A diagnostic for each change of a sort that the upgrade crosses and that concerns this config.
pub(super) fn findings(view: &ConfigView<'_>, rule: &Rule, kind: UpgradeKind) -> Vec<Diagnostic> {
    let Some(from) = &view.scene.deployment.from else { return Vec::new() };
    let crossed = catalog::upgrades_between(from.release, view.release());
    let mut found = Vec::new();
    for upgrade in crossed.filter(|upgrade| upgrade.kind == kind) {
        for concerned in concerned(view, upgrade, from.release) {
            let say = |words: &str| {
                words
                    .replace("{from}", &from.name())
                    .replace("{to}", &view.scene.deployment.target.name())
                    .replace("{since}", upgrade.release.name())
                    .replace("{value}", &concerned.value)
            };
            found.push(
                Diagnostic::new(rule.name, rule.severity, concerned.at, say(upgrade.what))
                    .about(upgrade.topic)
                    .label(say(upgrade.label))
                    .help(say(upgrade.help)),
            );
        }
    }
    found
}

/// Where a config ends that does not say something: there it could.
fn config_end(view: &ConfigView<'_>) -> Location {
    view.at(Span::at(view.evaluation.source.bytes().trim_ascii_end().len()))
}

/// A place that a change concerns.
struct Concerned {
    at: Location,
    /// What a variable holds.
    value: String,
}

impl From<Location> for Concerned {
    fn from(at: Location) -> Self {
        Self { at, value: String::new() }
    }
}

/// The places that a change concerns.
fn concerned(view: &ConfigView<'_>, upgrade: &Upgrade, from: Release) -> Vec<Concerned> {
    let evaluation = view.evaluation;
    let release = view.release();
    let subject = upgrade.subject;
    let set = || setters(evaluation, subject, release);
    let at = |span| Location { file: evaluation.config, span };
    let calls = || evaluation.trace.calls.iter().filter(|call| call.name == subject && !call.splat);
    let places = match upgrade.affects {
        Affects::OptionUnset if is_unset(evaluation, subject, release) => vec![config_end(view)],
        Affects::ClusterOptionUnset
            if is_unset(evaluation, subject, release)
                && more_workers(evaluation, release, 0) == Some(true) =>
        {
            vec![config_end(view)]
        }
        Affects::OptionSet => {
            let counts = |value: &Value| value.truthy() != Some(false) && !is_among(value, upgrade.matching);
            set().into_iter().filter(|s| s.value.as_ref().is_none_or(counts)).map(|s| s.at).collect()
        }
        Affects::DefaultHost => hostless(view),
        Affects::Preloaded if is_preloaded_from(view, upgrade.release) => vec![decides_workers(view)],
        Affects::VariableRead => return variable_read(view, subject, from).into_iter().collect(),
        Affects::DirectiveCalled => calls().map(|call| at(call.name_span)).collect(),
        Affects::TruthyArgument => {
            let on =
                |call: &&Call| call.arguments.first().is_none_or(|first| first.value.truthy() == Some(true));
            calls().filter(on).map(|call| at(call.span)).collect()
        }
        Affects::ArgumentIs | Affects::ArgumentStarts => {
            let given = calls().filter_map(|call| {
                let first = call.arguments.first()?;
                Some((first.value.clone(), at(first.span)))
            });
            let flags = given_flags(evaluation, release).into_iter().filter_map(|(file, given)| {
                let value = given.value.filter(|_| is_flag(&given.found, subject))?;
                Some((Value::text(value.text()), Location { file, span: value.span() }))
            });
            let fits = |value: &Value| match upgrade.affects {
                Affects::ArgumentIs => is_among(value, upgrade.matching),
                _ => starts_with(value, upgrade.matching),
            };
            given.chain(flags).filter(|(value, _)| fits(value)).map(|(_, at)| at).collect()
        }
        Affects::KeywordGiven => {
            let names = |value: &Value| match value {
                Value::Hash(pairs) => pairs.iter().any(|(key, _)| is_among(key, upgrade.matching)),
                _ => false,
            };
            let with = |call: &&Call| call.arguments.iter().any(|argument| names(&argument.value));
            calls().filter(with).map(|call| at(call.span)).collect()
        }
        _ => Vec::new(),
    };
    places.into_iter().map(Concerned::from).collect()
}

/// Whether one of the alternatives is one of these texts; a symbol is written with its colon, a keyword without.
fn is_among(value: &Value, texts: &[&str]) -> bool {
    value.alternatives().into_iter().any(|(_, value)| match value {
        Value::Sym(name) => texts.iter().any(|text| text.strip_prefix(':').unwrap_or(text) == name),
        value => value.as_str().is_some_and(|known| texts.contains(&known)),
    })
}

fn starts_with(value: &Value, texts: &[&str]) -> bool {
    value.alternatives().into_iter().any(|(_, value)| match value {
        Value::Text(text) => texts.iter().any(|start| text.known_start().starts_with(start)),
        _ => false,
    })
}

/// Something that sets an option.
struct Setter {
    at: Location,
    /// Its first argument.
    value: Option<Value>,
}

/// The calls and flags that set an option, in the order in which they are made.
fn setters(evaluation: &Evaluation<'_>, option: &str, release: Release) -> Vec<Setter> {
    let sets = |name: &str| {
        let directive = catalog::directive(name);
        directive.is_some_and(|directive| directive.sets_at(release).any(|set| set == option))
    };
    let calls = evaluation.trace.calls.iter().filter(|call| sets(&call.name)).map(|call| Setter {
        at: Location { file: evaluation.config, span: call.span },
        value: call.arguments.first().map(|first| first.value.clone()),
    });
    let flags = given_flags(evaluation, release).into_iter().filter_map(|(file, given)| {
        let flag = given.found.found()?.flag;
        let direct = flag.sets.iter().any(|set| set.releases.contains(release) && set.option == option);
        let calls = flag.calls.iter().any(|(releases, name)| releases.contains(release) && sets(name));
        (direct || calls).then(|| Setter {
            at: Location { file, span: given.span },
            value: given.value.map(|value| Value::text(value.text())),
        })
    });
    calls.chain(flags).collect()
}

/// The flags of the launch's own `puma`, and the file that they stand in.
fn given_flags(evaluation: &Evaluation<'_>, release: Release) -> Vec<(FileId, FlagUse)> {
    let (Some(place), Some(invocation)) = (evaluation.launch.place, &evaluation.launch.invocation) else {
        return Vec::new();
    };
    if invocation.program != Program::Puma {
        return Vec::new();
    }
    let given = flags(catalog::Program::Puma, &invocation.arguments, release);
    given.into_iter().map(|given| (place.file, given)).collect()
}

fn is_flag(found: &catalog::FlagMatch, long: &str) -> bool {
    found.found().is_some_and(|found| found.flag.long == long)
}

/// Whether nothing that can be seen sets an option: no call, no flag, no variable.
fn is_unset(evaluation: &Evaluation<'_>, option: &str, release: Release) -> bool {
    let environment = &evaluation.launch.environment;
    let by_variable = catalog::variables_for(option, release).into_iter().any(|variable| {
        environment.variables.contains_key(variable.name) || environment.unknown.contains(variable.name)
    });
    !evaluation.trace.opaque && !by_variable && setters(evaluation, option, release).is_empty()
}

/// Where Puma listens at a port without a host; the config's end if nothing says where it listens.
fn hostless(view: &ConfigView<'_>) -> Vec<Location> {
    let evaluation = view.evaluation;
    let release = view.release();
    let trace = &evaluation.trace;
    let called = |name: &str| trace.calls.iter().any(|call| call.name == name);
    if is_unset(evaluation, "binds", release) && !called("set_default_host") {
        return vec![config_end(view)];
    }
    let named = called("set_default_host") || called("clear_binds!");
    let hostless = |call: &&Call| {
        let host = call.arguments.get(1).map(|host| &host.value);
        call.name == "port" && !call.splat && !named && matches!(host, None | Some(Value::Nil))
    };
    let calls = trace.calls.iter().filter(hostless).map(|call| view.at(call.span));
    let ports =
        given_flags(evaluation, release).into_iter().filter(|(_, given)| is_flag(&given.found, "port"));
    calls.chain(ports.map(|(file, given)| Location { file, span: given.span })).collect()
}

/// The variable, if it decides an option that it did not decide at `from`, and to another value.
fn variable_read(view: &ConfigView<'_>, name: &str, from: Release) -> Option<Concerned> {
    let evaluation = view.evaluation;
    let release = view.release();
    let option = catalog::variable(name)?.sets_at(release)?;
    if evaluation.trace.opaque || !setters(evaluation, option, release).is_empty() {
        return None;
    }
    let variables = &evaluation.launch.environment.variables;
    let decides = |release| {
        let read = catalog::variables_for(option, release).into_iter();
        read.filter_map(|variable| Some((variable.name, variables.get(variable.name)?))).next()
    };
    let before = match decides(from) {
        Some((_, value)) => value.clone(),
        None => match catalog::default(option)?.at(from)? {
            catalog::Value::Text(text) => (*text).to_owned(),
            other => other.to_string(),
        },
    };
    let (decisive, value) = decides(release)?;
    (decisive == name && !value.is_empty() && *value != before)
        .then(|| Concerned { at: variable_place(view, name), value: value.clone() })
}

/// Where the launch sets a variable; else the launch, else the config's end.
fn variable_place(view: &ConfigView<'_>, name: &str) -> Location {
    let Some(place) = view.evaluation.launch.place else { return config_end(view) };
    let files = view.scene.files;
    let lines = files.unit(place.file).map(|unit| unit.all("Service", "Environment")).unwrap_or_default();
    let context = files.context(place.file);
    let mut set = lines.into_iter().flat_map(|line| systemd::assignments(line, &context).assignments);
    let last = set.rfind(|set| set.name.text() == name);
    last.map_or(place, |set| Location { file: place.file, span: set.span })
}

/// What decides how many workers there are.
fn decides_workers(view: &ConfigView<'_>) -> Location {
    let release = view.release();
    let set = setters(view.evaluation, "workers", release).pop();
    let variable = || {
        let variables = &view.evaluation.launch.environment.variables;
        let read = catalog::variables_for("workers", release).into_iter();
        read.map(|variable| variable.name).find(|name| variables.contains_key(*name))
    };
    match set {
        Some(set) => set.at,
        None => variable().map_or(config_end(view), |name| variable_place(view, name)),
    }
}

/// Whether there are more than `least` workers, surely not, or perhaps. Of several numbers the largest counts.
fn more_workers(evaluation: &Evaluation<'_>, release: Release, least: i64) -> Option<bool> {
    let workers = evaluation.workers(release);
    let counts: Vec<_> = workers.alternatives().into_iter().map(|(_, value)| value.clone()).collect();
    if counts.iter().any(|value| matches!(value, Value::Int(count) if *count > least)) {
        return Some(true);
    }
    counts.iter().all(|value| matches!(value, Value::Int(_))).then_some(false)
}

/// Whether the app is preloaded from `release` on because nobody says otherwise. Where a phased restart is asked for,
/// another rule says what that means for it.
fn is_preloaded_from(view: &ConfigView<'_>, release: Release) -> bool {
    let evaluation = view.evaluation;
    let before = release.previous().map(|before| preloads_by_default(evaluation, before));
    before == Some(Some(false))
        && preloads_by_default(evaluation, release) == Some(true)
        && phased_restart_unavailable::check(view.scene).is_empty()
}

/// Whether the app is preloaded at `release` though nobody asks for it; unknown where somebody says something of it.
pub(super) fn preloads_by_default(evaluation: &Evaluation<'_>, release: Release) -> Option<bool> {
    if evaluation.trace.opaque || !setters(evaluation, "preload_app", release).is_empty() {
        return None;
    }
    if catalog::preloads_by_variable(release) {
        let variable = catalog::variables_for("workers", release).first()?.name;
        return match evaluation.launch.environment.get(variable) {
            Value::Text(text) => text.as_known()?.trim().parse::<i64>().ok().map(|count| count > 1),
            _ => Some(false),
        };
    }
    if !catalog::preloads_clusters(release) {
        return Some(false);
    }
    let pruned = match options::last(&evaluation.trace, "prune_bundler", Value::Bool(true)) {
        Some(pruned) => pruned.value.truthy()?,
        None => !setters(evaluation, "prune_bundler", release).is_empty(),
    };
    if pruned { Some(false) } else { more_workers(evaluation, release, 1) }
}
