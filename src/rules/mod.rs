//! What can be wrong: one file a rule, one page a rule.
//!
//! A rule is a pure function over one of the views in [`view`]; it asks the catalog and never holds a version number.

mod broken_pumactl;
mod changed_default;
mod changed_meaning;
mod changed_signal;
mod forking_service;
mod hook_in_single_mode;
mod ignored_signal;
mod incompatible_gem;
mod ineffective_prune_bundler;
mod invalid_argument;
mod missing_block;
mod missing_gem;
mod old_ruby;
mod phased_restart_unavailable;
mod pidfile_mismatch;
mod reached_halt;
mod removed_constant;
mod removed_directive;
mod removed_flag;
mod renamed_directive;
mod repeated_bind;
mod repeated_directive;
mod strict_hook_lambda;
mod syntax_error;
mod unavailable_constant;
mod unavailable_directive;
mod unknown_directive;
mod unknown_plugin;
mod unknown_puma_method;
mod upgrade;
pub mod view;
mod words;
mod workers_in_mode_block;

use crate::model::{Diagnostic, Severity};
use view::{CommandView, ConfigView, FileView, Scene};

/// One thing that can be wrong.
pub struct Rule {
    /// Its name: kebab-case, what is wrong.
    pub name: &'static str,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// The severity it usually has.
    pub severity: Severity,
    /// Its page, in Markdown.
    pub page: &'static str,
    /// What it looks at.
    pub check: Check,
}

/// What a rule looks at, and how.
pub enum Check {
    /// One file, whatever deployment it belongs to.
    File(fn(&FileView<'_>) -> Vec<Diagnostic>),
    /// One config, as one launch evaluates it.
    Config(fn(&ConfigView<'_>) -> Vec<Diagnostic>),
    /// One command line that runs Puma, pumactl or kill.
    Command(fn(&CommandView<'_>) -> Vec<Diagnostic>),
    /// A whole deployment.
    Deployment(fn(&Scene<'_>) -> Vec<Diagnostic>),
}

/// Every rule, by name.
pub const RULES: &[Rule] = &[
    broken_pumactl::RULE,
    changed_default::RULE,
    changed_meaning::RULE,
    changed_signal::RULE,
    forking_service::RULE,
    hook_in_single_mode::RULE,
    ignored_signal::RULE,
    incompatible_gem::RULE,
    ineffective_prune_bundler::RULE,
    invalid_argument::RULE,
    missing_block::RULE,
    missing_gem::RULE,
    old_ruby::RULE,
    phased_restart_unavailable::RULE,
    pidfile_mismatch::RULE,
    reached_halt::RULE,
    removed_constant::RULE,
    removed_directive::RULE,
    removed_flag::RULE,
    renamed_directive::RULE,
    repeated_bind::RULE,
    repeated_directive::RULE,
    strict_hook_lambda::RULE,
    syntax_error::RULE,
    unavailable_constant::RULE,
    unavailable_directive::RULE,
    unknown_directive::RULE,
    unknown_plugin::RULE,
    unknown_puma_method::RULE,
    workers_in_mode_block::RULE,
];

/// The rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}
