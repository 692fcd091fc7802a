//! Reads templates with holes: what a template fills in is masked by as many bytes, so that offsets stay true and no
//! parser needs to know a template language.
//!
//! A value (`<%= x %>`, `{{ x }}`) becomes a [hole](crate::model::hole), which is a name in Ruby and a word anywhere
//! else. Conditions and loops become Ruby's own `if` in Ruby, where they stand alone; anywhere else they become blanks,
//! and what they enclose is a [`Region`].

mod erb;
mod jinja;
mod mask;
mod tags;

use crate::model::{FileKind, Holes, Span, TemplateLanguage};

/// What a template's tags are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoleKind {
    /// A value that is filled in.
    Value,
    /// Something that decides what else is there.
    Control,
    /// A comment, or nothing that leaves a trace.
    Comment,
}

/// A part of a template that its language reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// From the first to the last byte of the tag.
    pub span: Span,
    /// What it is for.
    pub kind: HoleKind,
    /// What stands in it, blanks made one.
    pub text: String,
}

/// What stands between two tags and is there under a condition, or several times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The tags included.
    pub span: Span,
    /// The tag that opens it, as written.
    pub opening: String,
}

/// A template that was masked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    /// As many bytes as the file has, lines included, without a tag.
    pub masked: Vec<u8>,
    /// The tags, in order.
    pub holes: Vec<Hole>,
    /// What the tags enclose, in order of their beginnings.
    pub regions: Vec<Region>,
    /// Whether a tag may add whole lines.
    pub adds_lines: bool,
}

impl Template {
    /// Whether a span touches a tag.
    pub fn touches(&self, span: Span) -> bool {
        let first = self.holes.partition_point(|hole| hole.span.end < span.start);
        self.holes.get(first).is_some_and(|hole| {
            let whole = hole.span.start <= span.end && span.start <= hole.span.end;
            // Standing beside a tag is not touching it.
            whole && (span.is_empty() || hole.span.start < span.end && span.start < hole.span.end)
        }) || self.holes.get(first + 1).is_some_and(|hole| hole.span.start < span.end)
    }

    /// The innermost region around the beginning of a span.
    pub fn region(&self, span: Span) -> Option<&Region> {
        let mut around = self.regions.iter().rev();
        around.find(|region| region.span.start <= span.start && span.start < region.span.end)
    }
}

/// The language of a file whose name doesn't say that it is a template, if it is one all the same.
pub fn told_by_content(kind: FileKind, bytes: &[u8]) -> Option<TemplateLanguage> {
    // Most files hold neither sign.
    if !bytes.windows(2).any(|pair| matches!(pair, b"<%" | b"{{" | b"{%")) {
        return None;
    }
    let comment = |line: &&[u8]| {
        let first = line.trim_ascii_start().first();
        matches!(first, Some(b'#')) || kind == FileKind::Systemd && first == Some(&b';')
    };
    let lines = || bytes.split(|byte| *byte == b'\n').filter(|line| !comment(line));
    let plain = kind == FileKind::Puma;
    match kind {
        // Other Ruby and scripts may hold whole templates as texts of their own.
        FileKind::Capistrano | FileKind::Script => None,
        kind if kind.only_decides() => None,
        _ if lines().any(erb::shows) => Some(TemplateLanguage::Erb),
        // Ruby may hold braces and percent signs of its own.
        _ if lines().any(|line| jinja::shows(line, plain)) => Some(TemplateLanguage::Jinja),
        _ => None,
    }
}

/// Masks a template. `holes` names what is filled in, so that equal words are equal in all files.
pub fn mask(bytes: &[u8], language: TemplateLanguage, kind: FileKind, holes: &mut Holes) -> Template {
    let tags = match language {
        TemplateLanguage::Erb => erb::tags(bytes),
        TemplateLanguage::Jinja => jinja::tags(bytes),
    };
    mask::mask(bytes, tags, language, kind, holes)
}

/// Masks a template for a look that compares nothing.
pub fn blanked(bytes: &[u8], language: TemplateLanguage, kind: FileKind) -> Vec<u8> {
    mask(bytes, language, kind, &mut Holes::default()).masked
}

#[cfg(test)]
mod tests;
