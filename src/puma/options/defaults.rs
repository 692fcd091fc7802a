//! What the environment sets, and what Puma does where nobody says anything.

use super::convert::{default_host, plain};
use super::layer::{Layer, Slot, over, simplify};
use super::{Inputs, Options, Setting, Source};
use crate::catalog::{self, CheckKind, Release, behaviour};
use crate::model::{Clause, Condition, Fact, Text, Value};
use crate::puma::Environment;
use crate::puma::evaluate::{methods, paths};

/// The options that environment variables set.
pub fn environment(environment: &Environment, release: Release) -> Layer {
    let mut layer = Layer::new();
    for default in catalog::defaults().iter().filter(|default| default.at(release).is_some()) {
        let mut slots = vec![Slot::unset()];
        for variable in catalog::variables_for(default.option, release) {
            let number = variable.checks.iter().any(|check| {
                check.releases.contains(release)
                    && matches!(check.kind, CheckKind::Integer | CheckKind::IntegerOrAuto)
            });
            let blank = variable
                .checks
                .iter()
                .any(|check| check.releases.contains(release) && number && check.allowed.contains(&""));
            let switch = default.at(release).is_some_and(|value| matches!(value, catalog::Value::Boolean(_)));
            let value = environment.get(variable.name);
            let alternatives = value.alternatives().into_iter().map(|(when, value)| {
                let set = match value {
                    Value::Nil => None,
                    value if blank && value.as_str().is_some_and(|text| text.trim().is_empty()) => None,
                    _ if switch => Some(Value::Bool(true)),
                    value if number => Some(as_number(value)),
                    value => Some(value.clone()),
                };
                let source = || Source::Environment(variable.name.to_owned());
                Slot { when, set: set.map(|value| (value, source())) }
            });
            slots = over(slots, &alternatives.collect::<Vec<_>>());
        }
        if slots.iter().any(|slot| slot.set.is_some()) {
            layer.insert(default.option, slots);
        }
    }
    layer
}

fn as_number(value: &Value) -> Value {
    match value.as_str().map(str::trim) {
        Some("auto") => Value::Unknown("the number of processors that the machine has".into()),
        Some(text) => methods::integer(Value::text(text)),
        None => methods::integer(value.clone()),
    }
}

/// Puma's own values.
pub fn defaults(inputs: &Inputs<'_>) -> Layer {
    let mut layer = Layer::new();
    for default in catalog::defaults() {
        let Some(value) = default.at(inputs.release) else { continue };
        let value = match value {
            catalog::Value::Described("<IO>") => continue,
            catalog::Value::Described("<cwd>") => Value::Text(inputs.launch.directory.clone()),
            catalog::Value::Described("<basename of cwd>") => base_name(&inputs.launch.directory),
            value => plain(value),
        };
        let value = match default.option {
            "binds" if behaviour::listens_on_ipv6(inputs.release) => with_ipv6(value),
            "tcp_host" => host(inputs.release),
            _ => value,
        };
        let slots = value
            .alternatives()
            .into_iter()
            .map(|(when, value)| Slot { when, set: Some((value.clone(), Source::Default(None))) });
        layer.insert(default.option, slots.collect());
    }
    layer
}

fn base_name(directory: &Text) -> Value {
    match paths::basename(directory) {
        Some(name) => Value::text(name),
        None => Value::Unknown("the name of the folder in which Puma is started".into()),
    }
}

