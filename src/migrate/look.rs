//! What there is of one app: its unit, its Monit check, its pidfile.

use std::path::{Path, PathBuf};

use super::deploy;
use super::start::{Start, Untranslatable, start};
use crate::catalog;
use crate::deployment::{Deployment, assemble};
use crate::lint::{self, Options};
use crate::model::{FileId, Span, Text, Value};
use crate::parsed::Files;
use crate::puma::Launch;
use crate::puma::evaluate::paths;
use crate::puma::options;
use crate::rules::view::{Evaluation, Scene};
use crate::systemd;
use crate::workspace::Workspace;

/// One app, as the files describe it.
pub(super) struct Look {
    /// Its root on this machine.
    pub dir: PathBuf,
    /// Its root as shown.
    pub shown: String,
    /// The release that it must work on.
    pub target: String,
    /// The unit that runs Puma, if there is one.
    pub unit: Option<UnitLook>,
    /// The value of its `ExecStart=`, if it is one line in the unit's own file.
    pub exec_start: Option<Span>,
    /// Its `TimeoutStopSec=`, in seconds.
    pub unit_stop: Option<u64>,
    /// The Monit check that watches it, by file and name.
    pub check: Option<(FileId, String)>,
    /// The pidfile that Monit watches.
    pub watched: Option<String>,
    /// The pidfile of the Puma that the unit runs.
    pub pidfile: Pidfile,
    /// The pidfile of the Puma that runs today, whoever starts it.
    pub daemon_pidfile: Option<String>,
    /// How Puma is started without a unit.
    pub start: Result<Start, Untranslatable>,
    /// How long the config lets requests take when Puma stops, in seconds.
    pub stop: Option<u64>,
    /// Whether the unit's Puma surely runs workers.
    pub is_clustered: bool,
    /// Whether the unit's Puma runs in Puma's default environment, as nothing names another.
    pub is_development: bool,
    /// Whether the release itself still puts this Puma into the background.
    pub is_allowed: bool,
    /// Whether templates make some of its files.
    pub is_made: bool,
    /// Whether the config sends what Puma prints to files.
    pub redirects: bool,
    /// What Capistrano deploys, if it starts Puma or lets systemd do so.
    pub deploy: Option<DeployLook>,
}

/// What there is of Capistrano.
#[derive(Debug, Clone)]
pub(super) struct DeployLook {
    /// The stage that is looked at.
    pub stage: String,
    /// How many others there are.
    pub others: usize,
    /// The version of capistrano3-puma, and whether it can let systemd start Puma.
    pub gem: (String, bool),
    /// The config that the gem writes on the server, if that is what Puma is started with.
    pub config: Option<String>,
    /// The file with the Monit check that the gem writes on the server, and the check's name.
    pub monit: Option<(String, String)>,
    /// The unit that its Systemd plugin starts and restarts, without `.service`.
    pub unit: Option<String>,
}

/// A unit that runs Puma.
#[derive(Debug, Clone)]
pub(super) struct UnitLook {
    /// Its own file.
    pub file: FileId,
    /// `shop.service`
    pub name: String,
}

/// Where Puma writes its PID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pidfile {
    /// Nowhere.
    Unset,
    /// Into this file.
    Known(String),
    /// Nobody can tell.
    Unknown,
}

impl Look {
    /// How a path below the app's root is shown.
    pub fn show(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.dir).unwrap_or(path);
        let shown = if self.shown == "." { below.to_owned() } else { Path::new(&self.shown).join(below) };
        shown.to_string_lossy().into_owned()
    }

    /// The folder below /run that the pidfile lies in.
    pub fn run_folder(&self) -> Option<String> {
        let Pidfile::Known(path) = &self.pidfile else { return None };
        let below = path.strip_prefix("/run/").or_else(|| path.strip_prefix("/var/run/"))?;
        Some(below.split_once('/')?.0.to_owned())
    }
}

/// Every app of the workspace.
pub(super) fn look(workspace: &Workspace, options: &Options) -> Vec<Look> {
    lint::on_a_deep_stack(|| {
        let files = Files::parse(workspace.sources());
        let mut looks = Vec::new();
        for root in workspace.roots() {
            for mut deployment in assemble(&files, root, &options.versions(workspace), &options.settings) {
                for launch in &mut deployment.launches {
                    launch.environment.complete(&options.env, options.closed_env);
                }
                looks.push(at(&files, &deployment));
            }
        }
        looks
    })
}

