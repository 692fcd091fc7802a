//! Unit files as systemd 252 reads them: grammar, Exec lines, specifiers, environment, paths, drop-ins.
//!
//! Every value keeps its place in the file, every [`Problem`] quotes systemd's own words. A unit is read in
//! two steps: [`parse`] knows sections, keys and lines; the functions per kind of value ([`commands`],
//! [`assignments`], [`pid_file`], …) read one [`Entry`] each, and [`diagnose`] runs them all in file order,
//! as systemd does.

mod diagnose;
mod draft;
mod environment;
mod environment_file;
mod exec;
mod expand;
mod keys;
mod kind;
mod lines;
mod merge;
mod name;
mod newer;
mod path;
mod problem;
mod refusal;
mod sandbox;
mod specifiers;
mod unit;
mod values;
mod words;

pub use diagnose::diagnose;
pub use environment::{Assignment, Assignments, assignments};
pub use environment_file::{EnvironmentFile, environment_file};
pub use exec::{Command, ExecLine, Prefixes, commands};
pub use expand::expand;
pub use keys::{Takes, takes};
pub use kind::UnitKind;
pub use merge::{Merged, dropin_folders, merge};
pub use name::UnitName;
pub use newer::{newer_key, newer_value};
pub use path::{
    Directory, PathValue, directories, environment_file_path, output_path, pid_file, working_directory,
};
pub use problem::Problem;
pub use refusal::{Refusal, refusal, service_type};
pub use sandbox::{Access, Place, Sandbox};
pub use specifiers::{Context, Manager, Resolved, SpecifierError};
pub use unit::{Entry, Section, Standing, Unit, parse, parse_as};
pub use values::{boolean, is_signal, time_span};
