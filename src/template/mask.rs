//! Puts something of the same length where the tags are.

use super::tags::{Does, Tag, words};
use super::{Hole, HoleKind, Region, Template};
use crate::model::{FileKind, Holes, Span, TemplateLanguage, hole};

/// What a tag becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Becomes {
    /// Blanks.
    Blank,
    /// A hole.
    Filled,
    /// These words of Ruby, in which `?` is a hole.
    Ruby(&'static str),
    /// Nothing of its own: it is part of another.
    Part,
}

/// Tags that belong together, by their places.
struct Block {
    open: usize,
    between: Vec<usize>,
    /// `None` if it is never closed.
    close: Option<usize>,
}

pub(super) fn mask(
    bytes: &[u8],
    tags: Vec<Tag>,
    language: TemplateLanguage,
    kind: FileKind,
    holes: &mut Holes,
) -> Template {
    let mut work = Masking {
        bytes,
        becomes: tags.iter().map(first_thought).collect(),
        alone: alone(bytes, &tags),
        tags,
        language,
        kind,
        line_ends: bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect(),
        holes,
        template: Template { masked: bytes.to_vec(), ..Template::default() },
    };
    work.blocks();
    work.write();
    work.template
}

fn first_thought(tag: &Tag) -> Becomes {
    if tag.does == Does::Fill { Becomes::Filled } else { Becomes::Blank }
}

/// Whether a tag shares its lines with nothing but blanks and tags that leave no trace.
fn alone(bytes: &[u8], tags: &[Tag]) -> Vec<bool> {
    let blank = |from: usize, to: usize| bytes[from..to].iter().all(u8::is_ascii_whitespace);
    let mut alone = vec![true; tags.len()];
    // What stands before a tag on its line, then what stands behind it.
    let mut clear = true;
    let mut last = 0;
    for (at, tag) in tags.iter().enumerate() {
        let gap = &bytes[last..tag.span.start];
        let line = gap.iter().rposition(|byte| *byte == b'\n').map(|at| last + at + 1);
        clear = (clear || line.is_some()) && blank(line.unwrap_or(last), tag.span.start);
        alone[at] = clear;
        clear &= tag.does != Does::Fill;
        last = tag.span.end;
    }
    let mut clear = true;
    let mut next = bytes.len();
    for (at, tag) in tags.iter().enumerate().rev() {
        let gap = &bytes[tag.span.end..next];
        let line = gap.iter().position(|byte| *byte == b'\n').map(|at| tag.span.end + at);
        clear = (clear || line.is_some()) && blank(tag.span.end, line.unwrap_or(next));
        alone[at] &= clear;
        clear &= tag.does != Does::Fill;
        next = tag.span.start;
    }
    alone
}

struct Masking<'a> {
    bytes: &'a [u8],
    tags: Vec<Tag>,
    becomes: Vec<Becomes>,
    /// By tag: whether nothing else stands on its lines.
    alone: Vec<bool>,
    language: TemplateLanguage,
    kind: FileKind,
    /// Where the lines end.
    line_ends: Vec<usize>,
    holes: &'a mut Holes,
    template: Template,
}

