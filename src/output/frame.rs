//! Has miette draw frames around excerpts: one box for a finding, a part for each file.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles};

use super::excerpt::{Excerpt, windows};
use super::{Report, Style};
use crate::model::{Diagnostic, Severity};

/// What stands around a line number and before the source: ` 12 │ `.
const GUTTER: usize = 4;

/// The box of a finding, each line ended; empty if its files are not known.
pub fn draw(report: &Report, diagnostic: &Diagnostic, style: &Style) -> String {
    let windows = windows(report, diagnostic);
    let digits = windows.iter().map(|window| window.digits()).max().unwrap_or(1);
    let room = style.columns() - GUTTER - digits;
    let mut out = String::new();
    for (index, window) in windows.iter().enumerate() {
        let Some(excerpt) = window.excerpt(report, style, room) else { continue };
        let theme = theme(&excerpt, diagnostic.severity, style, index == 0);
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_width(style.columns())
            .with_context_lines(1);
        let mut drawn = String::new();
        if handler.render_report(&mut drawn, &Framed(excerpt)).is_err() {
            continue;
        }
        // The first line is for a message, which stands above the box; the last line closes it.
        let mut lines: Vec<&str> = drawn.lines().skip(1).collect();
        if index + 1 < windows.len() {
            lines.pop();
        }
        let shift = " ".repeat(digits - window.digits());
        for line in lines {
            out.push_str(&shift);
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

/// The theme for one excerpt: a style for each of its labels, in their order.
fn theme(excerpt: &Excerpt, severity: Severity, style: &Style, first: bool) -> GraphicalTheme {
    let mut characters = if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    if !first {
        characters.ltop = characters.lcross;
    }
    let mut styles = if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
    if style.color {
        let own = match severity {
            Severity::Error => styles.error.bold(),
            Severity::Warning => styles.warning.bold(),
            Severity::Info => styles.advice.bold(),
        };
        let further = ThemeStyles::none().highlights[0].blue().bold();
        styles.link = ThemeStyles::none().link.cyan();
        styles.highlights =
            excerpt.labels.iter().map(|label| if label.primary { own } else { further }).collect();
    }
    GraphicalTheme { characters, styles }
}

/// An excerpt as miette wants it: a diagnostic that says nothing of its own.
#[derive(Debug)]
struct Framed(Excerpt);

impl fmt::Display for Framed {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Framed {}

impl miette::Diagnostic for Framed {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.0)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.0.labels.iter().map(|label| {
            let span = (label.span.start, label.span.len());
            if label.primary {
                LabeledSpan::new_primary_with_span(label.text.clone(), span)
            } else {
                LabeledSpan::new_with_span(label.text.clone(), span)
            }
        })))
    }
}
