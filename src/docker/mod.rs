//! Dockerfiles: what a container of theirs runs.

mod dockerfile;
mod instruction;
mod json;

pub use dockerfile::{Command, Image, parse};
