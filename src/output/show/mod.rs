//! The options of each launch, for people and for machines.

pub mod json;
pub mod table;
mod words;

pub use words::{Hidden, known_secrets};
