//! What Puma's options come to under one launch, and where each value comes from.
//!
//! Four layers, as in Puma itself: the command line over the config over the environment over the defaults, with the
//! exceptions that the catalog knows; a fifth, above the environment, holds what `rails server` gives unasked. Each layer says of each option what it may be and when; where one says nothing,
//! the next decides.

mod address;
mod calls;
mod command_line;
mod convert;
mod defaults;
mod file;
mod layer;
mod rails;

use std::collections::BTreeMap;

use super::Launch;
use super::evaluate::Trace;
use crate::catalog::{Release, behaviour};
use crate::model::{Condition, FileId, Location, Text, Value};

pub use calls::{OptionValue, last, resolve};
pub use command_line::words as command_line_words;
pub use layer::simplify;

use layer::{Layer, Slot};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Puma's own default, and why it is this one where that depends.
    Default(Option<&'static str>),
    /// An environment variable that Puma itself reads.
    Environment(String),
    /// A directive of a config.
    File(Location),
    /// A flag, and where it is written.
    CommandLine(Option<Location>),
}

/// One value that an option may have.
#[derive(Debug, Clone, PartialEq)]
pub struct Possible {
    /// When it has it.
    pub when: Condition,
    /// The value.
    pub value: Value,
    /// Who says so.
    pub source: Source,
}

/// What an option comes to: one value or several, each under its condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The possible values; at least one.
    pub possible: Vec<Possible>,
}

/// How much is known of an option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Status<'a> {
    /// It has this value.
    Known(&'a Value),
    /// It depends on what isn't known.
    Conditional,
    /// It is something else, and why.
    Unknown(&'a str),
}

impl Setting {
    /// How much is known.
    pub fn status(&self) -> Status<'_> {
        match self.possible.as_slice() {
            [only] => match unknown(&only.value) {
                Some(reason) => Status::Unknown(reason),
                None => Status::Known(&only.value),
            },
            _ => Status::Conditional,
        }
    }

    /// Who decides in the first place: the highest of the layers that have a say.
    pub fn source(&self) -> Option<&Source> {
        self.possible.iter().map(|possible| &possible.source).max_by_key(|source| match source {
            Source::Default(_) => 0,
            Source::Environment(_) => 1,
            Source::File(_) => 2,
            Source::CommandLine(_) => 3,
        })
    }

    /// Whether nothing but Puma's defaults has a say.
    pub fn is_default(&self) -> bool {
        self.possible.iter().all(|possible| matches!(possible.source, Source::Default(None)))
    }
}

/// Why a value isn't known, wherever in it.
pub fn unknown(value: &Value) -> Option<&str> {
    match value {
        Value::Unknown(reason) => Some(reason),
        Value::Text(text) | Value::Path(text) => text.pieces().iter().find_map(|piece| match piece {
            crate::model::Piece::Literal(_) | crate::model::Piece::Root => None,
            crate::model::Piece::Env(name) | crate::model::Piece::Hole(name) => Some(name.as_str()),
            crate::model::Piece::Unknown(reason) => Some(reason.as_str()),
        }),
        Value::Array(items) => items.iter().find_map(unknown),
        Value::Hash(pairs) => pairs.iter().find_map(|(key, value)| unknown(key).or_else(|| unknown(value))),
        Value::OneOf(all) => all.iter().find_map(|(_, value)| unknown(value)),
        _ => None,
    }
}

/// Everything that the options of a launch depend on.
pub struct Inputs<'a> {
    /// The launch.
    pub launch: &'a Launch,
    /// The configs that it loads, in order, as it evaluates them.
    pub configs: &'a [(FileId, &'a Trace)],
    /// The release.
    pub release: Release,
}

/// The options of a launch, by Puma's own names.
pub type Options = BTreeMap<&'static str, Setting>;

/// What every option comes to. Options without a value are left out.
pub fn effective(inputs: &Inputs<'_>) -> Options {
    let release = inputs.release;
    let command_line = command_line::layer(inputs);
    let env = defaults::environment(&inputs.launch.environment, release);
    let plain = file::layer(inputs, &command_line, file::Part::Plain);
    let workers =
        one(&[&command_line.options, &plain, &env, &defaults::defaults(inputs)], "workers", release);
    let file = file::layer(inputs, &command_line, file::Part::WithModes(workers.as_ref()));
    let mut defaults = defaults::defaults(inputs);
    let over = [&command_line.options, &file, &command_line.defaults, &env];
    let find =
        |option, defaults: &Layer| one(&[over[0], over[1], over[2], over[3], defaults], option, release);
    defaults::derive(inputs, &mut defaults, &env, &find);
    let mut options = Options::new();
    let layers = [over[0], over[1], over[2], over[3], &defaults];
    let names = layers.iter().flat_map(|layer| layer.keys().copied());
    for name in names.collect::<std::collections::BTreeSet<_>>() {
        if let Some(setting) = one(&layers, name, release) {
            options.insert(name, setting);
        }
    }
    if behaviour::starts_workers_where_it_started(release) {
        let value = Value::Text(inputs.launch.directory.clone());
        let possible = vec![Possible { when: Condition::always(), value, source: Source::Default(None) }];
        options.insert("worker_directory", Setting { possible });
    }
    if behaviour::listens_on_ipv6(release) {
        defaults::rewrite_ipv6(&mut options);
    }
    options
}

/// One option over the layers: where the first says nothing, the next decides.
fn one(layers: &[&Layer], option: &'static str, release: Release) -> Option<Setting> {
    let mut order: Vec<&Layer> = layers.to_vec();
    if behaviour::config_beats_command_line(release) {
        order.swap(0, 1);
    }
    let said = |layer: &Layer| layer.get(option).cloned();
    if option == "binds"
        && behaviour::adds_up_binds(release)
        && let (Some(first), Some(second)) = (said(layers[0]), said(layers[1]))
    {
        return finish(layer::append(first, &second));
    }
    let mut slots: Vec<Slot> = vec![Slot::unset()];
    for layer in order {
        if let Some(below) = said(layer) {
            slots = layer::over(slots, &below);
        }
    }
    finish(slots)
}

/// What was found, without the ways in which nothing sets the option. `None` if nothing does.
fn finish(slots: Vec<Slot>) -> Option<Setting> {
    let slots = simplify(slots);
    if slots.iter().all(|slot| slot.set.is_none()) {
        return None;
    }
    let possible = slots.into_iter().map(|slot| {
        let (value, source) = slot.set.unwrap_or((Value::Nil, Source::Default(None)));
        Possible { when: slot.when, value, source }
    });
    Some(Setting { possible: possible.collect() })
}

/// What one of Puma's constants is.
pub fn constant(path: &str, release: Release) -> Option<Value> {
    let found = crate::catalog::constant(path).filter(|found| found.exists(release))?;
    if found.path != "Puma::Configuration::DEFAULTS" {
        return found.value_at(release).map(convert::plain);
    }
    let all = crate::catalog::defaults().iter().filter_map(|default| {
        let value = convert::plain(default.at(release)?);
        Some((Value::Sym(default.option.to_owned()), value))
    });
    Some(Value::Hash(all.collect()))
}

/// The value of a directory option as the path it means.
pub fn place(value: &Value, base: &Text) -> Option<Text> {
    match value {
        Value::Text(text) | Value::Path(text) => super::evaluate::paths::expand(text, base),
        _ => None,
    }
}
