//! From a directive's arguments to the values of its options, as the catalog says.

use super::address;
use crate::catalog::effect::Setting;
use crate::catalog::{self, Conversion, Directive, Form, Release};
use crate::model::{Piece, ProcShape, Text, Value};
use crate::puma::evaluate::methods;

/// What a directive is called with: plain values only.
pub struct Given<'a> {
    /// The arguments, without those that were left out.
    pub arguments: &'a [Value],
    /// The block; nil if there is none.
    pub block: Value,
    /// The host that `port` takes where none is given.
    pub host: Value,
    /// How many texts of certificates are kept so far.
    pub kept: usize,
    /// The release.
    pub release: Release,
}

/// What an option is set to; `None` if it isn't set.
pub fn convert(setting: &Setting, form: &Form, given: &Given<'_>) -> Option<Value> {
    let argument = given.argument(form, setting.argument);
    for (name, value) in setting.named {
        if equals(&argument, name) {
            return Some(plain(value)).filter(|value| *value != Value::Unknown("<unset>".into()));
        }
    }
    let first = || argument.clone();
    Some(match setting.to {
        Conversion::Argument => first(),
        Conversion::Value => setting.value.as_ref().map_or(Value::Nil, plain),
        Conversion::Text => text(first()),
        Conversion::Integer => methods::integer(first()),
        Conversion::Float => methods::float(first()),
        Conversion::ToI => method(first(), "to_i"),
        Conversion::ToF => match first() {
            Value::Int(number) => Value::Float(number as f64),
            value => method(value, "to_f"),
        },
        Conversion::ToSym => method(first(), "to_sym"),
        Conversion::Not => match argument.truthy() {
            Some(truth) => Value::Bool(!truth),
            None => first(),
        },
        Conversion::List => match first() {
            Value::Array(items) => Value::Array(items),
            Value::Nil => Value::Array(Vec::new()),
            value @ (Value::Unknown(_) | Value::Hash(_)) => value,
            value => Value::Array(vec![value]),
        },
        Conversion::Key => {
            let value = key(&argument, setting.key.unwrap_or_default());
            return match value.truthy() {
                Some(false) => None,
                _ => Some(value),
            };
        }
        Conversion::Block => given.block.clone(),
        Conversion::Callable => match argument.truthy() {
            Some(false) => given.block.clone(),
            _ => first(),
        },
        Conversion::KeyedBlock => match method(first(), "to_sym") {
            key @ Value::Sym(_) => Value::Array(vec![given.block.clone(), key]),
            _ => given.block.clone(),
        },
        Conversion::Hook | Conversion::ClusterHook => hook(given, &argument, setting.to),
        Conversion::TcpText | Conversion::TcpUri => {
            let host = match given.arguments.get(1) {
                Some(host) if host.truthy() != Some(false) => host.clone(),
                _ => given.host.clone(),
            };
            address::tcp(&host, &argument, setting.to == Conversion::TcpUri)
        }
        Conversion::SslUrl => address::ssl(given),
        Conversion::PemStore => {
            let options = given.options();
            let pems = ["cert_pem", "key_pem"].map(|name| key(&options, name));
            Value::Array(pems.into_iter().filter(|pem| pem.truthy() != Some(false)).collect())
        }
        Conversion::ControlUrl => match argument.as_str() {
            Some("auto") => Value::Unknown("a socket in the temporary folder, with a name of its own".into()),
            _ => first(),
        },
        Conversion::ControlTemp => match argument.as_str() {
            Some("auto") => Value::Unknown("a path in the temporary folder, with a name of its own".into()),
            _ => return None,
        },
        Conversion::ControlToken => {
            let options = given.options();
            match key(&options, "no_token").truthy() {
                Some(true) => setting.value.as_ref().map_or(Value::Nil, plain),
                Some(false) => match key(&options, "auth_token") {
                    token if token.truthy() == Some(false) => Value::Unknown("a random token".into()),
                    token => token,
                },
                None => Value::Unknown("a token that isn't known".into()),
            }
        }
        Conversion::RemoteAddress
        | Conversion::RemoteValue
        | Conversion::RemoteHeader
        | Conversion::RemoteProxy => return remote(setting.to, argument),
        Conversion::OnForce => {
            let forced = given.arguments.last().map_or(Value::Nil, |last| key(last, "on_force"));
            let only = given.arguments.len() == 1 && matches!(argument, Value::Hash(_));
            let value = if only { Value::Bool(true) } else { first() };
            match (value.truthy(), forced.truthy()) {
                (Some(true), Some(true)) => Value::Sym("on_force".into()),
                (_, Some(false)) | (Some(false), _) => value,
                _ => Value::Unknown("`on_force`".into()),
            }
        }
    })
}

