//! Where a service may write: what `ProtectSystem=` and its kin close, and what opens it again.

use super::path::{directories, plain};
use super::words::{COLONS, QUOTES_RAW, Words};
use super::{Context, Entry, Manager, Merged, boolean};
use crate::model::Word;

/// What a service may do below a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read and write, as far as its user may.
    Open,
    /// Read only: whoever writes gets `EROFS`.
    ReadOnly,
    /// Not even look.
    Hidden,
}

/// A folder whose access a setting decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The folder: absolute, simplified.
    pub path: String,
    /// What is allowed there and below.
    pub access: Access,
    /// The setting; `None` for what systemd itself leaves open.
    pub entry: Option<&'a Entry>,
}

/// The part of the file system that a service of the system sees, as systemd 252 mounts it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sandbox<'a> {
    places: Vec<Place<'a>>,
}

/// What each value of `ProtectSystem=` makes read-only.
const SYSTEM: &[(&str, &[&str])] =
    &[("yes", &["/usr", "/boot", "/efi"]), ("full", &["/usr", "/boot", "/efi", "/etc"]), ("strict", &["/"])];

/// What `strict` leaves open, and `ProtectHome=` may close.
const HOMES: &[&str] = &["/home", "/root", "/run/user"];

/// What `strict` leaves open.
const KERNEL: &[&str] = &["/proc", "/sys", "/dev"];

/// The settings that name folders below another, which are made and left open.
const DIRECTORIES: &[(&str, &str)] = &[
    ("RuntimeDirectory", "/run"),
    ("StateDirectory", "/var/lib"),
    ("CacheDirectory", "/var/cache"),
    ("LogsDirectory", "/var/log"),
    ("ConfigurationDirectory", "/etc"),
];

/// The settings that list folders, with their older names.
const LISTS: &[(&str, Access)] = &[
    ("ReadWritePaths", Access::Open),
    ("ReadWriteDirectories", Access::Open),
    ("ReadOnlyPaths", Access::ReadOnly),
    ("ReadOnlyDirectories", Access::ReadOnly),
    ("InaccessiblePaths", Access::Hidden),
    ("InaccessibleDirectories", Access::Hidden),
];

/// What gives a service another file system altogether.
const ELSEWHERE: &[&str] =
    &["RootDirectory", "RootImage", "MountImages", "ExtensionImages", "ExtensionDirectories"];

impl<'a> Sandbox<'a> {
    /// Reads what a service's unit closes; `None` where that cannot be known, or where nothing is closed.
    pub fn of(unit: &'a Merged, context: &Context) -> Option<Self> {
        let set = |key: &str| !unit.all("Service", key).is_empty();
        // A user's manager may not mount anything.
        if context.manager == Manager::User || ELSEWHERE.iter().any(|key| set(key)) {
            return None;
        }
        let mut sandbox = Self::default();
        let dynamic = unit.last("Service", "DynamicUser").filter(|entry| is_on(entry));
        sandbox.add_system(unit, dynamic);
        sandbox.add_home(unit, dynamic);
        for (key, access) in LISTS {
            for entry in unit.all("Service", key) {
                sandbox.add_all(entry, context, *access, 0)?;
            }
        }
        if sandbox.places.is_empty() && !set("TemporaryFileSystem") && !set("BindReadOnlyPaths") {
            return None;
        }
        sandbox.add_mounts(unit, context)?;
        if dynamic.is_some() || unit.last("Service", "PrivateTmp").is_some_and(is_on) {
            sandbox.leave_open(&["/tmp", "/var/tmp"]);
        }
        for (key, base) in DIRECTORIES {
            for entry in unit.all("Service", key) {
                for made in directories(entry, context).0 {
                    let path = format!("{base}/{}", made.known()?.text());
                    sandbox.places.push(Place { path, access: Access::Open, entry: Some(entry) });
                }
            }
        }
        Some(sandbox)
    }

