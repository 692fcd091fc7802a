//! A plan in words.

use std::io;

use super::{Decision, Plan, Question};
use crate::model::Severity;
use crate::output::{Style, columns, escape};
use crate::secrets::Secrets;

/// What people read before and after the diff of a migration.
#[derive(Debug)]
pub struct Report<'a> {
    /// The migration.
    pub plan: &'a Plan,
    /// How it looks.
    pub style: Style,
    /// What must not be shown.
    pub secrets: Secrets,
}

impl Report<'_> {
    /// Writes what is there, and what changes, and why.
    pub fn explain(&self, out: &mut dyn io::Write) -> io::Result<()> {
        for daemon in &self.plan.daemons {
            let places = daemon.places.join(", ");
            let upgrade = &daemon.upgrade;
            self.fold(out, 0, &format!("Puma {upgrade}; made a daemon, or waited for as one, by {places}"))?;
        }
        if !self.plan.daemons.is_empty() {
            writeln!(out)?;
        }
        let decisions = &self.plan.decisions;
        if decisions.is_empty() {
            return Ok(());
        }
        writeln!(out, "What changes, and why:")?;
        for (at, Decision { files, .. }) in decisions.iter().enumerate() {
            if decisions[..at].iter().any(|before| before.files == *files) {
                continue;
            }
            self.fold(out, 2, &files.join(", "))?;
            for decision in decisions.iter().filter(|decision| decision.files == *files) {
                self.fold(out, 4, &decision.what)?;
                self.fold(out, 8, &decision.why)?;
            }
        }
        writeln!(out)
    }

    /// Writes what could not be known, what to do on the server, and what the rules still say.
    pub fn conclude(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let asked = self.plan.questions.iter().map(|Question { text, flag }| match flag {
            Some(flag) => format!("{text} ({flag})"),
            None => text.clone(),
        });
        self.list(out, "What the files don't say:", asked)?;
        // Commands are for copying: each is one line.
        list(out, "Then, on the server:", self.plan.steps.iter(), |out, step| {
            writeln!(out, "  {}", escape::inline(&self.secrets.text(step)))
        })?;
        self.list(out, "What remains for you:", self.remains())
    }

    fn remains(&self) -> impl Iterator<Item = String> {
        let found = self.plan.outcome.findings.iter().map(|finding| &finding.diagnostic);
        let left = found.filter(|diagnostic| diagnostic.severity >= Severity::Warning);
        left.map(|diagnostic| {
            let source = self.plan.workspace.source(diagnostic.location.file);
            let line = source.line_column(diagnostic.location.span.start).line;
            format!("{}:{line}: {} ({})", source.shown(), diagnostic.message, diagnostic.rule)
        })
    }

    fn list(
        &self,
        out: &mut dyn io::Write,
        title: &str,
        lines: impl Iterator<Item = String>,
    ) -> io::Result<()> {
        list(out, title, lines, |out, line| self.fold(out, 2, &line))
    }

    /// Writes a line, folded below its beginning.
    fn fold(&self, out: &mut dyn io::Write, indent: usize, text: &str) -> io::Result<()> {
        let text = self.secrets.text(text);
        let lines = columns::fold(&escape::inline(&text), indent, indent + 2, self.style.width.max(40));
        for (at, line) in lines.iter().enumerate() {
            let indent = if at == 0 { indent } else { indent + 2 };
            writeln!(out, "{:indent$}{line}", "")?;
        }
        Ok(())
    }
}

/// Writes a title and the lines below it, if there are any.
fn list<T>(
    out: &mut dyn io::Write,
    title: &str,
    lines: impl Iterator<Item = T>,
    write: impl Fn(&mut dyn io::Write, T) -> io::Result<()>,
) -> io::Result<()> {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "{title}")?;
    lines.try_for_each(|line| write(out, line))?;
    writeln!(out)
}
