//! From a Puma that daemonizes itself to one that systemd runs and Monit watches.
//!
//! Everything that exists is fixed ([`fix`](crate::fix)); what is missing is drafted, and the rules judge the draft as they
//! judge what people write. Nothing is guessed: what the files don't say is a question with a flag to answer it.

mod app;
mod deploy;
mod draft;
mod logrotate;
mod look;
mod monit;
mod report;
mod start;
mod steps;
mod unit;
mod words;

use std::collections::BTreeMap;

use crate::fix::FixError;
use crate::lint::{self, Options, Outcome};
use crate::model::{Diagnostic, FileId, Source, Story};
use crate::workspace::Workspace;

use app::Run;
use look::{Look, look};

pub use report::Report;

/// Rules that find a Puma which somebody but systemd keeps in the background.
const SELF_STARTED: &[&str] = &["monit-starts-puma", "backgrounded-start"];

/// What people answered beforehand.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// `--user`: as whom Puma runs.
    pub user: Option<String>,
    /// `--environment`: what `RAILS_ENV` is.
    pub environment: Option<String>,
    /// `--directory`: where the app lies on the server.
    pub directory: Option<String>,
}

/// An app that daemonizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daemon {
    /// From which Puma to which, and who says so.
    pub upgrade: String,
    /// The places that make a daemon of it, or wait for one.
    pub places: Vec<String>,
}

/// Something that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The files, as shown.
    pub files: Vec<String>,
    /// What changes.
    pub what: String,
    /// Why.
    pub why: String,
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
    /// What makes daemons of the apps.
    pub daemons: Vec<Daemon>,
    /// What changes, in order.
    pub decisions: Vec<Decision>,
    /// What could not be known.
    pub questions: Vec<Question>,
    /// What to run on the server afterwards.
    pub steps: Vec<String>,
    /// What the rules say of the result.
    pub outcome: Outcome,
    /// A release that an app is locked to, and that still daemonizes: there is nothing to migrate yet.
    pub too_early: Option<String>,
}

/// Plans the migration of every app in the workspace that daemonizes.
pub fn migrate(workspace: &Workspace, options: &Options, answers: &Answers) -> Result<Plan, FixError> {
    let before = lint::lint(workspace, options);
    let apps = daemonizing(&before);
    let daemons = daemons(workspace, &before);
    let mut run = Run {
        options,
        answers,
        workspace: workspace.with_overlay(&BTreeMap::new()),
        decisions: Vec::new(),
        questions: Vec::new(),
        steps: Vec::new(),
    };
    let (looks, others): (Vec<Look>, Vec<Look>) =
        look(workspace, options).into_iter().partition(|look| apps.contains(&look.shown));
    if !looks.is_empty() {
        run.fix()?;
    }
    for look in &looks {
        if look.is_made {
            // What is drafted from a template's words would be no file; what is fixed goes where the template goes.
            run.steps.push("deploy as ever: what the templates make replaces the files there".into());
            continue;
        }
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
        daemons,
        decisions: run.decisions,
        questions: run.questions,
        steps: run.steps,
        too_early: others.into_iter().find(|look| look.is_allowed).map(|look| look.target),
    })
}

/// The roots, as shown, of the deployments that daemonize.
fn daemonizing(outcome: &Outcome) -> Vec<String> {
    let found = outcome.findings.iter().filter(|finding| is_of_a_daemon(&finding.diagnostic));
    found.filter_map(|finding| Some(outcome.deployments.get(finding.deployment)?.root.clone())).collect()
}

/// What makes daemons of the apps, or waits for one, by app.
fn daemons(workspace: &Workspace, outcome: &Outcome) -> Vec<Daemon> {
    let each = outcome.deployments.iter().enumerate().map(|(at, deployment)| {
        let found = outcome.findings.iter().filter(|finding| finding.deployment == at);
        let of_a_daemon = found.map(|finding| &finding.diagnostic).filter(|found| is_of_a_daemon(found));
        let mut places: Vec<String> = of_a_daemon
            .map(|diagnostic| {
                let source = workspace.source(diagnostic.location.file);
                format!("{}:{}", source.shown(), source.line_column(diagnostic.location.span.start).line)
            })
            .collect();
        places.dedup();
        let from = deployment.from.as_ref().map_or_else(String::new, |from| format!("{from} → "));
        let upgrade = format!("{from}{} ({})", deployment.target, deployment.target_source);
        Daemon { upgrade, places }
    });
    each.filter(|daemon| !daemon.places.is_empty()).collect()
}

fn is_of_a_daemon(diagnostic: &Diagnostic) -> bool {
    diagnostic.role.is_some_and(|role| role.story == Story::Daemonizing)
        || SELF_STARTED.contains(&diagnostic.rule)
}
