//! `puma-lint explain RULE`

use std::io::{self, Write};

use clap::Args;

use super::Ended;
use super::common;
use crate::rules;

/// Print the page of a rule.
#[derive(Debug, Args)]
pub struct Explain {
    /// The rule's name, as it stands in brackets behind the severity.
    #[arg(value_name = "RULE")]
    rule: String,
}

impl Explain {
    /// Prints the page.
    pub(crate) fn run(self, out: &mut dyn Write) -> io::Result<Ended> {
        match rules::rule(&self.rule) {
            Some(rule) => {
                out.write_all(rule.page.as_bytes())?;
                Ok(Ended::Clean)
            }
            None => {
                common::complain(&common::unknown_rule(&self.rule));
                Ok(Ended::Failed)
            }
        }
    }
}
