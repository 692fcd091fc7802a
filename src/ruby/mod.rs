//! The only room that names the Ruby parser. It gives an owned [`Tree`] of our own.

mod children;
mod convert;
mod encoding;
mod guard;
mod heredoc;
mod parse;
mod proof;
mod remove;
mod syntax;
mod token_words;
mod tree;
mod unclosed;
mod walk;

pub use parse::{Rejection, SyntaxError, parse};
pub use remove::{Refusal, remove_statement};
pub use tree::*;
