//! What the catalog's changes come to for one config under one launch.

use std::rc::Rc;

use super::view::{ConfigView, Evaluation};
use super::{Rule, phased_restart_unavailable};
use crate::catalog::{self, Affects, Release, Upgrade, UpgradeKind};
use crate::model::{Diagnostic, Location, Span, Value};
use crate::puma::command_line::Program;
use crate::puma::evaluate::Call;
use crate::puma::flags::flags;
use crate::puma::options::{self, Options, Possible, Source, Status};
use crate::systemd;

/// A diagnostic for each change of a sort that the upgrade crosses and that concerns this config.
pub(super) fn findings(view: &ConfigView<'_>, rule: &Rule, kind: UpgradeKind) -> Vec<Diagnostic> {
    let Some(from) = &view.scene.deployment.from else { return Vec::new() };
    let crossed = catalog::upgrades_between(from.release, view.release());
    let mut crossed = crossed.filter(|upgrade| upgrade.kind == kind).peekable();
    if crossed.peek().is_none() {
        return Vec::new();
    }
    let way = Way {
        view,
        before: view.evaluation.options(from.release),
        after: view.evaluation.options(view.release()),
    };
    let mut found = Vec::new();
    for upgrade in crossed {
        for concerned in way.concerned(upgrade) {
            let say = |words: &str| {
                words
                    .replace("{from}", &from.name())
                    .replace("{to}", &view.scene.deployment.target.name())
                    .replace("{since}", upgrade.release.name())
                    .replace("{value}", &concerned.value)
            };
            let diagnostic = Diagnostic::new(rule.name, rule.severity, concerned.at, say(upgrade.what))
                .about(upgrade.topic)
                .label(say(upgrade.label))
                .help(say(upgrade.help));
            let unwritten = concerned.at == way.config_end();
            found.push(if unwritten { diagnostic.unwritten() } else { diagnostic });
        }
    }
    found
}

/// Whether the app is surely preloaded at `release`, though nobody asks for it.
pub(super) fn is_preloaded_by_default(evaluation: &Evaluation<'_>, release: Release) -> bool {
    let options = evaluation.options(release);
    let preload = options.get("preload_app");
    preload.is_some_and(|preload| {
        preload.status() == Status::Known(&Value::Bool(true)) && is_default(preload.source())
    })
}

fn is_default(source: Option<&Source>) -> bool {
    matches!(source, Some(Source::Default(_)))
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

/// An upgrade of one config under one launch.
struct Way<'a> {
    view: &'a ConfigView<'a>,
    /// The options at its start.
    before: Rc<Options>,
    /// The options at its end.
    after: Rc<Options>,
}

