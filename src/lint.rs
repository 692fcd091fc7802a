//! The whole way from files to findings, in the order in which it happens.

use std::collections::BTreeMap;

use crate::catalog::{Release, Resolved, Version, constant, directive};
use crate::deployment::{Deployment, Lock, TargetSource, Versions, assemble, locked};
use crate::model::{Diagnostic, FileId, Fix, Role, Story, Value};
use crate::output::secrets::{is_secret_name, of_variable};
use crate::output::{DeploymentSummary, Finding};
use crate::parsed::Files;
use crate::puma;
use crate::puma::command_line::invocations;
use crate::puma::evaluate::{Script, Setting, evaluate};
use crate::rules::view::{Command, CommandView, ConfigView, Evaluation, FileView, Purpose, Scene};
use crate::rules::{Check, RULES, Rule};
use crate::workspace::Workspace;

/// What a run is asked to do.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--target-version`
    pub target: Option<Version>,
    /// `--from`
    pub from: Option<Version>,
    /// `--env`: variables that are set in every launch that doesn't set them itself.
    pub env: Vec<(String, String)>,
    /// `--closed-env`: nothing else is set anywhere.
    pub closed_env: bool,
    /// The rules to run, by name; all if empty.
    pub select: Vec<String>,
    /// The rules not to run, by name.
    pub ignore: Vec<String>,
}

impl Options {
    /// The releases that were asked for, by name or by a git revision.
    pub(crate) fn versions(&self, workspace: &Workspace) -> Versions {
        let puma = |(file, bytes): (&FileId, &Vec<u8>)| Some((*file, locked(&Lock::parse(bytes))?));
        let earlier = workspace.earlier_locks().map(|locks| locks.iter().filter_map(puma).collect());
        Versions { target: self.target.clone(), from: self.from.clone(), earlier }
    }
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The deployments.
    pub deployments: Vec<DeploymentSummary>,
    /// The findings that concern a selected file, in the order of files and places.
    pub findings: Vec<Finding>,
    /// The findings that concern no selected file.
    pub elsewhere: Vec<Diagnostic>,
    /// The files that were checked.
    pub checked: Vec<FileId>,
    /// What else is worth saying.
    pub notes: Vec<String>,
    /// The secrets that launches hold and configs pass on, by value, so that nobody prints them.
    pub secrets: Vec<String>,
}

/// How much stack a run gets: enough for the deepest tree that the Ruby room lets through.
const STACK: usize = 64 << 20;

/// Checks everything that is selected in the workspace.
pub fn lint(workspace: &Workspace, options: &Options) -> Outcome {
    on_a_deep_stack(|| run(workspace, options))
}

/// Runs what walks trees: they may be nested deeper than a caller's thread has stack for.
pub(crate) fn on_a_deep_stack<T: Send>(run: impl Fn() -> T + Send + Sync) -> T {
    std::thread::scope(|scope| {
        match std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, &run) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => run(),
        }
    })
}

fn run(workspace: &Workspace, options: &Options) -> Outcome {
    let files = Files::parse(workspace.sources());
    let mut outcome = Outcome::default();
    let versions = options.versions(workspace);
    // With nothing beside it, a lock is what was checked: gems and Ruby must go with its Puma.
    let mut lone_locks = Vec::new();
    for root in workspace.roots() {
        for mut deployment in assemble(&files, &root.dir, &root.files, &versions) {
            for launch in &mut deployment.launches {
                launch.environment.complete(&options.env, options.closed_env);
            }
            let scene = scene(&files, &deployment);
            outcome.secrets.extend(secrets(&scene));
            let found = merge(check(&scene, options));
            let selected =
                |file: FileId| workspace.is_selected(file) || selected_by_deciding(workspace, &deployment);
            let reported = |d: &Diagnostic| {
                selected(d.location.file) || d.labels.iter().any(|label| selected(label.location.file))
            };
            let (concerned, elsewhere) = found.into_iter().partition(reported);
            outcome.elsewhere.extend::<Vec<_>>(elsewhere);
            outcome.notes.extend(notes(&deployment));
            let index = outcome.deployments.len();
            number(workspace, &mut outcome.findings, concerned, index);
            outcome.deployments.push(summary(&files, &deployment, index));
            let has_puma = |file: &FileId| files.lock(*file).is_some_and(|lock| lock.gem("puma").is_some());
            lone_locks.extend(deployment.lock.filter(|file| workspace.is_selected(*file)).filter(has_puma));
            let members = deployment.files();
            outcome.checked.extend(
                members
                    .into_iter()
                    .filter(|file| selected(*file) && !files.source(*file).kind().only_decides()),
            );
        }
    }
    if outcome.checked.is_empty() {
        outcome.checked.extend(lone_locks);
    }
    outcome.checked.sort_unstable();
    outcome.checked.dedup();
    outcome
}