impl Masking<'_> {
    /// Decides about conditions and loops.
    fn blocks(&mut self) {
        let mut open: Vec<Block> = Vec::new();
        let mut done: Vec<Block> = Vec::new();
        for at in 0..self.tags.len() {
            match self.tags[at].does {
                Does::Open => open.push(Block { open: at, between: Vec::new(), close: None }),
                Does::Otherwise | Does::OtherwiseIf => {
                    if let Some(block) = open.last_mut() {
                        block.between.push(at);
                    }
                }
                Does::Close => {
                    if let Some(block) = open.pop() {
                        done.push(Block { close: Some(at), ..block });
                    }
                }
                Does::Fill | Does::Nothing => {}
            }
        }
        done.append(&mut open);
        // The outer ones first: what is collapsed takes all within it along.
        done.sort_by_key(|block| block.open);
        for block in done {
            if self.becomes[block.open] != Becomes::Part {
                self.block(&block);
            }
        }
    }

    fn block(&mut self, block: &Block) {
        let start = self.tags[block.open].span.start;
        let Some(close) = block.close else {
            return self.region(block, self.bytes.len());
        };
        let end = self.tags[close].span.end;
        if self.kind == FileKind::Puma && self.is_statement(block, close) && self.is_ruby(block, close) {
            return;
        }
        let one_line = self.line_ends.partition_point(|at| *at < start)
            == self.line_ends.partition_point(|at| *at < end);
        if one_line && !self.owns_line(block.open, close) {
            // `a<% if x %>b<% end %>`: all of it is one value.
            self.tags[block.open].span.end = end;
            self.tags[block.open].inner = Span::new(start, end);
            self.becomes[block.open] = Becomes::Filled;
            self.becomes[block.open + 1..=close].fill(Becomes::Part);
            return;
        }
        self.region(block, end);
    }

    fn region(&mut self, block: &Block, end: usize) {
        let tag = &self.tags[block.open];
        let span = Span::new(tag.span.start, end);
        self.template.regions.push(Region { span, opening: words(self.bytes, tag.span) });
    }

    /// Whether nothing but blanks stands around both tags on their lines.
    fn owns_line(&self, open: usize, close: usize) -> bool {
        let before = self.bytes[..self.tags[open].span.start].iter().rev();
        let after = self.bytes[self.tags[close].span.end..].iter();
        let blank = |byte: &&u8| **byte != b'\n';
        before.take_while(blank).all(u8::is_ascii_whitespace)
            && after.take_while(blank).all(u8::is_ascii_whitespace)
    }

    /// Whether a block encloses whole statements: its tags stand alone, or all of it on a line of its own.
    fn is_statement(&self, block: &Block, close: usize) -> bool {
        let mut tags = std::iter::once(&block.open).chain(&block.between).chain(std::iter::once(&close));
        tags.all(|tag| self.alone[*tag]) || self.owns_line(block.open, close)
    }

    /// Makes a block Ruby's own `if`, where the tags have room for it.
    fn is_ruby(&mut self, block: &Block, close: usize) -> bool {
        let between: Vec<(usize, &'static str)> = block
            .between
            .iter()
            .map(|tag| (*tag, if self.tags[*tag].does == Does::OtherwiseIf { ";elsif ?;" } else { ";else;" }))
            .collect();
        let all = || {
            let ends = [(block.open, "if ?;"), (close, ";end;")];
            ends.into_iter().chain(between.iter().copied())
        };
        // Two times `else` is no Ruby.
        let otherwise = between.iter().filter(|(_, words)| *words == ";else;").count();
        let fits = all().all(|(tag, words)| room(self.bytes, self.tags[tag].span).len() >= length(words));
        if !fits || otherwise > 1 {
            return false;
        }
        for (tag, words) in all() {
            self.becomes[tag] = Becomes::Ruby(words);
        }
        true
    }

    /// Writes what each tag becomes.
    fn write(&mut self) {
        let tags = std::mem::take(&mut self.tags);
        for (at, tag) in tags.iter().enumerate() {
            let becomes = self.becomes[at].clone();
            if becomes == Becomes::Part {
                continue;
            }
            let text = words(self.bytes, tag.inner);
            let kind = match (&becomes, tag.does) {
                (Becomes::Filled, _) => HoleKind::Value,
                (_, Does::Nothing) => HoleKind::Comment,
                _ => HoleKind::Control,
            };
            match becomes {
                // Where no statement can be a value, it brings statements of its own.
                Becomes::Filled
                    if self.alone[at] && self.kind != FileKind::Puma && !self.continues(tag.span) =>
                {
                    self.template.adds_lines = true;
                    self.blank(tag.span);
                }
                Becomes::Filled => {
                    let hole = self.name("", &text, tag.span);
                    self.fill(tag.span, hole);
                }
                Becomes::Ruby(ruby) => {
                    let hole = ruby.contains('?').then(|| self.name("when ", &text, tag.span));
                    self.ruby(tag.span, ruby, hole.unwrap_or(hole::ANONYMOUS));
                }
                _ => self.blank(tag.span),
            }
            self.template.holes.push(Hole { span: tag.span, kind, text });
        }
        self.tags = tags;
    }

    /// Whether a line goes on from the one before.
    fn continues(&self, span: Span) -> bool {
        let before = self.line_ends.partition_point(|end| *end < span.start);
        before
            .checked_sub(1)
            .is_some_and(|line| self.bytes[..self.line_ends[line]].trim_ascii_end().ends_with(b"\\"))
    }

    fn name(&mut self, sort: &str, text: &str, span: Span) -> char {
        let shown = words(self.bytes, span);
        self.holes.name(&format!("{:?} {sort}{text}", self.language), &shown)
    }

    fn blank(&mut self, span: Span) {
        let masked = &mut self.template.masked[span.range()];
        masked.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    }

    /// Puts a hole there; of a tag over several lines, into the first that holds one, and padding into the others.
    fn fill(&mut self, span: Span, hole: char) {
        self.blank(span);
        let mut filled = false;
        for line in lines(self.bytes, span) {
            let mut text = if filled { None } else { hole::padded(hole, line.len()) };
            filled |= text.is_some();
            if filled && text.is_none() {
                let mut padding = String::new();
                hole::pad(&mut padding, line.len());
                text = Some(padding);
            }
            if let Some(text) = text {
                self.template.masked[line.range()].copy_from_slice(text.as_bytes());
            }
        }
    }

    fn ruby(&mut self, span: Span, ruby: &str, hole: char) {
        self.blank(span);
        let text = ruby.replace('?', hole.encode_utf8(&mut [0; 4]));
        let start = room(self.bytes, span).start;
        self.template.masked[start..start + text.len()].copy_from_slice(text.as_bytes());
    }
}

/// How many bytes words of Ruby take, their hole filled in.
fn length(words: &str) -> usize {
    words.len() + if words.contains('?') { 3 } else { 0 }
}

/// The parts of a span that lie in one line each.
fn lines(bytes: &[u8], span: Span) -> impl Iterator<Item = Span> {
    let mut at = span.start;
    bytes[span.range()].split(|byte| matches!(byte, b'\n' | b'\r')).map(move |line| {
        let start = at;
        at += line.len() + 1;
        Span::new(start, start + line.len())
    })
}

/// The longest of them.
fn room(bytes: &[u8], span: Span) -> Span {
    lines(bytes, span).max_by_key(|line| line.len()).unwrap_or(span)
}
