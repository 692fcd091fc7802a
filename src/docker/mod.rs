//! Dockerfiles and compose files: what containers run.

mod compose;
mod dockerfile;
mod env_file;
mod instruction;
mod json;

pub use compose::{Compose, Service, compose};
pub use dockerfile::{Command, Image, parse};
pub use env_file::{Setting, settings};