/// The secrets in the variables of launches, and those that configs hand to directives.
fn secrets(scene: &Scene<'_>) -> Vec<String> {
    let variables = scene.deployment.launches.iter().flat_map(|launch| &launch.environment.variables);
    let mut found: Vec<String> = variables.flat_map(|(name, value)| of_variable(name, value)).collect();
    for call in scene.evaluations.iter().flat_map(|evaluation| &evaluation.trace.calls) {
        for argument in &call.arguments {
            for (_, value) in argument.value.alternatives() {
                let Value::Hash(pairs) = value else { continue };
                let secret =
                    |(key, _): &&(Value, Value)| matches!(key, Value::Sym(name) if is_secret_name(name));
                let values = pairs.iter().filter(secret).flat_map(|(_, value)| value.alternatives());
                found.extend(values.filter_map(|(_, value)| value.as_str().map(str::to_owned)));
            }
        }
    }
    found
}

/// A lock or environment file that was named selects everything that it decides.
fn selected_by_deciding(workspace: &Workspace, deployment: &Deployment) -> bool {
    deployment.deciding().any(|file| workspace.is_selected(file))
}

/// Evaluates each config under each launch that loads it, and finds the commands of the supervisors.
pub(crate) fn scene<'a>(files: &'a Files<'a>, deployment: &'a Deployment) -> Scene<'a> {
    let release = deployment.target.resolved.release;
    let loaded = deployment
        .launches
        .iter()
        .flat_map(|launch| launch.configs.iter().map(move |(config, path)| (launch, *config, path)));
    let evaluations = loaded.filter_map(|(launch, config, path)| {
        let (source, tree) = (files.source(config), files.tree(config)?);
        let trace = evaluate(&Setting {
            script: Script { file: config, text: source.bytes(), tree },
            required: &|file, feature| required(files, file, feature),
            config: path.clone(),
            directory: launch.directory.clone(),
            environment: &launch.environment,
            rails: launch.rails(),
            version: release.name(),
            has_directive: &|name| directive(name).is_some_and(|directive| directive.exists(release)),
            has_constant: &|path| constant(path).map(|constant| constant.exists(release)),
            constant: &|path| puma::options::constant(path, release),
        });
        Some(Evaluation { launch, config, source, tree, trace })
    });
    let evaluations = evaluations.collect();
    Scene { files, deployment, evaluations, commands: commands(files, deployment) }
}

/// What `require_relative` loads in a file.
fn required<'a>(files: &'a Files<'a>, file: FileId, feature: &str) -> Option<Script<'a>> {
    let name = if feature.ends_with(".rb") { feature.to_owned() } else { format!("{feature}.rb") };
    let file = files.beside(file, &name)?;
    let tree = files.required(file).or_else(|| files.tree(file))?;
    Some(Script { file, text: files.source(file).bytes(), tree })
}

/// The keys of a unit that hold commands.
const EXEC: &[(&str, Purpose)] = &[
    ("ExecStart", Purpose::Start),
    ("ExecReload", Purpose::Reload),
    ("ExecStop", Purpose::Stop),
    ("ExecStartPre", Purpose::Around),
    ("ExecStartPost", Purpose::Around),
    ("ExecStopPost", Purpose::Around),
];

fn commands<'a>(files: &'a Files<'a>, deployment: &'a Deployment) -> Vec<Command<'a>> {
    let mut commands = Vec::new();
    for service in &deployment.services {
        for (key, purpose) in EXEC {
            for (entry, command) in service.commands(key) {
                commands.extend(invocations(&command.argv).into_iter().map(|invocation| Command {
                    file: service.value(entry).file,
                    purpose: *purpose,
                    invocation,
                    service: Some(service),
                    check: None,
                }));
            }
        }
    }
    for file in &deployment.monit {
        let Some(control) = files.control(*file) else { continue };
        for check in &control.checks {
            let programs = [
                (&check.start, Purpose::Start),
                (&check.stop, Purpose::Stop),
                (&check.restart, Purpose::Restart),
            ];
            for (program, purpose) in programs {
                let runs = program.iter().flat_map(|program| invocations(&program.words));
                commands.extend(runs.map(|invocation| Command {
                    file: *file,
                    purpose,
                    invocation,
                    service: None,
                    check: Some(check.span),
                }));
            }
        }
    }
    commands
}

