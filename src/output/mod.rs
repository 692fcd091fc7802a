//! Diagnostics for people and for machines, one file a format.
//!
//! A format receives a [`Report`] and writes it; it decides nothing about the findings themselves.
//! For people: [`full`] (headers, frames drawn by miette, a summary) and [`concise`] (a line each).
//! For machines: [`json`]. Beside them, [`diff`] shows what a fix would change, and [`show`] what Puma would use.
//! Nothing that looks like a secret is ever printed: [`secrets`].

pub mod concise;
pub mod diff;
pub mod escape;
pub mod full;
pub mod json;
pub mod report;
pub mod secrets;
pub mod settings;
pub mod show;

mod columns;
mod consequences;
mod excerpt;
mod frame;
mod line;
mod style;
mod summary;

#[cfg(test)]
mod testing;

use std::io;

pub use report::{DeploymentSummary, Finding, Report};
pub use style::Style;

use secrets::Redacted;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Frames around the source, for people.
    #[default]
    Full,
    /// One line for each finding.
    Concise,
    /// One object, for scripts.
    Json,
}

/// Writes a report, its secrets hidden before any format sees it. `style` concerns the formats for people only.
pub fn write(report: &Report, format: Format, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let redacted = Redacted::of(report);
    let report = &redacted.report(report);
    match format {
        Format::Full => full::write(report, style, out),
        Format::Concise => concise::write(report, out),
        Format::Json => json::write(report, out),
    }
}
