//! Physical lines, as systemd's `read_line` cuts them.
//!
//! `\n`, `\r` and NUL each end a line, and so does a run of them in which none repeats and NUL stands last:
//! `\r\n`, `\n\r`, `\r\n\0`. A line of 1 MiB or more is refused.

use crate::model::Span;

/// `LONG_LINE_MAX`.
pub(super) const LONGEST_LINE: usize = 1024 * 1024;

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// What stands in it.
    pub(super) content: Span,
    /// Where the next line starts.
    pub(super) next: usize,
}

impl Line {
    /// The line that starts at `start`; `None` at the end of the file.
    pub(super) fn at(bytes: &[u8], start: usize) -> Option<Line> {
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| is_end(*byte)).unwrap_or(rest.len());
        let mut seen = Vec::with_capacity(3);
        for byte in &rest[length..] {
            if !is_end(*byte) || seen.contains(byte) || seen.contains(&0) {
                break;
            }
            seen.push(*byte);
        }
        let end = start + length;
        Some(Line { content: Span::new(start, end), next: end + seen.len() })
    }
}

fn is_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(line) = Line::at(text.as_bytes(), at) {
            found.push(&text[line.content.range()]);
            at = line.next;
        }
        found
    }

    #[test]
    fn every_line_end_systemd_knows() {
        assert_eq!(lines("a\nb\r\nc\rd\0e"), ["a", "b", "c", "d", "e"]);
        assert_eq!(lines("a\n\nb\n\rc\n\r\nd"), ["a", "", "b", "c", "", "d"]);
        assert_eq!(lines("a\0\nb\r\n\0c"), ["a", "", "b", "c"]);
        assert_eq!(lines("a\n"), ["a"]);
        assert_eq!(lines(""), Vec::<&str>::new());
    }
}
