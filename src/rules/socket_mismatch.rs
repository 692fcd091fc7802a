//! A socket of systemd that Puma does not take.

use super::view::{Evaluation, Scene};
use super::{Check, Rule};
use crate::catalog;
use crate::deployment::Service;
use crate::model::{Condition, Diagnostic, Location, Severity, Span, Speaker, Text, Value};
use crate::puma::Launch;
use crate::puma::evaluate::Call;
use crate::puma::flags::flags;
use crate::puma::options::{Inputs, effective};
use crate::puma::same_place::{Verdict, compare};
use crate::systemd::{self, Entry, UnitKind};

pub(super) const RULE: Rule = Rule {
    name: "socket-mismatch",
    summary: "a socket unit that listens where Puma does not",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/socket-mismatch.md"),
    check: Check::Deployment(check),
};

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Tcp(String, u16),
    Unix(String),
}

/// A bind and its place.
pub(super) struct Bind {
    pub address: Address,
    pub place: Location,
}

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for socket in scene.deployment.services.iter().filter(|s| s.context.unit.kind() == UnitKind::Socket) {
        found.extend(of_socket(scene, socket));
    }
    found
}

fn of_socket(scene: &Scene<'_>, socket: &Service) -> Vec<Diagnostic> {
    let service = match socket.unit.last("Socket", "Service") {
        Some(entry) => scene.service_named(entry.value.text()),
        None => scene.service_named(socket.context.unit.stem()),
    };
    let Some(service) = service.filter(|service| service.runs_puma()) else { return Vec::new() };
    let mut found = Vec::new();
    let accept = socket.unit.last("Socket", "Accept");
    if let Some(entry) = accept.filter(|entry| systemd::boolean(entry.value.text()) == Some(true)) {
        found.push(
            Diagnostic::new(
                RULE.name,
                RULE.severity,
                socket.assignment(entry),
                "systemd would start one Puma for each connection, and has no template to do so",
            )
            .label("Puma accepts connections itself")
            .quote(
                Speaker::Systemd,
                format!(
                    "service {}@….service not loaded, socket cannot be started.",
                    socket.context.unit.prefix()
                ),
            )
            .help("remove the line"),
        );
        return found;
    }
    let entries = socket.unit.all("Socket", "ListenStream");
    for entry in &entries {
        if let Some(host) = host_name(entry.value.text()) {
            found.push(
                Diagnostic::new(
                    RULE.name,
                    RULE.severity,
                    socket.value(entry),
                    "systemd listens on addresses only, not on names: it ignores this line",
                )
                .label(format!("`{host}` is a name"))
                .quote(
                    Speaker::Systemd,
                    format!(
                        "Failed to parse address value in '{}', ignoring: Invalid argument",
                        entry.value.text()
                    ),
                )
                .help("write the address: 127.0.0.1 or [::1] for localhost"),
            );
        }
    }
    for launch in scene.deployment.launches.iter().filter(|launch| launch.service == Some(service.id)) {
        if activates(scene, launch) {
            continue;
        }
        let Some(binds) = binds(scene, launch) else { continue };
        for entry in &entries {
            let ways = binds.iter().map(|binds| of_entry(socket, service, entry, binds));
            // What only some hosts see is not said.
            found.extend(ways.collect::<Option<Vec<_>>>().and_then(|found| found.into_iter().next()));
        }
    }
    found
}

/// Whether a launch takes whatever sockets systemd has.
fn activates(scene: &Scene<'_>, launch: &Launch) -> bool {
    let mut evaluations = scene.evaluations_of_launch(launch);
    launch.has_flag("bind-to-activated-sockets", scene.release())
        || evaluations.any(|e| e.trace.calls.iter().any(|call| call.name == "bind_to_activated_sockets"))
}

