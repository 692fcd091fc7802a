//! The whole way from files to findings, in the order in which it happens.

mod choice;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Release, Resolved, Version, constant, directive};
use crate::deployment::{Deployment, Lock, TargetSource, Versions, assemble, locked};
use crate::model::{Diagnostic, FileId, Fix, Location, Role, Severity, Story, Value};
use crate::output::{DeploymentSummary, Finding};
use crate::parsed::Files;
use crate::puma::command_line::{Program, invocations};
use crate::puma::evaluate::{Script, Setting, evaluate};
use crate::puma::{self, Launch, Starter, command_line};
use crate::rules::view::{Command, CommandView, ConfigView, Evaluation, FileView, Purpose, Scene};
use crate::rules::{self, Check, RULES, unused_suppression};
use crate::secrets::{is_secret_name, of_variable};
use crate::settings::{File, Settings};
use crate::suppression::Suppressions;
use crate::workspace::Workspace;
use choice::Choice;

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
    /// `--fail-on`
    pub fail_on: Option<Severity>,
    /// What the settings files say.
    pub settings: Settings,
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
    /// By deployment: the least severity that makes the exit code 1.
    pub fail_on: Vec<Severity>,
    /// The findings that concern a selected file, in the order of files and places.
    pub findings: Vec<Finding>,
    /// How many findings that concern a selected file are silenced by a comment.
    pub suppressed: usize,
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
    let mut suppressions = Suppressions::read(&files);
    let mut outcome = Outcome::default();
    // With nothing beside it, a lock is what was checked: gems and Ruby must go with its Puma.
    let mut lone_locks = Vec::new();
    let mut checked = checked(workspace, &files, options);
    // A Monit file that watches several apps is a file of each of them.
    let mut said: BTreeSet<(Location, &str, String)> = BTreeSet::new();
    for app in &mut checked {
        let monit = &app.deployment.monit;
        app.found.retain(|found| {
            !monit.contains(&found.location.file)
                || said.insert((found.location, found.rule, found.message.clone()))
        });
        let (silenced, left): (Vec<_>, Vec<_>) = std::mem::take(&mut app.found)
            .into_iter()
            .partition(|found| suppressions.silences(&files, found));
        outcome.suppressed += silenced.iter().filter(|found| app.reports(workspace, found)).count();
        app.found = left;
    }
    find_unused(workspace, &files, options, &mut suppressions, &mut checked);
    for app in checked {
        let (deployment, choice) = (&app.deployment, app.choice(options));
        let selected = |file: FileId| app.decided || workspace.is_selected(file);
        let members = deployment.files().into_iter();
        outcome
            .checked
            .extend(members.filter(|file| selected(*file) && !files.source(*file).kind().only_decides()));
        let has_puma = |file: &FileId| files.lock(*file).is_some_and(|lock| lock.gem("puma").is_some());
        lone_locks.extend(deployment.lock.filter(|file| workspace.is_selected(*file)).filter(has_puma));
        outcome.notes.extend(notes(deployment));
        let index = outcome.deployments.len();
        outcome.deployments.push(summary(&files, deployment, choice.settings, index));
        outcome.fail_on.push(choice.fail_on());
        let (concerned, elsewhere) = app.found.iter().cloned().partition(|d| app.reports(workspace, d));
        outcome.elsewhere.extend::<Vec<_>>(elsewhere);
        outcome.secrets.extend(app.secrets);
        number(workspace, &mut outcome.findings, concerned, index);
    }
    if outcome.checked.is_empty() {
        outcome.checked.extend(lone_locks);
    }
    outcome.checked.sort_unstable();
    outcome.checked.dedup();
    outcome
}

/// A deployment and what the rules found in it.
struct Checked {
    deployment: Deployment,
    found: Vec<Diagnostic>,
    /// Everything in it was asked for, whatever its file.
    decided: bool,
    /// Whether all that belongs to it can be known.
    whole: bool,
    /// The values that are never to be printed.
    secrets: Vec<String>,
}

