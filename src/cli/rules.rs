//! `puma-lint rules`

use std::io::{self, Write};

use clap::Args;

use super::Ended;
use super::show::ShowFormat;
use crate::output::report::rule_url;
use crate::rules::RULES;

/// List all rules.
#[derive(Debug, Args)]
pub struct RulesArguments {
    /// How to print them.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    format: ShowFormat,
}

impl RulesArguments {
    /// Prints the list.
    pub(crate) fn run(self, out: &mut dyn Write) -> io::Result<Ended> {
        if self.format == ShowFormat::Json {
            let rules: Vec<_> = RULES
                .iter()
                .map(|rule| {
                    serde_json::json!({
                        "name": rule.name,
                        "severity": rule.severity.name(),
                        "summary": rule.summary,
                        "url": rule_url(rule.name),
                    })
                })
                .collect();
            let list = serde_json::json!({"schema_version": 1, "rules": rules});
            writeln!(out, "{list:#}")?;
            return Ok(Ended::Clean);
        }
        let widest = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
        for rule in RULES {
            writeln!(out, "{:widest$}  {:7}  {}", rule.name, rule.severity.name(), rule.summary)?;
        }
        Ok(Ended::Clean)
    }
}
