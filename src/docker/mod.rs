//! Dockerfiles and compose files: what containers run.

mod compose;
mod dockerfile;
mod instruction;
mod json;

pub use compose::{Service, services};
pub use dockerfile::{Command, Image, parse};
