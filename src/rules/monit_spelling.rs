//! What Monit's grammar refuses though it is plain what was meant: a unit that is glued to its number, minutes where
//! Monit knows seconds, an underscore in a word.

use regex::bytes::{Captures, Regex};

use crate::model::{Applicability, Edit, FileId, Fix, Span, apply};
use crate::monit::{self, Place, SyntaxError};

/// A way to write what Monit does not read.
pub(super) struct Spelling {
    /// What Monit wants there.
    pub(super) help: String,
    /// Writes it.
    pub(super) fix: Fix,
}

/// Another spelling of the place at which Monit stops, if Monit then reads on beyond it.
pub(super) fn mend(file: FileId, bytes: &[u8], error: &SyntaxError) -> Option<Spelling> {
    let changes = [glued, lone_unit, no_unit, underscore].into_iter().filter_map(|change| {
        let (span, new) = change(bytes, error)?;
        let written = std::str::from_utf8(bytes.get(span.range())?).ok()?;
        Some((format!("write `{new}` for `{written}`"), vec![(span, new)]))
    });
    changes.chain(late_user(bytes, error)).find_map(|(help, changes)| {
        let edits = changes.into_iter().map(|(span, replacement)| Edit { file, span, replacement });
        let fix = Fix { title: help.clone(), applicability: Applicability::Safe, edits: edits.collect() };
        reads_on(bytes, error, &fix.edits).then_some(Spelling { help, fix })
    })
}

/// Whether Monit has more to read at the error than it has after the edits.
fn reads_on(bytes: &[u8], error: &SyntaxError, edits: &[Edit]) -> bool {
    let beyond = edits.iter().map(|edit| edit.span.end).fold(error.span.end, usize::max);
    let text = apply(bytes, edits.iter().collect());
    let next = monit::parse(&text).error;
    next.is_none_or(|next| text.len() - next.span.start <= bytes.len() - beyond)
}

/// A place, and what Monit would read there.
type Change = (Span, String);

/// `300MB`, `>300`, `120s`: Monit wants a blank between an operator, a number and a unit.
fn glued(bytes: &[u8], error: &SyntaxError) -> Option<Change> {
    let found = captures(r"^([<>=!]*)(\d+(?:\.\d+)?)([A-Za-z]*)$", bytes.get(error.span.range())?)?;
    let [operator, number, unit] = [1, 2, 3].map(|group| text(&found, group));
    let value = if unit.is_empty() { number.to_owned() } else { measured(number, unit, error.place)? };
    let new = if operator.is_empty() { value } else { format!("{operator} {value}") };
    Some((error.span, new))
}

/// `2 minutes`, `300 M`: a unit that Monit does not know.
fn lone_unit(bytes: &[u8], error: &SyntaxError) -> Option<Change> {
    let unit = std::str::from_utf8(bytes.get(error.span.range())?).ok()?;
    let (number, span) = number_before(bytes, error.span.start)?;
    if !unit.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    Some((span.join(error.span), measured(number, unit, error.place)?))
}

/// `timeout 120`, `cpu > 65`: where Monit takes one unit only, that is meant.
fn no_unit(bytes: &[u8], error: &SyntaxError) -> Option<Change> {
    let (number, span) = number_before(bytes, error.span.start)?;
    match error.place {
        Place::Timeout => Some((span, format!("{number} seconds"))),
        // A share of 1 may be meant for all of it.
        Place::TestUnit if number.parse::<u8>().is_ok_and(|share| (2..=100).contains(&share)) => {
            Some((span, format!("{number}%")))
        }
        _ => None,
    }
}

/// `total_mem`: Monit's words have a blank.
fn underscore(bytes: &[u8], error: &SyntaxError) -> Option<Change> {
    let word = std::str::from_utf8(bytes.get(error.span.range())?).ok()?;
    let known =
        ["total_mem", "total_memory", "total_cpu"].iter().any(|known| word.eq_ignore_ascii_case(known));
    known.then(|| (error.span, word.replace('_', " ")))
}

/// `timeout 30 seconds as uid deploy`: Monit wants the user first.
fn late_user(bytes: &[u8], error: &SyntaxError) -> Option<(String, Vec<(Span, String)>)> {
    let before = captures(
        r"(?i)\s((?:with\s+)?timeout\s+\d+\s+s(?:econds?)?)\s+(?:(?:as|and)\s+)*$",
        bytes.get(..error.span.start)?,
    )?;
    let user = r#"(?:uid|gid)\s+(?:"[^"\s]+"|[^"\s#]+)"#;
    let users = captures(&format!(r"(?i)^{user}(?:\s+(?:and\s+)?{user})*"), bytes.get(error.span.start..)?)?;
    let timeout = before.get(1)?;
    let end = error.span.start + users.get(0)?.end();
    let gap = before.get(0)?.start();
    Some((
        "write the time-out behind the user and the group".to_owned(),
        vec![
            (Span::new(gap, timeout.end()), String::new()),
            (Span::at(end), format!(" {}", text(&before, 1))),
        ],
    ))
}

/// A number with its unit as Monit writes it at this place.
fn measured(number: &str, unit: &str, place: Place) -> Option<String> {
    let unit = unit.to_ascii_lowercase();
    Some(match (place, unit.as_str()) {
        (Place::Timeout, "s" | "sec" | "secs" | "second" | "seconds") => format!("{number} seconds"),
        (Place::Timeout, "m" | "min" | "mins" | "minute" | "minutes") => {
            format!("{} seconds", number.parse::<u64>().ok()?.checked_mul(60)?)
        }
        (Place::Timeout, _) => return None,
        // Monit counts in powers of 1024.
        (_, "k" | "kb" | "kib") => format!("{number} KB"),
        (_, "m" | "mb" | "mib") => format!("{number} MB"),
        (_, "g" | "gb" | "gib") => format!("{number} GB"),
        (_, unit) => format!("{number} {unit}"),
    })
}

/// The number before a place, with nothing but blanks and the word `for` between.
fn number_before(bytes: &[u8], at: usize) -> Option<(&str, Span)> {
    let found = captures(r"(?i)[\s<>=](\d+(?:\.\d+)?)\s+(?:for\s+)?$", bytes.get(..at)?)?;
    let number = found.get(1)?;
    Some((std::str::from_utf8(number.as_bytes()).ok()?, Span::new(number.start(), number.end())))
}

fn captures<'a>(pattern: &str, bytes: &'a [u8]) -> Option<Captures<'a>> {
    Regex::new(pattern).ok()?.captures(bytes)
}

fn text<'a>(found: &Captures<'a>, group: usize) -> &'a str {
    found.get(group).and_then(|found| std::str::from_utf8(found.as_bytes()).ok()).unwrap_or_default()
}