impl Way<'_> {
    /// The places that a change concerns.
    fn concerned(&self, upgrade: &Upgrade) -> Vec<Concerned> {
        let view = self.view;
        let subject = upgrade.subject;
        let trace = &view.evaluation.trace;
        let calls = || trace.calls.iter().filter(|call| call.name == subject && !call.splat);
        let places: Vec<Location> = match upgrade.affects {
            Affects::OptionUnset => self.unset(subject).into_iter().collect(),
            Affects::ClusterOptionUnset => {
                self.unset(subject).filter(|_| self.has_workers()).into_iter().collect()
            }
            Affects::OptionSet => self.set(subject, upgrade.matching),
            Affects::DefaultHost => self.hostless(),
            Affects::Preloaded => self.preloaded_from(upgrade.release).into_iter().collect(),
            Affects::VariableRead => return self.variable_read(subject).into_iter().collect(),
            Affects::DirectiveCalled => calls().map(|call| view.at(call.name_span)).collect(),
            Affects::TruthyArgument => {
                let on = |call: &&Call| {
                    call.arguments.first().is_none_or(|first| first.value.truthy() == Some(true))
                };
                calls().filter(on).map(|call| view.at(call.span)).collect()
            }
            Affects::ArgumentIs | Affects::ArgumentStarts => {
                let given = calls().filter_map(|call| {
                    let first = call.arguments.first()?;
                    Some((first.value.clone(), view.at(first.span)))
                });
                let fits = |value: &Value| match upgrade.affects {
                    Affects::ArgumentIs => is_among(value, upgrade.matching),
                    _ => starts_with(value, upgrade.matching),
                };
                let all = given.chain(self.flags(subject));
                all.filter(|(value, _)| fits(value)).map(|(_, at)| at).collect()
            }
            Affects::KeywordGiven => {
                let names = |value: &Value| match value {
                    Value::Hash(pairs) => pairs.iter().any(|(key, _)| is_among(key, upgrade.matching)),
                    _ => false,
                };
                let with = |call: &&Call| call.arguments.iter().any(|argument| names(&argument.value));
                calls().filter(with).map(|call| view.at(call.span)).collect()
            }
        };
        places.into_iter().map(Concerned::from).collect()
    }

    /// Where the config ends, if nothing sets the option: there something could.
    fn unset(&self, option: &str) -> Option<Location> {
        let says = |possible: &Possible| match &possible.source {
            Source::Default(_) => false,
            Source::Environment(name) => self.holds(name).is_some(),
            Source::File(_) | Source::CommandLine(_) => true,
        };
        let said = self.after.get(option).is_some_and(|setting| setting.possible.iter().any(says));
        (!said && !self.view.evaluation.trace.opaque).then(|| self.config_end())
    }

    fn config_end(&self) -> Location {
        self.view.at(Span::at(self.view.evaluation.source.bytes().trim_ascii_end().len()))
    }

    /// What the launch sets a variable to.
    fn holds(&self, variable: &str) -> Option<&str> {
        self.view.evaluation.launch.environment.variables.get(variable).map(String::as_str)
    }

    fn has_workers(&self) -> bool {
        let some = |possible: &Possible| matches!(possible.value, Value::Int(count) if count > 0);
        self.after.get("workers").is_some_and(|workers| workers.possible.iter().any(some))
    }

    /// Where something sets the option, to something else than `except`.
    fn set(&self, option: &str, except: &[&str]) -> Vec<Location> {
        let possible = self.after.get(option).map(|setting| setting.possible.as_slice()).unwrap_or_default();
        let counts = |value: &Value| value.truthy() != Some(false) && !is_among(value, except);
        let places =
            possible.iter().filter(|possible| counts(&possible.value)).filter_map(|possible| match possible
                .source
            {
                Source::File(at) | Source::CommandLine(Some(at)) => Some(at),
                _ => None,
            });
        let mut places: Vec<_> = places.collect();
        places.dedup();
        places
    }

    /// The flags of that name, with their values.
    fn flags(&self, long: &str) -> Vec<(Value, Location)> {
        let launch = self.view.evaluation.launch;
        let (Some(place), Some(run)) = (launch.place, &launch.invocation) else { return Vec::new() };
        if run.program != Program::Puma {
            return Vec::new();
        }
        let given = flags(catalog::Program::Puma, &run.arguments, self.view.release()).into_iter();
        let named = given.filter(|flag| flag.found.found().is_some_and(|found| found.flag.long == long));
        named
            .map(|flag| {
                let value = flag.value.map_or(Value::Nil, |value| Value::Text(launch.text(value.text())));
                (value, Location { file: place.file, span: flag.span })
            })
            .collect()
    }

    /// Where Puma listens at a port without a host; the config's end if nothing says where it listens.
    fn hostless(&self) -> Vec<Location> {
        if let Some(end) = self.unset("binds") {
            return vec![end];
        }
        let trace = &self.view.evaluation.trace;
        // Rails names a host for all of them.
        let rails = self.view.evaluation.launch.rails_server().is_some();
        let named = rails || trace.calls.iter().any(|call| call.name == "set_default_host");
        let hostless = |call: &&Call| {
            let host = call.arguments.get(1).map(|host| &host.value);
            call.name == "port" && !call.splat && !named && matches!(host, None | Some(Value::Nil))
        };
        let calls = trace.calls.iter().filter(hostless).map(|call| self.view.at(call.span));
        let ports = self.flags("port").into_iter().map(|(_, at)| at);
        // The command line's addresses take the place of the config's.
        match self.flags("port").is_empty() && self.flags("bind").is_empty() {
            true => calls.collect(),
            false => ports.collect(),
        }
    }

    /// What decides that there are workers, if the app is preloaded from `release` on and nobody asks for it. Where a
    /// phased restart is asked for, another rule says what that means for it.
    fn preloaded_from(&self, release: Release) -> Option<Location> {
        let evaluation = self.view.evaluation;
        let is = |possible: &Possible, on: bool| {
            is_default(Some(&possible.source)) && possible.value == Value::Bool(on)
        };
        let before = evaluation.options(release.previous()?);
        let was_off =
            before.get("preload_app").is_none_or(|preload| preload.possible.iter().any(|p| is(p, false)));
        let after = evaluation.options(release);
        let is_on =
            after.get("preload_app").is_some_and(|preload| preload.possible.iter().any(|p| is(p, true)));
        let said = was_off && is_on && phased_restart_unavailable::check(self.view.scene).is_empty();
        said.then(|| match after.get("workers").and_then(options::Setting::source) {
            Some(Source::File(at) | Source::CommandLine(Some(at))) => *at,
            Some(Source::Environment(name)) if self.holds(name).is_some() => self.variable_place(name),
            _ => self.config_end(),
        })
    }

    /// The variable, if it decides an option that it did not decide before, and to another value.
    fn variable_read(&self, name: &str) -> Option<Concerned> {
        let value = self.holds(name)?;
        let option = catalog::variable(name)?.sets_at(self.view.release())?;
        let decides = |possible: &&Possible| possible.source == Source::Environment(name.to_owned());
        let decided = self.after.get(option)?.possible.iter().find(decides)?;
        let same = |possible: &Possible| possible.value == decided.value || decides(&possible);
        let before = self.before.get(option).map(|setting| setting.possible.as_slice()).unwrap_or_default();
        (!before.iter().any(same))
            .then(|| Concerned { at: self.variable_place(name), value: value.to_owned() })
    }

    /// Where the launch sets a variable; else the launch, else the config's end.
    fn variable_place(&self, name: &str) -> Location {
        let launch = self.view.evaluation.launch;
        let service = launch.service.and_then(|id| self.view.scene.deployment.service(id));
        let set = service.into_iter().flat_map(|service| {
            let lines = service.all("Environment").into_iter();
            lines.flat_map(|line| {
                let set = systemd::assignments(line, &service.context).assignments.into_iter();
                set.map(|set| (set.name.text() == name, service.at(line, set.span)))
            })
        });
        let named = set.filter(|(named, _)| *named).map(|(_, at)| at).reduce(|_, last| last);
        named.or(launch.place).unwrap_or_else(|| self.config_end())
    }
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
