//! `puma-lint show`

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::Ended;
use super::common::{self, Common, Destination};
use crate::output::{self, show};

/// `--format` of `show`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum ShowFormat {
    /// For people
    Full,
    /// For programs
    Json,
}

/// Print what Puma would use, launch by launch.
#[derive(Debug, Args)]
pub struct ShowArguments {
    #[command(flatten)]
    common: Common,
    /// Also the options that nothing sets, with Puma's defaults.
    #[arg(long)]
    all: bool,
    /// How to print them.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    format: ShowFormat,
}

impl ShowArguments {
    /// Prints the options of every launch.
    pub(crate) fn run(self, out: &mut dyn Write) -> io::Result<Ended> {
        let Some((workspace, options)) = self.common.open() else { return Ok(Ended::Failed) };
        let failed = common::complain_about_paths(&workspace);
        let launches = crate::show::show(&workspace, &options);
        for note in workspace.notes() {
            common::complain(&output::escape::inline(&note.to_string()));
        }
        let mut out = io::BufWriter::new(out);
        match self.format {
            ShowFormat::Full => {
                let style = self.common.style(Destination::Stdout);
                show::table::write(&launches, workspace.sources(), self.all, &style, &mut out)?;
            }
            ShowFormat::Json => show::json::write(&launches, workspace.sources(), self.all, &mut out)?,
        }
        out.flush()?;
        if launches.is_empty() && !failed {
            common::complain("nothing to show: no Puma config and nothing that starts Puma");
            return Ok(Ended::Failed);
        }
        Ok(if failed { Ended::Failed } else { Ended::Clean })
    }
}
