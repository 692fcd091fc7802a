//! A unit together with its drop-ins: what systemd makes of several files.

use std::path::Path;

use super::instances::Instances;
use crate::model::{FileId, Location, ServiceId, Span};
use crate::parsed::Files;
use crate::puma::command_line::{self, Invocation};
use crate::systemd::{self, Command, Context, Entry, Manager, Merged, UnitKind, UnitName};

/// A service or a socket, with the drop-ins that belong to it. Each known instance of a template is one.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its place among the deployment's.
    pub id: ServiceId,
    /// The unit's own file.
    pub file: FileId,
    /// The unit's file, then its drop-ins in the order in which they apply.
    pub files: Vec<FileId>,
    /// All their entries; each knows its file.
    pub unit: Merged,
    /// For which unit the values are read.
    pub context: Context,
}

impl Service {
    /// The unit's full name: `puma.service`.
    pub fn name(&self) -> &str {
        self.context.unit.full()
    }

    /// A place in the file that an entry comes from.
    pub fn at(&self, entry: &Entry, span: Span) -> Location {
        Location { file: self.files.get(entry.file).copied().unwrap_or(self.file), span }
    }

    /// The place of an entry's value.
    pub fn value(&self, entry: &Entry) -> Location {
        self.at(entry, entry.value.span())
    }

    /// The place of a whole assignment.
    pub fn assignment(&self, entry: &Entry) -> Location {
        self.at(entry, entry.key_span.join(entry.value.span()))
    }

    /// The deciding entry of a key of `[Service]`.
    pub fn last(&self, key: &str) -> Option<&Entry> {
        self.unit.last("Service", key)
    }

    /// The entries of a list of `[Service]`.
    pub fn all(&self, key: &str) -> Vec<&Entry> {
        self.unit.all("Service", key)
    }

    /// The type of a service, with systemd's default.
    pub fn kind(&self) -> &str {
        systemd::service_type(&self.unit, &self.context)
    }

    /// Whether a switch of `[Service]` is on.
    pub fn is_on(&self, key: &str) -> bool {
        self.last(key).is_some_and(|entry| systemd::boolean(entry.value.text()) == Some(true))
    }

    /// The commands of a key, with the entries they stand in.
    pub fn commands(&self, key: &str) -> Vec<(&Entry, Command)> {
        let entries = self.all(key).into_iter();
        entries
            .flat_map(|entry| {
                let commands = systemd::commands(entry, &self.context).commands;
                commands.into_iter().map(move |command| (entry, command))
            })
            .collect()
    }

    /// The Pumas that its `ExecStart=` runs.
    pub fn pumas(&self) -> Vec<(&Entry, Invocation)> {
        let commands = self.commands("ExecStart").into_iter();
        commands
            .flat_map(|(entry, command)| {
                let runs = command_line::invocations(&command.argv);
                runs.into_iter().filter(is_start).map(move |run| (entry, run))
            })
            .collect()
    }

    /// Whether it is a service that runs Puma.
    pub fn runs_puma(&self) -> bool {
        self.context.unit.kind() == UnitKind::Service && !self.pumas().is_empty()
    }

    /// Whether it is a unit of the system (not of a user's manager), where the files tell.
    pub fn is_of_system(&self) -> Option<bool> {
        if self.context.manager == Manager::User {
            return Some(false);
        }
        let wanted = self.unit.all("Install", "WantedBy");
        let wanted = |target: &str| {
            wanted.iter().any(|entry| entry.value.text().split_whitespace().any(|word| word == target))
        };
        if wanted("default.target") {
            return None;
        }
        let system = self.last("User").is_some() || wanted("multi-user.target");
        system.then_some(true)
    }
}

/// Whether it is a command that becomes Puma.
pub fn is_start(run: &Invocation) -> bool {
    command_line::starts_puma(run)
}

/// The services and sockets among unit files, each with its drop-ins. A template is there as its instances, as far as
/// any is known.
pub(super) fn services(files: &Files<'_>, units: &[FileId], instances: &Instances) -> Vec<Service> {
    let (drop_ins, own): (Vec<FileId>, Vec<FileId>) =
        units.iter().copied().partition(|file| is_drop_in(files, *file));
    let contexts: Vec<Context> = own.iter().map(|file| files.context(*file)).collect();
    // A file of its own for an instance hides the template.
    let has_file = |name: &UnitName| contexts.iter().any(|context| context.unit == *name);
    let mut services = Vec::new();
    for (file, context) in own.iter().zip(&contexts) {
        let Some(unit) = files.unit(*file) else { continue };
        let mut names = if context.unit.is_template() { instances.of(&context.unit) } else { Vec::new() };
        names.retain(|name| !has_file(name));
        if names.is_empty() {
            names.push(context.unit.clone());
        }
        for name in names {
            let Ok(id) = u32::try_from(services.len()).map(ServiceId) else { break };
            let mine = drop_ins_of(files, *file, &name, &drop_ins);
            let read: Vec<&systemd::Unit> = mine.iter().filter_map(|file| files.unit(*file)).collect();
            let unit = systemd::merge(unit, &read);
            let context = Context { unit: name, ..context.clone() };
            let files = [*file].into_iter().chain(mine).collect();
            services.push(Service { id, file: *file, files, unit, context });
        }
    }
    services
}

/// Whether a unit file is a drop-in.
pub fn is_drop_in(files: &Files<'_>, file: FileId) -> bool {
    files.source(file).made().extension().is_some_and(|extension| extension == "conf")
}

/// Whether systemd looks into both folders for the parts of one unit.
pub(super) fn lie_together(a: &Path, b: &Path) -> bool {
    let system = |path: &Path| path.ends_with("systemd/system") || path.ends_with("systemd/user");
    a == b || system(a) && system(b)
}

/// The drop-ins of a unit, by file name; of two with one name the one in the more specific folder.
fn drop_ins_of(files: &Files<'_>, file: FileId, name: &UnitName, all: &[FileId]) -> Vec<FileId> {
    let folders = systemd::dropin_folders(name);
    let home = |path: &Path| path.parent().map(Path::to_owned).unwrap_or_default();
    let place = home(files.source(file).made());
    let mut found: Vec<(String, usize, FileId)> = Vec::new();
    for drop_in in all {
        let path = files.source(*drop_in).made();
        let folder = home(path);
        let rank = folders.iter().position(|name| folder.file_name().is_some_and(|f| f == name.as_str()));
        if let (Some(rank), true) = (rank, lie_together(&home(&folder), &place)) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.push((name, rank, *drop_in));
        }
    }
    found.sort();
    // The last of one name is that of the most specific folder.
    found.reverse();
    found.dedup_by(|a, b| a.0 == b.0);
    found.reverse();
    found.into_iter().map(|(_, _, file)| file).collect()
}