    /// The place that decides over a path, if it is one where nothing can be written. Of two places the deeper decides;
    /// of two settings for one place that which opens it.
    pub fn closed(&self, path: &str) -> Option<&Place<'a>> {
        let path = path.strip_prefix("/var/run/").map_or(path.to_owned(), |rest| format!("/run/{rest}"));
        let around = self.places.iter().filter(|place| lies_in(&path, &place.path));
        let rank = |place: &&Place<'_>| (place.path.len(), place.access == Access::Open);
        around.max_by_key(rank).filter(|place| place.access != Access::Open)
    }

    /// The folders that a setting opens.
    pub fn opened(&self) -> impl Iterator<Item = &Place<'a>> {
        self.places.iter().filter(|place| place.access == Access::Open && place.entry.is_some())
    }

    fn add_system(&mut self, unit: &'a Merged, dynamic: Option<&'a Entry>) {
        let own = unit.last("Service", "ProtectSystem");
        let value = match own.map(|entry| entry.value.text()) {
            _ if dynamic.is_some() => "strict",
            Some(value @ ("full" | "strict")) => value,
            Some(value) if boolean(value) == Some(true) => "yes",
            _ => return,
        };
        let entry = own.filter(|entry| entry.value.text() == value).or(dynamic).or(own);
        let closed = SYSTEM.iter().filter(|(name, _)| *name == value).flat_map(|(_, paths)| *paths);
        self.places.extend(closed.map(|path| Place {
            path: (*path).to_owned(),
            access: Access::ReadOnly,
            entry,
        }));
        if value == "strict" {
            self.leave_open(HOMES);
            self.leave_open(KERNEL);
        }
    }

    fn add_home(&mut self, unit: &'a Merged, dynamic: Option<&'a Entry>) {
        let own = unit.last("Service", "ProtectHome");
        let access = match own.map(|entry| entry.value.text()) {
            Some("read-only") => Access::ReadOnly,
            Some("tmpfs") => Access::Hidden,
            Some(value) if boolean(value) == Some(true) => Access::Hidden,
            _ if dynamic.is_some() => Access::ReadOnly,
            _ => return,
        };
        let entry = own.filter(|entry| boolean(entry.value.text()) != Some(false)).or(dynamic);
        self.places.retain(|place| place.entry.is_some() || !HOMES.contains(&place.path.as_str()));
        self.places.extend(HOMES.iter().map(|path| Place { path: (*path).to_owned(), access, entry }));
    }

    /// Bind mounts, which open their destination or close it, and empty file systems.
    fn add_mounts(&mut self, unit: &'a Merged, context: &Context) -> Option<()> {
        for (key, access) in [("BindPaths", Access::Open), ("BindReadOnlyPaths", Access::ReadOnly)] {
            for entry in unit.all("Service", key) {
                self.add_all(entry, context, access, 1)?;
            }
        }
        for entry in unit.all("Service", "TemporaryFileSystem") {
            // Who may write to one that isn't read-only, its mode says; and what is in it, ExecStartPre= may.
            let closed = entry.value.text().split_whitespace().all(|word| word.ends_with(":ro"));
            self.add_all(entry, context, if closed { Access::Hidden } else { Access::Open }, 0)?;
        }
        Some(())
    }

    /// Adds every path of a list: `-/a:/b`, of which the part behind `part` colons counts, if it is there. `None` if one
    /// isn't known.
    fn add_all(&mut self, entry: &'a Entry, context: &Context, access: Access, part: usize) -> Option<()> {
        let mut words = Words::new(&entry.value);
        while let Ok(Some(word)) = words.next(QUOTES_RAW) {
            let mut parts = Words::new(&word);
            let mut read = Vec::new();
            while let Ok(Some(part)) = parts.next(COLONS) {
                read.push(part);
            }
            let Some(path) = read.get(part).or(read.first()) else { continue };
            let marks = path.text().len() - path.text().trim_start_matches(['-', '+']).len();
            let path = path.part(marks..path.text().len());
            let value = plain(&Entry { value: path, ..entry.clone() }, context, false);
            if value.path.is_some() && value.known().is_none() {
                return None;
            }
            // What is no absolute path, systemd ignores.
            if let Some(path) = value.known().map(Word::text) {
                self.places.push(Place { path: path.to_owned(), access, entry: Some(entry) });
            }
        }
        Some(())
    }

    fn leave_open(&mut self, paths: &[&str]) {
        let open = |path: &&str| Place { path: (*path).to_owned(), access: Access::Open, entry: None };
        self.places.extend(paths.iter().map(open));
    }
}

fn is_on(entry: &Entry) -> bool {
    boolean(entry.value.text()) == Some(true)
}

