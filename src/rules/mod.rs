//! What can be wrong: one file a rule, one page a rule.
//!
//! A rule is a pure function over one of the views in [`view`]; it asks the catalog and never holds a version number.

mod assignment_as_program;
mod backgrounded_start;
mod broken_pumactl;
mod changed_default;
mod changed_meaning;
mod changed_signal;
mod competing_stop;
mod daemon_in_foreground_service;
mod daemonizing_setting;
mod edits;
mod foreground;
mod foreign_config;
mod forking_service;
mod hangup_stops;
pub mod holes;
mod hook_in_single_mode;
mod ignored_deploy_setting;
mod ignored_signal;
mod incompatible_gem;
mod ineffective_prune_bundler;
mod invalid_argument;
mod invalid_monit;
mod invalid_unit;
mod kill_signal;
mod literal_variable;
mod manager_home;
mod master_only_limit;
mod misread_path;
mod missing_block;
mod missing_deploy_plugin;
mod missing_gem;
mod missing_runtime_directory;
mod missing_working_directory;
mod monit_port_mismatch;
mod monit_programs;
mod monit_quoting;
mod monit_spelling;
mod monit_starts_puma;
mod monit_timeout;
mod notify_from_child;
mod notify_unsupported;
mod old_ruby;
mod oneshot_service;
mod options_after_include;
mod orphaned_puma;
mod overridden_pidfile;
mod percent;
mod phased_restart_unavailable;
mod pidfile_mismatch;
mod pidfiles;
mod placeholder;
mod private_tmp_path;
mod pumactl_mismatch;
mod reached_halt;
mod read_only_path;
mod remain_after_exit;
mod removed_constant;
mod removed_directive;
mod removed_flag;
mod renamed_directive;
mod repeated_bind;
mod repeated_directive;
mod shared_pidfile;
mod shared_runtime_directory;
mod shell_syntax;
mod socket_mismatch;
mod stale_pidfile;
mod stop_timeout;
mod stray_argument;
mod strict_hook_lambda;
mod syntax_error;
mod trailing_comment;
mod unavailable_constant;
mod unavailable_directive;
mod unavailable_keyword;
mod unescaped_percent;
mod uninitialized_rails;
mod unknown_directive;
mod unknown_flag;
mod unknown_plugin;
mod unknown_puma_method;
mod unknown_unit;
pub mod unused_suppression;
mod unwritten_pidfile;
mod upgrade;
mod user_unit;
pub mod view;
mod watchdog_unsupported;
mod words;
mod workers_in_mode_block;
mod written_files;
mod wrong_program;

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
    /// The comments that silence findings, when all others are done.
    Suppressions,
}

/// Every rule, by name.
pub const RULES: &[Rule] = &[
    assignment_as_program::RULE,
    backgrounded_start::RULE,
    broken_pumactl::RULE,
    changed_default::RULE,
    changed_meaning::RULE,
    changed_signal::RULE,
    competing_stop::RULE,
    daemon_in_foreground_service::RULE,
    daemonizing_setting::RULE,
    foreign_config::RULE,
    forking_service::RULE,
    hangup_stops::RULE,
    hook_in_single_mode::RULE,
    ignored_deploy_setting::RULE,
    ignored_signal::RULE,
    incompatible_gem::RULE,
    ineffective_prune_bundler::RULE,
    invalid_argument::RULE,
    invalid_monit::RULE,
    invalid_unit::RULE,
    kill_signal::RULE,
    literal_variable::RULE,
    manager_home::RULE,
    master_only_limit::RULE,
    misread_path::RULE,
    missing_block::RULE,
    missing_deploy_plugin::RULE,
    missing_gem::RULE,
    missing_runtime_directory::RULE,
    missing_working_directory::RULE,
    monit_port_mismatch::RULE,
    monit_quoting::RULE,
    monit_starts_puma::RULE,
    monit_timeout::RULE,
    notify_from_child::RULE,
    notify_unsupported::RULE,
    old_ruby::RULE,
    oneshot_service::RULE,
    options_after_include::RULE,
    orphaned_puma::RULE,
    overridden_pidfile::RULE,
    phased_restart_unavailable::RULE,
    pidfile_mismatch::RULE,
    placeholder::RULE,
    private_tmp_path::RULE,
    pumactl_mismatch::RULE,
    reached_halt::RULE,
    read_only_path::RULE,
    remain_after_exit::RULE,
    removed_constant::RULE,
    removed_directive::RULE,
    removed_flag::RULE,
    renamed_directive::RULE,
    repeated_bind::RULE,
    repeated_directive::RULE,
    shared_pidfile::RULE,
    shared_runtime_directory::RULE,
    shell_syntax::RULE,
    socket_mismatch::RULE,
    stale_pidfile::RULE,
    stop_timeout::RULE,
    stray_argument::RULE,
    strict_hook_lambda::RULE,
    syntax_error::RULE,
    trailing_comment::RULE,
    unavailable_constant::RULE,
    unavailable_directive::RULE,
    unavailable_keyword::RULE,
    unescaped_percent::RULE,
    uninitialized_rails::RULE,
    unknown_directive::RULE,
    unknown_flag::RULE,
    unknown_plugin::RULE,
    unknown_puma_method::RULE,
    unknown_unit::RULE,
    unused_suppression::RULE,
    unwritten_pidfile::RULE,
    user_unit::RULE,
    watchdog_unsupported::RULE,
    workers_in_mode_block::RULE,
    wrong_program::RULE,
];

/// The rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}
