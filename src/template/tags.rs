//! What both languages have in common.

use crate::model::Span;

/// A tag of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    /// The whole of it.
    pub span: Span,
    /// What stands between its marks.
    pub inner: Span,
    /// What it does.
    pub does: Does,
}

/// What a tag does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// Fills in a value.
    Fill,
    /// Begins what is there under a condition, or several times.
    Open,
    /// Begins the other case.
    Otherwise,
    /// Begins one more case under a condition of its own.
    OtherwiseIf,
    /// Ends it.
    Close,
    /// Leaves no trace.
    Nothing,
}

/// Where `wanted` begins, from `from` on.
pub(super) fn find(bytes: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

/// The words of a tag, blanks made one.
pub(super) fn words(bytes: &[u8], span: Span) -> String {
    let text = String::from_utf8_lossy(bytes.get(span.range()).unwrap_or_default());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first word of a code, letters only.
pub(super) fn first_word(code: &str) -> &str {
    let end = code.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(code.len());
    &code[..end]
}
