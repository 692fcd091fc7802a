//! `puma-lint fix`

use std::io::{self, Write};

use clap::Args;

use super::Ended;
use super::common::{self, Common, Destination, FormatName, Reporting};
use crate::fix::{Fixed, fix};
use crate::model::{Applicability, Diagnostic, Story};
use crate::output::{self, diff, escape};
use crate::secrets::Secrets;
use crate::workspace::Workspace;
use crate::write::replace_all;

/// Apply fixes.
#[derive(Debug, Args)]
pub struct FixArguments {
    #[command(flatten)]
    common: Common,
    /// Also apply fixes that may change what the deployment does.
    #[arg(long = "unsafe")]
    also_unsafe: bool,
    /// Print a unified diff and change nothing; exit with 1 if there is one.
    #[arg(long)]
    diff: bool,
    #[command(flatten)]
    reporting: Reporting,
}

impl FixArguments {
    /// Fixes, and prints what was done and what remains.
    pub(crate) fn run(self, out: &mut dyn Write) -> io::Result<Ended> {
        let Some((workspace, mut options)) = self.common.open() else { return Ok(Ended::Failed) };
        let failed = common::complain_about_paths(&workspace);
        if common::everything_is_left_out(&workspace) {
            self.pass_on(&workspace, None, out)?;
            return Ok(if failed { Ended::Failed } else { Ended::Clean });
        }
        let most = if self.also_unsafe { Applicability::Unsafe } else { Applicability::Safe };
        options.fail_on = self.reporting.fail_on();
        let fixed = match fix(&workspace, &options, most) {
            Ok(fixed) => fixed,
            Err(error) => {
                common::complain(&error.to_string());
                return self.pass_on(&workspace, None, out).map(|()| Ended::Failed);
            }
        };
        common::mention_notes(&workspace, &fixed.outcome, self.common.verbose);
        let failed = failed || common::complain_about_nothing(&workspace, &fixed.outcome);
        if failed && fixed.outcome.checked.is_empty() && self.reporting.format != FormatName::Json {
            return self.pass_on(&workspace, None, out).map(|()| Ended::Failed);
        }
        if self.diff {
            return self.show_diff(&workspace, &fixed, failed, out);
        }
        let usually = if workspace.unsaved().is_some() { Destination::Stderr } else { Destination::Stdout };
        if workspace.unsaved().is_some() {
            self.pass_on(&workspace, Some(&fixed), out)?;
        } else if let Err(error) = replace_all(&common::replacements(&workspace, &fixed.changes)) {
            common::complain(&error.to_string());
            return Ok(Ended::Failed);
        }
        let remaining = workspace.with_overlay(&fixed.changes);
        let destination = self.reporting.destination(usually);
        let mut text = Vec::new();
        if self.reporting.format == FormatName::Full && !self.common.quiet {
            self.say_what_was_done(&remaining, &fixed, &mut text)?;
        }
        let report = common::report(&remaining, &fixed.outcome);
        output::write(&report, self.reporting.format.into(), &self.common.style(destination), &mut text)?;
        common::deliver(&text, destination, out)?;
        Ok(self.reporting.ended(&fixed.outcome, failed))
    }

    /// Where the text came from standard input: its fixed form, or the text as it came, to standard output. An editor
    /// puts it in the place of what it sent, so there is always one.
    fn pass_on(&self, workspace: &Workspace, fixed: Option<&Fixed>, out: &mut dyn Write) -> io::Result<()> {
        let Some((text, file)) = workspace.unsaved() else { return Ok(()) };
        let new = fixed.zip(file).and_then(|(fixed, file)| fixed.changes.get(&file));
        if self.diff { Ok(()) } else { out.write_all(new.map_or(text, Vec::as_slice)) }
    }

    fn show_diff(
        &self,
        workspace: &Workspace,
        fixed: &Fixed,
        failed: bool,
        out: &mut dyn Write,
    ) -> io::Result<Ended> {
        let mut differs = false;
        let destination = self.reporting.destination(Destination::Stdout);
        let style = self.common.style(destination);
        let mut text = Vec::new();
        let secrets = Secrets::of(workspace.sources(), &fixed.outcome.secrets);
        for (file, new) in &fixed.changes {
            let source = workspace.source(*file);
            differs |= source.bytes() != new.as_slice();
            let (writing, old) = (source.kind().into(), Some(source.bytes()));
            let out = &mut text;
            diff::write(source.shown(), old, Some(new), &|text| secrets.content(text, writing), &style, out)?;
        }
        common::deliver(&text, destination, out)?;
        Ok(match differs {
            _ if failed => Ended::Failed,
            true => Ended::Found,
            false => Ended::Clean,
        })
    }

    fn say_what_was_done(&self, workspace: &Workspace, fixed: &Fixed, out: &mut dyn Write) -> io::Result<()> {
        if fixed.done.is_empty() {
            return Ok(());
        }
        let secrets = Secrets::of(workspace.sources(), &fixed.outcome.secrets);
        for done in &fixed.done {
            let files: Vec<_> = done.files.iter().map(|file| workspace.source(*file).shown()).collect();
            writeln!(
                out,
                "fixed {}: {}",
                escape::inline(&files.join(", ")),
                escape::inline(&secrets.text(&done.title))
            )?;
        }
        if fixed.done.iter().any(|done| done.title.contains("daemonize")) {
            writeln!(out, "Puma now stays in the foreground: something else has to keep it running.")?;
            let found = fixed.outcome.findings.iter().map(|finding| &finding.diagnostic);
            for waiting in
                found.chain(&fixed.outcome.elsewhere).filter(|diagnostic| waits_for_a_fork(diagnostic))
            {
                let place = workspace.source(waiting.location.file);
                let line = place.line_column(waiting.location.span.start).line;
                writeln!(out, "  {}:{line} still waits for a fork", escape::inline(place.shown()))?;
            }
        }
        writeln!(out)
    }
}

/// Whether a finding is about a Puma that would fork.
fn waits_for_a_fork(diagnostic: &Diagnostic) -> bool {
    diagnostic.role.is_some_and(|role| role.story == Story::Daemonizing)
}
