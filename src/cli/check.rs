//! `puma-lint check`

use std::io::{self, Write};

use clap::Args;

use super::Ended;
use super::common::{self, Common, FailOn, FormatName};
use crate::lint::lint;

/// Check files and folders.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    common: Common,
    /// How to print what is found.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    format: FormatName,
    /// The least severity that makes the exit code 1.
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    fail_on: FailOn,
    /// Exit with 0 whatever is found.
    #[arg(long)]
    exit_zero: bool,
}

impl Check {
    /// Checks, and prints what it found.
    pub(crate) fn run(self, out: &mut dyn Write) -> io::Result<Ended> {
        let Some(workspace) = self.common.open() else { return Ok(Ended::Failed) };
        let failed = common::complain_about_paths(&workspace);
        let outcome = lint(&workspace, &self.common.options());
        common::mention_notes(&workspace, &outcome, self.common.verbose);
        if failed && outcome.checked.is_empty() && self.format != FormatName::Json {
            return Ok(Ended::Failed);
        }
        let report = common::report(&workspace, &outcome);
        common::write(&report, self.format.into(), &self.common.style(), out)?;
        Ok(match common::fails(&outcome, self.fail_on.into()) {
            _ if failed => Ended::Failed,
            true if !self.exit_zero => Ended::Found,
            _ => Ended::Clean,
        })
    }
}
