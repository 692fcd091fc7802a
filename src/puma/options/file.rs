//! What the configs of a launch set.

use super::command_line::CommandLayer;
use super::convert::{Given, block, convert};
use super::layer::{Layer, Slot, Way, apply};
use super::{Inputs, Setting, Source};
use crate::catalog::effect::Setting as Effect;
use crate::catalog::{Collects, Conversion, Directive, Release, behaviour, directive};
use crate::model::{Clause, Condition, Fact, Location, Value};
use crate::puma::arguments::combinations;
use crate::puma::evaluate::{Block, Call, mode_block};

/// Which calls count.
#[derive(Clone, Copy)]
pub enum Part<'a> {
    /// Those outside of `cluster do` and `single do`: they decide how many workers there are.
    Plain,
    /// All, given the number of workers.
    WithModes(Option<&'a Setting>),
}

/// The options that the configs set.
pub fn layer(inputs: &Inputs<'_>, command_line: &CommandLayer, part: Part<'_>) -> Layer {
    let mut layer = command_line.as_in_config.clone();
    let mut configs: Vec<_> = inputs.configs.iter().collect();
    if behaviour::first_config_wins(inputs.release) {
        configs.reverse();
    }
    // What stands in the blocks of a mode runs when everything is loaded.
    for late in [false, true] {
        for (file, trace) in &configs {
            for call in &trace.calls {
                let Some((when, in_block)) = condition(call, part) else { continue };
                if in_block == late {
                    run(&mut layer, *file, call, &when, inputs.release);
                }
            }
        }
    }
    layer
}

/// When a call counts, and whether it stands in the block of a mode; `None` if it doesn't count.
fn condition(call: &Call, part: Part<'_>) -> Option<(Condition, bool)> {
    let mode = |clause: &Clause| match &clause.fact {
        Fact::Opaque(words) if *words == mode_block("cluster") => Some(true),
        Fact::Opaque(words) if *words == mode_block("single") => Some(false),
        _ => None,
    };
    let mut when = Condition::always();
    let mut modes = Vec::new();
    for clause in call.condition.clauses() {
        match mode(clause) {
            Some(cluster) => modes.push(cluster == clause.holds),
            None => when = when.and(&Condition::when(clause.clone()))?,
        }
    }
    let workers = match (modes.is_empty(), part) {
        (true, _) => return Some((when, false)),
        (false, Part::Plain) => return None,
        (false, Part::WithModes(workers)) => workers,
    };
    let clustered = |value: &Value| match value {
        Value::Int(count) => Some(*count > 0),
        Value::Nil => Some(false),
        _ => None,
    };
    let known = match workers {
        None => Some(false),
        Some(setting) => {
            let mut all = setting.possible.iter().map(|possible| clustered(&possible.value));
            let first = all.next().flatten();
            first.filter(|first| all.all(|other| other == Some(*first)))
        }
    };
    for cluster in modes {
        match known {
            Some(known) if known == cluster => {}
            Some(_) => return None,
            None => {
                let fact = Fact::Told { holds: "Puma runs with workers", fails: "Puma runs without workers" };
                when = when.and(&Condition::when(Clause { fact, holds: cluster }))?;
            }
        }
    }
    Some((when, true))
}

/// Does what one call does.
fn run(layer: &mut Layer, file: crate::model::FileId, call: &Call, when: &Condition, release: Release) {
    let Some(found) = directive(&call.name) else { return };
    let Some(form) = found.at(release) else { return };
    let span = call.arguments.first().map_or(call.span, |argument| argument.span);
    let source = Source::File(Location { file, span });
    let effects: Vec<&Effect> = found.settings_at(release).collect();
    let values: Vec<&Value> = call.arguments.iter().map(|argument| &argument.value).collect();
    let combinations = if call.splat { Vec::new() } else { combinations(&values) };
    let host = host(layer, &call.name, release);
    let kept = kept(layer);
    for effect in effects {
        let mut ways: Vec<(Condition, Option<Value>)> = Vec::new();
        for (way, arguments) in &combinations {
            let given = Given { arguments, block: block_of(call), host: host.clone(), kept, release };
            let value = convert(effect, form, &given);
            match value {
                Some(Value::OneOf(all)) => {
                    ways.extend(all.into_iter().filter_map(|(c, value)| Some((way.and(&c)?, Some(value)))));
                }
                value => ways.push((way.clone(), value)),
            }
        }
        if call.splat {
            ways.push((Condition::always(), Some(Value::Unknown("arguments behind a `*`".into()))));
        }
        set(layer, found, effect, when, &source, ways, release);
    }
}

