//! Versions as RubyGems writes and orders them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// A version of a Ruby gem: `8.0.2`, `7.0.0.pre1`, `5`.
///
/// Ordered as `Gem::Version` orders: numbers by value, a letter before any number
/// (so `7.0.0.pre1` < `7.0.0`), and zeros at the end say nothing (`8.0` == `8`).
#[derive(Debug, Clone)]
pub struct Version {
    text: String,
    segments: Vec<Segment>,
}

/// A part of a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Segment {
    // Letters come before numbers: the order of the variants is the order of the parts.
    Text(String),
    Number(u64),
}

/// The text is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAVersion;

impl fmt::Display for NotAVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a version (expected one like 5.6.9 or 7.0.0.pre1)")
    }
}

impl std::error::Error for NotAVersion {}

impl Version {
    /// Whether it is one before a release, as `7.0.0.pre1` and `7.0.0.rc1` are: it has a letter.
    pub fn is_prerelease(&self) -> bool {
        self.segments.iter().any(|segment| matches!(segment, Segment::Text(_)))
    }

    /// Whether it has fewer than three parts, so that `8` and `8.0` mean a family of releases.
    pub fn is_short(&self) -> bool {
        self.segments.len() < 3 && !self.is_prerelease()
    }

    /// Whether `other` starts with the parts of this version: `8.0` is a prefix of `8.0.2`, not of `8.1`.
    pub fn is_prefix_of(&self, other: &Version) -> bool {
        other.segments.starts_with(&self.segments)
    }

    /// The first number: 8 for `8.0.2`.
    pub fn major(&self) -> u64 {
        match self.segments.first() {
            Some(Segment::Number(number)) => *number,
            _ => 0,
        }
    }

    /// The parts without the zeros that end the numbers before the first letter, and those at the very end.
    fn canonical(&self) -> Vec<&Segment> {
        let letters =
            self.segments.iter().position(|s| matches!(s, Segment::Text(_))).unwrap_or(self.segments.len());
        let (numbers, rest) = self.segments.split_at(letters);
        without_zeros(numbers).iter().chain(without_zeros(rest)).collect()
    }
}

/// The parts up to the last that is not 0.
fn without_zeros(segments: &[Segment]) -> &[Segment] {
    let end = segments.iter().rposition(|s| *s != Segment::Number(0)).map_or(0, |last| last + 1);
    &segments[..end]
}

impl Default for Version {
    fn default() -> Self {
        Self { text: "0".to_owned(), segments: vec![Segment::Number(0)] }
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let text = text.trim();
        // A dash starts a prerelease.
        let dashed = text.replacen('-', ".pre.", 1);
        if !dashed.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(NotAVersion);
        }
        let mut segments = Vec::new();
        for part in dashed.split('.') {
            if part.is_empty() || !part.chars().all(|c| c.is_ascii_alphanumeric()) {
                return Err(NotAVersion);
            }
            // `rc1` is two parts.
            for piece in part.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()) {
                let piece = String::from_utf8_lossy(piece);
                segments.push(if piece.starts_with(|c: char| c.is_ascii_digit()) {
                    Segment::Number(piece.parse().map_err(|_| NotAVersion)?)
                } else {
                    Segment::Text(piece.into_owned())
                });
            }
        }
        Ok(Self { text: text.to_owned(), segments })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = (self.canonical(), other.canonical());
        let zero = Segment::Number(0);
        (0..left.len().max(right.len()))
            .map(|at| left.get(at).copied().unwrap_or(&zero).cmp(right.get(at).copied().unwrap_or(&zero)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn they_are_ordered_as_rubygems_orders_them() {
        let sorted = [
            "2.9.2",
            "2.10.0",
            "7.0.0.a",
            "7.0.0.pre1",
            "7.0.0.rc1",
            "7.0.0.rc2",
            "7.0.0.rc10",
            "7",
            "7.0.1",
        ];
        for pair in sorted.windows(2) {
            assert!(v(pair[0]) < v(pair[1]), "{} < {}", pair[0], pair[1]);
        }
        assert_eq!(v("8.0"), v("8"));
        assert_eq!(v("1.0.a.0"), v("1.a"));
        assert!(v("1.0-1") < v("1.0"));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["", "x", "1..2", "1.", ">= 5", "5.6 .1", "v5", "99999999999999999999999"] {
            assert_eq!(text.parse::<Version>(), Err(NotAVersion), "{text}");
        }
        assert_eq!(v(" 5.6.9\n").to_string(), "5.6.9");
        assert!(v("5.6").is_short() && !v("5.6.9").is_short() && !v("7.pre1").is_short());
    }
}
