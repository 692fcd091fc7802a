//! The only room that names the Ruby parser. It gives an owned [`Tree`] of our own.

mod tree;

pub use tree::*;