fn at(files: &Files<'_>, deployment: &Deployment) -> Look {
    let scene = lint::scene(files, deployment, |launch| launch.starter.decides());
    let service = scene.pumas().next();
    let of_unit = |launch: &Launch| service.is_some_and(|service| launch.service == Some(service.id));
    let launch = deployment.launches.iter().find(|launch| of_unit(launch));
    let exec_start = service.and_then(|service| {
        let (entry, _) = service.pumas().into_iter().next()?;
        let place = service.value(entry);
        (place.file == service.file).then_some(place.span)
    });
    let stop =
        service.and_then(|service| service.last("TimeoutStopSec").or_else(|| service.last("TimeoutSec")));
    let watching = scene.monit_files().find_map(|(file, control)| {
        let mut checks = control.checks.iter();
        checks.find(|check| deployment.monitors(file, check.span)).map(|check| (file, check))
    });
    let daemon = deployment.launches.iter().find(|l| l.service.is_none() && l.starter.decides()).or(launch);
    Look {
        dir: deployment.dir.clone(),
        shown: deployment.root.clone(),
        target: deployment.target.name(),
        unit: service.map(|service| UnitLook { file: service.file, name: service.name().to_owned() }),
        exec_start,
        unit_stop: stop.and_then(|entry| systemd::time_span(entry.value.text())).map(|time| time.as_secs()),
        check: watching.map(|(file, check)| (file, check.name.text().to_owned())),
        watched: watching.and_then(|(_, check)| Some(check.watch.pidfile()?.text().to_owned())),
        pidfile: launch.map_or(Pidfile::Unset, |launch| pidfile(&scene, launch)),
        daemon_pidfile: daemon.and_then(|launch| match pidfile(&scene, launch) {
            Pidfile::Known(path) => Some(path),
            _ => None,
        }),
        start: start(&scene),
        stop: scene.evaluations.iter().filter_map(|evaluation| stop_time(evaluation)).max(),
        is_clustered: mine(&scene, launch)
            .any(|evaluation| matches!(evaluation.workers(scene.release()), Value::Int(count) if count > 0)),
        is_development: launch.is_some_and(|launch| is_development(&scene, launch)),
        is_allowed: is_allowed(&scene),
        is_made: deployment.files().into_iter().any(|file| files.template(file).is_some()),
        deploy: deploy::look(deployment),
        redirects: launch.is_some_and(|launch| deploy::written_pidfile(&scene, launch).is_some())
            || scene
                .evaluations
                .iter()
                .any(|evaluation| evaluation.trace.calls.iter().any(|call| call.name == "stdout_redirect")),
    }
}

/// The configs as a launch evaluates them.
fn mine<'a>(scene: &'a Scene<'a>, launch: Option<&'a Launch>) -> impl Iterator<Item = &'a Evaluation<'a>> {
    let same = move |e: &&Evaluation<'_>| launch.is_some_and(|launch| std::ptr::eq(e.launch, launch));
    scene.evaluations.iter().filter(same)
}

/// Whether a launch runs in Puma's default environment.
fn is_development(scene: &Scene<'_>, launch: &Launch) -> bool {
    let configs: Vec<_> = mine(scene, Some(launch)).map(|e| (e.config, &e.trace)).collect();
    let inputs = options::Inputs { launch, configs: &configs, release: scene.release() };
    options::effective(&inputs).get("environment").is_none_or(|setting| {
        matches!(setting.status(), options::Status::Known(value) if value.as_str() == Some("development"))
    })
}

/// Whether a config or a command line asks for a daemon of a release that makes one.
fn is_allowed(scene: &Scene<'_>) -> bool {
    let release = scene.release();
    let by_config = catalog::directive("daemonize").is_some_and(|directive| directive.exists(release))
        && scene.evaluations.iter().any(|e| {
            options::last(&e.trace, "daemonize", Value::Bool(true))
                .is_some_and(|o| o.value.truthy() != Some(false))
        });
    let mut launches = scene.deployment.launches.iter().filter(|launch| launch.starter.decides());
    by_config || launches.any(|launch| launch.has_flag("daemon", release))
}

/// Where a launch's Puma writes its PID.
fn pidfile(scene: &Scene<'_>, launch: &Launch) -> Pidfile {
    let evaluation = mine(scene, Some(launch)).next();
    let flag = launch.flag("pidfile", scene.release()).map(|word| launch.text(word.text()));
    let paths: Vec<Option<Text>> = match (evaluation, flag) {
        (Some(evaluation), Some(flag)) => {
            options::resolve(&evaluation.trace, &launch.directory, &Value::Text(flag))
        }
        (Some(evaluation), None) => match options::last(&evaluation.trace, "pidfile", Value::Nil) {
            Some(option) => options::resolve(&evaluation.trace, &launch.directory, &option.value),
            None => return Pidfile::Unset,
        },
        (None, Some(flag)) => vec![paths::expand(&flag, &launch.directory)],
        (None, None) => {
            return deploy::written_pidfile(scene, launch).map_or(Pidfile::Unset, Pidfile::Known);
        }
    };
    match paths.as_slice() {
        [None] => Pidfile::Unset,
        [Some(path)] => match path.as_known().filter(|path| path.starts_with('/')) {
            Some(path) => Pidfile::Known(path.to_owned()),
            None => Pidfile::Unknown,
        },
        _ => Pidfile::Unknown,
    }
}

/// The longest that a stop may take by the config, in seconds.
fn stop_time(evaluation: &Evaluation<'_>) -> Option<u64> {
    let seconds = |name| match options::last(&evaluation.trace, name, Value::Nil)?.value {
        Value::Int(seconds) => u64::try_from(seconds).ok(),
        _ => None,
    };
    seconds("worker_shutdown_timeout").max(seconds("force_shutdown_after"))
}
