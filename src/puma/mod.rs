//! What a config says, how Puma is started, and what the two come to.

pub mod arguments;
pub mod command_line;
mod environment;
pub mod evaluate;
pub mod flags;
mod launch;
pub mod options;
pub mod rails_server;
pub mod ruby_library;
pub mod same_place;
pub mod shell;

pub use environment::Environment;
pub use launch::{Launch, Starter};