impl Given<'_> {
    /// An argument, or what stands for it where it is left out.
    fn argument(&self, form: &Form, at: usize) -> Value {
        if let Some(value) = self.arguments.get(at) {
            return value.clone();
        }
        let default = form.parameters.get(at).and_then(|parameter| parameter.default);
        let other = form.parameters.iter().position(|other| Some(other.name) == default);
        match (other, default) {
            (Some(other), _) if other < at => self.argument(form, other),
            (_, Some(source)) => literal(source),
            (_, None) => Value::Nil,
        }
    }

    /// The hash of options, the last argument; an empty one if there is none.
    pub fn options(&self) -> Value {
        match self.arguments.last() {
            Some(value @ (Value::Hash(_) | Value::Unknown(_))) => value.clone(),
            _ => Value::Hash(Vec::new()),
        }
    }
}

/// What a flag's directive makes of the flag's text.
pub fn of_flag(directive: &Directive, option: &str, value: Value, release: Release) -> Value {
    let Some(form) = directive.at(release) else { return value };
    let Some(setting) = directive.settings_at(release).find(|setting| setting.option == option) else {
        return value;
    };
    let mut arguments = vec![Value::Nil; setting.argument];
    arguments.push(value);
    let host = default_host(release);
    let given = Given { arguments: &arguments, block: Value::Nil, host, kept: 0, release };
    convert(setting, form, &given).unwrap_or(Value::Nil)
}

/// The host that Puma listens at where none is given.
pub fn default_host(release: Release) -> Value {
    let host = catalog::default("tcp_host").and_then(|default| default.at(release));
    host.map_or_else(|| Value::text("0.0.0.0"), plain)
}

/// A value of the catalog's.
pub fn plain(value: &catalog::Value) -> Value {
    match value {
        catalog::Value::Nil => Value::Nil,
        catalog::Value::Boolean(value) => Value::Bool(*value),
        catalog::Value::Integer(value) => Value::Int(*value),
        catalog::Value::Float(value) => Value::Float(*value),
        catalog::Value::Text(value) => Value::text(*value),
        catalog::Value::Symbol(value) => Value::Sym((*value).to_owned()),
        catalog::Value::List(items) => Value::Array(items.iter().map(plain).collect()),
        catalog::Value::Described("<processors>") => {
            Value::Unknown("the number of processors that the machine has".into())
        }
        catalog::Value::Described("<random>") => Value::Unknown("a random token".into()),
        catalog::Value::Described(what) => Value::Unknown((*what).to_owned()),
    }
}

fn equals(value: &Value, named: &catalog::Value) -> bool {
    !matches!(value, Value::Unknown(_)) && *value == plain(named)
}