impl Checked {
    fn choice<'a>(&self, options: &'a Options) -> Choice<'a> {
        Choice { options, settings: options.settings.of(&self.deployment.dir) }
    }

    /// Whether any of a finding's places was asked for.
    fn reports(&self, workspace: &Workspace, diagnostic: &Diagnostic) -> bool {
        let labels = diagnostic.labels.iter().map(|label| label.location.file);
        let mut places = std::iter::once(diagnostic.location.file).chain(labels);
        self.decided || places.any(|file| workspace.is_selected(file))
    }
}

/// Every deployment with all that the rules find in it.
fn checked(workspace: &Workspace, files: &Files<'_>, options: &Options) -> Vec<Checked> {
    let mut all = Vec::new();
    for root in workspace.roots() {
        for mut deployment in assemble(files, root, &options.versions(workspace), &options.settings) {
            for launch in &mut deployment.launches {
                launch.environment.complete(&options.env, options.closed_env);
            }
            let choice = Choice { options, settings: options.settings.of(&deployment.dir) };
            let scene = scene(files, &deployment, |launch| launch.starter.decides());
            let (secrets, found) =
                (secrets(&scene), merge(rules::holes::settle(&scene, check(&scene, &choice))));
            let decided = selected_as_a_whole(workspace, &deployment, &choice);
            all.push(Checked { deployment, found, decided, whole: root.whole, secrets });
        }
    }
    all
}

