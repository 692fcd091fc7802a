//! One line of a source as people see it: decoded, escaped, tabs expanded, cut to a width.

use super::{columns, escape};
use crate::model::{Source, Span};

/// Where tabs stop.
const TAB: usize = 4;

/// A line, or the part of a huge line around what matters in it.
pub struct Line {
    text: String,
    /// A cell for each character, and one behind the last.
    cells: Vec<Cell>,
    /// Whether more of the line stands before and after.
    more: (bool, bool),
}

/// Where one character stands.
#[derive(Debug, Clone, Copy)]
struct Cell {
    /// Its offset in the source.
    source: usize,
    /// Its offset in the text.
    text: usize,
    /// Its column, from 0.
    column: usize,
}

/// A line cut to a width.
pub struct View<'a> {
    /// What is seen, with an ellipsis where something was cut away.
    pub text: String,
    line: &'a Line,
    /// The cells that are seen: from, up to.
    seen: (usize, usize),
    /// The bytes of the ellipsis at the start.
    lead: usize,
}

impl Line {
    /// Reads line `number` (from 0). Of a line much longer than `room` only the part around `focus`
    /// is read, so that the cost does not depend on the file.
    pub fn read(source: &Source, number: usize, focus: usize, room: usize) -> Self {
        let whole = source.line_span(number);
        let bytes = source.bytes();
        let focus = focus.clamp(whole.start, whole.end);
        let reach = room.saturating_mul(4);
        let mut start = if focus - whole.start > reach { focus - reach } else { whole.start };
        while start > whole.start && start < whole.end && bytes[start] & 0xc0 == 0x80 {
            start -= 1;
        }
        let mut end = whole.end.min(focus.saturating_add(2 * reach));
        while end < whole.end && end > focus && bytes[end] & 0xc0 == 0x80 {
            end -= 1;
        }
        let more = (start > whole.start, end < whole.end);
        if start == 0 && bytes.starts_with(b"\xef\xbb\xbf") {
            start = 3.min(end);
        }
        let mut line = Self { text: String::new(), cells: Vec::new(), more };
        line.decode(&bytes[start..end], start);
        line
    }

    fn decode(&mut self, bytes: &[u8], mut source: usize) {
        self.text.reserve(bytes.len());
        self.cells.reserve(bytes.len() + 1);
        let mut column = 0;
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                let text = self.text.len();
                self.cells.push(Cell { source, text, column });
                source += c.len_utf8();
                if c == '\t' {
                    let width = TAB - column % TAB;
                    self.text.extend(std::iter::repeat_n(' ', width));
                    column += width;
                } else if escape::is_hidden(c) {
                    escape::push(&mut self.text, c);
                    column += self.text.len() - text;
                } else {
                    self.text.push(c);
                    column += columns::of_char(c);
                }
            }
            for byte in chunk.invalid() {
                let text = self.text.len();
                self.cells.push(Cell { source, text, column });
                escape::push_byte(&mut self.text, *byte);
                source += 1;
                column += self.text.len() - text;
            }
        }
        self.cells.push(Cell { source, text: self.text.len(), column });
    }

    /// The text, all of it that was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns of the text.
    pub fn width(&self) -> usize {
        self.cells.last().map_or(0, |cell| cell.column)
    }

    /// The index of the character that holds `offset`, or would.
    fn index(&self, offset: usize) -> usize {
        self.cells.partition_point(|cell| cell.source <= offset).saturating_sub(1)
    }

    /// Like [`Self::index`], but the end of a span in the middle of a character takes all of it.
    fn end_index(&self, offset: usize) -> usize {
        self.cells.partition_point(|cell| cell.source < offset).min(self.cells.len() - 1)
    }

    /// The columns that a span takes: from, up to.
    pub fn columns(&self, span: Span) -> (usize, usize) {
        let start = self.cells[self.index(span.start)].column;
        let end = self.cells[self.end_index(span.end)].column;
        (start, end.max(start))
    }

    /// The text between two columns; a character that stands in it only partly is left out.
    pub fn between(&self, from: usize, to: usize) -> &str {
        let first = self.cells.partition_point(|cell| cell.column < from);
        let last = self.last_up_to(to);
        if first >= last {
            return "";
        }
        &self.text[self.cells[first].text..self.cells[last].text]
    }

    /// The last cell whose column is at most `column`.
    fn last_up_to(&self, column: usize) -> usize {
        self.cells.partition_point(|cell| cell.column <= column).saturating_sub(1)
    }

    /// How far to scroll so that `focus` can be seen within `room` columns, and with it the columns
    /// up to `wanted`, as far as that leaves the start of `focus` in sight.
    pub fn scroll(&self, focus: Span, wanted: usize, room: usize) -> usize {
        let (start, end) = self.columns(focus);
        let width = self.width();
        let right = if width > room { (end + 10).min(width).max(wanted) } else { end.max(wanted) };
        if right <= room.saturating_sub(2) || (right <= room && width <= room) {
            return 0;
        }
        (right + 2).saturating_sub(room).min(start.saturating_sub(4))
    }

    /// The line from column `from` on, in `room` columns.
    pub fn view(&self, from: usize, room: usize, ellipsis: &str) -> View<'_> {
        let dots = columns::of(ellipsis);
        let last = self.cells.len() - 1;
        let before = self.more.0 || from > 0;
        let (first, room) = if before {
            let first = self.cells.partition_point(|cell| cell.column < from + dots).min(last);
            (first, room.saturating_sub(dots))
        } else {
            (0, room)
        };
        let limit = self.cells[first].column + room;
        let after = self.more.1 || self.width() > limit;
        let end = if after { self.last_up_to(limit.saturating_sub(dots)).max(first) } else { last };
        let mut text = String::new();
        if before {
            text.push_str(ellipsis);
        }
        text.push_str(&self.text[self.cells[first].text..self.cells[end].text]);
        if after {
            text.push_str(ellipsis);
        }
        View { text, line: self, seen: (first, end), lead: if before { ellipsis.len() } else { 0 } }
    }
}

