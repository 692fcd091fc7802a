//! Keys and values that systemd 252 does not know and a newer one does.

const NEWER: &str = include_str!("newer.txt");

/// Since which release a newer systemd knows a key.
pub fn newer_key(key: &str) -> Option<&'static str> {
    let lines = NEWER.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).find(|(name, _)| *name == key).map(|(_, release)| release)
}

/// Whether a value that systemd 252 refuses is one that a newer systemd takes.
pub fn newer_value(key: &str, value: &str) -> bool {
    let mode = value.split_once(':').map_or(value, |(mode, _)| mode);
    match key {
        "Type" => value == "notify-reload",
        "PrivateTmp" => matches!(value, "connected" | "disconnected"),
        "PrivateUsers" => matches!(value, "self" | "identity" | "full" | "managed"),
        "ProtectControlGroups" => matches!(value, "private" | "strict"),
        // `private`, and a name behind either: `yes:shop`
        "ProtectHostname" => mode == "private" || mode != value && super::boolean(mode) == Some(true),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_later() {
        assert_eq!(newer_key("RestartSteps"), Some("254"));
        assert_eq!(newer_key("Restart"), None);
        assert!(newer_value("Type", "notify-reload") && !newer_value("Type", "notfy"));
        assert!(newer_value("PrivateTmp", "disconnected") && !newer_value("PrivateDevices", "disconnected"));
        assert!(newer_value("ProtectHostname", "private:shop") && newer_value("ProtectHostname", "yes:shop"));
        assert!(!newer_value("ProtectHostname", "shop"));
    }

    #[test]
    fn none_of_them_is_known_to_252() {
        let known = include_str!("keys.txt");
        let names: Vec<&str> = known.lines().filter_map(|line| line.split(' ').next()).collect();
        for line in NEWER.lines().filter(|line| !line.starts_with('#')) {
            let (name, release) = line.split_once(' ').unwrap();
            assert!(!names.contains(&name), "{name}");
            assert!(release.parse::<u16>().unwrap() > 252, "{name}");
        }
    }
}
