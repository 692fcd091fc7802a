//! Bytes in, bytes out: a file's content, and where in it something stands.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A range of bytes in one file, from 0; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end`; an inverted pair becomes the empty span at `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The empty span at `offset`.
    pub fn at(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    /// How many bytes it covers.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether it covers no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies wholly inside.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether they share a byte.
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The smallest span that covers both.
    pub fn join(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// As a range, to slice with.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// Names a file of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// Names a service or socket of a deployment: its place among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceId(pub u32);

/// A span in a file of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// Where in it.
    pub span: Span,
}

/// A position for people: both count from 1, columns in Unicode code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// A Puma config.
    Puma,
    /// A systemd unit.
    Systemd,
    /// A Monit control file.
    Monit,
    /// A Procfile, for foreman, overmind or Heroku.
    Procfile,
    /// A Dockerfile.
    Dockerfile,
    /// A compose file.
    Compose,
    /// A deploy file of Capistrano.
    Capistrano,
    /// A shell script.
    Script,
    /// Bundler's lock file.
    Lock,
    /// Our own settings.
    Settings,
    /// A file of variables that a unit's `EnvironmentFile=` names.
    Environment,
    /// A Ruby file that a config requires.
    Ruby,
    /// `.ruby-version`.
    RubyVersion,
}

impl FileKind {
    /// The kinds that a file can be said to be of, in the order in which reports list them. Files of the others are
    /// known by who names them.
    pub const ALL: [FileKind; 9] = [
        FileKind::Puma,
        FileKind::Systemd,
        FileKind::Monit,
        FileKind::Procfile,
        FileKind::Dockerfile,
        FileKind::Compose,
        FileKind::Capistrano,
        FileKind::Script,
        FileKind::Lock,
    ];

    /// Whether files of this kind are read for what they decide about others, and have nothing to check themselves.
    pub fn only_decides(self) -> bool {
        matches!(
            self,
            FileKind::Lock
                | FileKind::Settings
                | FileKind::Environment
                | FileKind::Ruby
                | FileKind::RubyVersion
        )
    }

    /// Its name in `--kind` and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            FileKind::Puma => "puma",
            FileKind::Systemd => "systemd",
            FileKind::Monit => "monit",
            FileKind::Procfile => "procfile",
            FileKind::Dockerfile => "dockerfile",
            FileKind::Compose => "compose",
            FileKind::Capistrano => "capistrano",
            FileKind::Script => "script",
            FileKind::Lock => "lock",
            FileKind::Settings => "settings",
            FileKind::Environment => "environment",
            FileKind::Ruby => "ruby",
            FileKind::RubyVersion => "ruby-version",
        }
    }

    /// Whether files of this kind hold commands of any kind, so that only those that name Puma concern us.
    pub fn holds_any_commands(self) -> bool {
        matches!(
            self,
            FileKind::Procfile
                | FileKind::Dockerfile
                | FileKind::Compose
                | FileKind::Capistrano
                | FileKind::Script
        )
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a template marks what is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateLanguage {
    /// `<%= x %>`, `<% if x %>`: ERB, also that of Rails' generators.
    Erb,
    /// `{{ x }}`, `{% if x %}`: Jinja, and what looks like it.
    Jinja,
}

/// One file as it was read (or as a fix would leave it).
#[derive(Debug)]
pub struct Source {
    /// The path to show: relative to where the user stands if possible, always with `/`.
    shown: String,
    /// The path to open.
    path: PathBuf,
    kind: FileKind,
    bytes: Vec<u8>,
    template: Option<TemplateLanguage>,
    /// The path of what is made of it, where that is another.
    made: Option<PathBuf>,
    line_starts: OnceLock<Vec<usize>>,
}

impl Source {
    /// A source of the given bytes.
    pub fn new(shown: impl Into<String>, path: impl Into<PathBuf>, kind: FileKind, bytes: Vec<u8>) -> Self {
        Self {
            shown: shown.into(),
            path: path.into(),
            kind,
            bytes,
            template: None,
            made: None,
            line_starts: OnceLock::new(),
        }
    }

    /// The same source as a template in this language, if it is one, of which a file of another name may be made.
    pub fn written_in(self, template: Option<TemplateLanguage>, made: Option<PathBuf>) -> Self {
        Self { template, made, ..self }
    }

    /// The same source with other bytes.
    pub fn with_bytes(&self, bytes: Vec<u8>) -> Self {
        Self::new(self.shown.as_str(), self.path.as_path(), self.kind, bytes)
            .written_in(self.template, self.made.clone())
    }

    /// The path that its name is read from: that of the file which a template makes, else its own.
    pub fn made(&self) -> &Path {
        self.made.as_deref().unwrap_or(&self.path)
    }

    /// The language of the template that this is, if it is one.
    pub fn template(&self) -> Option<TemplateLanguage> {
        self.template
    }

    /// The path to show. It may hold any character: escape it before it reaches a terminal.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The path to open.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file is for.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// The content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text of a span, clamped to the file; invalid UTF-8 becomes U+FFFD.
    pub fn text(&self, span: Span) -> Cow<'_, str> {
        let end = span.end.min(self.bytes.len());
        String::from_utf8_lossy(&self.bytes[span.start.min(end)..end])
    }

    /// Where each line starts. A line ends with `\n`, `\r\n` or the file.
    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            std::iter::once(0)
                .chain(self.bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1))
                .collect()
        })
    }

    /// The number of lines; an empty file has one.
    pub fn line_count(&self) -> usize {
        self.line_starts().len()
    }

    /// The line (from 0) that holds `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts().partition_point(|start| *start <= offset) - 1
    }

    /// The span of line `line` (from 0) without its line end; past the last line, the empty span at the end.
    pub fn line_span(&self, line: usize) -> Span {
        let starts = self.line_starts();
        let Some(&start) = starts.get(line) else { return Span::at(self.bytes.len()) };
        let mut end = starts.get(line + 1).map_or(self.bytes.len(), |next| next - 1);
        if end > start && starts.len() > line + 1 && self.bytes[end - 1] == b'\r' {
            end -= 1;
        }
        Span::new(start, end)
    }

    /// The position of `offset`, clamped to the file. A byte order mark takes no column.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let offset = offset.min(self.bytes.len());
        let line = self.line_of(offset);
        let mut start = self.line_starts()[line];
        if start == 0 && self.bytes.starts_with(b"\xEF\xBB\xBF") {
            start = 3.min(offset);
        }
        let column = String::from_utf8_lossy(&self.bytes[start..offset]).chars().count() + 1;
        LineColumn { line: line + 1, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("x", "x", FileKind::Puma, text.as_bytes().to_vec())
    }

    #[test]
    fn columns_count_characters_and_lines_end_with_lf_or_crlf() {
        let s = source("aé b\r\nzwei\n");
        assert_eq!(s.line_column(4), LineColumn { line: 1, column: 4 });
        assert_eq!(s.line_column(7), LineColumn { line: 2, column: 1 });
        assert_eq!(s.line_span(0), Span::new(0, 5));
        assert_eq!(s.line_span(1), Span::new(7, 11));
        assert_eq!(s.line_column(99), LineColumn { line: 3, column: 1 });
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let s = source("\u{feff}port 1");
        assert_eq!(s.line_column(3), LineColumn { line: 1, column: 1 });
        assert_eq!(s.line_column(0), LineColumn { line: 1, column: 1 });
    }

    #[test]
    fn an_empty_file_has_one_line() {
        assert_eq!(source("").line_count(), 1);
        assert_eq!(source("").line_span(0), Span::at(0));
    }
}
