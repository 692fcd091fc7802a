//! What Capistrano deploys, and the Pumas that it starts.

use std::path::Path;

use super::Lock;
use super::launches::Scene;
use crate::capistrano::{self, DeployFile, DeployFiles, Part, Plugin, Stage};
use crate::catalog::{CAPISTRANO_GEM, DeployStart, Version};
use crate::model::{FileId, Piece, Span, Text, Value, Word, hole};
use crate::parsed::{Files, Parsed};
use crate::puma::command_line::{Invocation, Program, invocations};
use crate::puma::evaluate::paths;
use crate::puma::{Environment, Launch, Starter};
use crate::workspace::deploy_root;

/// The app's root, if a file is one of Capistrano's.
pub(super) fn app_of(path: &Path) -> Option<&Path> {
    let tasks = path.parent().filter(|folder| folder.ends_with("lib/capistrano/tasks"));
    deploy_root(path).or_else(|| tasks?.ancestors().nth(3))
}

/// The stages that the app at `root` is deployed to, if it is known by which capistrano3-puma.
pub(super) fn stages(files: &Files<'_>, root: &Path, others: &[FileId], lock: Option<&Lock>) -> Vec<Stage> {
    let gem = lock.and_then(|lock| lock.gem(CAPISTRANO_GEM)?.version.parse::<Version>().ok());
    // What is between two releases may do as either does.
    let Some(gem) = gem.filter(|gem| !gem.is_prerelease()) else { return Vec::new() };
    let mut read = DeployFiles { loaded: Vec::new(), templates: templates(files, root) };
    for file in others {
        let Parsed::Capistrano(tree) = files.parsed(*file) else { continue };
        let path = files.source(*file).path();
        if app_of(path) != Some(root) {
            continue;
        }
        // What can't be read may set anything.
        let Ok(tree) = tree else { return Vec::new() };
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let part = match path.parent().and_then(Path::file_name).and_then(|folder| folder.to_str()) {
            _ if path.file_name().is_some_and(|name| name == "Capfile") => Part::Capfile,
            Some("config") => Part::Deploy,
            Some("deploy") => Part::Stage(stem),
            _ => Part::Tasks,
        };
        read.loaded.push(DeployFile { file: *file, text: files.bytes(*file), tree, part });
    }
    if read.loaded.is_empty() { Vec::new() } else { capistrano::stages(&read, &gem) }
}

/// The folders where the gem looks for templates before it takes its own.
const TEMPLATES: [&str; 2] = ["lib/capistrano/templates", "config/deploy/templates"];

/// What the templates in there make.
fn templates(files: &Files<'_>, root: &Path) -> Vec<String> {
    let folders = TEMPLATES.map(|folder| root.join(folder));
    let paths = files.sources.iter().map(|source| source.path());
    let own =
        paths.filter(|path| path.parent().is_some_and(|parent| folders.iter().any(|own| own == parent)));
    own.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect()
}

/// Where the current release is on the server, if all stages agree.
pub(super) fn current_path(stages: &[Stage]) -> Option<String> {
    let mut paths = stages.iter().map(|stage| stage.known("current_path"));
    let first = paths.next()??;
    paths.all(|path| path.as_ref() == Some(&first)).then_some(first).filter(|path| path.starts_with('/'))
}

impl Scene<'_> {
    /// The Pumas that are started on a stage.
    pub(super) fn of_stage(&self, stage: &Stage) -> Vec<Launch> {
        stage.starts().filter_map(|(start, plugin)| self.of_plugin(stage, start, plugin)).collect()
    }

    fn of_plugin(&self, stage: &Stage, start: &DeployStart, plugin: &Plugin) -> Option<Launch> {
        let place = plugin.place;
        let word = |word: &&str| {
            let name = word.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            spoken(name.map_or_else(|| (*word).to_owned(), |name| written(&stage.text(name))), place.span)
        };
        let words: Vec<Word> = start.words.iter().map(word).collect();
        let invocation = invocations(&words).into_iter().find(|run| run.program == Program::Puma)?;
        let directory = stage.text("current_path");
        let mut launch = Launch {
            name: name(stage, start),
            starter: Starter::Capistrano,
            service: None,
            place: Some(place),
            configs: Vec::new(),
            environment: environment(stage, start, plugin),
            invocation: None,
            written: Vec::new(),
            directory,
        };
        if stage.writes_config() {
            launch.written = stage.written_config();
        } else {
            let found: Vec<(FileId, String)> = match stage.setting("puma_conf") {
                Some(_) => {
                    stage.known("puma_conf").map(|conf| self.named_configs(&[conf])).unwrap_or_default()
                }
                None => self.search(&written(&stage.text("puma_env"))).into_iter().collect(),
            };
            let full =
                |path: String| paths::expand(&Text::known(path), &launch.directory).unwrap_or_default();
            launch.configs = found.into_iter().map(|(file, path)| (file, full(path))).collect();
        }
        launch.invocation = Some(Invocation { login_shell: start.by_monit, ..invocation });
        Some(launch)
    }
}

/// What to call a launch: the stage, and who starts Puma there if it isn't the deploy itself.
fn name(stage: &Stage, start: &DeployStart) -> String {
    let stage = stage.name.as_deref().map_or_else(String::new, |name| format!(":{name}"));
    let by = match (start.by_monit, start.by_systemd) {
        (true, _) => " (Monit)",
        (_, true) => " (systemd)",
        _ => "",
    };
    format!("Capfile{stage}{by}")
}

/// A word that is written nowhere: it stands where the plugin is installed that says it.
fn spoken(text: String, place: Span) -> Word {
    let last = place.end.saturating_sub(1).max(place.start);
    let mut origins = vec![last; text.len()];
    if let Some(first) = origins.first_mut() {
        *first = place.start;
    }
    Word::new(text, origins, place)
}

/// A setting as a word of a command line.
fn written(text: &Text) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(text) | Piece::Hole(text) => text.clone(),
        _ => hole::ANONYMOUS.to_string(),
    };
    text.pieces().iter().map(piece).collect()
}

/// The variables that the gem sets for Puma. What else the user's session holds is not known.
fn environment(stage: &Stage, start: &DeployStart, plugin: &Plugin) -> Environment {
    let mut environment = Environment::default();
    let mut set = |name: &str, value: Option<String>, place| {
        environment.places.insert(name.to_owned(), place);
        match value {
            Some(value) => _ = environment.variables.insert(name.to_owned(), value),
            None => _ = environment.unknown.insert(name.to_owned()),
        }
    };
    if start.by_systemd {
        let Some(setting) = stage.setting("puma_service_unit_env_vars") else { return environment };
        let Value::Array(items) = &setting.value else { return environment };
        let place = setting.origin.map_or(plugin.place, |origin| origin.place);
        for (name, value) in items.iter().filter_map(|item| item.as_str()?.split_once('=')) {
            set(name, Some(value.to_owned()), place);
        }
    } else if !start.by_monit {
        let origin = stage.setting("puma_env").and_then(|setting| setting.origin);
        set("RACK_ENV", stage.known("puma_env"), origin.map_or(plugin.place, |origin| origin.place));
    }
    environment
}
