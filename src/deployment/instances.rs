//! Which instances of a template unit the files name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::is_drop_in;
use super::service::lie_together;
use super::watched::{units_given, units_named};
use crate::model::{FileId, Span};
use crate::parsed::Files;
use crate::puma::command_line::Invocation;
use crate::systemd::{Context, Unit, UnitKind, UnitName};

/// The settings that name other units, by section.
const NAMING: &[(&str, &[&str])] = &[
    ("Unit", &["Wants", "Requires", "Requisite", "BindsTo", "Upholds", "PartOf", "After", "Before"]),
    ("Install", &["Also"]),
    ("Socket", &["Service"]),
    ("Service", &["Sockets"]),
];

/// The most instances of one template. Whoever names more gets the template alone, whose instance is not known.
const MOST: usize = 32;

/// The instances that are known, by the template's prefix: `puma` of `puma@.service`.
#[derive(Debug, Default)]
pub(super) struct Instances(BTreeMap<String, BTreeSet<String>>);

impl Instances {
    /// Those of an app's units: named by folders of drop-ins, and by the settings of other units.
    pub fn add_units(&mut self, files: &Files<'_>, units: &[FileId]) {
        for file in units {
            let context = files.context(*file);
            if is_drop_in(files, *file) {
                self.add(context.unit.full());
            }
            if let Some(unit) = files.unit(*file) {
                self.add_settings(unit, &context);
            }
        }
    }

    /// Those of links that enable an instance, or give it a name, beside one of the units.
    pub fn add_links(&mut self, files: &Files<'_>, units: &[FileId], links: &[PathBuf]) {
        for link in links {
            let folder = link.parent().unwrap_or(link);
            let enables = folder.extension().is_some_and(|end| end == "wants" || end == "requires");
            let folder = if enables { folder.parent().unwrap_or(folder) } else { folder };
            let mut homes = units.iter().filter_map(|unit| files.source(*unit).made().parent());
            if let (true, Some(name)) = (homes.any(|home| lie_together(home, folder)), link.file_name()) {
                self.add(&name.to_string_lossy());
            }
        }
    }

    /// Those that an app's Monit checks give to `systemctl`.
    pub fn add_checks(&mut self, files: &Files<'_>, monit: &[FileId], foreign: &[(FileId, Span)]) {
        for file in monit {
            let checks = files.control(*file).into_iter().flat_map(|control| &control.checks);
            for check in checks.filter(|check| !foreign.contains(&(*file, check.span))) {
                units_named(check).iter().for_each(|name| self.add(name.text()));
            }
        }
    }

    /// Those that a command gives to `systemctl`.
    pub fn add_run(&mut self, run: &Invocation) {
        units_given(run).for_each(|name| self.add(name.text()));
    }

    /// The units that a template is known to become; none where that isn't known.
    pub fn of(&self, template: &UnitName) -> Vec<UnitName> {
        let known = self.0.get(template.prefix()).filter(|known| known.len() <= MOST);
        known.into_iter().flatten().filter_map(|instance| template.instantiate(instance)).collect()
    }

    fn add_settings(&mut self, unit: &Unit, context: &Context) {
        for (section, keys) in NAMING {
            for entry in keys.iter().flat_map(|key| unit.all(section, key)) {
                let Ok(names) = context.resolve(&entry.value) else { continue };
                names.word.text().split_whitespace().for_each(|name| self.add(name));
            }
        }
        if let (true, Some(entry)) = (context.unit.is_template(), unit.last("Install", "DefaultInstance")) {
            self.add(&format!("{}@{}", context.unit.prefix(), entry.value.text()));
        }
    }

    /// Adds what a name says, as `systemctl` reads it. What a shell, a template or systemd would still fill in is no name.
    fn add(&mut self, name: &str) {
        if !name.contains('@') {
            return;
        }
        let name = name.replace('/', "-");
        let name = UnitName::new(&name).or_else(|| UnitName::new(&format!("{name}.service")));
        let Some(name) = name.filter(|name| matches!(name.kind(), UnitKind::Service | UnitKind::Socket))
        else {
            return;
        };
        if let Some(instance) = name.instance().filter(|instance| !instance.is_empty()) {
            self.0.entry(name.prefix().to_owned()).or_default().insert(instance.to_owned());
        }
    }
}
