//! A linter and migration tool for Puma deployments.
//!
//! The way through the house, one direction only; a room knows the rooms above it:
//!
//! - [`model`]: the words everyone shares: sources, spans, values, diagnostics, fixes
//! - [`catalog`]: what each Puma release accepts, as data with version ranges
//! - [`template`]: masks what a template fills in, so that no parser needs to know a template language
//! - [`secrets`]: what must never be printed
//! - [`workspace`]: the only reader of files: discovery, kinds, a cache, an overlay of unsaved text
//! - [`settings`]: `puma-lint.toml`, with the place of everything that is wrong in it
//! - [`ruby`]: the only room that knows the Ruby parser; gives a small tree of our own
//! - [`yaml`]: the only room that knows the YAML parser
//! - [`systemd`]: unit files: grammar and Exec lines
//! - [`monit`]: Monit control files
//! - [`procfile`]: the processes of a Procfile
//! - [`script`]: the text of a shell script
//! - [`puma`]: a config's directive calls, command lines, launches, and what a config evaluates to
//! - [`docker`]: what Dockerfiles and compose files run
//! - [`capistrano`](mod@capistrano): what deploy files set, stage by stage, and the config that is written of it
//! - [`parsed`]: every file, parsed once
//! - [`deployment`]: which configs, launches and supervisors belong together, and on which release
//! - [`rules`]: what can be wrong, one file a rule
//! - [`suppression`]: comments that silence findings, and those that silence nothing
//! - [`lint`](mod@lint): the whole way from paths to diagnostics
//! - [`show`](mod@show): what the options of each launch come to
//! - [`fix`](mod@fix): rounds of safe edits, until nothing changes
//! - [`add_ignore`]: suppressions for all that is found
//! - [`output`]: diagnostics for people and for machines, one file a format
//! - [`migrate`](mod@migrate): from a Puma that daemonizes itself to one that systemd runs and Monit watches
//! - [`write`](mod@write): replaces files without ever leaving half of one
//! - [`cli`]: arguments, one file a verb

pub mod add_ignore;
pub mod capistrano;
pub mod catalog;
pub mod cli;
pub mod deployment;
pub mod docker;
pub mod fix;
pub mod lint;
pub mod migrate;
pub mod model;
pub mod monit;
pub mod output;
pub mod parsed;
pub mod procfile;
pub mod puma;
pub mod ruby;
pub mod rules;
pub mod script;
pub mod secrets;
pub mod settings;
pub mod show;
pub mod suppression;
pub mod systemd;
pub mod template;
pub mod workspace;
pub mod write;
pub mod yaml;
