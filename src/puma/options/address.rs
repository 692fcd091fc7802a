//! The addresses that `port` and `ssl_bind` put together.

use super::convert::{Given, key, text};
use crate::catalog::effect::{QueryForm, QueryPart};
use crate::catalog::ssl_query;
use crate::model::{Piece, Text, Value, hole};
use crate::puma::evaluate::methods;

/// `tcp://host:port`
pub fn tcp(host: &Value, port: &Value, number: bool) -> Value {
    if matches!(host, Value::OneOf(_)) {
        return host.clone().map(|host| tcp(&host, port, number));
    }
    let port = if number { methods::integer(port.clone()) } else { port.clone() };
    if let Value::Unknown(reason) = &port {
        let hole = unknown(reason);
        return Value::Text(url("tcp", &as_text(host, number)).concat(&hole));
    }
    Value::Text(url("tcp", &as_text(host, number)).concat(&as_text(&port, false)))
}

fn url(scheme: &str, host: &Text) -> Text {
    Text::known(format!("{scheme}://")).concat(host).concat(&Text::known(":"))
}

/// A value as text; a host's IPv6 address gets its brackets.
fn as_text(value: &Value, bracketed: bool) -> Text {
    match text(value.clone()) {
        Value::Text(text) => match text.as_known() {
            Some(known) if bracketed && known.contains(':') && !known.starts_with('[') => {
                Text::known(format!("[{known}]"))
            }
            _ => text,
        },
        other => {
            let reason = super::unknown(&other).unwrap_or("a value that is no text").to_owned();
            unknown(&reason)
        }
    }
}

/// Something that isn't known, as a part of a text; what a template fills in stands there as it is.
fn unknown(reason: &str) -> Text {
    match reason.chars().find(|c| hole::is_hole(*c)) {
        Some(hole) => Text::known(hole),
        None => Text::from_iter([Piece::Unknown(reason.to_owned())]),
    }
}

/// `ssl://host:port?cert=…`
pub fn ssl(given: &Given<'_>) -> Value {
    let [host, port, ..] = given.arguments else { return Value::Unknown("ssl_bind".into()) };
    let mut options = given.options();
    if let Value::Unknown(reason) = options {
        return Value::Unknown(reason);
    }
    keep_pems(&mut options, given);
    let mut whole = url("ssl", &as_text(host, false)).concat(&as_text(port, false)).concat(&Text::known("?"));
    let verify = ssl_query(given.release).find(|part| part.key == "verify_mode");
    let verify = verify.map_or(Value::Nil, |part| given_or_default(&options, part));
    let peers = text(verify).as_str().is_some_and(|mode| mode == "peer" || mode == "force_peer");
    for part in ssl_query(given.release) {
        if let Some((name, value)) = written(part, &options, peers) {
            let first = part.key == "cert";
            whole = whole.concat(&Text::known(format!("{}{name}=", if first { "" } else { "&" })));
            whole = whole.concat(&value);
        }
    }
    Value::Text(whole)
}

/// Certificates given as text are kept in a list; the address says where.
fn keep_pems(options: &mut Value, given: &Given<'_>) {
    let kept: Vec<&str> = ["cert", "key"]
        .into_iter()
        .filter(|name| key(options, &format!("{name}_pem")).truthy() != Some(false))
        .collect();
    let keeps = crate::catalog::default("store").is_some()
        || crate::catalog::directive("ssl_bind")
            .is_some_and(|found| found.sets_at(given.release).any(|option| option == "store"));
    if let (Value::Hash(pairs), true) = (options, keeps) {
        for (at, name) in kept.into_iter().enumerate() {
            let place = Value::text(format!("store:{}", given.kept + at));
            pairs.push((Value::Sym(name.to_owned()), place));
        }
    }
}

fn given_or_default(options: &Value, part: &QueryPart) -> Value {
    match (key(options, part.key), part.value) {
        (Value::Nil, Some(default)) => Value::text(default),
        (value, _) => value,
    }
}

/// The name and value of a part of the query, if it is written.
fn written(part: &QueryPart, options: &Value, peers: bool) -> Option<(&'static str, Text)> {
    let value = given_or_default(options, part);
    let plain = || as_text(&value, false);
    let given = value.truthy() != Some(false);
    let known = Some((part.key, plain()));
    match part.how {
        QueryForm::Always => known,
        QueryForm::Given => known.filter(|_| given),
        QueryForm::Present => known.filter(|_| value != Value::Nil),
        QueryForm::Escaped => given.then(|| (part.key, escaped(&plain()))),
        QueryForm::Integer => given.then(|| (part.key, as_text(&methods::integer(value.clone()), false))),
        QueryForm::Joined => given.then(|| {
            let items = match &value {
                Value::Array(items) => items.clone(),
                other => vec![other.clone()],
            };
            let mut joined = Text::default();
            for (at, item) in items.iter().enumerate() {
                joined = joined.concat(&Text::known(if at == 0 { "" } else { "," }));
                joined = joined.concat(&as_text(item, false));
            }
            (part.key, joined)
        }),
        QueryForm::ForPeers => known.filter(|_| peers),
        QueryForm::ForPeersEscaped => peers.then(|| (part.key, escaped(&plain()))),
        QueryForm::OldestTls => {
            let on = |name: &str| key(options, name).truthy() != Some(false);
            let name = ["no_tlsv1_1", "no_tlsv1"].into_iter().find(|name| on(name))?;
            Some((name, Text::known("true")))
        }
        QueryForm::Reuse => match &value {
            Value::Bool(true) => Some((part.key, Text::known("dflt"))),
            Value::Hash(_) => {
                let number = |name: &str| match key(&value, name) {
                    Value::Int(number) => Some(number.to_string()),
                    _ => None,
                };
                let size = number("size").unwrap_or_default();
                let timeout = number("timeout").map(|timeout| format!(",{timeout}")).unwrap_or_default();
                let both = size + &timeout;
                (!both.is_empty()).then(|| (part.key, Text::known(both)))
            }
            _ => None,
        },
    }
}

/// `URI.encode_www_form_component`
fn escaped(text: &Text) -> Text {
    let escape = |text: &str| {
        let mut escaped = String::new();
        for byte in text.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                    escaped.push(char::from(byte));
                }
                b' ' => escaped.push('+'),
                other => escaped.push_str(&format!("%{other:02X}")),
            }
        }
        escaped
    };
    text.pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => Piece::Literal(escape(text)),
            Piece::Env(name) => Piece::Unknown(format!("ENV[\"{name}\"], escaped")),
            Piece::Root => Piece::Unknown("the app's root, escaped".into()),
            other => other.clone(),
        })
        .collect()
}
