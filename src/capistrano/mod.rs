//! What the deploy files of Capistrano set, stage by stage, and the Puma config that capistrano3-puma writes of it.
//!
//! Nothing is run. What a condition, a task or another file may change is not known, and then it is not said either.

mod expression;
mod generated;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::catalog::{DeployStart, Version, deploy_default, deploy_starts};
use crate::model::{FileId, Location, Piece, Text, Value};
use crate::ruby::{NodeId, Tree};

pub use read::stages;

/// One of the files that Capistrano loads.
#[derive(Clone, Copy)]
pub struct DeployFile<'a> {
    /// Its place among the files.
    pub file: FileId,
    /// Its bytes.
    pub text: &'a [u8],
    /// What the parser made of them.
    pub tree: &'a Tree,
    /// When Capistrano loads it.
    pub part: Part<'a>,
}

/// The files of one app that concern its deploys.
pub struct DeployFiles<'a> {
    /// Those that Capistrano loads, in any order.
    pub loaded: Vec<DeployFile<'a>>,
    /// The templates in the folders where the gem looks for them, by the names of what they make.
    pub templates: Vec<String>,
}

/// When Capistrano loads a file: in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// The `Capfile`.
    Capfile,
    /// A file of tasks, which the `Capfile` imports.
    Tasks,
    /// `config/deploy.rb`
    Deploy,
    /// `config/deploy/STAGE.rb`, with the stage's name.
    Stage(&'a str),
}

/// What a deploy to one stage works with.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name; `None` where no file names one.
    pub name: Option<String>,
    /// The capistrano3-puma that carries it out.
    pub gem: Version,
    /// The plugins that are surely installed.
    pub plugins: Vec<Plugin>,
    /// Each setting that the gem reads, as it is when a task fetches it.
    settings: BTreeMap<&'static str, Setting>,
    /// As whom the servers are entered; `None` where they differ, or nothing says it plainly.
    pub user: Option<String>,
    /// The folders that every release shares; `None` where that isn't known.
    pub linked_dirs: Option<Vec<String>>,
    /// Whether the app takes tasks of the gem away, to put its own in their place.
    pub is_rewritten: bool,
    /// The templates of the app's own that the gem takes instead of its own, by the names of what they make.
    pub templates: Vec<String>,
}

/// A setting's value, and where it is set.
#[derive(Debug, Clone)]
pub struct Setting {
    /// What `fetch` gives.
    pub value: Value,
    /// Where it is set; `None` for the gem's own default.
    pub origin: Option<Origin>,
}

/// Where something is said in a deploy file.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The value as written.
    pub place: Location,
    /// The statement, to edit it.
    pub node: NodeId,
}

/// A plugin of the gem.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// Its name behind `Capistrano::Puma`; empty for that itself.
    pub name: String,
    /// What installs it.
    pub place: Location,
    /// The statement that does.
    pub node: NodeId,
}

/// The settings that are of interest, beside those of the config that the gem writes.
const READ: &[&str] = &[
    "application",
    "deploy_to",
    "current_path",
    "linked_files",
    "shared_path",
    "puma_conf",
    "puma_enable_socket_service",
    "puma_env",
    "puma_service_unit_env_vars",
    "puma_service_unit_name",
    "puma_systemctl_user",
    "puma_user",
    "user",
];

impl Stage {
    /// A setting, if it is set at all.
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.get(name)
    }

    /// A setting as a text; a hole where it isn't known.
    pub fn text(&self, name: &str) -> Text {
        match self.setting(name).map(|setting| &setting.value) {
            Some(Value::Text(text) | Value::Path(text)) => text.clone(),
            Some(Value::Sym(name)) => Text::known(name.as_str()),
            Some(Value::Unknown(why)) => Text::from_iter([Piece::Unknown(why.clone())]),
            _ => Text::from_iter([Piece::Unknown(name.to_owned())]),
        }
    }

    /// A setting as a text that is wholly known.
    pub fn known(&self, name: &str) -> Option<String> {
        self.text(name).as_known().map(str::to_owned)
    }

    /// The ways in which the gem starts Puma on this stage, each with the place of the plugin that does it.
    pub fn starts(&self) -> impl Iterator<Item = (&'static DeployStart, &Plugin)> {
        deploy_starts(&self.gem)
            .filter(|_| !self.is_rewritten)
            .filter(|start| !start.by_monit || !self.has_template("puma_monit"))
            .filter(|start| !start.by_systemd || !self.has_template("puma.service"))
            .filter_map(|start| {
                Some((start, self.plugins.iter().find(|plugin| plugin.name == start.plugin)?))
            })
    }

    /// Whether the app has a template of its own whose name begins so.
    fn has_template(&self, beginning: &str) -> bool {
        self.templates.iter().any(|name| name.starts_with(beginning))
    }

    /// Whether the config that Puma is started with is the one that the gem writes, and not one of the app's own.
    pub fn writes_config(&self) -> bool {
        let own = self.has_template("puma.rb") || self.has_template("puma-");
        if own || self.plugins.is_empty() || deploy_default("puma_conf", &self.gem).is_none() {
            return false;
        }
        match self.setting("puma_conf") {
            Some(Setting { value: Value::Text(_), origin: None }) => true,
            _ => {
                let [conf, current, shared] =
                    ["puma_conf", "current_path", "shared_path"].map(|name| self.known(name));
                let (Some(conf), Some(current), Some(shared)) = (conf, current, shared) else { return false };
                !is_below(&conf, &current)
                    && !self.links_file(conf.strip_prefix(&*shared).unwrap_or_default())
            }
        }
    }

    /// Whether Puma is surely started with a config of the repository, in the current release.
    pub fn uses_own_config(&self) -> bool {
        let (Some(conf), Some(current)) = (self.known("puma_conf"), self.known("current_path")) else {
            return false;
        };
        is_below(&conf, &current) && !self.links_file(conf.strip_prefix(&*current).unwrap_or_default())
    }

    /// Whether people may put a file of their own at this place below the shared folder: a deploy wants it there before
    /// anything else.
    fn links_file(&self, place: &str) -> bool {
        match self.setting("linked_files").map(|setting| &setting.value) {
            None | Some(Value::Nil) => false,
            Some(Value::Array(files)) => files
                .iter()
                .any(|file| file.as_str().is_none_or(|file| file == place.trim_start_matches('/'))),
            Some(_) => true,
        }
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
