//! `puma-lint migrate`

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::Ended;
use super::common::{self, Common, Destination};
use crate::migrate::{Answers, Plan, Report, migrate};
use crate::model::Severity;
use crate::output::{diff, escape};
use crate::secrets::Secrets;
use crate::workspace::{self, Workspace};
use crate::write::{Creation, Replacement, write_all};

/// Let systemd run a Puma that daemonizes itself, and Monit watch it.
#[derive(Debug, Args)]
pub struct MigrateArguments {
    #[command(flatten)]
    common: Common,
    /// As whom Puma runs on the server.
    #[arg(long, value_name = "USER", value_parser = user)]
    user: Option<String>,
    /// Which environment the app runs in, such as production.
    #[arg(long, value_name = "ENV", value_parser = user)]
    environment: Option<String>,
    /// Where the app lies on the server, such as /srv/shop/current.
    #[arg(long, value_name = "DIR", value_parser = directory)]
    directory: Option<String>,
    /// Write the files, instead of printing a diff.
    #[arg(long)]
    write: bool,
    /// Write files, too, that have changes which aren't committed.
    #[arg(long)]
    allow_dirty: bool,
}

fn user(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    match text.chars().all(plain) && !text.is_empty() && !text.starts_with('-') {
        true => Ok(text.to_owned()),
        false => Err("expected the name of a user".to_owned()),
    }
}

fn directory(text: &str) -> Result<String, String> {
    match text.starts_with('/') && !text.contains(char::is_control) {
        true => Ok(text.trim_end_matches('/').to_owned()),
        false => Err("expected an absolute path on the server".to_owned()),
    }
}

impl MigrateArguments {
    /// Plans the migration, and prints or writes it.
    pub(crate) fn run(self, out: &mut dyn Write) -> io::Result<Ended> {
        let Some((workspace, options)) = self.common.open() else { return Ok(Ended::Failed) };
        if common::complain_about_paths(&workspace) {
            return Ok(Ended::Failed);
        }
        if common::refuse_unsaved(&workspace, "migrate") {
            return Ok(Ended::Failed);
        }
        let answers = Answers {
            user: self.user.clone(),
            environment: self.environment.clone(),
            directory: self.directory.clone(),
        };
        let plan = match migrate(&workspace, &options, &answers) {
            Ok(plan) => plan,
            Err(error) => {
                common::complain(&error.to_string());
                return Ok(Ended::Failed);
            }
        };
        common::mention_notes(&workspace, &plan.outcome, self.common.verbose);
        if plan.changes.is_empty() && plan.questions.is_empty() {
            if let Some(release) = &plan.too_early {
                common::complain(&format!(
                    "Puma {release} still daemonizes, and this app lets it: say where it goes, with --target-version 8"
                ));
                return Ok(Ended::Failed);
            }
            writeln!(out, "nothing to migrate: no Puma here daemonizes itself")?;
            return Ok(Ended::Clean);
        }
        if self.write {
            return self.write(&workspace, &plan, out);
        }
        let report = self.report(&plan);
        if !self.common.quiet {
            report.explain(out)?;
        }
        for (file, new) in &plan.changes {
            let source = plan.workspace.source(*file);
            let (old, writing) = (old(&workspace, &plan, *file), source.kind().into());
            let hide: diff::Hide<'_> = &|text| report.secrets.content(text, writing);
            diff::write(source.shown(), old, Some(new), hide, &report.style, out)?;
        }
        writeln!(out)?;
        report.conclude(out)?;
        if !self.common.quiet {
            writeln!(out, "Nothing was written: --write does it.")?;
        }
        Ok(if plan.changes.is_empty() { Ended::Failed } else { Ended::Found })
    }

    fn report<'a>(&self, plan: &'a Plan) -> Report<'a> {
        let secrets = Secrets::of(plan.workspace.sources(), &plan.outcome.secrets);
        Report { plan, style: self.common.style(Destination::Stdout), secrets }
    }

    fn write(&self, workspace: &Workspace, plan: &Plan, out: &mut dyn Write) -> io::Result<Ended> {
        let report = self.report(plan);
        if plan.changes.is_empty() {
            report.conclude(out)?;
            return Ok(Ended::Failed);
        }
        let paths: Vec<PathBuf> =
            plan.changes.keys().map(|file| plan.workspace.source(*file).path().to_owned()).collect();
        let dirty = workspace::uncommitted(&paths);
        if !dirty.is_empty() && !self.allow_dirty {
            for path in &dirty {
                common::complain(&format!("{} has changes that aren't committed", path.display()));
            }
            common::complain("nothing was written: commit them first, or say --allow-dirty");
            return Ok(Ended::Failed);
        }
        let (mut replaced, mut created) = (Vec::new(), Vec::new());
        for (file, new) in &plan.changes {
            let (path, new) = (plan.workspace.source(*file).path().to_owned(), new.clone());
            match old(workspace, plan, *file) {
                Some(old) => replaced.push(Replacement { path, old: old.to_vec(), new }),
                None => created.push(Creation { path, text: new }),
            }
        }
        if let Err(error) = write_all(&created, &replaced) {
            common::complain(&error.to_string());
            return Ok(Ended::Failed);
        }
        if !self.common.quiet {
            report.explain(out)?;
        }
        for file in plan.changes.keys() {
            writeln!(out, "wrote {}", escape::inline(plan.workspace.source(*file).shown()))?;
        }
        writeln!(out)?;
        report.conclude(out)?;
        let left = plan.outcome.findings.iter().any(|found| found.diagnostic.severity >= Severity::Warning);
        Ok(if left { Ended::Found } else { Ended::Clean })
    }
}

/// What a file holds so far; `None` if it is new.
fn old<'a>(workspace: &'a Workspace, plan: &Plan, file: crate::model::FileId) -> Option<&'a [u8]> {
    let path = plan.workspace.source(file).path();
    workspace.find(path).map(|file| workspace.source(file).bytes())
}
