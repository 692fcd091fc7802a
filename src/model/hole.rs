//! What stands in a text where a template fills something in.
//!
//! A hole is one character from the end of Unicode's private planes, so that it passes through every parser like any
//! letter. Equal holes are equal characters. Bytes that only keep the length are padding, and leave as soon as a word is
//! made of them.

use std::borrow::Cow;
use std::collections::HashMap;

/// The hole of which nothing is known, and which equals no other.
pub const ANONYMOUS: char = '\u{100000}';
/// The last character that may be a hole.
const LAST: char = '\u{10FFFD}';
/// The first of the three-byte stand-ins for the first holes, where four bytes are too many.
const SHORT: u32 = 0xF600;
/// How many of them there are.
const SHORTS: u32 = 0x200;
/// The padding of two and of three bytes.
pub const PADDING: [char; 2] = ['\u{05FF}', '\u{F8FE}'];

/// Whether the character is a hole.
pub fn is_hole(c: char) -> bool {
    (ANONYMOUS..=LAST).contains(&c)
}

/// Whether anything in the text is a hole.
pub fn has_hole(text: &str) -> bool {
    is_marked(text) && text.chars().any(|c| hole(c).is_some())
}

/// Whether a path begins at a root. A template that fills in the beginning fills in a root.
pub fn is_rooted(path: &str) -> bool {
    path.starts_with('/') || path.starts_with(is_hole)
}

/// Whether the text may hold a hole, its short form or padding.
fn is_marked(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, 0xF4 | 0xEF | 0xD7))
}

/// The hole that a character of a masked file stands for.
fn hole(c: char) -> Option<char> {
    if is_hole(c) {
        return Some(c);
    }
    let short = u32::from(c).checked_sub(SHORT).filter(|at| *at < SHORTS)?;
    char::from_u32(u32::from(ANONYMOUS) + short)
}

/// Takes the padding out of a text and its origins, where there is any: each hole then is one character, and its last
/// byte comes from the last byte of what it covers.
pub fn settle(text: String, mut origins: Vec<usize>) -> (String, Vec<usize>) {
    if !is_marked(&text) {
        return (text, origins);
    }
    origins.resize(text.len(), origins.last().map_or(0, |last| last + 1));
    let (mut settled, mut kept) = (String::with_capacity(text.len()), Vec::with_capacity(origins.len()));
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let Some(hole) = hole(c) else {
            settled.push(c);
            kept.extend_from_slice(&origins[at..at + c.len_utf8()]);
            continue;
        };
        let mut end = at + c.len_utf8();
        while let Some((at, _)) =
            rest.peek().copied().filter(|(_, c)| PADDING.contains(c) || c.is_whitespace())
        {
            let blank = text[at..].len() - text[at..].trim_start().len();
            if !text[at + blank..].starts_with(PADDING) {
                break;
            }
            while rest.next_if(|(next, _)| *next <= at + blank).is_some_and(|(at, c)| {
                end = at + c.len_utf8();
                true
            }) {}
        }
        settled.push(hole);
        kept.extend((0..hole.len_utf8() - 1).map(|_| origins[at]));
        kept.push(origins[end - 1]);
    }
    (settled, kept)
}

/// A text of which each hole is one character.
pub fn settled(text: &str) -> Cow<'_, str> {
    if is_marked(text) { Cow::Owned(settle(text.to_owned(), Vec::new()).0) } else { Cow::Borrowed(text) }
}

/// The holes of a run: which character stands for which words of a template.
#[derive(Debug, Clone, Default)]
pub struct Holes {
    /// By the character, from [`ANONYMOUS`] on; the first is the second character's.
    shown: Vec<String>,
    known: HashMap<String, char>,
}

impl Holes {
    /// The hole for what a template fills in, by words that are equal for equal values. `shown` is how it is shown.
    pub fn name(&mut self, words: &str, shown: &str) -> char {
        if let Some(known) = self.known.get(words) {
            return *known;
        }
        let next =
            u32::try_from(self.shown.len() + 1).ok().and_then(|at| u32::from(ANONYMOUS).checked_add(at));
        let Some(hole) = next.and_then(char::from_u32).filter(|c| is_hole(*c)) else { return ANONYMOUS };
        self.known.insert(words.to_owned(), hole);
        self.shown.push(shown.to_owned());
        hole
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The text with each hole as its template has it.
    pub fn reveal<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !is_marked(text) {
            return Cow::Borrowed(text);
        }
        let mut revealed = String::new();
        for c in settled(text).chars() {
            let at = u32::from(c).wrapping_sub(u32::from(ANONYMOUS) + 1);
            match usize::try_from(at).ok().and_then(|at| self.shown.get(at)) {
                Some(shown) => revealed.push_str(shown),
                None if c == ANONYMOUS => revealed.push('…'),
                None => revealed.push(c),
            }
        }
        Cow::Owned(revealed)
    }

    /// Reveals a text in place.
    pub fn reveal_in(&self, text: &mut String) {
        if let Cow::Owned(revealed) = self.reveal(text) {
            *text = revealed;
        }
    }
}

/// A hole in exactly `length` bytes; `None` where that is too short.
pub fn padded(hole: char, length: usize) -> Option<String> {
    let short = char::from_u32(u32::from(hole).wrapping_sub(u32::from(ANONYMOUS)).wrapping_add(SHORT));
    let short = short.filter(|c| (SHORT..SHORT + SHORTS).contains(&u32::from(*c)));
    let first = match length {
        0..=2 => return None,
        3 | 5 => short.or_else(|| char::from_u32(SHORT))?,
        _ => hole,
    };
    let mut text = String::with_capacity(length);
    text.push(first);
    pad(&mut text, length);
    (text.len() == length).then_some(text)
}

/// Fills up to `length` bytes with padding; one byte that is left over becomes a space.
pub fn pad(text: &mut String, length: usize) {
    while text.len() < length {
        text.push(match length - text.len() {
            1 => ' ',
            3 => PADDING[1],
            _ => PADDING[0],
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_from_three_bytes_on_holds_a_hole() {
        let mut holes = Holes::default();
        let hole = holes.name("x", "<%= x %>");
        for length in 3..40 {
            let text = padded(hole, length).unwrap();
            assert_eq!(text.len(), length);
            assert_eq!(settled(&text), hole.to_string(), "{length}");
            assert_eq!(holes.reveal(&format!("/a/{text}/b")), "/a/<%= x %>/b");
        }
        assert_eq!(padded(hole, 2), None);
    }

    #[test]
    fn a_hole_knows_how_much_of_the_file_it_covers() {
        let hole = Holes::default().name("x", "x");
        let text = format!("a{}b", padded(hole, 9).unwrap());
        let (settled, origins) = settle(text, (10..21).collect());
        assert_eq!(settled, format!("a{hole}b"));
        assert_eq!(origins, [10, 11, 11, 11, 19, 20]);
    }

    #[test]
    fn a_hole_over_several_lines_is_one() {
        let hole = Holes::default().name("x", "x");
        let text = format!("{}\n \n{}/x", padded(hole, 6).unwrap(), PADDING[0]);
        assert_eq!(settled(&text), format!("{hole}/x"));
        let apart = format!("{}\n/x", padded(hole, 6).unwrap());
        assert_eq!(settled(&apart), format!("{hole}\n/x"));
    }
}
