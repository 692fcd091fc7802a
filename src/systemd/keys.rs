//! Which keys systemd 252 knows in which section, and what each takes. The data is `keys.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::UnitKind;

/// What the value of a key is, as far as this room reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each is a name used in `keys.txt`
pub enum Takes {
    /// Known, and its value is not looked at.
    Anything,
    /// Accepted and without effect ("Support for option … has been removed").
    Removed,
    Text,
    Boolean,
    BooleanFatal,
    Time,
    TimeOrForever,
    TimeOrEmpty,
    Timeout,
    TimeoutAbort,
    Unsigned,
    Integer,
    Mode,
    Signal,
    KillMode,
    ServiceType,
    ExitType,
    Restart,
    NotifyAccess,
    TimeoutFailureMode,
    OomPolicy,
    PreserveMode,
    ProtectHome,
    ProtectSystem,
    Output,
    User,
    Units,
    ObsoleteUnits,
    Sockets,
    Service,
    Listen,
    Exec,
    Environment,
    EnvironmentFile,
    EnvironmentNames,
    PidFile,
    WorkingDirectory,
    Directories,
    Path,
    PathFatal,
}

/// The names of `keys.txt`.
const NAMES: [(&str, Takes); 40] = [
    ("-", Takes::Anything),
    ("removed", Takes::Removed),
    ("text", Takes::Text),
    ("boolean", Takes::Boolean),
    ("boolean-fatal", Takes::BooleanFatal),
    ("time", Takes::Time),
    ("time-or-forever", Takes::TimeOrForever),
    ("time-or-empty", Takes::TimeOrEmpty),
    ("timeout", Takes::Timeout),
    ("timeout-abort", Takes::TimeoutAbort),
    ("unsigned", Takes::Unsigned),
    ("integer", Takes::Integer),
    ("mode", Takes::Mode),
    ("signal", Takes::Signal),
    ("kill-mode", Takes::KillMode),
    ("service-type", Takes::ServiceType),
    ("exit-type", Takes::ExitType),
    ("restart", Takes::Restart),
    ("notify-access", Takes::NotifyAccess),
    ("timeout-failure-mode", Takes::TimeoutFailureMode),
    ("oom-policy", Takes::OomPolicy),
    ("preserve-mode", Takes::PreserveMode),
    ("protect-home", Takes::ProtectHome),
    ("protect-system", Takes::ProtectSystem),
    ("output", Takes::Output),
    ("user", Takes::User),
    ("units", Takes::Units),
    ("obsolete-units", Takes::ObsoleteUnits),
    ("sockets", Takes::Sockets),
    ("service", Takes::Service),
    ("listen", Takes::Listen),
    ("exec", Takes::Exec),
    ("environment", Takes::Environment),
    ("environment-file", Takes::EnvironmentFile),
    ("environment-names", Takes::EnvironmentNames),
    ("pid-file", Takes::PidFile),
    ("working-directory", Takes::WorkingDirectory),
    ("directories", Takes::Directories),
    ("path", Takes::Path),
    ("path-fatal", Takes::PathFatal),
];

type Group = HashMap<&'static str, Takes>;

static GROUPS: LazyLock<HashMap<&'static str, Group>> = LazyLock::new(|| read(include_str!("keys.txt")));

fn read(data: &'static str) -> HashMap<&'static str, Group> {
    let mut groups: HashMap<&'static str, Group> = HashMap::new();
    let mut group = "";
    for line in data.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            group = name;
        } else if let Some((key, takes)) = line.split_once(' ') {
            let takes = NAMES.iter().find(|name| name.0 == takes).map_or(Takes::Anything, |name| name.1);
            groups.entry(group).or_default().insert(key, takes);
        }
    }
    groups
}

/// What a key takes; `None` if systemd 252 does not know it in this section of this kind of unit.
pub fn takes(kind: UnitKind, section: &str, key: &str) -> Option<Takes> {
    kind.groups(section).iter().find_map(|group| GROUPS.get(group)?.get(key).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_data_is_known() {
        for line in include_str!("keys.txt").lines().filter(|line| !line.starts_with(['#', '['])) {
            if let Some((_, name)) = line.split_once(' ') {
                assert!(NAMES.iter().any(|known| known.0 == name), "{line}");
            }
        }
    }

    #[test]
    fn a_key_belongs_to_its_section() {
        let takes = |section, key| takes(UnitKind::Service, section, key);
        assert_eq!(takes("Service", "PIDFile"), Some(Takes::PidFile));
        assert_eq!(takes("Service", "KillSignal"), Some(Takes::Signal));
        assert_eq!(takes("Service", "StartLimitIntervalSec"), None);
        assert_eq!(takes("Service", "StartLimitInterval"), Some(Takes::Time));
        assert_eq!(takes("Unit", "StartLimitIntervalSec"), Some(Takes::Time));
        assert_eq!(takes("Service", "execstart"), None);
        assert_eq!(takes("Socket", "ListenStream"), None);
        assert_eq!(super::takes(UnitKind::Socket, "Socket", "ListenStream"), Some(Takes::Listen));
    }
}
