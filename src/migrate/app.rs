//! The way of one app: its unit, its pidfile, its Monit check.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::look::{Look, Pidfile, look};
use super::{Answers, Decision, Question, monit, steps, unit};
use crate::fix::{FixError, fix};
use crate::lint::Options;
use crate::model::{Applicability, FileId, FileKind, Source};
use crate::workspace::Workspace;

/// A migration under way.
pub(super) struct Run<'a> {
    pub options: &'a Options,
    pub answers: &'a Answers,
    /// The files as they are by now.
    pub workspace: Workspace,
    pub decisions: Vec<Decision>,
    pub questions: Vec<Question>,
    pub steps: Vec<String>,
}

impl Run<'_> {
    /// Applies every fix there is.
    pub fn fix(&mut self) -> Result<(), FixError> {
        let fixed = fix(&self.workspace, self.options, Applicability::Unsafe)?;
        for done in &fixed.done {
            let shown = |file: &FileId| self.workspace.source(*file).shown().to_owned();
            let files: Vec<String> = done.files.iter().map(shown).collect();
            self.decide_together(files, &done.title, &done.why);
        }
        self.workspace = self.workspace.with_overlay(&fixed.changes);
        Ok(())
    }

    /// An app as it stands by now.
    pub fn look_again(&self, dir: &Path) -> Option<Look> {
        look(&self.workspace, self.options).into_iter().find(|look| look.dir == dir)
    }

    /// Says what changes in a file, and why.
    pub fn decide(&mut self, file: &str, what: impl Into<String>, why: impl Into<String>) {
        self.decide_together(vec![file.to_owned()], what, why);
    }

    fn decide_together(&mut self, files: Vec<String>, what: impl Into<String>, why: impl Into<String>) {
        let decision = Decision { files, what: what.into(), why: why.into() };
        if !self.decisions.contains(&decision) {
            self.decisions.push(decision);
        }
    }

    pub fn ask(&mut self, text: impl Into<String>, flag: Option<&'static str>) {
        self.questions.push(Question { text: text.into(), flag });
    }

    /// Migrates an app, which looked like this `before`.
    pub fn app(&mut self, before: &Look) -> Result<(), FixError> {
        if before.unit.is_none() && !self.add_unit(before) {
            return Ok(());
        }
        self.fix()?;
        let Some(mut now) = self.look_again(&before.dir) else { return Ok(()) };
        let Some(unit) = now.unit.clone() else { return Ok(()) };
        let unit_path = self.workspace.source(unit.file).shown().to_owned();
        if let Some(deploy) = &before.deploy {
            self.mind_deploy(deploy, &unit_path, unit.name.trim_end_matches(".service"));
        }
        let mut old_pidfile = before.daemon_pidfile.clone();
        if now.pidfile == Pidfile::Unset {
            self.add_pidfile(&now, unit.file);
            self.fix()?;
            let Some(again) = self.look_again(&before.dir) else { return Ok(()) };
            now = again;
        } else if let Pidfile::Known(path) = &now.pidfile {
            // The config names it, whoever starts Puma.
            old_pidfile.get_or_insert_with(|| path.clone());
        }
        let pidfile = match &now.pidfile {
            Pidfile::Known(path) => Some(path.clone()),
            _ => None,
        };
        let check = match (&now.check, &pidfile) {
            (Some((file, name)), _) => Some((self.workspace.source(*file).shown().to_owned(), name.clone())),
            (None, Some(pidfile)) => Some(self.add_check(&now, pidfile)),
            (None, None) => {
                self.ask(
                    "which pidfile does Puma write? Nothing here says it for sure, so Monit cannot watch it: set \
                     `pidfile` in the config",
                    None,
                );
                None
            }
        };
        if now.redirects {
            let why = format!(
                "Puma writes its log files itself; after rotating them: \
                 systemctl kill --kill-who=main -s HUP {}",
                unit.name
            );
            self.decide(&unit_path, "stdout_redirect stays", why);
        } else {
            let why = format!("journalctl -u {}", unit.name);
            self.decide(&unit_path, "what Puma prints goes to the journal", why);
        }
        self.fix()?;
        self.steps.extend(steps::steps(&steps::Names {
            unit_path: &unit_path,
            unit: &unit.name,
            monit_path: check.as_ref().map(|(path, _)| path.as_str()),
            check: check.as_ref().map_or(unit.name.as_str(), |(_, name)| name),
            had_unit: before.unit.is_some(),
            was_watched: before.check.is_some()
                || before.deploy.as_ref().is_some_and(|deploy| deploy.monit.is_some()),
            old_pidfile: old_pidfile.as_deref(),
            pidfile: pidfile.as_deref(),
        }));
        self.mind_logrotate(&now, &unit.name);
        Ok(())
    }

    /// Lets the command line name a pidfile, as nothing does so far: the one that Monit watches, else one below /run.
    fn add_pidfile(&mut self, look: &Look, unit: FileId) {
        let Some(exec_start) = look.exec_start else { return };
        let name = look.unit.as_ref().map_or("puma", |unit| unit.name.trim_end_matches(".service"));
        let path = look.watched.clone().unwrap_or_else(|| format!("/run/{name}/puma.pid"));
        let source = self.workspace.source(unit);
        let command = source.text(exec_start);
        let line = source.line_span(source.line_of(exec_start.start));
        let mut text = source.bytes().to_vec();
        text.splice(exec_start.range(), unit::with_pidfile(&command, &path).into_bytes());
        let shown = source.shown().to_owned();
        if look.watched.is_none() {
            text.splice(line.start..line.start, format!("RuntimeDirectory={name}\n").into_bytes());
        }
        self.decide(&shown, format!("--pidfile {path}"), "nothing names a pidfile, and Monit needs one");
        if look.watched.is_none() {
            let why = format!("systemd makes /run/{name} for the pidfile, and removes it");
            self.decide(&shown, format!("RuntimeDirectory={name}"), why);
        }
        self.workspace = self.workspace.with_overlay(&BTreeMap::from([(unit, text)]));
    }

    /// Adds a Monit check. Its file as shown, and its name.
    fn add_check(&mut self, look: &Look, pidfile: &str) -> (String, String) {
        let unit = look.unit.as_ref().map_or_else(String::new, |unit| unit.name.clone());
        let name = unit.trim_end_matches(".service").to_owned();
        let path = self.free_path(look, &name, "monit");
        let text = monit::check(&name, pidfile, &unit, look.unit_stop);
        let shown = look.show(&path);
        self.decide(
            &shown,
            "a new check",
            "Monit watches the pidfile that Puma writes, and goes through systemctl",
        );
        let source = Source::new(&*shown, &path, FileKind::Monit, text.into_bytes());
        self.workspace = self.workspace.with_file(source);
        (shown, name)
    }

    /// Where a new file goes: beside what is there for the server, else into `deploy/`.
    pub fn free_path(&self, look: &Look, name: &str, extension: &str) -> PathBuf {
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
