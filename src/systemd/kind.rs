//! What kind of unit a file is: its name's suffix decides which sections it may have.

/// A kind of unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each is named after its suffix
pub enum UnitKind {
    Service,
    Socket,
    Target,
    Timer,
    Mount,
    Automount,
    Swap,
    Path,
    Slice,
    Device,
    Scope,
}

/// Each kind: its suffix, its own section, and the groups of `keys.txt` that this section takes.
const KINDS: [(UnitKind, &str, &str, &[&str]); 11] = [
    (UnitKind::Service, "service", "Service", &["service", "exec", "cgroup", "kill"]),
    (UnitKind::Socket, "socket", "Socket", &["socket", "exec", "cgroup", "kill"]),
    (UnitKind::Target, "target", "Target", &[]),
    (UnitKind::Timer, "timer", "Timer", &["timer"]),
    (UnitKind::Mount, "mount", "Mount", &["mount", "exec", "cgroup", "kill"]),
    (UnitKind::Automount, "automount", "Automount", &["automount"]),
    (UnitKind::Swap, "swap", "Swap", &["swap", "exec", "cgroup", "kill"]),
    (UnitKind::Path, "path", "Path", &["path"]),
    (UnitKind::Slice, "slice", "Slice", &["cgroup"]),
    (UnitKind::Device, "device", "Device", &[]),
    (UnitKind::Scope, "scope", "Scope", &["scope", "cgroup", "kill"]),
];

impl UnitKind {
    /// The kind that a unit's file name tells; `None` where systemd refuses the name ("Invalid argument").
    pub fn of_name(name: &str) -> Option<UnitKind> {
        let (_, suffix) = name.rsplit_once('.')?;
        KINDS.iter().find(|kind| kind.1 == suffix).map(|kind| kind.0)
    }

    fn row(self) -> &'static (UnitKind, &'static str, &'static str, &'static [&'static str]) {
        KINDS.iter().find(|kind| kind.0 == self).unwrap_or(&KINDS[0])
    }

    /// The suffix of its file name, without the dot.
    pub fn suffix(self) -> &'static str {
        self.row().1
    }

    /// The section of its own: `Service` for a service.
    pub fn section(self) -> &'static str {
        self.row().2
    }

    /// Whether a file of this kind may have the section: its own, `Unit` and `Install`; case matters.
    pub fn knows_section(self, section: &str) -> bool {
        section == self.section() || section == "Unit" || section == "Install"
    }

    /// The groups of `keys.txt` that hold the keys of a section.
    pub(super) fn groups(self, section: &str) -> &'static [&'static str] {
        match section {
            "Unit" => &["unit"],
            "Install" => &["install"],
            _ if section == self.section() => self.row().3,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_decides() {
        assert_eq!(UnitKind::of_name("puma@.service"), Some(UnitKind::Service));
        assert_eq!(UnitKind::of_name("puma.service.erb"), None);
        assert_eq!(UnitKind::of_name("puma"), None);
        assert!(UnitKind::Socket.knows_section("Socket"));
        assert!(!UnitKind::Socket.knows_section("Service"));
        assert!(!UnitKind::Service.knows_section("unit"));
    }
}