fn of_entry(socket: &Service, service: &Service, entry: &Entry, binds: &[Bind]) -> Option<Diagnostic> {
    let listens = listen(socket, entry)?;
    let mut help = "name one address in both, or say `bind_to_activated_sockets \"only\"` in the config";
    let (message, quote, culprit) = match &listens {
        Address::Unix(path) => {
            let path = Text::known(path);
            let verdicts = binds.iter().map(|bind| match &bind.address {
                Address::Unix(other) => compare(&path, &Text::known(other)),
                Address::Tcp(..) => Verdict::Different,
            });
            if verdicts.into_iter().any(|verdict| verdict != Verdict::Different) {
                return None;
            }
            (
                format!(
                    "{} listens on {}, and Puma does not: whoever connects there waits forever",
                    socket.name(),
                    entry.value.text()
                ),
                None,
                binds.first(),
            )
        }
        Address::Tcp(host, port) => {
            let mut on_port =
                binds.iter().filter(|bind| matches!(&bind.address, Address::Tcp(_, p) if p == port));
            if on_port.clone().any(|bind| matches!(&bind.address, Address::Tcp(h, _) if h == host)) {
                return None;
            }
            match on_port.next() {
                Some(bind) => {
                    let Address::Tcp(own, _) = &bind.address else { return None };
                    if !overlap(host, own) {
                        return None;
                    }
                    help = "write the same address in both: ListenStream=0.0.0.0:PORT for a bind to 0.0.0.0";
                    (
                        format!(
                            "{} already listens on port {port} when Puma binds to it: Puma will not boot",
                            socket.name()
                        ),
                        Some("Address already in use - bind(2)"),
                        Some(bind),
                    )
                }
                None => (
                    format!(
                        "{} listens on port {port}, and Puma does not: whoever connects there waits forever",
                        socket.name()
                    ),
                    None,
                    binds.first(),
                ),
            }
        }
    };
    let mut diagnostic = Diagnostic::new(RULE.name, RULE.severity, socket.value(entry), message)
        .label(match &listens {
            Address::Tcp(host, port) => format!("systemd listens on {host}:{port}"),
            Address::Unix(path) => format!("systemd listens on {path}"),
        })
        .quote(Speaker::Puma, quote.unwrap_or("Closing unused activated socket"))
        .help(help);
    if let Some(bind) = culprit {
        diagnostic = diagnostic.also(
            bind.place,
            match &bind.address {
                Address::Tcp(host, port) => format!("Puma in {} binds to {host}:{port}", service.name()),
                Address::Unix(path) => format!("Puma in {} binds to {path}", service.name()),
            },
        );
    }
    Some(diagnostic)
}

/// Whether two addresses of one port get in each other's way.
fn overlap(systemd: &str, puma: &str) -> bool {
    let any = |host: &str| matches!(host, "0.0.0.0" | "[::]");
    let v6 = |host: &str| host.starts_with('[');
    (any(systemd) || any(puma)) && (systemd == "[::]" || puma == "[::]" || v6(systemd) == v6(puma))
}

/// The host of `HOST:PORT`, if it is a name.
fn host_name(text: &str) -> Option<&str> {
    let (host, port) = text.rsplit_once(':')?;
    let number = port.parse::<u16>().is_ok();
    let name = host.chars().any(|c| c.is_ascii_alphabetic()) && !host.contains([':', '/', '%', '[', '@']);
    (number && name && host != "vsock").then_some(host)
}

/// What a `ListenStream=` listens on.
fn listen(socket: &Service, entry: &Entry) -> Option<Address> {
    let resolved = socket.context.resolve(&entry.value).ok()?;
    let text = resolved.known()?.text();
    if text.starts_with('/') {
        return Some(Address::Unix(text.to_owned()));
    }
    if let Ok(port) = text.parse::<u16>() {
        // With BindIPv6Only= it is another matter.
        return socket
            .unit
            .last("Socket", "BindIPv6Only")
            .is_none()
            .then(|| Address::Tcp("[::]".to_owned(), port));
    }
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok()?;
    host_name(text).is_none().then(|| Address::Tcp(host.to_owned(), port))
}

