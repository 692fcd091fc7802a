//! What makes systemd refuse a unit that it could read: its settings do not go together.

use super::{Context, Entry, Merged, UnitKind, boolean, commands};

/// Why a unit is refused (`LoadState=bad-setting`). systemd names no line for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The entry to blame, as an index into [`Merged::entries`]; `None` if something is missing.
    pub entry: Option<usize>,
    /// systemd's words, without the unit's name before them.
    pub words: &'static str,
}

const ONE_START: &str = "Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.";
const NO_COMMAND: &str = "Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.";
const NO_START: &str =
    "Service has no ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.";
const NO_REMAIN: &str = "Service has no ExecStart= and no SuccessAction= settings and does not have RemainAfterExit=yes set. Refusing.";
const RESTART_ONESHOT: &str = "Service has Restart= set to either always or on-success, which isn't allowed for Type=oneshot services. Refusing.";
const CGROUP_ONESHOT: &str =
    "Service has ExitType=cgroup set, which isn't allowed for Type=oneshot services. Refusing.";
const NO_BUS_NAME: &str = "Service is of type D-Bus but no D-Bus service name has been specified. Refusing.";
const NO_LISTEN: &str =
    "Unit has no Listen setting (ListenStream=, ListenDatagram=, ListenFIFO=, ...). Refusing.";
const ACCEPT_SERVICE: &str =
    "Explicit service configuration for accepting socket units not supported. Refusing.";
const LISTENS: [&str; 8] = [
    "ListenStream",
    "ListenDatagram",
    "ListenSequentialPacket",
    "ListenFIFO",
    "ListenNetlink",
    "ListenSpecial",
    "ListenMessageQueue",
    "ListenUSBFunction",
];

/// A service's type: that of the last `Type=` systemd takes, else `dbus` with a `BusName=`, `simple` with an
/// `ExecStart=`, `oneshot` without.
pub fn service_type<'a>(unit: &'a Merged, context: &Context) -> &'a str {
    if let Some(entry) = unit.last("Service", "Type") {
        entry.value.text()
    } else if unit.last("Service", "BusName").is_some() {
        "dbus"
    } else if starts(unit, "ExecStart", context).is_empty() {
        "oneshot"
    } else {
        "simple"
    }
}

/// Why systemd refuses a service or socket that it could read, if it does.
pub fn refusal(unit: &Merged, context: &Context) -> Option<Refusal> {
    match unit.kind {
        UnitKind::Service => service(unit, context),
        UnitKind::Socket => socket(unit),
        _ => None,
    }
}

fn service(unit: &Merged, context: &Context) -> Option<Refusal> {
    let start = starts(unit, "ExecStart", context);
    let action = unit.last("Unit", "SuccessAction").is_some_and(|entry| entry.value.text() != "none");
    let refuse = |entry: Option<&Entry>, words| {
        Some(Refusal { entry: entry.and_then(|entry| index(unit, entry)), words })
    };
    let kind = service_type(unit, context);
    let remains =
        unit.last("Service", "RemainAfterExit").is_some_and(|e| boolean(e.value.text()) == Some(true));
    let value = |key| unit.last("Service", key).map(|entry| (entry, entry.value.text()));
    if start.is_empty() {
        if !action && starts(unit, "ExecStop", context).is_empty() {
            return refuse(None, NO_COMMAND);
        }
        if kind != "oneshot" {
            return refuse(unit.last("Service", "Type"), NO_START);
        }
        if !action && !remains {
            return refuse(None, NO_REMAIN);
        }
    }
    match (kind, start.get(1)) {
        ("oneshot", _) => {
            if let Some((entry, "always" | "on-success")) = value("Restart") {
                return refuse(Some(entry), RESTART_ONESHOT);
            }
            if let Some((entry, "cgroup")) = value("ExitType") {
                return refuse(Some(entry), CGROUP_ONESHOT);
            }
            None
        }
        (_, Some(second)) => refuse(Some(second), ONE_START),
        ("dbus", _) if value("BusName").is_none() => refuse(unit.last("Service", "Type"), NO_BUS_NAME),
        _ => None,
    }
}

fn socket(unit: &Merged) -> Option<Refusal> {
    let listens = LISTENS.iter().any(|key| !unit.all("Socket", key).is_empty());
    if !listens {
        return Some(Refusal { entry: None, words: NO_LISTEN });
    }
    let accepts = unit.last("Socket", "Accept").is_some_and(|e| boolean(e.value.text()) == Some(true));
    let service = unit.last("Socket", "Service").filter(|_| accepts)?;
    Some(Refusal { entry: index(unit, service), words: ACCEPT_SERVICE })
}

/// One entry for each command of a key.
fn starts<'a>(unit: &'a Merged, key: &str, context: &Context) -> Vec<&'a Entry> {
    let entries = unit.all("Service", key).into_iter();
    entries.flat_map(|entry| commands(entry, context).commands.into_iter().map(move |_| entry)).collect()
}

fn index(unit: &Merged, entry: &Entry) -> Option<usize> {
    unit.entries.iter().position(|other| std::ptr::eq(other, entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systemd::{UnitName, merge, parse};

    fn words(text: &str) -> Option<(&'static str, Option<usize>)> {
        let unit = merge(&parse(text.as_bytes()), &[]);
        let context = Context::system(UnitName::new("puma.service").unwrap());
        refusal(&unit, &context).map(|refusal| (refusal.words, refusal.entry))
    }

    #[test]
    fn services() {
        assert_eq!(words("[Service]\nExecStart=/a\n"), None);
        assert_eq!(words("[Service]\nExecStart=/a\nExecStart=/b\n"), Some((ONE_START, Some(1))));
        assert_eq!(words("[Service]\nExecStart=/a ; /b\n"), Some((ONE_START, Some(0))));
        assert_eq!(words("[Service]\nExecStart=/a\nExecStart=\nExecStart=/b\n"), None);
        assert_eq!(words("[Service]\nType=oneshot\nExecStart=/a\nExecStart=/b\n"), None);
        assert_eq!(words("[Service]\nType=simple\n"), Some((NO_COMMAND, None)));
        assert_eq!(words("[Service]\nType=notify\nExecStop=/a\n"), Some((NO_START, Some(0))));
        assert_eq!(words("[Service]\nExecStop=/a\n"), Some((NO_REMAIN, None)));
        assert_eq!(
            words("[Service]\nType=oneshot\nRestart=always\nExecStart=/a\n"),
            Some((RESTART_ONESHOT, Some(1)))
        );
        assert_eq!(words("[Service]\nType=dbus\nExecStart=/a\n"), Some((NO_BUS_NAME, Some(0))));
    }
}
