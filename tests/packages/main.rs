//! The packages, built by the script that builds releases, and installed and run by the real programs: pip, gem,
//! pre-commit, lefthook, and what GitHub and GitLab would run. `scripts/package-tools` installs those.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod action;
mod behaviour;
mod built;
mod gem;
mod hooks;
mod snippets;
#[path = "../support/mod.rs"]
mod support;
mod versions;
mod wheel;
mod workflows;
