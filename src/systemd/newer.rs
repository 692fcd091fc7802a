//! Keys and values that systemd 252 does not know and a newer one does.

const NEWER: &str = include_str!("newer.txt");

/// Since which release a newer systemd knows a key.
pub fn newer_key(key: &str) -> Option<&'static str> {
    let lines = NEWER.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).find(|(name, _)| *name == key).map(|(_, release)| release)
}

/// Whether a value that systemd 252 refuses is one that a newer systemd takes.
pub fn newer_value(key: &str, value: &str) -> bool {
    matches!(
        (key, value),
        ("Type", "notify-reload")
            | ("PrivateTmp" | "PrivateDevices", "disconnected")
            | ("PrivateUsers", "self" | "identity" | "full" | "managed")
            | ("ProtectControlGroups", "private" | "strict")
            | ("KeyringMode", _)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_later() {
        assert_eq!(newer_key("RestartSteps"), Some("254"));
        assert_eq!(newer_key("Restart"), None);
        assert!(newer_value("Type", "notify-reload") && !newer_value("Type", "notfy"));
    }
}
