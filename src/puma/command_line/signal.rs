//! The signal of a `kill`.

use super::Invocation;
use crate::model::Span;

/// The signal that a `kill` sends, without `SIG`, and where it is written.
pub fn signal(invocation: &Invocation) -> Option<(String, Span)> {
    let mut words = invocation.arguments.iter();
    let first = words.next()?;
    let (name, word) = match first.text() {
        "-s" | "--signal" | "-n" => {
            let value = words.next()?;
            (value.text(), value)
        }
        text => (text.strip_prefix("--signal=").or_else(|| text.strip_prefix('-'))?, first),
    };
    let upper = name.to_uppercase();
    let plain = upper.strip_prefix("SIG").unwrap_or(&upper);
    let named = NUMBERED.iter().find(|(number, _)| *number == plain).map_or(plain, |(_, name)| name);
    Some((named.to_owned(), word.span()))
}

/// Signals by their number on Linux.
const NUMBERED: &[(&str, &str)] = &[
    ("1", "HUP"),
    ("2", "INT"),
    ("3", "QUIT"),
    ("9", "KILL"),
    ("10", "USR1"),
    ("12", "USR2"),
    ("15", "TERM"),
    ("18", "CONT"),
    ("20", "TSTP"),
    ("21", "TTIN"),
    ("22", "TTOU"),
    ("23", "URG"),
    ("28", "WINCH"),
];
