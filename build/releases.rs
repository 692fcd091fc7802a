//! Ranges of releases, as the data writes them.

use std::cmp::Ordering;

use super::schema::ReleaseRow;

/// A range of places in the list of releases, both included.
pub type Span = (usize, usize);

/// The known releases, in the order of the data.
pub struct Releases<'a> {
    rows: &'a [ReleaseRow],
}

impl<'a> Releases<'a> {
    /// The list, which has to ascend.
    pub fn new(rows: &'a [ReleaseRow]) -> Result<Self, String> {
        if rows.is_empty() {
            return Err("no release at all".into());
        }
        for pair in rows.windows(2) {
            if compare(&pair[0].version, &pair[1].version)? != Ordering::Less {
                return Err(format!("{} does not come before {}", pair[0].version, pair[1].version));
            }
        }
        Ok(Self { rows })
    }

    /// Every release.
    pub fn all(&self) -> Span {
        (0, self.rows.len() - 1)
    }

    /// The place of a release.
    pub fn place(&self, version: &str) -> Result<usize, String> {
        let version = version.trim();
        self.rows
            .iter()
            .position(|row| row.version == version)
            .ok_or_else(|| format!("`{version}` is not a release (see releases.toml)"))
    }

    /// `2.0.0..4.3.12`, or `5.0.0..`.
    pub fn range(&self, text: &str) -> Result<Span, String> {
        let (first, last) = text
            .split_once("..")
            .ok_or_else(|| format!("`{text}` is not a range: write `5.0.0..` or `2.0.0..4.3.12`"))?;
        let first = self.place(first)?;
        let last = if last.trim().is_empty() { self.all().1 } else { self.place(last)? };
        if first > last {
            return Err(format!("`{text}` ends before it starts"));
        }
        Ok((first, last))
    }

    /// Several ranges, which have to ascend without touching.
    pub fn ranges(&self, texts: &[String]) -> Result<Vec<Span>, String> {
        let ranges = texts.iter().map(|text| self.range(text)).collect::<Result<Vec<_>, _>>()?;
        self.ascending(&ranges)?;
        Ok(ranges)
    }

    /// Complains about ranges that overlap or are out of order.
    pub fn ascending(&self, ranges: &[Span]) -> Result<(), String> {
        for pair in ranges.windows(2) {
            if pair[1].0 <= pair[0].1 {
                return Err(format!(
                    "the range that starts at {} overlaps the one before it",
                    self.rows[pair[1].0].version
                ));
            }
        }
        Ok(())
    }
}

/// Every release is three numbers.
fn compare(left: &str, right: &str) -> Result<Ordering, String> {
    Ok(numbers(left)?.cmp(&numbers(right)?))
}

fn numbers(version: &str) -> Result<[u32; 3], String> {
    let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    parts.try_into().map_err(|_| format!("`{version}` is not three numbers"))
}

/// What two ranges share.
pub fn shared(left: Span, right: Span) -> Option<Span> {
    let both = (left.0.max(right.0), left.1.min(right.1));
    (both.0 <= both.1).then_some(both)
}