/// Adds what there is to say about the comments that silence nothing.
///
/// A comment may be there for the upgrade that is being prepared, or for what runs today: before one is called useless, the
/// rules are asked for both. Where a part of a project is looked at, what it silences may lie outside.
fn find_unused(
    workspace: &Workspace,
    files: &Files<'_>,
    options: &Options,
    suppressions: &mut Suppressions,
    checked: &mut [Checked],
) {
    let of = |file: FileId| checked.iter().position(|app| app.deployment.files().contains(&file));
    let homes: Vec<Option<usize>> = workspace.files().map(|(file, _)| of(file)).collect();
    let runs: Vec<Vec<&str>> = checked
        .iter()
        .map(|app| {
            let choice = app.choice(options);
            let names = RULES.iter().filter(|rule| choice.runs(rule)).map(|rule| rule.name);
            if app.whole { names.collect() } else { Vec::new() }
        })
        .collect();
    let home = |file: FileId| homes.get(file.0 as usize).copied().flatten();
    let asked = |file: FileId, rule: &str| home(file).is_some_and(|app| runs[app].contains(&rule));
    if suppressions.has_unused(&asked) {
        let today =
            Options { target: None, from: None, env: Vec::new(), closed_env: false, ..options.clone() };
        let upgrade = Options { target: Some(Release::newest().version()), ..today.clone() };
        for other in [today, upgrade] {
            for found in self::checked(workspace, files, &other).iter().flat_map(|app| &app.found) {
                suppressions.silences(files, found);
            }
        }
    }
    for complaint in suppressions.complaints(files, &asked) {
        let Some(app) = home(complaint.location.file).and_then(|home| checked.get_mut(home)) else {
            continue;
        };
        let choice = app.choice(options);
        if choice.runs(&unused_suppression::RULE) && !suppressions.silences(files, &complaint) {
            let severity = choice.severity(complaint.rule).unwrap_or(complaint.severity);
            app.found.push(Diagnostic { severity, ..complaint });
        }
    }
    for app in checked {
        app.found.sort_by_key(|diagnostic| (diagnostic.location, diagnostic.rule, diagnostic.topic));
    }
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

/// A lock, an environment file or a settings file that was named selects everything that it decides.
fn selected_as_a_whole(workspace: &Workspace, deployment: &Deployment, choice: &Choice<'_>) -> bool {
    let settings = choice.settings.and_then(|file| workspace.find(file.source.path()));
    deployment.deciding().chain(settings).any(|file| workspace.is_selected(file))
}

/// Evaluates each config under each of these launches that loads it, and finds the commands.
pub(crate) fn scene<'a>(
    files: &'a Files<'a>,
    deployment: &'a Deployment,
    concerned: impl Fn(&Launch) -> bool,
) -> Scene<'a> {
    let release = deployment.target.resolved.release;
    let loaded = deployment
        .launches
        .iter()
        .filter(|launch| concerned(launch))
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
        Some(Evaluation::new(launch, config, source, tree, trace))
    });
    let written = deployment.launches.iter().filter(|launch| concerned(launch)).flat_map(|launch| {
        launch.written.iter().filter_map(move |(file, trace)| {
            let (config, source, tree) = (*file, files.source(*file), files.deploy_file(*file)?);
            Some(Evaluation::new(launch, config, source, tree, trace.clone()))
        })
    });
    let evaluations = evaluations.chain(written).collect();
    Scene {
        files,
        deployment,
        evaluations,
        commands: commands(files, deployment),
        others: others(deployment),
    }
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
                    starter: Starter::Systemd,
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
        for check in control.checks.iter().filter(|check| !deployment.is_foreign(*file, check.span)) {
            let programs = [
                (&check.start, Purpose::Start),
                (&check.stop, Purpose::Stop),
                (&check.restart, Purpose::Restart),
            ];
            for (program, purpose) in programs {
                let runs = program.iter().flat_map(|program| invocations(&program.words));
                commands.extend(runs.map(|invocation| Command {
                    file: *file,
                    starter: Starter::Monit,
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

/// The commands of the files that are neither units nor Monit's.
fn others<'a>(deployment: &'a Deployment) -> Vec<Command<'a>> {
    let commands = deployment.lines.iter().flat_map(|line| {
        line.runs.iter().map(|run| Command {
            file: line.file,
            starter: line.starter,
            purpose: Purpose::Start,
            invocation: run.clone(),
            service: None,
            check: None,
        })
    });
    let deploys = deployment.launches.iter().filter(|launch| launch.starter == Starter::Capistrano);
    let deploys = deploys.filter_map(|launch| {
        Some(Command {
            file: launch.place?.file,
            starter: launch.starter,
            purpose: Purpose::Start,
            invocation: launch.invocation.clone()?,
            service: None,
            check: None,
        })
    });
    commands
        .chain(deploys)
        .filter(|command| {
            command.invocation.program == Program::Pumactl || command_line::starts_puma(&command.invocation)
        })
        .collect()
}

/// Runs every rule that isn't left out.
fn check(scene: &Scene<'_>, choice: &Choice<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in RULES.iter().filter(|rule| choice.runs(rule)) {
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
                let all = scene.commands.iter().chain(&scene.others);
                found.extend(all.flat_map(|command| check(&CommandView { scene, command })));
            }
            Check::Deployment(check) => found.extend(check(scene)),
            // They are found when all else is.
            Check::Suppressions => {}
        }
    }
    for diagnostic in &mut found {
        diagnostic.severity = choice.severity(diagnostic.rule).unwrap_or(diagnostic.severity);
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
fn number(workspace: &Workspace, findings: &mut Vec<Finding>, mut found: Vec<Diagnostic>, deployment: usize) {
    // A file that two deployments share is said to be wrong once.
    found.retain(|new| {
        let same = |known: &Diagnostic| {
            (known.rule, known.location, &known.message) == (new.rule, new.location, &new.message)
        };
        !findings.iter().any(|known| known.deployment != deployment && same(&known.diagnostic))
    });
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

fn summary(
    files: &Files<'_>,
    deployment: &Deployment,
    settings: Option<&File>,
    index: usize,
) -> DeploymentSummary {
    let target = &deployment.target;
    DeploymentSummary {
        id: (index + 1).to_string(),
        root: deployment.root.clone(),
        target: target.name(),
        target_source: match target.source {
            TargetSource::Flag => "--target-version".into(),
            TargetSource::Settings => settings_name(settings),
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

/// The name of the settings file that holds in a deployment.
fn settings_name(settings: Option<&File>) -> String {
    let name = settings.and_then(|file| file.source.path().file_name());
    name.map_or_else(|| "puma-lint.toml".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// What to say about versions that aren't known, and about checks that aren't there.
fn notes(deployment: &Deployment) -> Vec<String> {
    let asked = [Some(&deployment.target.resolved), deployment.from.as_ref()];
    let unknown = asked.into_iter().flatten().filter(|resolved| !resolved.exact);
    let missing = deployment.missing_checks.iter().map(|name| {
        format!("the settings name a Monit check {name:?}, and none of the Monit files that they name has it")
    });
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
        .chain(missing)
        .collect()
}
