//! `puma-lint check`

use std::io::{self, Write};

use clap::Args;

use super::Ended;
use super::common::{self, Common, Destination, FormatName, Reporting};
use crate::lint::lint;
use crate::output;

/// Check files and folders.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    reporting: Reporting,
}

impl Check {
    /// Checks, and prints what it found.
    pub(crate) fn run(self, out: &mut dyn Write) -> io::Result<Ended> {
        let Some(workspace) = self.common.open() else { return Ok(Ended::Failed) };
        let failed = common::complain_about_paths(&workspace);
        let outcome = lint(&workspace, &self.common.options());
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
}
