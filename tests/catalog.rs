//! The catalog against what was recorded from every real release (`fixtures/puma`).

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "catalog/cases.rs"]
mod cases;
#[path = "catalog/command_lines.rs"]
mod command_lines;
#[path = "catalog/facts.rs"]
mod facts;
#[path = "catalog/recorded.rs"]
mod recorded;
#[path = "catalog/releases.rs"]
mod releases;
