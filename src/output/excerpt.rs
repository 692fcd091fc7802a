//! The lines of one file that a finding speaks of, ready to be framed.
//!
//! miette reads a whole file for each diagnostic and prints its bytes raw. It is given a window
//! instead: a few lines, decoded, escaped and cut to the width, with the labels moved along.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::line::Line;
use super::{Report, Style, columns};
use crate::model::{Diagnostic, FileId, LineColumn, Location, Source, Span};

/// Labels with at most this many lines between them share a window.
const GAP: usize = 2;

/// What miette draws between the middle of an underline and its label.
const LEAD: usize = 4;

/// A label narrower than this is not worth folding.
const NARROW: usize = 24;

/// Something to mark in one line.
#[derive(Debug, Clone)]
struct Mark {
    file: FileId,
    /// The line, from 0.
    line: usize,
    /// Where in the file, within that line.
    span: Span,
    text: String,
    primary: bool,
}

/// Labelled lines that stand near each other.
pub struct Window {
    file: FileId,
    /// Sorted by place.
    marks: Vec<Mark>,
}

/// A label in an excerpt's text.
#[derive(Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What to say; folded already.
    pub text: Option<String>,
    /// Whether it is the finding's own place.
    pub primary: bool,
}

/// A window's text. It is its own `SourceCode`, of which every part is the whole.
#[derive(Debug)]
pub struct Excerpt {
    name: String,
    text: String,
    /// The first line, from 0.
    line: usize,
    line_count: usize,
    /// The place to name in the header.
    place: LineColumn,
    /// The labels, sorted by place.
    pub labels: Vec<Label>,
}

/// The windows of a finding, that with its own place first.
pub fn windows(report: &Report, diagnostic: &Diagnostic) -> Vec<Window> {
    let own = mark(report, diagnostic.location, &diagnostic.label, true);
    let further = diagnostic.labels.iter().map(|label| mark(report, label.location, &label.message, false));
    let mut windows: Vec<Window> = Vec::new();
    let mut files: Vec<(FileId, Vec<Mark>)> = Vec::new();
    for mark in std::iter::once(own).chain(further).flatten() {
        match files.iter_mut().find(|(file, _)| *file == mark.file) {
            Some((_, marks)) => marks.push(mark),
            None => files.push((mark.file, vec![mark])),
        }
    }
    for (file, mut marks) in files {
        marks.sort_by_key(|mark| (mark.line, mark.span));
        for mark in marks {
            match windows.last_mut() {
                Some(window) if window.file == file && mark.line <= window.last_line() + GAP + 1 => {
                    window.marks.push(mark);
                }
                _ => windows.push(Window { file, marks: vec![mark] }),
            }
        }
    }
    if let Some(own) = windows.iter().position(|window| window.marks.iter().any(|mark| mark.primary)) {
        windows[..=own].rotate_right(1);
    }
    for window in &mut windows {
        window.separate();
    }
    windows
}

/// Of a span of several lines its first is marked.
fn mark(report: &Report, location: Location, text: &str, primary: bool) -> Option<Mark> {
    let source = report.source(location.file)?;
    let line = source.line_of(location.span.start.min(source.bytes().len()));
    let whole = source.line_span(line);
    let start = location.span.start.clamp(whole.start, whole.end);
    let mut end = location.span.end.clamp(start, whole.end);
    if location.span.end > whole.end {
        let blank = source.bytes()[start..end].iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
        end -= blank;
    }
    let text = super::escape::inline(text).into_owned();
    Some(Mark { file: location.file, line, span: Span::new(start, end), text, primary })
}

impl Window {
    fn last_line(&self) -> usize {
        self.marks.last().map_or(0, |mark| mark.line)
    }

    /// The digits of the last line's number.
    pub fn digits(&self) -> usize {
        (self.last_line() + 1).to_string().len()
    }