/// What depends on other options: whether the app is preloaded, and the tag.
pub fn derive(
    inputs: &Inputs<'_>,
    defaults: &mut Layer,
    env: &Layer,
    find: &dyn Fn(&'static str, &Layer) -> Option<Setting>,
) {
    let release = inputs.release;
    if behaviour::tags_after_directory(release)
        && let Some(Value::Text(directory)) = find("directory", defaults).as_ref().and_then(known)
    {
        defaults.insert("tag", vec![Slot::always(base_name(directory), Source::Default(None))]);
    }
    let because = Some("because workers > 1");
    let preloads = if behaviour::preloads_clusters(release) {
        let workers = find("workers", defaults).map(slots).unwrap_or_default();
        let pruned = find("prune_bundler", defaults).map(slots).unwrap_or_default();
        preload(&workers, &pruned, because)
    } else if behaviour::preloads_for_web_concurrency(release) {
        let none = vec![Slot::unset()];
        let workers = over(env.get("workers").unwrap_or(&none).clone(), &none);
        preload(&workers, &[], Some("because WEB_CONCURRENCY > 1"))
    } else {
        return;
    };
    defaults.insert("preload_app", preloads);
}

fn slots(setting: Setting) -> Vec<Slot> {
    let slot = |possible: super::Possible| Slot {
        when: possible.when,
        set: Some((possible.value, possible.source)),
    };
    setting.possible.into_iter().map(slot).collect()
}

/// Whether the app is preloaded, by the number of workers and whether Bundler is pruned.
fn preload(workers: &[Slot], pruned: &[Slot], because: Option<&'static str>) -> Vec<Slot> {
    let nothing = [Slot::unset()];
    let pruned = if pruned.is_empty() { &nothing[..] } else { pruned };
    let workers = if workers.is_empty() { &nothing[..] } else { workers };
    let mut all = Vec::new();
    for count in workers {
        for prune in pruned {
            let Some(when) = count.when.and(&prune.when) else { continue };
            let prune = prune.set.as_ref().map_or(Some(false), |(value, _)| value.truthy());
            let many = match count.set.as_ref().map(|(value, _)| value) {
                None | Some(Value::Nil) => Some(false),
                Some(Value::Int(count)) => Some(*count > 1),
                Some(_) => None,
            };
            let (value, reason) = match (many, prune) {
                (Some(true), Some(false)) => (Value::Bool(true), because),
                (Some(false), _) | (_, Some(true)) => (Value::Bool(false), None),
                _ => (Value::Unknown("it depends on the number of workers".into()), because),
            };
            all.push(Slot { when, set: Some((value, Source::Default(reason))) });
        }
    }
    simplify(all)
}

/// The value, if it is the only one.
fn known(setting: &Setting) -> Option<&Value> {
    match setting.status() {
        super::Status::Known(value) => Some(value),
        _ => None,
    }
}

const IPV6: Fact = Fact::Told {
    holds: "the machine has an IPv6 address other than the loopback",
    fails: "the machine has no IPv6 address other than the loopback",
};

fn by_ipv6(yes: Value, no: Value) -> Value {
    let clause = Clause { fact: IPV6, holds: true };
    Value::one_of([(Condition::when(clause.clone()), yes), (Condition::when(clause.negated()), no)])
}

/// The host that Puma listens at where none is given.
pub fn host(release: Release) -> Value {
    let host = default_host(release);
    if behaviour::listens_on_ipv6(release) { by_ipv6(host, Value::text("0.0.0.0")) } else { host }
}

/// `[::]` where there is IPv6, else `0.0.0.0`.
fn with_ipv6(binds: Value) -> Value {
    let old = without_ipv6(&binds);
    by_ipv6(binds, old)
}

fn without_ipv6(binds: &Value) -> Value {
    match binds {
        Value::Array(items) => Value::Array(items.iter().map(without_ipv6).collect()),
        value => match value.as_str() {
            Some(url) if url.starts_with("tcp://[::]") || url.starts_with("ssl://[::]") => {
                Value::text(url.replacen("[::]", "0.0.0.0", 1))
            }
            _ => value.clone(),
        },
    }
}

/// An explicit `[::]` becomes `0.0.0.0` on a machine without IPv6.
pub fn rewrite_ipv6(options: &mut Options) {
    let Some(binds) = options.remove("binds") else { return };
    let mut all = Vec::new();
    for slot in slots(binds) {
        let Some((value, source)) = slot.set else { continue };
        let fact = Clause { fact: IPV6, holds: true };
        let decided = slot.when.decides(&fact);
        let old = without_ipv6(&value);
        if old == value || decided == Some(true) {
            all.push(Slot { when: slot.when, set: Some((value, source)) });
            continue;
        }
        for (clause, value) in [(fact.clone(), value), (fact.negated(), old)] {
            if let Some(when) = slot.when.and(&Condition::when(clause)) {
                all.push(Slot { when, set: Some((value, source.clone())) });
            }
        }
    }
    if let Some(setting) = super::finish(all) {
        options.insert("binds", setting);
    }
}
