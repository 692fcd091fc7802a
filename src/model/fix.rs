//! What would mend a diagnostic.

use super::{FileId, Span};

/// One replacement in one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The file to change.
    pub file: FileId,
    /// What to replace; empty to insert.
    pub span: Span,
    /// What to put there; empty to delete.
    pub replacement: String,
}

/// Who may decide that a fix is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// The deployment does afterwards what it was meant to do: `fix` applies it.
    Safe,
    /// It may change what the deployment does: only `fix --unsafe` applies it.
    Unsafe,
    /// Shown, never applied.
    DisplayOnly,
}

impl Applicability {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
            Applicability::DisplayOnly => "display-only",
        }
    }
}

/// Edits, perhaps in several files, that are applied whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a command: "remove `daemonize`".
    pub title: String,
    /// Who may decide.
    pub applicability: Applicability,
    /// The edits. They never overlap.
    pub edits: Vec<Edit>,
}

/// The text after all edits, which don't overlap.
pub fn apply(text: &[u8], mut edits: Vec<&Edit>) -> Vec<u8> {
    edits.sort_by_key(|edit| (edit.span, edit.replacement.clone()));
    let mut fixed = Vec::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        fixed.extend_from_slice(text.get(at..edit.span.start).unwrap_or_default());
        fixed.extend_from_slice(edit.replacement.as_bytes());
        at = edit.span.end.max(at);
    }
    fixed.extend_from_slice(text.get(at..).unwrap_or_default());
    fixed
}