fn set(
    layer: &mut Layer,
    found: &Directive,
    effect: &Effect,
    when: &Condition,
    source: &Source,
    ways: Vec<(Condition, Option<Value>)>,
    release: Release,
) {
    let before = layer.remove(effect.option).unwrap_or_else(|| vec![Slot::unset()]);
    let collects = found.collects_at(release);
    let change = |value: Option<Value>| {
        let source = source.clone();
        let whole = effect.to == Conversion::PemStore;
        move |slot: &Slot| -> Option<(Value, Source)> {
            let Some(value) = value.clone() else { return slot.set.clone() };
            let old = slot.set.as_ref();
            let list = match old.map(|(value, _)| value) {
                Some(Value::Array(items)) => Some(items.clone()),
                Some(Value::Nil) | None => Some(Vec::new()),
                Some(_) => None,
            };
            let value = match (whole, collects, list) {
                (true, _, Some(mut items)) => {
                    if let Value::Array(more) = value {
                        items.extend(more);
                    }
                    list_of(items)
                }
                (_, Collects::List | Collects::Distinct, None) => {
                    Value::Unknown("a list that isn't known".into())
                }
                (_, Collects::List, Some(mut items)) => {
                    items.push(value);
                    list_of(items)
                }
                (_, Collects::Distinct, Some(mut items)) => {
                    if !items.contains(&value) {
                        items.push(value);
                    }
                    list_of(items)
                }
                (_, Collects::First, _) if old.is_some_and(|(old, _)| old.truthy() != Some(false)) => {
                    return slot.set.clone();
                }
                _ => value,
            };
            Some((value, source.clone()))
        }
    };
    let changes: Vec<(Condition, _)> = ways.into_iter().map(|(way, value)| (way, change(value))).collect();
    let ways: Vec<Way<'_>> = changes.iter().map(|(way, change)| (way.clone(), change as _)).collect();
    let after = apply(&before, when, &ways);
    if after.iter().any(|slot| slot.set.is_some()) {
        layer.insert(effect.option, after);
    }
}

/// A list, unless it is longer than any real config makes it: each call copies it.
fn list_of(items: Vec<Value>) -> Value {
    const LONGEST: usize = 1000;
    if items.len() > LONGEST { Value::Unknown("a very long list".into()) } else { Value::Array(items) }
}

/// The block of a call, as a value.
fn block_of(call: &Call) -> Value {
    match &call.block {
        Block::None => Value::Nil,
        Block::Literal { .. } => block(),
        Block::Passed(value @ Value::Proc(_)) => value.clone(),
        Block::Passed(_) => block(),
    }
}

/// The host that `port` takes: the one that was set before, else the release's.
fn host(layer: &Layer, name: &str, release: Release) -> Value {
    let default = super::defaults::host(release);
    if name != "port" {
        return default;
    }
    match layer.get("default_host").map(Vec::as_slice) {
        None => default,
        Some(slots) => Value::one_of(slots.iter().map(|slot| {
            let value =
                slot.set.as_ref().map(|(value, _)| value.clone()).filter(|value| *value != Value::Nil);
            (slot.when.clone(), value.unwrap_or_else(|| default.clone()))
        })),
    }
}

/// How many texts of certificates are kept so far.
fn kept(layer: &Layer) -> usize {
    let lists = layer.get("store").into_iter().flatten();
    let lengths = lists.filter_map(|slot| match &slot.set {
        Some((Value::Array(items), _)) => Some(items.len()),
        _ => None,
    });
    lengths.max().unwrap_or(0)
}
