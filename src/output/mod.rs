//! Diagnostics for people and for machines, one file a format.
//!
//! A format receives a [`Report`] and writes it; it decides nothing about the findings themselves.
//! For people: [`full`] (headers, frames drawn by miette, a summary) and [`concise`] (a line each).
//! For machines: [`json`] for scripts, [`sarif`] for code scanning, [`github`] and [`gitlab`] for pull requests, [`junit`]
//! for whatever shows tests. Beside them, [`diff`] shows what a fix would change, and [`show`] what Puma would use.
//! Nothing that looks like a secret is ever printed: `redact`.

pub mod columns;
pub mod concise;
pub mod diff;
pub mod escape;
pub mod fingerprint;
pub mod full;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod report;
pub mod sarif;
pub mod settings;
pub mod show;

mod consequences;
mod excerpt;
mod frame;
mod line;
mod plain;
mod redact;
mod style;
mod summary;

#[cfg(test)]
mod testing;

use std::io;

pub use report::{DeploymentSummary, Finding, Report};
pub use style::Style;

use redact::Redacted;

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
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// JUnit's XML.
    Junit,
}

/// Writes a report, its secrets hidden before any format sees it. `style` concerns the formats for people only.
pub fn write(report: &Report, format: Format, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let redacted = Redacted::of(report);
    let report = &redacted.report(report);
    match format {
        Format::Full => full::write(report, style, out),
        Format::Concise => concise::write(report, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, out),
        Format::Gitlab => gitlab::write(report, out),
        Format::Junit => junit::write(report, out),
    }
}
