//! Where heredocs stand. The parser's own ranges are wrong for several heredocs on a line, for CRLF
//! and for empty ones, so they are found again from the openers.

use std::collections::VecDeque;

use super::tree::Heredoc;
use crate::model::Span;

/// An opener that still looks for its terminator.
struct Pending {
    opener: Span,
    identifier: Vec<u8>,
    indented: bool,
}

/// Reads the opener that begins at `start`.
fn pending(bytes: &[u8], start: usize) -> Option<Pending> {
    let mut at = start;
    let rest = bytes.get(start..)?.strip_prefix(b"<<")?;
    at += 2;
    let indented = matches!(rest.first(), Some(b'~' | b'-'));
    if indented {
        at += 1;
    }
    let quote = bytes.get(at).copied().filter(|b| matches!(b, b'"' | b'\'' | b'`'));
    let from = at + usize::from(quote.is_some());
    let length = bytes.get(from..)?.iter().position(|b| match quote {
        Some(quote) => *b == quote,
        None => !(b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80),
    });
    let to = length.map_or(bytes.len(), |length| from + length);
    let end = (to + usize::from(quote.is_some())).min(bytes.len());
    Some(Pending { opener: Span::new(start, end), identifier: bytes[from..to].to_vec(), indented })
}

/// Whether a line, given without its line end, is the terminator.
fn terminates(line: &[u8], pending: &Pending) -> bool {
    let line = if pending.indented { line.trim_ascii_start() } else { line };
    line == pending.identifier
}

/// The heredocs whose openers begin at `starts`, in order of their openers.
pub(super) fn ranges(bytes: &[u8], mut starts: Vec<usize>) -> Vec<Heredoc> {
    starts.sort_unstable();
    starts.dedup();
    let mut openers: VecDeque<Pending> = starts.iter().filter_map(|start| pending(bytes, *start)).collect();
    // Bodies nest where an interpolation inside one opens another.
    let mut open: Vec<VecDeque<Pending>> = Vec::new();
    let mut body_starts: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() && !(openers.is_empty() && open.is_empty()) {
        let end = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |found| at + found + 1);
        let line = &bytes[at..end];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut fresh = VecDeque::new();
        while openers.front().is_some_and(|opener| opener.opener.start < end) {
            fresh.extend(openers.pop_front());
        }
        let closes = fresh.is_empty()
            && open.last().and_then(VecDeque::front).is_some_and(|pending| terminates(line, pending));
        if closes && let Some(queue) = open.last_mut() {
            let start = body_starts.pop().unwrap_or(at);
            if let Some(done) = queue.pop_front() {
                found.push(Heredoc { opener: done.opener, lines: Span::new(start, end) });
            }
            if queue.is_empty() {
                open.pop();
            } else {
                body_starts.push(end);
            }
        }
        if !fresh.is_empty() {
            open.push(fresh);
            body_starts.push(end);
        }
        at = end;
    }
    found.sort_by_key(|heredoc| heredoc.opener.start);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<&str> {
        let starts = text.match_indices("<<").map(|(at, _)| at).collect();
        ranges(text.as_bytes(), starts).iter().map(|heredoc| &text[heredoc.lines.range()]).collect()
    }

    #[test]
    fn each_opener_has_its_own_lines() {
        assert_eq!(bodies("a <<A, <<~B\n1\nA\n  2\n  B\nx\n"), ["1\nA\n", "  2\n  B\n"]);
        assert_eq!(bodies("a <<A\r\n1\r\nA\r\nx"), ["1\r\nA\r\n"]);
        assert_eq!(bodies("a <<'A b'\nA b"), ["A b"]);
        assert_eq!(bodies("a <<A\nx #{<<B} y\nin\nB\nA\nb"), ["x #{<<B} y\nin\nB\nA\n", "in\nB\n"]);
        assert_eq!(bodies("a <<A\nno end\n"), Vec::<&str>::new());
    }
}
