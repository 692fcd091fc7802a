//! What Puma would use: the options of each launch.

use crate::catalog::{Release, behaviour};
use crate::deployment::assemble;
use crate::lint::{self, Options};
use crate::model::{Condition, FileId, Holes, Value};
use crate::parsed::Files;
use crate::puma::options::{self, Inputs, Possible, Setting, Source, Status};
use crate::puma::{Launch, Starter};
use crate::workspace::Workspace;

/// A launch and what its options come to.
#[derive(Debug)]
pub struct Shown {
    /// The app's root, absolute, on this machine.
    pub root: std::path::PathBuf,
    /// What to call the release.
    pub target: String,
    /// The release whose facts are used.
    pub release: Release,
    /// The launch.
    pub launch: Launch,
    /// The configs that it loads, in order.
    pub configs: Vec<FileId>,
    /// The options.
    pub options: options::Options,
    /// The options of the same launch with an empty config.
    pub empty: options::Options,
    /// The configs that it loads and that are not among the files: what they set is not known.
    pub missing: Vec<String>,
}

/// The options of every launch that concerns a selected file.
pub fn show(workspace: &Workspace, options: &Options) -> Vec<Shown> {
    lint::on_a_deep_stack(|| run(workspace, options))
}

fn run(workspace: &Workspace, options: &Options) -> Vec<Shown> {
    let files = Files::parse(workspace.sources());
    let mut all = Vec::new();
    for root in workspace.roots() {
        for mut deployment in assemble(&files, root, &options.versions(workspace), &options.settings) {
            for launch in &mut deployment.launches {
                launch.environment.complete(&options.env, options.closed_env);
            }
            let selected = deployment.files().into_iter().any(|file| workspace.is_selected(file));
            if !selected {
                continue;
            }
            let release = deployment.target.resolved.release;
            // What somebody may type is of interest only where nothing that is written starts the same.
            let written = |config| {
                let mut launches = deployment.launches.iter().filter(|l| l.starter != Starter::Default);
                launches.any(|launch| launch.configs.iter().any(|(other, _)| *other == config))
            };
            let concerned = |launch: &Launch| {
                launch.starter != Starter::Default
                    || !launch.configs.iter().all(|(config, _)| written(*config))
            };
            let scene = lint::scene(&files, &deployment, concerned);
            for launch in deployment.launches.iter().filter(|launch| concerned(launch)) {
                let configs: Vec<_> = scene
                    .evaluations
                    .iter()
                    .filter(|evaluation| std::ptr::eq(evaluation.launch, launch))
                    .map(|evaluation| (evaluation.config, &evaluation.trace))
                    .collect();
                let holes = files.holes();
                let mut launch_shown = launch.clone();
                reveal_launch(&mut launch_shown, holes);
                let missing = missing_configs(launch, configs.len(), release);
                let effective = |configs| {
                    let mut options = options::effective(&Inputs { launch, configs, release });
                    doubt(&mut options, &missing, release);
                    reveal_options(&mut options, holes);
                    options
                };
                all.push(Shown {
                    root: deployment.dir.clone(),
                    target: deployment.target.name(),
                    release,
                    launch: launch_shown,
                    configs: configs.iter().map(|(file, _)| *file).collect(),
                    options: effective(&configs),
                    empty: effective(&[]),
                    missing,
                });
            }
        }
    }
    all
}

/// The configs that the command line names, where fewer are `here`.
fn missing_configs(launch: &Launch, here: usize, release: Release) -> Vec<String> {
    let options = options::effective(&Inputs { launch, configs: &[], release });
    let Some(Status::Known(Value::Array(named))) = options.get("config_files").map(Setting::status) else {
        return Vec::new();
    };
    // `-` stands for no config.
    let named = named.iter().filter_map(Value::as_str).filter(|path| *path != "-");
    let loaded: Vec<String> = named.map(str::to_owned).collect();
    if loaded.len() > here { loaded } else { Vec::new() }
}

/// Takes back what is only known if no other config says otherwise.
fn doubt(options: &mut options::Options, missing: &[String], release: Release) {
    if missing.is_empty() {
        return;
    }
    let outdone = |source: &Source| match source {
        Source::Default(_) | Source::Environment(_) => true,
        Source::CommandLine(_) => behaviour::config_beats_command_line(release),
        Source::File(_) => false,
    };
    for (name, setting) in options.iter_mut() {
        if *name != "config_files" && setting.possible.iter().all(|possible| outdone(&possible.source)) {
            let reason = format!("{} is not among the files", missing.join(", "));
            let source = Source::Default(None);
            setting.possible =
                vec![Possible { when: Condition::always(), value: Value::Unknown(reason), source }];
        }
    }
}

/// Shows what stands in a template's holes.
fn reveal_launch(launch: &mut Launch, holes: &Holes) {
    holes.reveal_in(&mut launch.name);
    launch.directory.change_texts(&mut |text| holes.reveal_in(text));
    launch.environment.variables.values_mut().for_each(|value| holes.reveal_in(value));
}

fn reveal_options(options: &mut options::Options, holes: &Holes) {
    for possible in options.values_mut().flat_map(|setting| &mut setting.possible) {
        possible.when.change_texts(&mut |text| holes.reveal_in(text));
        possible.value.change_texts(&mut |text| holes.reveal_in(text));
    }
}