impl View<'_> {
    /// Where a span stands in the text. What was cut away stands at the ellipsis;
    /// a span that covers something covers at least one character.
    pub fn locate(&self, span: Span) -> Span {
        let (first, last) = self.seen;
        let shift = |index: usize| {
            let cells = &self.line.cells;
            self.lead + cells[index.clamp(first, last)].text - cells[first].text
        };
        let (start, end) = (self.line.index(span.start), self.line.end_index(span.end));
        let from = if start < first { 0 } else { shift(start) };
        let to = if end > last { self.text.len() } else { shift(end) };
        if from < to || span.is_empty() {
            return Span::new(from, to.max(from));
        }
        let next = self.text[from..].chars().next().map_or(0, char::len_utf8);
        Span::new(from, from + next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FileKind;

    fn source(content: impl AsRef<[u8]>) -> Source {
        Source::new("x", "x", FileKind::Puma, content.as_ref().to_vec())
    }

    fn read(content: impl AsRef<[u8]>) -> Line {
        Line::read(&source(content), 0, 0, 80)
    }

    #[test]
    fn tabs_marks_controls_and_stray_bytes_keep_their_places() {
        let line = read(b"\xef\xbb\xbfa\t\xffb\x1b\xc3\xa9\r\nnext");
        assert_eq!(line.text(), "a   \\xffb\\x1bé");
        assert_eq!(line.columns(Span::new(3, 4)), (0, 1), "a");
        assert_eq!(line.columns(Span::new(6, 7)), (8, 9), "b");
        assert_eq!(line.columns(Span::new(9, 10)), (13, 14), "half of é");
        assert_eq!(line.width(), 14);
    }

    #[test]
    fn a_wide_character_is_never_halved() {
        let line = read("日本語");
        assert_eq!(line.between(1, 5), "本");
        assert_eq!(line.between(0, 6), "日本語");
        assert_eq!(line.view(0, 4, "…").text, "日…");
    }

    #[test]
    fn a_view_is_cut_on_either_side() {
        let line = read("0123456789");
        assert_eq!(line.view(0, 10, "…").text, "0123456789");
        assert_eq!(line.view(0, 5, "…").text, "0123…");
        assert_eq!(line.view(4, 5, "…").text, "…567…");
        let view = line.view(5, 5, "...");
        assert_eq!(view.text, "...89");
        assert_eq!(view.locate(Span::new(9, 10)), Span::new(4, 5));
        assert_eq!(view.locate(Span::new(0, 2)), Span::new(0, 3));
        assert_eq!(view.locate(Span::new(99, 99)), Span::at(5));
    }

    #[test]
    fn of_a_huge_line_only_a_part_is_read() {
        let text = format!("{}needle{}", "é".repeat(500_000), "x".repeat(500_000));
        let line = Line::read(&source(&text), 0, 1_000_000, 70);
        assert!(line.text().len() < 2000);
        let span = Span::new(1_000_000, 1_000_006);
        let view = line.view(line.scroll(span, 0, 70), 70, "…");
        assert_eq!(columns::of(&view.text), 70);
        assert_eq!(&view.text[view.locate(span).range()], "needle");
    }

    #[test]
    fn nothing_and_less_than_nothing() {
        for content in ["", "\n", "\u{feff}", "\u{feff}\n"] {
            let line = Line::read(&source(content), 0, 99, 0);
            assert_eq!(line.text(), "");
            assert_eq!(line.view(7, 0, "…").locate(Span::new(5, 9)).start, line.view(7, 0, "…").text.len());
            assert_eq!(line.between(3, 1), "");
        }
        assert_eq!(Line::read(&source("a"), 9, 0, 0).text(), "");
    }
}
