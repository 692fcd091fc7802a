//! (being built)

mod lock;

pub use lock::*;
