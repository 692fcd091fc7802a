//! A unit and its drop-ins, seen as one.

use super::unit::{all, last};
use super::{Entry, Unit, UnitKind, UnitName};

/// The entries of a unit and its drop-ins in the order in which systemd reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The kind of the unit.
    pub kind: UnitKind,
    /// The entries; each knows its file: 0 is the unit, 1 the first drop-in.
    pub entries: Vec<Entry>,
}

impl Merged {
    /// As [`Unit::last`].
    pub fn last(&self, section: &str, key: &str) -> Option<&Entry> {
        last(&self.entries, self.kind, section, key)
    }

    /// As [`Unit::all`].
    pub fn all(&self, section: &str, key: &str) -> Vec<&Entry> {
        all(&self.entries, self.kind, section, key)
    }
}

/// Puts drop-ins, in the order of their file names, on top of a unit.
///
/// A grammar error that would keep the unit from loading only ends the drop-in that it stands in: systemd reads
/// the others and loads the unit.
pub fn merge(unit: &Unit, dropins: &[&Unit]) -> Merged {
    let mut merged = Merged { kind: unit.kind, entries: unit.entries.clone() };
    for (index, dropin) in dropins.iter().enumerate() {
        let end = dropin.fatal().map_or(usize::MAX, |problem| problem.span.start);
        let read = dropin.entries.iter().filter(|entry| entry.lines.start < end);
        merged.entries.extend(read.cloned().map(|entry| Entry { file: index + 1, ..entry }));
    }
    merged
}

/// The names of the folders that hold a unit's drop-ins, from the least to the most specific:
/// `service.d`, `app-.service.d`, `app-puma.service.d`.
///
/// Their `.conf` files apply in the order of their file names, whatever the folder; of two with one name only
/// that of the more specific folder counts. (The odd order for instances is the one that systemd 252 shows.)
pub fn dropin_folders(unit: &UnitName) -> Vec<String> {
    let (suffix, prefix) = (unit.kind().suffix(), unit.prefix());
    let dashes = prefix.match_indices('-').map(|(at, _)| at + 1);
    let shorter: Vec<&str> = dashes.filter(|end| *end < prefix.len()).map(|end| &prefix[..end]).collect();
    let mut folders = vec![format!("{suffix}.d")];
    let of_instance = |folders: &mut Vec<String>, prefix: &str| {
        if let Some(instance) = unit.instance() {
            folders.push(format!("{prefix}@.{suffix}.d"));
            if !instance.is_empty() {
                folders.push(format!("{prefix}@{instance}.{suffix}.d"));
            }
        }
    };
    shorter.iter().for_each(|prefix| of_instance(&mut folders, prefix));
    folders.extend(shorter.iter().map(|prefix| format!("{prefix}.{suffix}.d")));
    if unit.instance().is_some() {
        of_instance(&mut folders, prefix);
    } else {
        folders.push(format!("{prefix}.{suffix}.d"));
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systemd::parse;

    #[test]
    fn later_files_win_and_lists_are_reset() {
        let unit = parse(b"[Service]\nExecStart=/a\nType=simple\n");
        let (one, two) = (
            parse(b"[Service]\nExecStart=\nExecStart=/b\n"),
            parse(b"[Service]\nType=notify\nExecStart=/c\n"),
        );
        let merged = merge(&unit, &[&one, &two]);
        let starts: Vec<_> =
            merged.all("Service", "ExecStart").iter().map(|e| (e.value.text(), e.file)).collect();
        assert_eq!(starts, [("/b", 1), ("/c", 2)]);
        assert_eq!(merged.last("Service", "Type").map(|e| (e.value.text(), e.file)), Some(("notify", 2)));
    }

    #[test]
    fn an_error_ends_its_dropin_only() {
        let unit = parse(b"[Service]\nType=simple\n");
        let (bad, good) =
            (parse(b"[Service]\nUser=a\n[x\n[Service]\nUser=b\n"), parse(b"[Service]\nGroup=c\n"));
        let merged = merge(&unit, &[&bad, &good]);
        assert_eq!(merged.last("Service", "User").map(|e| e.value.text()), Some("a"));
        assert!(merged.last("Service", "Group").is_some());
    }

    #[test]
    fn a_dropin_without_a_header_does_nothing() {
        let unit = parse(b"[Service]\nType=simple\n");
        let merged = merge(&unit, &[&parse(b"Type=notify\n")]);
        assert_eq!(merged.last("Service", "Type").map(|e| e.file), Some(0));
    }

    #[test]
    fn folders() {
        let folders = |name: &str| dropin_folders(&UnitName::new(name).unwrap());
        assert_eq!(
            folders("a-b-puma.service"),
            ["service.d", "a-.service.d", "a-b-.service.d", "a-b-puma.service.d"]
        );
        assert_eq!(folders("puma@web1.service"), ["service.d", "puma@.service.d", "puma@web1.service.d"]);
        assert_eq!(folders("puma@.service"), ["service.d", "puma@.service.d"]);
        let odd = [
            "service.d",
            "a-@.service.d",
            "a-@i.service.d",
            "a-.service.d",
            "a-b@.service.d",
            "a-b@i.service.d",
        ];
        assert_eq!(folders("a-b@i.service"), odd);
    }
}
