//! Values of Puma's options, as the data holds them.

use std::fmt;

/// A value that an option has or gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// `nil`.
    Nil,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// A string.
    Text(&'static str),
    /// A symbol, without its colon.
    Symbol(&'static str),
    /// An array.
    List(&'static [Value]),
    /// Something that no data can hold, in angle brackets: `<random>`, `<cwd>`, `<IO>`.
    Described(&'static str),
}

impl fmt::Display for Value {
    /// As Ruby source.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nil => f.write_str("nil"),
            Value::Boolean(value) => write!(f, "{value}"),
            Value::Integer(value) => write!(f, "{value}"),
            Value::Float(value) => write!(f, "{value:?}"),
            Value::Text(value) => write!(f, "{value:?}"),
            Value::Symbol(value) => write!(f, ":{value}"),
            Value::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("]")
            }
            Value::Described(what) => f.write_str(what),
        }
    }
}

/// What changed at a release, in one sentence for people who cross it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The first release where it is so.
    pub release: super::Release,
    /// What is so since then.
    pub what: &'static str,
}
