//! The same address bound twice.

use super::view::ConfigView;
use super::words::outcome;
use super::{Check, Rule};
use crate::catalog::{self, Collects};
use crate::model::{Condition, Diagnostic, Piece, Severity, Speaker, Text, Value};
use crate::puma::evaluate::{Call, methods};

pub(super) const RULE: Rule = Rule {
    name: "repeated-bind",
    summary: "the same address bound twice",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/repeated-bind.md"),
    check: Check::Config(check),
};

/// One address that a call may make Puma listen on.
struct Address {
    when: Condition,
    /// `None` for the host that Puma takes where none is named: all addresses of the machine.
    host: Option<String>,
    port: Text,
}

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let launch = &view.evaluation.launch;
    let release = view.release();
    let replaced = launch.has_flag("bind", release) || launch.has_flag("port", release);
    if replaced || launch.rails_server().is_some() {
        return Vec::new();
    }
    let trace = &view.evaluation.trace;
    // Those may be all that Puma then listens on.
    if trace.calls.iter().any(|call| call.name == "bind_to_activated_sockets") {
        return Vec::new();
    }
    // What is cleared in between no longer counts.
    let from = trace.calls.iter().rposition(|call| call.name == "clear_binds!").map_or(0, |at| at + 1);
    let listening: Vec<(&Call, Vec<Address>)> = trace.calls[from..]
        .iter()
        .filter(|call| {
            catalog::directive(&call.name).is_some_and(|found| found.collects_at(release) == Collects::List)
        })
        .filter_map(|call| Some((call, addresses(call, &trace.calls)?)))
        .collect();
    let again = |(at, (call, addresses)): (usize, &(&Call, Vec<Address>))| {
        listening[..at].iter().find_map(|(first, known)| collide(view, (first, known), (call, addresses)))
    };
    listening.iter().enumerate().filter_map(again).collect()
}

/// Where a call makes Puma listen; `None` if it is no port of the network, or can't be told.
fn addresses(call: &Call, all: &[Call]) -> Option<Vec<Address>> {
    let argument = &call.arguments.first()?.value;
    let host = match call.name.as_str() {
        "bind" => None,
        "port" if call.arguments.len() > 1 => Some(call.arguments[1].value.as_str()?.to_owned()),
        "port" if all.iter().all(|call| call.name != "set_default_host") => None,
        _ => return None,
    };
    let read = |value: &Value| match call.name.as_str() {
        "bind" => of_url(value),
        _ => Some((host.clone(), of_port(value)?)),
    };
    let each = argument.alternatives().into_iter().map(|(when, value)| {
        let (host, port) = read(value).unwrap_or((None, Text::from_iter([Piece::Unknown("port".into())])));
        Some(Address { when: call.condition.and(&when)?, host, port })
    });
    Some(each.flatten().collect())
}

/// `tcp://HOST:PORT`, with the port as far as it is known.
fn of_url(value: &Value) -> Option<(Option<String>, Text)> {
    let Value::Text(url) = value else { return None };
    let (first, rest) = url.pieces().split_first()?;
    let Piece::Literal(first) = first else { return None };
    let address = first.strip_prefix("tcp://").or_else(|| first.strip_prefix("ssl://"))?;
    let (host, port) = address.split('?').next()?.rsplit_once(':')?;
    let more = if first.contains('?') { &[] } else { rest };
    let port = Text::known(port).concat(&more.iter().cloned().collect());
    Some((Some(host.to_owned()), port))
}

fn of_port(value: &Value) -> Option<Text> {
    match methods::method(value.clone(), "to_s", &[])? {
        Value::Text(port) => Some(port),
        _ => None,
    }
}

/// What is wrong with the second of two calls, if both take the same port.
fn collide(
    view: &ConfigView<'_>,
    (first, known): (&Call, &[Address]),
    (second, added): (&Call, &[Address]),
) -> Option<Diagnostic> {
    let together: Vec<(Condition, &Address, &Address)> = known
        .iter()
        .flat_map(|a| added.iter().filter_map(move |b| Some((a.when.and(&b.when)?, a, b))))
        .collect();
    let everywhere = together.iter().all(|(_, a, b)| overlap(a, b));
    let (when, _, taken) = together.into_iter().find(|(_, a, b)| overlap(a, b))?;
    let when = if everywhere { first.condition.and(&second.condition)? } else { when };
    let (severity, outcome) = outcome(&when);
    let both_bind = first.name == "bind" && second.name == "bind";
    let same = first.arguments.first().map(|a| &a.value) == second.arguments.first().map(|a| &a.value);
    let address = match (&taken.host, taken.port.as_known()) {
        (Some(host), Some(port)) if both_bind && same => format!("tcp://{host}:{port}"),
        (_, Some(port)) => format!("port {port}"),
        _ => "the same port".to_owned(),
    };
    let help = if both_bind { "remove one of them" } else { "remove one of them: `port` binds, too" };
    Some(
        Diagnostic::new(
            RULE.name,
            severity,
            view.at(second.span),
            format!("{address} is bound twice: {outcome}"),
        )
        .label("bound again")
        .also(view.at(first.span), "bound here")
        .quote(Speaker::Puma, "Address already in use - bind(2)")
        .help(help),
    )
}

/// Whether the kernel refuses the one where the other is bound. Tried on Linux, in either order.
fn overlap(a: &Address, b: &Address) -> bool {
    let port = a.port.as_known().is_none_or(|port| port != "0" && !port.is_empty());
    port && a.port.is_comparable() && a.port == b.port && hosts_overlap(a.host.as_deref(), b.host.as_deref())
}

fn hosts_overlap(a: Option<&str>, b: Option<&str>) -> bool {
    let everywhere = |host: Option<&str>| matches!(host, None | Some("0.0.0.0" | "[::]"));
    let of_ipv4 = |host: Option<&str>| {
        host.is_some_and(|host| host == "localhost" || host.parse::<std::net::Ipv4Addr>().is_ok())
    };
    let loops = |host: Option<&str>| matches!(host, Some("localhost" | "127.0.0.1"));
    a == b
        || everywhere(a) && (everywhere(b) || of_ipv4(b))
        || everywhere(b) && of_ipv4(a)
        || loops(a) && loops(b)
}
