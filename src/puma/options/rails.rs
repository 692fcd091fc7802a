//! What `rails server` hands to Puma.
//!
//! Rails tells Puma which of its options somebody asked for: those count as flags of `puma` do. The rest are Rails'
//! own defaults: they count more than Puma's, and less than the config.

use super::command_line::CommandLayer;
use super::layer::Slot;
use super::{Inputs, Source, address};
use crate::catalog::{Conversion, Release, behaviour, directive};
use crate::model::{Location, Value, Word};
use crate::puma::Launch;
use crate::puma::evaluate::{combine, methods};
use crate::puma::rails_server::RailsServer;

/// Where Rails listens where nobody says where.
const PORT: i64 = 3000;

/// The options that Rails gives.
pub fn layer(inputs: &Inputs<'_>, given: &RailsServer) -> CommandLayer {
    let (launch, release) = (inputs.launch, inputs.release);
    let mut layer = CommandLayer::default();
    let place = |word: &Word| launch.place.map(|place| Location { file: place.file, span: word.span() });
    let flag = |word: &Option<Word>| Source::CommandLine(word.as_ref().and_then(place).or(launch.place));
    let all = !behaviour::tells_asked_options(release);

    let asked = Value::Bool(all || given.environment.is_some());
    let environment = given.environment(&launch.environment);
    put(&mut layer, "environment", asked, environment, &flag(&given.environment));

    let address = Address::of(given, launch);
    let asked = if all { Value::Bool(true) } else { address.is_asked() };
    let source = flag(if given.port.is_some() { &given.port } else { &given.binding });
    put(&mut layer, "binds", asked, address.binds(release), &source);
    if directive("set_default_host").is_some_and(|found| found.exists(release)) {
        let host = combine(address.host_asked, address.host, |asked, host| match asked {
            Value::Bool(true) => Value::Nil,
            _ => host,
        });
        let slots = host.alternatives().into_iter().map(|(when, host)| {
            let set = (*host != Value::Nil).then(|| (host.clone(), source.clone()));
            Slot { when, set }
        });
        layer.as_in_config.insert("default_host", slots.collect());
    }
    if let Some((on, word)) = &given.early_hints {
        let source = Source::CommandLine(place(word));
        layer.options.insert("early_hints", vec![Slot::always(Value::Bool(*on), source)]);
    }
    let restart = Value::Unknown("Rails' own command line with --restart".into());
    let source = Source::CommandLine(launch.place);
    layer.defaults.insert("restart_cmd", vec![Slot::always(restart, source)]);
    layer
}

/// Where Rails tells Puma to listen.
struct Address {
    host: Value,
    /// Nil where nobody asks for one.
    port: Value,
    /// Whether somebody asks for a host.
    host_asked: Value,
}

impl Address {
    fn of(given: &RailsServer, launch: &Launch) -> Self {
        let variables = &launch.environment;
        let asked = |flag: &Option<Word>, variable: &str| match flag {
            Some(word) => Value::Text(launch.text(word.text())),
            None => variables.get(variable),
        };
        let number = |value| match value {
            Value::Nil => Value::Nil,
            value => methods::method(value.clone(), "to_i", &[]).unwrap_or(value),
        };
        let binding = asked(&given.binding, "BINDING");
        let usual = given.environment(variables).map(|name| match name.as_str() {
            Some("development") => Value::text("localhost"),
            Some(_) => Value::text("0.0.0.0"),
            None => Value::Unknown("it depends on the environment".into()),
        });
        Self {
            port: asked(&given.port, "PORT").map(number),
            host_asked: either(is_set(&binding), || {
                // Rails looks at HOST only to see that somebody asks for a host. Nobody does so by chance.
                Value::Bool(variables.variables.contains_key("HOST") || variables.unknown.contains("HOST"))
            }),
            host: or(binding, usual),
        }
    }

    /// Whether somebody asks for a host or a port.
    fn is_asked(&self) -> Value {
        either(is_set(&self.port), || self.host_asked.clone())
    }

    /// As the list that Puma holds: host and port go through its directive `port`.
    fn binds(&self, release: Release) -> Value {
        let mut effects = directive("port").into_iter().flat_map(|port| port.settings_at(release));
        let as_uri = effects.any(|effect| effect.to == Conversion::TcpUri);
        let url =
            combine(self.host.clone(), or(self.port.clone(), Value::Int(PORT)), |host, port| {
                match host.as_str() {
                    Some(path) if path.starts_with(['.', '/', '@']) => Value::text(format!("unix://{path}")),
                    Some(url) if url.starts_with("ssl://") => {
                        Value::Unknown("the address of -b with its port".into())
                    }
                    _ => address::tcp(&host, &port, as_uri),
                }
            });
        url.map(|url| Value::Array(vec![url]))
    }
}

/// Puts an option where it counts: among the flags where somebody asked for it, else among the defaults.
fn put(layer: &mut CommandLayer, option: &'static str, asked: Value, value: Value, source: &Source) {
    let (mut flags, mut defaults) = (Vec::new(), Vec::new());
    for (when, asked) in asked.alternatives() {
        for (also, value) in value.clone().under(&when).alternatives() {
            let Some(when) = when.and(&also) else { continue };
            let set = Slot { when: when.clone(), set: Some((value.clone(), source.clone())) };
            let unset = Slot { when, set: None };
            let (flag, default) = if *asked == Value::Bool(true) { (set, unset) } else { (unset, set) };
            flags.push(flag);
            defaults.push(default);
        }
    }
    for (target, slots) in [(&mut layer.options, flags), (&mut layer.defaults, defaults)] {
        if slots.iter().any(|slot| slot.set.is_some()) {
            target.insert(option, super::simplify(slots));
        }
    }
}

/// Whether a value is there.
fn is_set(value: &Value) -> Value {
    value.clone().map(|value| Value::Bool(value != Value::Nil))
}

/// The first, or the second where that is nil.
fn or(first: Value, second: Value) -> Value {
    combine(first, second, |first, second| if first == Value::Nil { second } else { first })
}

/// Whether one of two holds.
fn either(one: Value, other: impl FnOnce() -> Value) -> Value {
    if one == Value::Bool(true) {
        return one;
    }
    combine(one, other(), |one, other| Value::Bool(one == Value::Bool(true) || other == Value::Bool(true)))
}
