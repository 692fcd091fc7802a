//! `puma-lint check`

use std::io::{self, Write};

use clap::Args;

use super::Ended;
use super::common::{self, Common, Destination, FormatName, Reporting};
use crate::add_ignore::add_ignores;
use crate::lint::{Options, lint};
use crate::output;
use crate::workspace::Workspace;
use crate::write::replace_all;

/// Check files and folders.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    reporting: Reporting,
    /// Write a comment that silences each finding, with this reason.
    #[arg(long, value_name = "REASON", value_parser = reason, conflicts_with_all = ["show_settings", "show_files"])]
    add_ignore: Option<String>,
    /// Print the settings that hold, and where each comes from; check nothing.
    #[arg(long)]
    show_settings: bool,
    /// Print the files that would be read, and what for; check nothing.
    #[arg(long, conflicts_with = "show_settings")]
    show_files: bool,
}

impl Check {
    /// Checks, and prints what it found.
    pub(crate) fn run(self, out: &mut dyn Write) -> io::Result<Ended> {
        let Some((workspace, mut options)) = self.common.open() else { return Ok(Ended::Failed) };
        let failed = common::complain_about_paths(&workspace);
        options.fail_on = self.reporting.fail_on();
        if self.show_settings || self.show_files {
            self.show(&workspace, &options, out)?;
            return Ok(if failed { Ended::Failed } else { Ended::Clean });
        }
        if common::everything_is_left_out(&workspace) {
            return Ok(if failed { Ended::Failed } else { Ended::Clean });
        }
        if let Some(reason) = &self.add_ignore {
            return self.add_ignores(&workspace, &options, reason, failed, out);
        }
        let outcome = lint(&workspace, &options);
        common::mention_notes(&workspace, &outcome, self.common.verbose);
        let failed = failed || common::complain_about_nothing(&workspace, &outcome);
        if failed && outcome.checked.is_empty() && self.reporting.format != FormatName::Json {
            return Ok(Ended::Failed);
        }
        let report = common::report(&workspace, &outcome);
        let destination = self.reporting.destination(Destination::Stdout);
        let mut text = Vec::new();
        output::write(&report, self.reporting.format.into(), &self.common.style(destination), &mut text)?;
        common::deliver(&text, destination, out)?;
        Ok(self.reporting.ended(&outcome, failed))
    }

    /// Prints the settings or the files, as text or as JSON.
    fn show(&self, workspace: &Workspace, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let excluded = &self.common.settings.exclude;
        match (self.show_settings, self.reporting.format) {
            (true, FormatName::Json) => output::settings::show_json(options, excluded, out),
            (true, _) => output::settings::show(options, excluded, out),
            (false, FormatName::Json) => output::settings::show_files_json(workspace, out),
            (false, _) => output::settings::show_files(workspace, out),
        }
    }

    /// Writes the comments, and prints what remains.
    fn add_ignores(
        &self,
        workspace: &Workspace,
        options: &Options,
        reason: &str,
        failed: bool,
        out: &mut dyn Write,
    ) -> io::Result<Ended> {
        if common::refuse_unsaved(workspace, "--add-ignore") {
            return Ok(Ended::Failed);
        }
        let silenced = add_ignores(workspace, options, reason);
        if let Err(error) = replace_all(&common::replacements(workspace, &silenced.changes)) {
            common::complain(&error.to_string());
            return Ok(Ended::Failed);
        }
        common::mention_notes(workspace, &silenced.outcome, self.common.verbose);
        for (finding, why) in &silenced.left {
            let (made, source) = (&finding.diagnostic, workspace.source(finding.diagnostic.location.file));
            let line = source.line_column(made.location.span.start).line;
            common::complain(&output::escape::inline(&format!(
                "{}:{line}: {}: {why}",
                source.shown(),
                made.rule
            )));
        }
        let changed = workspace.with_overlay(&silenced.changes);
        let destination = self.reporting.destination(Destination::Stdout);
        let mut text = Vec::new();
        if self.reporting.format == FormatName::Full && !self.common.quiet {
            let count =
                |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
            writeln!(
                text,
                "{} silenced by {} in {}\n",
                count(silenced.findings, "finding"),
                count(silenced.comments, "comment"),
                count(silenced.changes.len(), "file")
            )?;
        }
        let report = common::report(&changed, &silenced.outcome);
        output::write(&report, self.reporting.format.into(), &self.common.style(destination), &mut text)?;
        common::deliver(&text, destination, out)?;
        Ok(self.reporting.ended(&silenced.outcome, failed))
    }
}

/// A reason is one line of text.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("say why, for those who read it later".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("a reason is one line of text".to_owned());
    }
    Ok(text.to_owned())
}
