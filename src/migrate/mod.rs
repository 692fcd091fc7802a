//! From a Puma that daemonizes itself to one that systemd runs and Monit watches.
//!
//! Everything that exists is fixed ([`fix`](crate::fix)); what is missing is drafted, and the rules judge the draft as they
//! judge what people write. Nothing is guessed: what the files don't say is a question with a flag to answer it.

mod look;
mod monit;
mod start;
mod steps;
mod unit;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::fix::{FixError, fix};
use crate::lint::{self, Options, Outcome};
use crate::model::{Applicability, Diagnostic, FileId, FileKind, Source, Story};
use crate::workspace::Workspace;

use look::{Look, Pidfile, look};
use start::{Start, Untranslatable};
use unit::Draft;

/// Rules that find a Puma which somebody but systemd keeps in the background.
const SELF_STARTED: &[&str] = &["monit-starts-puma", "backgrounded-start"];

/// What people answered beforehand.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// `--user`: as whom Puma runs.
    pub user: Option<String>,
    /// `--directory`: where the app lies on the server.
    pub directory: Option<String>,
}

/// Something that the files don't say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is asked, and why.
    pub text: String,
    /// The flag that answers it; `None` if no flag can.
    pub flag: Option<&'static str>,
}

/// What a migration comes to.
#[derive(Debug)]
pub struct Plan {
    /// The files as they will be; the new ones come last.
    pub workspace: Workspace,
    /// The files that change. Those that aren't in the workspace that was asked about are new.
    pub changes: BTreeMap<FileId, Vec<u8>>,
    /// Each decision in a line.
    pub decisions: Vec<String>,
    /// What could not be known. Nothing may be written before it is answered.
    pub questions: Vec<Question>,
    /// What to run on the server afterwards.
    pub steps: Vec<String>,
    /// What the rules say of the result.
    pub outcome: Outcome,
}

/// Plans the migration of every app in the workspace that daemonizes.
pub fn migrate(workspace: &Workspace, options: &Options, answers: &Answers) -> Result<Plan, FixError> {
    let before = lint::lint(workspace, options);
    let apps = daemonizing(&before);
    let mut run = Run {
        options,
        answers,
        workspace: workspace.with_overlay(&BTreeMap::new()),
        decisions: Vec::new(),
        questions: Vec::new(),
        steps: Vec::new(),
    };
    let looks: Vec<Look> =
        look(workspace, options).into_iter().filter(|look| apps.contains(&look.shown)).collect();
    if !looks.is_empty() {
        run.fix()?;
    }
    for look in looks {
        run.app(look)?;
    }
    let changed = |(file, source): (FileId, &Source)| {
        let same = workspace.files().any(|(known, old)| known == file && old.bytes() == source.bytes());
        (!same).then(|| (file, source.bytes().to_vec()))
    };
    Ok(Plan {
        changes: run.workspace.files().filter_map(changed).collect(),
        outcome: lint::lint(&run.workspace, options),
        workspace: run.workspace,
        decisions: run.decisions,
        questions: run.questions,
        steps: run.steps,
    })
}

/// The roots, as shown, of the deployments that daemonize.
fn daemonizing(outcome: &Outcome) -> Vec<String> {
    let tells = |diagnostic: &Diagnostic| {
        diagnostic.role.is_some_and(|role| role.story == Story::Daemonizing)
            || SELF_STARTED.contains(&diagnostic.rule)
    };
    let found = outcome.findings.iter().filter(|finding| tells(&finding.diagnostic));
    found.filter_map(|finding| Some(outcome.deployments.get(finding.deployment)?.root.clone())).collect()
}

/// A migration under way.
struct Run<'a> {
    options: &'a Options,
    answers: &'a Answers,
    workspace: Workspace,
    decisions: Vec<String>,
    questions: Vec<Question>,
    steps: Vec<String>,
}

