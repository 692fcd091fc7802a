//! One line for each finding: `path:line:column: severity[rule] message`.

use std::io;

use super::{Report, escape};
use crate::model::{Applicability, LineColumn};

/// Writes a report, a line for each finding, consequences included, and no summary. Of a fix that waits for
/// somebody's word it says what that is.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in report.findings {
        let diagnostic = &finding.diagnostic;
        let LineColumn { line, column } = report.position(diagnostic.location);
        let held = match diagnostic.fixes.first() {
            Some(fix) if fix.applicability == Applicability::Unsafe => {
                format!(" ({})", finding.command(report, fix))
            }
            _ => String::new(),
        };
        writeln!(
            out,
            "{}:{line}:{column}: {}[{}] {}{held}",
            report.path(diagnostic.location.file),
            diagnostic.severity.name(),
            diagnostic.rule,
            escape::inline(&diagnostic.message),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::model::{Diagnostic, FileKind, Severity};

    #[test]
    fn one_line_each_whatever_the_names_hold() {
        let mut world = World::new();
        let file = world.file("a\x1b]0;\nb.rb", FileKind::Puma, "é\ndaemonize");
        let at = world.at(file, "daemonize");
        world.find(Diagnostic::new("removed-directive", Severity::Error, at, "no `daemonize`\nhere"));
        let shown = text(|out| write(&world.report(), out));
        assert_eq!(shown, "a\\x1b]0;\\nb.rb:2:1: error[removed-directive] no `daemonize`\\nhere\n");
    }

    #[test]
    fn nothing_found_writes_nothing() {
        let mut world = World::new();
        world.file("config/puma.rb", FileKind::Puma, "");
        assert_eq!(text(|out| write(&world.report(), out)), "");
    }
}
