//! `puma-lint check`

use std::io::{self, Write};

use clap::Args;

use super::Ended;
use super::common::{self, Common, FormatName, Reporting};
use crate::lint::lint;
use crate::output;

/// Check files and folders.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    reporting: Reporting,
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
        if self.show_settings {
            output::settings::show(&options, &self.common.settings.exclude, out)?;
            return Ok(if failed { Ended::Failed } else { Ended::Clean });
        }
        if self.show_files {
            output::settings::show_files(&workspace, out)?;
            return Ok(if failed { Ended::Failed } else { Ended::Clean });
        }
        if common::everything_is_excluded(&workspace) {
            return Ok(if failed { Ended::Failed } else { Ended::Clean });
        }
        let outcome = lint(&workspace, &options);
        common::mention_notes(&workspace, &outcome, self.common.verbose);
        if failed && outcome.checked.is_empty() && self.reporting.format != FormatName::Json {
            return Ok(Ended::Failed);
        }
        let report = common::report(&workspace, &outcome);
        common::write(&report, self.reporting.format.into(), &self.common.style(), out)?;
        Ok(self.reporting.ended(&outcome, failed))
    }
}