    /// Makes marks disjoint: those at one place become one, and of two that overlap
    /// the outer keeps what the inner leaves.
    fn separate(&mut self) {
        let mut apart: Vec<Mark> = Vec::new();
        for mut mark in std::mem::take(&mut self.marks) {
            let Some(before) = apart.last_mut() else {
                apart.push(mark);
                continue;
            };
            if before.span == mark.span || (before.span.start == mark.span.start && before.span.is_empty()) {
                if !before.text.is_empty() && !mark.text.is_empty() && before.text != mark.text {
                    before.text.push_str("; ");
                }
                if !before.text.ends_with(&mark.text) {
                    before.text.push_str(&mark.text);
                }
                before.span = before.span.join(mark.span);
                before.primary |= mark.primary;
                continue;
            }
            if before.span.end > mark.span.start {
                if before.span.start < mark.span.start {
                    before.span.end = mark.span.start;
                } else {
                    mark.span = Span::new(before.span.end.min(mark.span.end), mark.span.end);
                }
            }
            apart.push(mark);
        }
        self.marks = apart;
    }

    /// The text and the labels, for lines of `room` columns.
    pub fn excerpt(&self, report: &Report, style: &Style, room: usize) -> Option<Excerpt> {
        let source = report.source(self.file)?;
        let first_mark = self.marks.first()?;
        let named = self.marks.iter().find(|mark| mark.primary).unwrap_or(first_mark);
        let before = first_mark.line.saturating_sub(1);
        let blank = source.text(source.line_span(before)).trim().is_empty();
        let first = if blank { first_mark.line } else { before };
        let mut excerpt = Excerpt {
            name: report.path(self.file).into_owned(),
            text: String::new(),
            line: first,
            line_count: self.last_line() - first + 1,
            place: source.line_column(named.span.start),
            labels: Vec::new(),
        };
        for line in first..=self.last_line() {
            let from = self.marks.partition_point(|mark| mark.line < line);
            let to = self.marks.partition_point(|mark| mark.line <= line);
            excerpt.push(source, line, &self.marks[from..to], style, room);
        }
        Some(excerpt)
    }
}

impl Excerpt {
    /// Adds a line with its labels.
    fn push(&mut self, source: &Source, number: usize, marks: &[Mark], style: &Style, room: usize) {
        let focus = marks.iter().find(|mark| mark.primary).or(marks.first());
        let line = Line::read(source, number, focus.map_or(0, |mark| mark.span.start), room);
        let from = focus.map_or(0, |mark| {
            let (start, end) = line.columns(mark.span);
            // A label is folded rather than the line scrolled, as long as that leaves enough room.
            // A line that is cut anyway is scrolled.
            let word = mark.text.split(' ').map(columns::of).max().unwrap_or(0);
            let most = if line.width() > room { room / 2 } else { NARROW };
            let label = columns::of(&mark.text).min(most.max(word));
            line.scroll(mark.span, (start + end) / 2 + LEAD + label, room)
        });
        let view = line.view(from, room, style.ellipsis());
        let base = self.text.len();
        for mark in marks {
            let span = view.locate(mark.span);
            let text = (!mark.text.is_empty()).then(|| {
                let start = columns::of(&view.text[..span.start]);
                let end = start + columns::of(&view.text[span.range()]).max(1);
                let room = room.saturating_sub((start + end) / 2 + LEAD).max(NARROW);
                columns::fold(&mark.text, 0, 0, room).join("\n")
            });
            let span = Span::new(base + span.start, base + span.end);
            self.labels.push(Label { span, text, primary: mark.primary });
        }
        self.text.push_str(&view.text);
        self.text.push('\n');
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Asked for no context, miette wants to know what to write into the header.
        let (line, column) = match (before, after) {
            (0, 0) => (self.place.line - 1, self.place.column - 1),
            _ => (self.line, 0),
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            self.text.as_bytes(),
            (0, self.text.len()).into(),
            line,
            column,
            self.line_count,
        )))
    }
}
