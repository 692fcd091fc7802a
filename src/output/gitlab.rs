//! GitLab's Code Quality report: an array with an object for each finding.

use std::borrow::Cow;
use std::io;

use serde::Serialize;

use super::fingerprint::fingerprints;
use super::{Report, escape};
use crate::model::{LineColumn, Severity};

#[derive(Serialize)]
struct Degradation<'a> {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: Cow<'a, str>,
    lines: Lines,
    positions: Positions,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

#[derive(Serialize)]
struct Positions {
    begin: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
}

impl From<LineColumn> for Position {
    fn from(LineColumn { line, column }: LineColumn) -> Self {
        Self { line, column }
    }
}

/// Writes a report. Paths are those in the repository, as GitLab wants them.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let all = report.findings.iter().zip(fingerprints(report)).map(|(finding, fingerprint)| {
        let diagnostic = &finding.diagnostic;
        let (begin, end) = report.extent(diagnostic.location);
        Degradation {
            description: escape::inline(&diagnostic.message).into_owned(),
            check_name: diagnostic.rule,
            fingerprint,
            severity: severity(diagnostic.severity),
            location: Location {
                path: report.path_in_repository(diagnostic.location.file),
                lines: Lines { begin: begin.line, end: end.line },
                positions: Positions { begin: begin.into(), end: end.into() },
            },
        }
    });
    let mut text = serde_json::to_vec_pretty(&all.collect::<Vec<_>>())?;
    text.push(b'\n');
    out.write_all(&text)
}

/// In GitLab's words, which are five.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::*;
    use super::*;
    use crate::model::{Diagnostic, FileKind};

    #[test]
    fn what_gitlab_reads() {
        let mut world = World::new();
        assert_eq!(text(|out| write(&world.report(), out)), "[]\n");
        let file = world.file("config/puma.rb", FileKind::Puma, "# é\ndaemonize\n");
        let at = world.at(file, "daemonize");
        world.find(Diagnostic::new("removed-directive", Severity::Error, at, "no\x1b `daemonize`"));
        let report: Value = serde_json::from_str(&text(|out| write(&world.report(), out))).unwrap();
        assert_eq!(
            report,
            json!([{
                "description": "no\\x1b `daemonize`",
                "check_name": "removed-directive",
                "fingerprint": fingerprints(&world.report())[0],
                "severity": "critical",
                "location": {
                    "path": "config/puma.rb",
                    "lines": {"begin": 2, "end": 2},
                    "positions": {"begin": {"line": 2, "column": 1}, "end": {"line": 2, "column": 10}},
                },
            }])
        );
    }
}
