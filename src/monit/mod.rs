//! Monit control files, read as Monit 5.33 reads them.
//!
//! [`parse`] takes any bytes and never fails: it gives everything up to the first syntax error, and that error in
//! Monit's own words. It opens no file; who includes which file is for the caller.
//!
//! - `bytes`: which byte means what; quotes and escapes
//! - `keywords`: the words of the language, as data
//! - `token`, `lexer`: tokens, and how a file is cut into them
//! - `parser`: statements, process checks, programs, tests
//! - `meaning`: names, dependencies
//! - `model`: what comes out
//!
//! The facts were observed on Monit 5.33; the tests compare with the installed program.

mod bytes;
mod keywords;
mod lexer;
mod meaning;
mod model;
mod parser;
#[cfg(test)]
mod tests;
mod token;

pub use model::*;
pub use token::CheckKind;

/// Reads a control file.
pub fn parse(bytes: &[u8]) -> Control {
    let lexed = lexer::lex(bytes);
    let mut control = parser::parse(bytes, lexed);
    meaning::check(&mut control);
    control
}
