//! Workflow commands, which GitHub Actions turns into annotations of a pull request.

use std::io;

use super::{Report, escape, plain};
use crate::model::Severity;

/// Writes one command for each finding.
///
/// Columns are given only where a finding ends in the line in which it begins: GitHub takes no others.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in report.findings {
        let diagnostic = &finding.diagnostic;
        let (start, end) = report.extent(diagnostic.location);
        let path = report.path_in_repository(diagnostic.location.file);
        let mut properties = format!("file={},line={}", property(&path), start.line);
        if start.line == end.line {
            properties.push_str(&format!(",col={}", start.column));
            // An empty place has no end that GitHub would take.
            if start.column < end.column {
                properties.push_str(&format!(",endColumn={}", end.column));
            }
        }
        properties.push_str(&format!(
            ",endLine={},title={}",
            end.line,
            property(&format!("puma-lint ({})", diagnostic.rule))
        ));
        writeln!(
            out,
            "::{} {properties}::{}",
            level(diagnostic.severity),
            data(&plain::lines(diagnostic).join("\n"))
        )?;
    }
    Ok(())
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

/// A command ends with its line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property ends with a comma, and all of them with a colon.
fn property(text: &str) -> String {
    data(&escape::inline(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::model::{Diagnostic, FileKind, Speaker};

    #[test]
    fn a_line_each_and_nothing_leaves_its_place() {
        let mut world = World::new();
        let file = world.file("a:b,c%\n::error::\x1b[2J.rb", FileKind::Puma, "# é\nport 1\nport 2\n");
        let at = world.at(file, "port 1");
        world.find(
            Diagnostic::new("some-rule", Severity::Error, at, "100% ::wrong\x1b[31m")
                .quote(Speaker::Puma, "one\r\ntwo")
                .help("do: this, or that"),
        );
        let at = world.at(file, "port 1\nport 2");
        world.find(Diagnostic::new("some-rule", Severity::Warning, at, "m"));
        let at = world.span(file, 5, 5);
        world.find(Diagnostic::new("some-rule", Severity::Info, at, "m"));
        assert_eq!(
            text(|out| write(&world.report(), out)),
            "::error file=a%3Ab%2Cc%25\\n%3A%3Aerror%3A%3A\\x1b[2J.rb,line=2,col=1,endColumn=7,endLine=2,title=puma-lint (some-rule)::100%25 ::wrong\\x1b[31m%0APuma says: one%0Atwo%0Ahelp: do: this, or that
::warning file=a%3Ab%2Cc%25\\n%3A%3Aerror%3A%3A\\x1b[2J.rb,line=2,endLine=3,title=puma-lint (some-rule)::m
::notice file=a%3Ab%2Cc%25\\n%3A%3Aerror%3A%3A\\x1b[2J.rb,line=2,col=1,endLine=2,title=puma-lint (some-rule)::m
"
        );
    }
}