/// The defaults of parameters: `true`, `[]`, `1000`, `:forever`, `"auto"`.
fn literal(source: &str) -> Value {
    let quoted = source.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match source {
        "nil" => Value::Nil,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "[]" => Value::Array(Vec::new()),
        "{}" => Value::Hash(Vec::new()),
        _ => match (source.strip_prefix(':'), quoted, source.parse::<i64>(), source.parse::<f64>()) {
            (Some(symbol), ..) => Value::Sym(symbol.to_owned()),
            (_, Some(text), ..) => Value::text(text),
            (_, _, Ok(number), _) => Value::Int(number),
            (_, _, _, Ok(number)) => Value::Float(number),
            _ => Value::Unknown(source.to_owned()),
        },
    }
}

/// What a hash holds under a symbol; nil if nothing.
pub fn key(hash: &Value, name: &str) -> Value {
    match hash {
        Value::Hash(pairs) => {
            let found = pairs.iter().rev().find(|(key, _)| *key == Value::Sym(name.to_owned()));
            found.map_or(Value::Nil, |(_, value)| value.clone())
        }
        Value::Unknown(reason) => Value::Unknown(reason.clone()),
        _ => Value::Nil,
    }
}

/// `to_s`
pub fn text(value: Value) -> Value {
    match value {
        Value::Text(text) | Value::Path(text) => Value::Text(text),
        Value::Unknown(reason) => Value::Text(Text::from_iter([Piece::Unknown(reason)])),
        value => method(value, "to_s"),
    }
}

fn method(value: Value, name: &str) -> Value {
    let hole = super::unknown(&value).map(str::to_owned);
    methods::method(value, name, &[])
        .unwrap_or_else(|| Value::Unknown(hole.unwrap_or_else(|| format!("`{name}` of it"))))
}

/// A hook as Puma 7 keeps it.
fn hook(given: &Given<'_>, argument: &Value, to: Conversion) -> Value {
    let name = |name: &str| Value::Sym(name.to_owned());
    let id = match argument {
        Value::Nil | Value::Proc(_) => Value::Nil,
        value => method(value.clone(), "to_sym"),
    };
    Value::Hash(vec![
        (name("block"), given.block.clone()),
        (name("cluster_only"), Value::Bool(to == Conversion::ClusterHook)),
        (name("id"), id),
    ])
}

/// `set_remote_address`
fn remote(to: Conversion, argument: Value) -> Option<Value> {
    let symbol = |name: &str| Some(Value::Sym(name.to_owned()));
    let header = key(&argument, "header");
    let proxy = key(&argument, "proxy_protocol");
    match (to, &argument) {
        (_, Value::Unknown(_)) => Some(argument),
        (Conversion::RemoteAddress, Value::Sym(name)) if name == "localhost" => symbol("value"),
        (Conversion::RemoteAddress, Value::Sym(_)) => Some(argument),
        (Conversion::RemoteAddress, Value::Text(_)) => symbol("value"),
        (Conversion::RemoteAddress, Value::Hash(_)) if header != Value::Nil => symbol("header"),
        (Conversion::RemoteAddress, Value::Hash(_)) => symbol("proxy_protocol"),
        (Conversion::RemoteValue, Value::Sym(name)) if name == "localhost" => Some(Value::text("127.0.0.1")),
        (Conversion::RemoteValue, Value::Text(_)) => Some(argument),
        (Conversion::RemoteHeader, Value::Hash(_)) if header != Value::Nil => Some(match header.as_str() {
            Some(name) => Value::text(format!("HTTP_{}", name.to_uppercase().replace('-', "_"))),
            None => Value::Unknown("the header's name".into()),
        }),
        (Conversion::RemoteProxy, Value::Hash(_)) if header == Value::Nil && proxy != Value::Nil => {
            Some(match &proxy {
                Value::Sym(version) => Value::Sym(version.to_lowercase()),
                proxy => match proxy.as_str() {
                    Some(version) => Value::Sym(version.to_lowercase()),
                    None => Value::Unknown("the protocol's version".into()),
                },
            })
        }
        _ => None,
    }
}

/// A block that is written out.
pub fn block() -> Value {
    Value::Proc(ProcShape { strict: false, required: 0, maximum: None })
}