/// Runs every rule that isn't left out.
fn check(scene: &Scene<'_>, options: &Options) -> Vec<Diagnostic> {
    let wanted = |rule: &&Rule| {
        let named = |list: &[String]| list.iter().any(|name| name == rule.name);
        (options.select.is_empty() || named(&options.select)) && !named(&options.ignore)
    };
    let mut found = Vec::new();
    for rule in RULES.iter().filter(wanted) {
        match rule.check {
            Check::File(check) => {
                let members = scene.deployment.files();
                found.extend(
                    members.into_iter().flat_map(|file| check(&FileView { files: scene.files, file })),
                );
            }
            Check::Config(check) => {
                for evaluation in &scene.evaluations {
                    let mut new = check(&ConfigView { scene, evaluation });
                    for diagnostic in &mut new {
                        diagnostic.launches = vec![evaluation.launch.name.clone()];
                        diagnostic.fixes.retain(|fix| !is_elsewhere(fix, evaluation));
                    }
                    found.append(&mut new);
                }
            }
            Check::Command(check) => {
                found
                    .extend(scene.commands.iter().flat_map(|command| check(&CommandView { scene, command })));
            }
            Check::Deployment(check) => found.extend(check(scene)),
        }
    }
    found
}

/// Whether a fix would edit a config's call of code that stands in another file.
fn is_elsewhere(fix: &Fix, evaluation: &Evaluation<'_>) -> bool {
    let edits = fix.edits.iter().filter(|edit| edit.file == evaluation.config);
    edits.into_iter().any(|edit| evaluation.trace.sites.iter().any(|site| site.overlaps(edit.span)))
}

/// Findings of one rule on one topic at one place are one finding, the most severe, and say for which launches they hold.
fn merge(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut merged: BTreeMap<_, Diagnostic> = BTreeMap::new();
    for diagnostic in found {
        match merged.entry((diagnostic.location, diagnostic.rule, diagnostic.topic)) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(diagnostic);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                let launches: Vec<String> = std::mem::take(&mut known.launches)
                    .into_iter()
                    .chain(diagnostic.launches.iter().cloned())
                    .collect();
                if diagnostic.severity > known.severity {
                    *known = diagnostic;
                }
                known.launches = launches;
                known.launches.dedup();
            }
        }
    }
    merged.into_values().collect()
}

/// Gives each finding its id, and each consequence the id of its cause.
fn number(workspace: &Workspace, findings: &mut Vec<Finding>, found: Vec<Diagnostic>, deployment: usize) {
    let first = findings.len() + 1;
    let cause = cause(&found, Story::Daemonizing);
    for (at, diagnostic) in found.into_iter().enumerate() {
        let follows = diagnostic.role.and(cause).filter(|cause| *cause != at);
        findings.push(Finding {
            id: first + at,
            cause: follows.map(|cause| first + cause),
            deployment,
            unnamed: unnamed(workspace, &diagnostic),
            diagnostic,
        });
    }
}

/// The files of a finding's first fix, if one of them was not asked for.
fn unnamed(workspace: &Workspace, diagnostic: &Diagnostic) -> Vec<FileId> {
    let edits = diagnostic.fixes.first().map(|fix| fix.edits.as_slice()).unwrap_or_default();
    if edits.iter().all(|edit| workspace.is_selected(edit.file)) {
        return Vec::new();
    }
    let mut files: Vec<FileId> = edits.iter().map(|edit| edit.file).collect();
    files.sort_by_key(|file| workspace.source(*file).shown());
    files.dedup();
    files
}

/// The finding that a story begins with: the one of the lowest rank.
fn cause(found: &[Diagnostic], story: Story) -> Option<usize> {
    let rank = |role: Option<Role>| role.filter(|role| role.story == story).map(|role| role.rank);
    let ranked = found.iter().enumerate().filter_map(|(at, diagnostic)| Some((rank(diagnostic.role)?, at)));
    ranked.min().map(|(_, at)| at)
}

fn summary(files: &Files<'_>, deployment: &Deployment, index: usize) -> DeploymentSummary {
    let target = &deployment.target;
    DeploymentSummary {
        id: (index + 1).to_string(),
        root: deployment.root.clone(),
        target: target.name(),
        target_source: match target.source {
            TargetSource::Flag => "--target-version".into(),
            TargetSource::Lock(file) => {
                let path = files.source(file).path();
                path.file_name().unwrap_or_default().to_string_lossy().into_owned()
            }
            TargetSource::Newest => "the newest known".into(),
        },
        from: deployment.from.as_ref().map(Resolved::name),
        files: deployment.files(),
    }
}

/// What to say about versions that aren't known.
fn notes(deployment: &Deployment) -> Vec<String> {
    let asked = [Some(&deployment.target.resolved), deployment.from.as_ref()];
    let unknown = asked.into_iter().flatten().filter(|resolved| !resolved.exact);
    unknown
        .map(|resolved| {
            format!(
                "Puma {} is not known yet: checked against the facts of {}{}",
                resolved.asked,
                resolved.release,
                if resolved.is_newer_than_known() && resolved.release == Release::newest() {
                    ", the newest known"
                } else {
                    ""
                }
            )
        })
        .collect()
}
