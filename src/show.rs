//! What Puma would use: the options of each launch.

use crate::deployment::assemble;
use crate::lint::{self, Options};
use crate::model::FileId;
use crate::parsed::Files;
use crate::puma::Launch;
use crate::puma::options::{self, Inputs};
use crate::workspace::Workspace;

/// A launch and what its options come to.
#[derive(Debug)]
pub struct Shown {
    /// The app's root, absolute, on this machine.
    pub root: std::path::PathBuf,
    /// What to call the release.
    pub target: String,
    /// The release whose facts are used.
    pub release: crate::catalog::Release,
    /// The launch.
    pub launch: Launch,
    /// The configs that it loads, in order.
    pub configs: Vec<FileId>,
    /// The options.
    pub options: options::Options,
    /// The options of the same launch with an empty config.
    pub empty: options::Options,
}

/// The options of every launch that concerns a selected file.
pub fn show(workspace: &Workspace, options: &Options) -> Vec<Shown> {
    lint::on_a_deep_stack(|| run(workspace, options))
}

fn run(workspace: &Workspace, options: &Options) -> Vec<Shown> {
    let files = Files::parse(workspace.sources());
    let mut all = Vec::new();
    for root in workspace.roots() {
        for mut deployment in
            assemble(&files, &root.dir, &root.files, &options.versions(workspace), &options.settings)
        {
            for launch in &mut deployment.launches {
                launch.environment.complete(&options.env, options.closed_env);
            }
            let selected = deployment.files().into_iter().any(|file| workspace.is_selected(file));
            if !selected {
                continue;
            }
            let release = deployment.target.resolved.release;
            let scene = lint::scene(&files, &deployment);
            for launch in &deployment.launches {
                let configs: Vec<_> = scene
                    .evaluations
                    .iter()
                    .filter(|evaluation| std::ptr::eq(evaluation.launch, launch))
                    .map(|evaluation| (evaluation.config, &evaluation.trace))
                    .collect();
                all.push(Shown {
                    root: deployment.dir.clone(),
                    target: deployment.target.name(),
                    release,
                    launch: launch.clone(),
                    configs: configs.iter().map(|(file, _)| *file).collect(),
                    options: options::effective(&Inputs { launch, configs: &configs, release }),
                    empty: options::effective(&Inputs { launch, configs: &[], release }),
                });
            }
        }
    }
    all
}
