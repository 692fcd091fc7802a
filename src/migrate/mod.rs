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
        decisions: run.decisions,
        questions: run.questions,
        steps: run.steps,
        too_early: others.into_iter().find(|look| look.is_allowed).map(|look| look.target),
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
