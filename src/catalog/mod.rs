//! What each release of Puma accepts: directives, constants, flags, defaults, variables, signals.
//!
//! The facts are data (`data/*.toml`), compiled into constant tables by the build; here are the words they are told in
//! and the questions that can be asked. A rule asks, and holds no version number itself:
//!
//! ```
//! use puma_lint::catalog::{Release, directive};
//!
//! let target = Release::parse("8")?.release;
//! let daemonize = directive("daemonize").ok_or("unknown")?;
//! assert!(!daemonize.exists(target));
//! assert_eq!(daemonize.removed_in().map(Release::name), Some("5.0.0"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`version`]: versions as RubyGems orders them; [`release`]: the releases that are known; [`range`]: ranges of them
//! - [`directive`](mod@directive): the methods of the config DSL; [`check`]: what is asked of their arguments
//! - [`effect`]: what directives set Puma's options to
//! - [`behaviour`]: what Puma does of its own accord
//! - [`constant`](mod@constant): constants that a config can name
//! - [`method`]: methods of Puma's modules
//! - [`flag`]: flags of `puma` and `pumactl`; [`command_line`]: whole command lines
//! - [`pumactl`]: commands and quirks of `pumactl`
//! - [`upgrade`]: what an upgrade changes without breaking; [`gem`]: other gems that an upgrade breaks, or that hold it
//!   back; [`requirement`]: what they demand
//! - [`defaults`](mod@defaults), [`environment`], [`signal`](mod@signal), [`plugin`](mod@plugin): the rest

pub mod behaviour;
pub mod capistrano;
pub mod check;
pub mod command_line;
pub mod constant;
pub mod defaults;
pub mod directive;
pub mod effect;
pub mod environment;
pub mod flag;
pub mod gem;
pub mod method;
mod number;
pub mod plugin;
pub mod pumactl;
pub mod range;
pub mod release;
pub mod requirement;
pub mod signal;
pub mod suggest;
mod tables;
pub mod upgrade;
pub mod value;
pub mod version;

pub use behaviour::{
    notifies_systemd, notifies_systemd_with_a_gem, passes_an_argument, preloads_clusters, stops_on_hangup,
};
pub use capistrano::{
    CAPISTRANO_GEM, DeployPlugin, DeploySetting, DeployStart, deploy_default, deploy_plugin, deploy_setting,
    deploy_starts, installs_by_require,
};
pub use check::{Argument, Check, CheckKind, Circumstances, Refusal, Stage};
pub use command_line::CommandLine;
pub use constant::{Constant, constant, constants};
pub use defaults::{default, defaults};
pub use directive::{Arity, Collects, Directive, Form, Need, Scope, Without, directive, directives};
pub use effect::{Conversion, QueryForm, QueryPart, ssl_query};
pub use environment::{Variable, variable, variables, variables_for};
pub use flag::{Flag, FlagMatch, Program, Takes};
pub use gem::{Gem, Needed, Pin, gems, has_pins, pin_behind};
pub use method::{ModuleMethod, module_method};
pub use plugin::{Plugin, minimum_ruby, plugin, plugins};
pub use range::{Range, Ranges};
pub use release::{Release, Resolved};
pub use requirement::fulfils;
pub use signal::{Signal, signal, signals};
pub use suggest::{did_you_mean, did_you_mean_flag};
pub use upgrade::{Affects, Upgrade, UpgradeKind, upgrades, upgrades_between};
pub use value::{Change, Value};
pub use version::Version;
