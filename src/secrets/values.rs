//! Secrets that are known by value, and so found where no name announces them.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

use super::names::{Suspicion, is_path};

/// Anything shorter stands in too many words.
const SHORTEST: usize = 6;

/// A word of letters that is no longer than this may be said without giving anything away.
const WORD: usize = 12;

/// What is kept in all, in bytes: a file that holds more secrets is made to be tedious.
const MOST: usize = 64 << 10;

/// Values to look for.
#[derive(Debug, Default)]
pub struct Values {
    pattern: Option<Regex>,
}

impl Values {
    /// The values among these that are telling enough; of several lines each is one.
    pub fn of(found: &[String]) -> Self {
        let mut values: Vec<String> = Vec::new();
        for value in found {
            values.push(value.clone());
            values.extend(value.lines().map(|line| line.trim().to_owned()));
            // As systemd and Ruby read them.
            values.push(value.replace("%%", "%"));
            values.push(value.replace('\\', ""));
        }
        values.retain(|value| is_telling(value));
        values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        values.dedup();
        let mut room = MOST;
        values.retain(|value| {
            let left = room.checked_sub(value.len());
            room = left.unwrap_or(room);
            left.is_some()
        });
        if values.is_empty() {
            return Self::default();
        }
        let escaped: Vec<String> = values.iter().map(|value| regex::escape(value)).collect();
        Self { pattern: RegexBuilder::new(&escaped.join("|")).unicode(true).build().ok() }
    }

    /// Where they stand, as words of their own.
    pub fn occurrences(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(next) = self.pattern.as_ref().and_then(|pattern| pattern.find_at(text, at)) {
            let range = next.range();
            let joined = |inner: usize, outer: Option<usize>| {
                let outer = outer.and_then(|outer| text.get(outer));
                is_word(text[inner]) && outer.is_some_and(|byte| is_word(*byte))
            };
            if joined(range.start, range.start.checked_sub(1)) || joined(range.end - 1, Some(range.end)) {
                at = range.start + 1;
            } else {
                at = range.end;
                found.push(range);
            }
        }
        found
    }
}

/// Whether a value gives itself away wherever it stands: no short word, no path.
fn is_telling(value: &str) -> bool {
    let letters = value.bytes().all(|byte| byte.is_ascii_lowercase());
    value.len() >= SHORTEST && !(letters && value.len() <= WORD) && !is_path(value, Suspicion::Perhaps)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
