//! How output for people looks. Whoever calls decides, by looking at the terminal.

use crate::model::Severity;

/// Colour, width and characters of the formats for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour.
    pub color: bool,
    /// How many columns there are; fewer than 40 are taken as 40.
    pub width: usize,
    /// Whether names of rules are links to their explanation (OSC 8).
    pub links: bool,
    /// Whether frames are drawn with box characters rather than ASCII.
    pub unicode: bool,
    /// Whether a summary ends the report.
    pub summary: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 80, links: false, unicode: true, summary: true }
    }
}

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ink {
    Severity(Severity),
    Strong,
    Place,
    Help,
    Added,
    Removed,
}

impl Style {
    /// The columns to fill.
    pub(super) fn columns(&self) -> usize {
        self.width.max(40)
    }

    /// Stands for what was cut away.
    pub(super) fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// Text in its colour.
    pub(super) fn paint(&self, ink: Ink, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Severity(Severity::Error) => "1;31",
            Ink::Severity(Severity::Warning) => "1;33",
            Ink::Severity(Severity::Info) => "1;36",
            Ink::Strong => "1",
            Ink::Place | Ink::Help => "36",
            Ink::Added => "32",
            Ink::Removed => "31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// Text that leads to `url` where the terminal knows links.
    pub(super) fn link(&self, url: &str, text: &str) -> String {
        if self.links { format!("\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\") } else { text.to_owned() }
    }
}