impl Run<'_> {
    /// Applies every fix there is.
    fn fix(&mut self) -> Result<(), FixError> {
        let fixed = fix(&self.workspace, self.options, Applicability::Unsafe)?;
        let said =
            |(file, title): &(FileId, String)| format!("{}: {title}", self.workspace.source(*file).shown());
        let said: Vec<String> = fixed.done.iter().map(said).collect();
        for line in said {
            if !self.decisions.contains(&line) {
                self.decisions.push(line);
            }
        }
        self.workspace = self.workspace.with_overlay(&fixed.changes);
        Ok(())
    }

    /// The same app as it stands now.
    fn look_again(&self, dir: &Path) -> Option<Look> {
        look(&self.workspace, self.options).into_iter().find(|look| look.dir == dir)
    }

    fn app(&mut self, before: Look) -> Result<(), FixError> {
        let old_pidfile = before.daemon_pidfile.clone();
        if before.unit.is_none() && !self.add_unit(&before) {
            return Ok(());
        }
        self.fix()?;
        let Some(mut now) = self.look_again(&before.dir) else { return Ok(()) };
        let Some(unit) = now.unit.clone() else { return Ok(()) };
        if now.pidfile == Pidfile::Unset {
            self.add_pidfile(&now, unit.file);
            self.fix()?;
            let Some(again) = self.look_again(&before.dir) else { return Ok(()) };
            now = again;
        }
        let pidfile = match &now.pidfile {
            Pidfile::Known(path) => Some(path.clone()),
            _ => None,
        };
        let monit = match (&now.check, &pidfile) {
            (Some((file, name)), _) => Some((self.workspace.source(*file).shown().to_owned(), name.clone())),
            (None, Some(pidfile)) => Some(self.add_check(&now, pidfile)),
            (None, None) => {
                self.questions.push(Question {
                    text: "which pidfile does Puma write? Nothing here says it for sure: set `pidfile` in the config"
                        .into(),
                    flag: None,
                });
                None
            }
        };
        if now.redirects {
            self.decisions.push(
                "stdout_redirect stays: Puma still writes its own log files, and opens them anew on HUP \
                 (logrotate: systemctl kill -s HUP --kill-who=main)"
                    .to_owned(),
            );
        } else {
            self.decisions.push(format!("what Puma prints goes to the journal: journalctl -u {}", unit.name));
        }
        self.fix()?;
        let check = monit.as_ref().map_or(unit.name.as_str(), |(_, name)| name);
        self.steps.extend(steps::steps(&steps::Names {
            unit_path: self.workspace.source(unit.file).shown(),
            unit: &unit.name,
            monit_path: monit.as_ref().map(|(path, _)| path.as_str()),
            check,
            old_pidfile: old_pidfile.as_deref(),
            pidfile: pidfile.as_deref(),
        }));
        Ok(())
    }

    /// Drafts a unit, lets the rules judge it, and adds it. Whether it could be drafted.
    fn add_unit(&mut self, look: &Look) -> bool {
        let start = match &look.start {
            Ok(start) => start.clone(),
            Err(Untranslatable { word }) => {
                self.questions.push(Question {
                    text: format!(
                        "how does a unit start Puma? Today's command uses `{word}`, which only a shell understands: \
                         write a unit by hand, and run this again"
                    ),
                    flag: None,
                });
                return false;
            }
        };
        let Some(directory) = self.answers.directory.clone().or(start.directory.clone()) else {
            self.questions.push(Question {
                text: "where does the app lie on the server? A unit needs it as WorkingDirectory=, and nothing here says it"
                    .into(),
                flag: Some("--directory"),
            });
            return false;
        };
        let user = self.answers.user.clone().or(start.user.clone());
        if user.is_none() {
            self.questions.push(Question {
                text: "as whom does Puma run? A unit without User= runs it as root".into(),
                flag: Some("--user"),
            });
        }
        let Start { command, variables, .. } = start;
        let (secret, variables): (Vec<_>, Vec<_>) =
            variables.into_iter().partition(|(name, _)| crate::output::secrets::is_secret_name(name));
        for (name, _) in secret {
            self.questions.push(Question {
                text: format!("where shall the unit read {name} from? It stays out of the unit, which everybody can read: put it into a file for EnvironmentFile="),
                flag: None,
            });
        }
        let app = app_name(&directory, &look.dir);
        let name = look.check.as_ref().map_or_else(|| app.clone(), |(_, name)| plain_name(name));
        let draft = Draft {
            app,
            kind: "notify",
            user,
            directory,
            variables,
            command,
            pidfile: None,
            reload: "USR1",
            runtime_directory: None,
            stop: look.stop.filter(|seconds| *seconds > PATIENCE).map(|seconds| seconds + BEYOND),
        };
        let path = self.free_path(look, &name, "service");
        self.judge(look, draft, &path);
        true
    }

    /// Changes the draft by what the rules say of it, and adds it.
    fn judge(&mut self, look: &Look, mut draft: Draft, path: &Path) {
        let shown = look.show(path);
        let found = |run: &Self, draft: &Draft, rule: &str| {
            let source = Source::new(&*shown, path, FileKind::Systemd, draft.text().into_bytes());
            let draft = run.workspace.with_file(source);
            let findings = lint::lint(&draft, run.options).findings;
            let unit = draft.find(path);
            findings.iter().any(|f| f.diagnostic.rule == rule && Some(f.diagnostic.location.file) == unit)
        };
        let puma = format!("Puma {}", look.target);
        let kind = if found(self, &draft, "notify-unsupported") || found(self, &draft, "notify-from-child") {
            draft.kind = "simple";
            format!("Type=simple: {puma} tells systemd nothing")
        } else {
            format!("Type=notify: {puma} tells systemd when it is ready")
        };
        let reload = if found(self, &draft, "phased-restart-unavailable") {
            draft.reload = "USR2";
            "ExecReload= sends USR2: a full restart, as no phased one is possible"
        } else {
            "ExecReload= sends USR1: a phased restart, worker by worker"
        };
        self.decisions.push(format!("{shown}: a new unit, from how Puma is started today"));
        self.decisions.push(kind);
        self.decisions.push(reload.to_owned());
        self.decisions.push("Restart=always: systemd starts it again whenever it ends".to_owned());
        let source = Source::new(&*shown, path, FileKind::Systemd, draft.text().into_bytes());
        self.workspace = self.workspace.with_file(source);
        if let Some(folder) = self.look_again(&look.dir).and_then(|now| now.run_folder())
            && look.unit.is_none()
        {
            draft.runtime_directory = Some(folder.clone());
            self.decisions.push(format!(
                "RuntimeDirectory={folder}: the pidfile lies below /run, where only root makes folders"
            ));
            if let Some(file) = self.workspace.find(path) {
                let changes = BTreeMap::from([(file, draft.text().into_bytes())]);
                self.workspace = self.workspace.with_overlay(&changes);
            }
        }
    }

    /// Lets the command line name a pidfile, as nothing does so far: what Monit watches, else one below /run.
    fn add_pidfile(&mut self, look: &Look, unit: FileId) {
        let Some(exec_start) = look.exec_start else { return };
        let watched = look.watched.clone();
        let name = look.unit.as_ref().map_or("puma", |unit| unit.name.trim_end_matches(".service"));
        let path = watched.clone().unwrap_or_else(|| format!("/run/{name}/puma.pid"));
        let source = self.workspace.source(unit);
        let line = source.line_span(source.line_column(exec_start.start).line);
        let command = source.text(exec_start).into_owned();
        let mut text = source.bytes().to_vec();
        let mut line_text = source.text(line).into_owned();
        line_text = line_text.replacen(&command, &unit::with_pidfile(&command, &path), 1);
        if watched.is_none() {
            line_text = format!("RuntimeDirectory={name}\n{line_text}");
            self.decisions.push(format!(
                "RuntimeDirectory={name}: systemd makes /run/{name} for the pidfile, and removes it"
            ));
        }
        text.splice(line.range(), line_text.into_bytes());
        let shown = source.shown().to_owned();
        self.decisions
            .push(format!("{shown}: --pidfile {path}, as nothing names a pidfile and Monit needs one"));
        self.workspace = self.workspace.with_overlay(&BTreeMap::from([(unit, text)]));
    }

    /// Adds a Monit check. Its file as shown, and its name.
    fn add_check(&mut self, look: &Look, pidfile: &str) -> (String, String) {
        let unit = look.unit.as_ref().map_or_else(String::new, |unit| unit.name.clone());
        let name = unit.trim_end_matches(".service").to_owned();
        let path = self.free_path(look, &name, "monit");
        let text = monit::check(&name, pidfile, &unit, look.unit_stop);
        let shown = look.show(&path);
        self.decisions
            .push(format!("{shown}: a new check of the pidfile that Puma writes, through systemctl"));
        self.workspace =
            self.workspace.with_file(Source::new(&*shown, &path, FileKind::Monit, text.into_bytes()));
        (shown, name)
    }

    /// Where a new file goes: beside what is there for the server, else into `deploy/`.
    fn free_path(&self, look: &Look, name: &str, extension: &str) -> PathBuf {
        let beside = look.unit.as_ref().map(|unit| unit.file).or(look.check.as_ref().map(|(file, _)| *file));
        let folder = beside.and_then(|file| self.workspace.source(file).path().parent().map(Path::to_owned));
        let folder = folder.unwrap_or_else(|| look.dir.join("deploy"));
        let path = folder.join(format!("{name}.{extension}"));
        match self.workspace.find(&path) {
            Some(_) => folder.join(format!("{name}-puma.{extension}")),
            None => path,
        }
    }
}

/// A stop that takes longer than this needs a time-out of its own: systemd waits 90 seconds.
const PATIENCE: u64 = 80;

/// How many seconds systemd waits beyond what the config gives to requests.
const BEYOND: u64 = 15;

/// The app's name: of its folder on the server, else of its folder here.
fn app_name(directory: &str, here: &Path) -> String {
    let general =
        |part: &&str| !part.is_empty() && !matches!(*part, "current" | "app" | "src" | "www" | "html");
    let here = here.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    plain_name(directory.rsplit('/').find(general).unwrap_or(&here))
}

/// A name that may be a unit's.
fn plain_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).collect();
    if name.chars().any(|c| c.is_ascii_alphanumeric()) { name } else { "puma".to_owned() }
}
