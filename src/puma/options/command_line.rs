//! What the command line of a launch sets.

use super::convert::{Given, convert, of_flag, plain};
use super::layer::{Layer, Slot};
use super::{Inputs, Source};
use crate::catalog::command_line::{CommandLine, OptionValue};
use crate::catalog::{Program, Release, behaviour, directive};
use crate::model::{Location, Span, Value, Word};
use crate::puma::{Launch, command_line};

/// The options of the command line.
#[derive(Debug, Default)]
pub struct CommandLayer {
    /// Those that count more than the config's.
    pub options: Layer,
    /// Those that count as if the config began with them.
    pub as_in_config: Layer,
    /// Those that count less than the config's, but more than the environment's: what Rails gives unasked.
    pub defaults: Layer,
}

/// Flags of `pumactl` that it hands on to the `puma` that it starts.
const HANDED_ON: &[(&str, &str)] = &[
    ("state", "--state"),
    ("quiet", "--quiet"),
    ("pidfile", "--pidfile"),
    ("control-url", "--control-url"),
    ("control-token", "--control-token"),
    ("config-file", "--config"),
    ("environment", "--environment"),
];

/// The words of `puma`'s own command line. `pumactl start` hands on its own flags.
pub fn words(launch: &Launch, release: Release) -> Vec<Word> {
    let Some(invocation) = &launch.invocation else { return Vec::new() };
    match invocation.program {
        command_line::Program::Pumactl => {}
        // Rails hands on nothing as words.
        command_line::Program::RailsServer => return Vec::new(),
        _ => return invocation.arguments.clone(),
    }
    let texts: Vec<&str> = invocation.arguments.iter().map(Word::text).collect();
    let line = CommandLine::parse(Program::Pumactl, &texts, release);
    let mut handed = Vec::new();
    for (flag, as_flag) in HANDED_ON {
        let Some(setting) = line.setting(flag) else { continue };
        let span = invocation.arguments.get(setting.word).map_or(Span::at(0), Word::span);
        handed.push(Word::new(*as_flag, Vec::new(), span));
        if let Some(given) = &setting.argument {
            let span = invocation.arguments.get(given.word).map_or(span, Word::span);
            handed.push(Word::new(given.text.as_str(), Vec::new(), span));
        }
    }
    handed
}

/// The options that the command line sets.
pub fn layer(inputs: &Inputs<'_>) -> CommandLayer {
    let (launch, release) = (inputs.launch, inputs.release);
    if let Some(given) = launch.rails_server() {
        return super::rails::layer(inputs, &given);
    }
    let words = words(launch, release);
    let texts: Vec<&str> = words.iter().map(Word::text).collect();
    let line = CommandLine::parse(Program::Puma, &texts, release);
    let file = launch.place.as_ref().map(|place| place.file);
    let source = |word: usize| {
        let span = words.get(word).map(Word::span);
        Source::CommandLine(file.zip(span).map(|(file, span)| Location { file, span }))
    };
    let mut layer = CommandLayer::default();
    for setting in &line.settings {
        let calls =
            Program::Puma.flag(setting.flag).and_then(|flag| flag.calls_at(release)).and_then(directive);
        for (option, given) in &setting.sets {
            let (list, value) = value_of(given, launch, release);
            // What the catalog gives is whole already.
            let whole = matches!(given, OptionValue::Known(_) | OptionValue::TcpPort(_));
            let value = match calls {
                Some(found) if !whole => of_flag(found, option, value, release),
                _ => value,
            };
            let config_files = *option == "config_files";
            let target = if config_files { &mut layer.as_in_config } else { &mut layer.options };
            add(target, option, value, list || config_files, source(setting.word));
        }
    }
    if let Some(place) = line.operands.first() {
        let value = Value::Text(launch.text(texts.get(*place).copied().unwrap_or_default()));
        let as_in_config = behaviour::takes_rackup_file_as_in_config(release);
        let target = if as_in_config { &mut layer.as_in_config } else { &mut layer.options };
        add(target, "rackup", value, false, source(*place));
    }
    together(&mut layer.options, release);
    layer
}

/// Puts an option into a layer.
fn add(layer: &mut Layer, option: &'static str, value: Value, list: bool, source: Source) {
    let before = layer.remove(option).and_then(|mut slots| slots.pop()?.set);
    let value = match (list, before) {
        (true, Some((Value::Array(mut items), _))) => {
            items.push(value);
            Value::Array(items)
        }
        (true, _) => Value::Array(vec![value]),
        (false, _) => value,
    };
    layer.insert(option, vec![Slot::always(value, source)]);
}

/// What a flag sets, and whether it is one more in a list.
fn value_of(value: &OptionValue, launch: &Launch, release: Release) -> (bool, Value) {
    match value {
        OptionValue::Known(value) => (false, plain(value)),
        OptionValue::Integer(number) => (false, Value::Int(*number)),
        OptionValue::Text(given) => (false, Value::Text(launch.text(given))),
        OptionValue::Item(given) => (true, Value::Text(launch.text(given))),
        OptionValue::TcpPort(given) => {
            let port = Value::Text(launch.text(given));
            let effect = directive("port").and_then(|found| {
                let form = found.at(release)?;
                Some((found.settings_at(release).next()?, form))
            });
            let host = super::defaults::host(release);
            let arguments = [port.clone()];
            let given = Given { arguments: &arguments, block: Value::Nil, host, kept: 0, release };
            let calls = Program::Puma.flag("port").and_then(|flag| flag.calls_at(release));
            match (effect, calls) {
                (Some((effect, form)), Some("port")) => (true, convert(effect, form, &given).unwrap_or(port)),
                _ => (true, super::address::tcp(&given.host, &port, false)),
            }
        }
    }
}

/// Flags that only count together: the control server's, and those of the output.
fn together(layer: &mut Layer, release: Release) {
    let url = layer.get("control_url").cloned();
    match url {
        Some(slots) if directive("activate_control_app").is_some_and(|found| found.exists(release)) => {
            let source = slots.into_iter().find_map(|slot| slot.set).map(|(_, source)| source);
            if let (Some(source), false) = (source, layer.contains_key("control_auth_token")) {
                let token = Value::Unknown("a random token".into());
                layer.insert("control_auth_token", vec![Slot::always(token, source)]);
            }
        }
        _ => {
            layer.remove("control_auth_token");
        }
    }
    let output = ["redirect_stdout", "redirect_stderr"].into_iter().find_map(|name| layer.get(name).cloned());
    let source =
        output.and_then(|slots| slots.into_iter().find_map(|slot| slot.set)).map(|(_, source)| source);
    match source {
        Some(source) => {
            for (name, value) in [
                ("redirect_stdout", Value::Nil),
                ("redirect_stderr", Value::Nil),
                ("redirect_append", Value::Bool(false)),
            ] {
                layer.entry(name).or_insert_with(|| vec![Slot::always(value, source.clone())]);
            }
        }
        None => {
            layer.remove("redirect_append");
        }
    }
}