fn lies_in(path: &str, folder: &str) -> bool {
    folder == "/" || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systemd::{UnitName, merge, parse};

    /// What is said of a path: `-` where it may be written to.
    fn closed(settings: &str, path: &str) -> String {
        let unit = merge(&parse(format!("[Service]\n{settings}").as_bytes()), &[]);
        let context = Context::system(UnitName::new("puma@a-b.service").unwrap());
        let Some(sandbox) = Sandbox::of(&unit, &context) else { return "?".into() };
        sandbox.closed(path).map_or("-".to_owned(), |place| {
            let by = place.entry.map_or("", |entry| entry.key.as_str());
            format!("{:?} {} {by}", place.access, place.path)
        })
    }

    #[test]
    fn of_the_system() {
        for (settings, path, says) in [
            ("ProtectSystem=strict\n", "/srv/a/p.pid", "ReadOnly / ProtectSystem"),
            ("ProtectSystem=strict\n", "/run/p.pid", "ReadOnly / ProtectSystem"),
            ("ProtectSystem=strict\n", "/tmp/p.pid", "ReadOnly / ProtectSystem"),
            ("ProtectSystem=strict\nPrivateTmp=yes\n", "/tmp/p.pid", "-"),
            ("ProtectSystem=strict\n", "/home/a/p.pid", "-"),
            ("ProtectSystem=strict\n", "/homes/a/p.pid", "ReadOnly / ProtectSystem"),
            ("ProtectSystem=strict\n", "/dev/shm/p.pid", "-"),
            ("ProtectSystem=full\n", "/etc/a/p.pid", "ReadOnly /etc ProtectSystem"),
            ("ProtectSystem=full\n", "/srv/a/p.pid", "-"),
            ("ProtectSystem=yes\n", "/etc/a/p.pid", "-"),
            ("ProtectSystem=true\n", "/usr/local/a/p.pid", "ReadOnly /usr ProtectSystem"),
            ("ProtectSystem=no\n", "/usr/a", "?"),
            ("ProtectSystem=strict\nProtectSystem=no\n", "/usr/a", "?"),
            // systemd ignores what it does not know.
            ("ProtectSystem=full\nProtectSystem=most\n", "/usr/a", "ReadOnly /usr ProtectSystem"),
            ("DynamicUser=yes\nProtectSystem=no\n", "/srv/a", "ReadOnly / DynamicUser"),
            ("DynamicUser=yes\n", "/home/a/p", "ReadOnly /home DynamicUser"),
            ("DynamicUser=yes\n", "/var/tmp/p", "-"),
            ("User=a\n", "/srv/a", "?"),
            ("ProtectSystem=strict\nRootDirectory=/srv/root\n", "/srv/a", "?"),
        ] {
            assert_eq!(closed(settings, path), says, "{settings}{path}");
        }
    }

    #[test]
    fn of_homes() {
        for (settings, path, says) in [
            ("ProtectHome=yes\n", "/home/a/p", "Hidden /home ProtectHome"),
            ("ProtectHome=read-only\n", "/root/p", "ReadOnly /root ProtectHome"),
            ("ProtectHome=tmpfs\n", "/run/user/1/p", "Hidden /run/user ProtectHome"),
            ("ProtectHome=yes\n", "/srv/p", "-"),
            ("ProtectHome=no\n", "/home/p", "?"),
            ("ProtectSystem=strict\nProtectHome=read-only\n", "/home/a", "ReadOnly /home ProtectHome"),
            ("ProtectSystem=strict\nProtectHome=no\n", "/home/a", "-"),
        ] {
            assert_eq!(closed(settings, path), says, "{settings}{path}");
        }
    }

    #[test]
    fn the_deepest_place_decides() {
        let strict = "ProtectSystem=strict\n";
        for (settings, path, says) in [
            ("ReadWritePaths=/srv/a /srv/b\n", "/srv/b/p", "-"),
            ("ReadWritePaths=-/srv/a/\n", "/srv/a/p", "-"),
            ("ReadWritePaths=-+/srv/a\n", "/srv/a/p", "-"),
            ("ReadWritePaths=\"/srv/a b\"\n", "/srv/a b/p", "-"),
            ("ReadWritePaths=/srv/a\n", "/srv/ab/p", "ReadOnly / ProtectSystem"),
            ("ReadWritePaths=/srv\nReadOnlyPaths=/srv/a\n", "/srv/a/p", "ReadOnly /srv/a ReadOnlyPaths"),
            ("ReadWritePaths=/srv\nReadWritePaths=\n", "/srv/a/p", "ReadOnly / ProtectSystem"),
            ("ReadWriteDirectories=/srv\n", "/srv/a/p", "-"),
            (
                "ReadWritePaths=/srv\nInaccessiblePaths=/srv/a\n",
                "/srv/a/p",
                "Hidden /srv/a InaccessiblePaths",
            ),
            ("ReadWritePaths=srv\n", "/srv/a/p", "ReadOnly / ProtectSystem"),
            ("ReadWritePaths=/srv/%i\n", "/srv/a-b/p", "-"),
            ("ReadWritePaths=/srv/%H\n", "/srv/p", "?"),
            ("RuntimeDirectory=a b/c\n", "/run/b/c/p", "-"),
            ("RuntimeDirectory=a\n", "/var/run/a/p", "-"),
            ("RuntimeDirectory=a\n", "/run/p", "ReadOnly / ProtectSystem"),
            ("LogsDirectory=a\nStateDirectory=%i\n", "/var/log/a/p", "-"),
            ("LogsDirectory=a\nStateDirectory=%i\n", "/var/lib/a-b/p", "-"),
            ("BindPaths=/mnt/x:/srv/a\n", "/srv/a/p", "-"),
            ("BindPaths=/srv/a\n", "/srv/a/p", "-"),
            ("BindPaths=/srv/a:/x:norbind\n", "/srv/a/p", "ReadOnly / ProtectSystem"),
            (
                "ReadWritePaths=/srv\nBindReadOnlyPaths=/m:/srv/a\n",
                "/srv/a/p",
                "ReadOnly /srv/a BindReadOnlyPaths",
            ),
            ("TemporaryFileSystem=/srv\n", "/srv/p", "-"),
            ("TemporaryFileSystem=/srv:ro\n", "/srv/p", "Hidden /srv TemporaryFileSystem"),
        ] {
            assert_eq!(closed(&format!("{strict}{settings}"), path), says, "{settings}{path}");
        }
        assert_eq!(closed("ReadOnlyPaths=/srv\n", "/srv/a"), "ReadOnly /srv ReadOnlyPaths");
        assert_eq!(closed("TemporaryFileSystem=/srv:ro\n", "/srv/a"), "Hidden /srv TemporaryFileSystem");
    }
}