/// Everything that a launch binds to, once for each way it may go: where Puma listens by default may depend on the
/// host. `None` where something of it isn't known.
pub(super) fn binds(scene: &Scene<'_>, launch: &Launch) -> Option<Vec<Vec<Bind>>> {
    let evaluations: Vec<&Evaluation<'_>> = scene.evaluations_of_launch(launch).collect();
    // What Rails makes of the config's is left to people.
    if launch.rails_server().is_some() || evaluations.iter().any(|evaluation| evaluation.trace.opaque) {
        return None;
    }
    // A config that isn't among the files says what it likes.
    let named = ["config", "config-file"].iter().any(|flag| launch.flag(flag, scene.release()).is_some());
    if evaluations.is_empty() && (named || !scene.deployment.configs.is_empty()) {
        return None;
    }
    let options = match evaluations.as_slice() {
        [only] => only.options(scene.release()),
        all => {
            let configs: Vec<_> = all.iter().map(|e| (e.config, &e.trace)).collect();
            effective(&Inputs { launch, configs: &configs, release: scene.release() }).into()
        }
    };
    let bind = |url: &Value| {
        let url = url.as_str()?;
        let place = place(scene, launch, &evaluations, url)?;
        Some(Bind { address: address(url)?, place })
    };
    let mut all = Vec::new();
    for possible in &options.get("binds")?.possible {
        let Value::Array(urls) = &possible.value else { return None };
        let open = urls.iter().find(|url| matches!(url, Value::OneOf(_)));
        let ways = open.map_or_else(|| vec![Condition::always()], conditions);
        for way in ways {
            all.push(urls.iter().map(|url| bind(&url.clone().under(&way))).collect::<Option<_>>()?);
        }
    }
    Some(all)
}

fn conditions(value: &Value) -> Vec<Condition> {
    value.alternatives().into_iter().map(|(condition, _)| condition).collect()
}

/// What says that a launch binds to an address: a directive, a flag, else whatever starts it.
fn place(scene: &Scene<'_>, launch: &Launch, evaluations: &[&Evaluation<'_>], url: &str) -> Option<Location> {
    let ends = |port: &str| url.strip_suffix(port).is_some_and(|rest| rest.ends_with(':'));
    let by_flag = launch.invocation.iter().flat_map(|invocation| {
        let given = flags(catalog::Program::Puma, &invocation.arguments, scene.release());
        given.into_iter().filter_map(|flag| {
            let (found, value) = (flag.found.found()?, flag.value?);
            let says = match found.flag.long {
                "bind" => value.text() == url,
                "port" => ends(value.text()),
                _ => false,
            };
            says.then(|| value.span())
        })
    });
    let by_flag = by_flag.into_iter().next().zip(launch.place);
    let by_call = evaluations.iter().find_map(|evaluation| {
        let says = |call: &&Call| {
            let Some(argument) = call.arguments.first() else { return false };
            match (call.name.as_str(), &argument.value) {
                ("bind", value) => value.as_str() == Some(url),
                ("port", Value::Int(port)) => ends(&port.to_string()),
                ("port", value) => value.as_str().is_some_and(ends),
                _ => false,
            }
        };
        let call = evaluation.trace.calls.iter().find(says)?;
        Some(Location { file: evaluation.config, span: call.arguments.first()?.span })
    });
    let config = || evaluations.first().map(|e| Location { file: e.config, span: Span::at(0) });
    let flag = by_flag.map(|(span, place)| Location { file: place.file, span });
    flag.or(by_call).or_else(config).or(launch.place)
}

/// `tcp://HOST:PORT`, `unix:///PATH`.
fn address(url: &str) -> Option<Address> {
    let url = url.split('?').next().unwrap_or(url);
    if let Some(path) = url.strip_prefix("unix://") {
        return path.starts_with('/').then(|| Address::Unix(path.to_owned()));
    }
    let (host, port) = url.strip_prefix("tcp://").or_else(|| url.strip_prefix("ssl://"))?.rsplit_once(':')?;
    let port = port.trim_end_matches('/').parse().ok()?;
    Some(Address::Tcp(if host.is_empty() { "0.0.0.0".to_owned() } else { host.to_owned() }, port))
}
