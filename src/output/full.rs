//! For people: each finding with a frame around the source, what follows from it, what a real
//! program says, and what to do; then a summary.

use std::collections::{BTreeSet, HashMap};
use std::io;

use super::report::rule_url;
use super::style::Ink;
use super::{Finding, Report, Style, columns, consequences, escape, frame, summary};
use crate::model::Diagnostic;

/// The columns of `  help: `.
const HELP: usize = 8;

/// A command of more columns stands in a line of its own.
const COMMAND: usize = 24;

/// Writes a report.
pub fn write(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let stories = Stories::of(report.findings);
    let launches = launches(report.findings);
    for finding in report.findings.iter().filter(|finding| !stories.follows(finding)) {
        let diagnostic = &finding.diagnostic;
        write_header(diagnostic, style, out)?;
        write_place(report, diagnostic, style, out)?;
        write_quote(diagnostic, style, out)?;
        if !diagnostic.launches.is_empty()
            && launches.get(&finding.deployment).is_some_and(|all| all.len() > diagnostic.launches.len())
        {
            write_indented("Only for ", &diagnostic.launches.join(", "), style, out)?;
        }
        consequences::write(report, finding, stories.following(finding.id), style, out)?;
        write_help(report, finding, style, out)?;
        writeln!(out)?;
    }
    if style.summary { summary::write(report, style, out) } else { Ok(()) }
}

/// Which findings stand under another.
struct Stories<'a> {
    /// The findings that stand on their own, each with those that follow from it.
    causes: HashMap<usize, Vec<&'a Finding>>,
}

impl<'a> Stories<'a> {
    fn of(findings: &'a [Finding]) -> Self {
        let known: HashMap<usize, &Finding> = findings.iter().map(|finding| (finding.id, finding)).collect();
        let mut causes: HashMap<usize, Vec<&Finding>> = HashMap::new();
        for finding in findings {
            // A cause that itself follows from something shown is a step on the way, not a heading.
            let Some(cause) = finding.cause.and_then(|id| known.get(&id)) else { continue };
            if cause.cause.is_none_or(|id| !known.contains_key(&id)) {
                causes.entry(cause.id).or_default().push(finding);
            }
        }
        Self { causes }
    }

    fn following(&self, id: usize) -> &[&'a Finding] {
        self.causes.get(&id).map_or(&[], Vec::as_slice)
    }

    fn follows(&self, finding: &Finding) -> bool {
        let Some(cause) = finding.cause else { return false };
        self.following(cause).iter().any(|other| std::ptr::eq(*other, finding))
    }
}

/// The launches that each deployment's findings speak of.
fn launches(findings: &[Finding]) -> HashMap<usize, BTreeSet<&str>> {
    let mut launches: HashMap<usize, BTreeSet<&str>> = HashMap::new();
    for finding in findings {
        let names = finding.diagnostic.launches.iter().map(String::as_str);
        launches.entry(finding.deployment).or_default().extend(names);
    }
    launches
}

/// `error[removed-directive]: message`.
fn write_header(diagnostic: &Diagnostic, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let ink = Ink::Severity(diagnostic.severity);
    let (severity, rule) = (diagnostic.severity.name(), diagnostic.rule);
    let message = escape::inline(&diagnostic.message);
    let lines = columns::fold(&message, severity.len() + rule.len() + 4, 4, style.columns());
    let link = style.link(&rule_url(rule), &style.paint(ink, &format!("[{rule}]")));
    let first = style.paint(Ink::Strong, &format!(": {}", lines[0]));
    writeln!(out, "{}{link}{first}", style.paint(ink, severity))?;
    for line in &lines[1..] {
        writeln!(out, "    {}", style.paint(Ink::Strong, line))?;
    }
    Ok(())
}

/// A frame around the source; where nothing is written, the file has to do.
fn write_place(
    report: &Report,
    diagnostic: &Diagnostic,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if diagnostic.unwritten {
        let lead = format!("{}: ", report.path(diagnostic.location.file));
        return write_indented(&lead, &diagnostic.label, style, out);
    }
    out.write_all(frame::draw(report, diagnostic, style).as_bytes())
}

/// `  Puma says: …`.
fn write_quote(diagnostic: &Diagnostic, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(quote) = &diagnostic.quote else { return Ok(()) };
    write_indented(&format!("{} says: ", quote.speaker.name()), &quote.words, style, out)
}

/// Text behind a lead, two columns in and folded.
fn write_indented(lead: &str, text: &str, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let lines = columns::fold(&escape::block(text), 2 + lead.len(), 4, style.columns());
    writeln!(out, "  {}{}", style.paint(Ink::Strong, lead), lines[0])?;
    for line in &lines[1..] {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}

/// `  help: …`, and below it the commands that apply the fixes.
fn write_help(report: &Report, finding: &Finding, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let diagnostic = &finding.diagnostic;
    let mut lines = Vec::new();
    if let Some(help) = &diagnostic.help {
        lines = columns::fold(&escape::block(help), HELP, HELP, style.columns());
    }
    let command = |fix| finding.command(report, fix);
    let commands = diagnostic.fixes.iter().map(|fix| columns::of(&command(fix))).max().unwrap_or(0);
    for fix in &diagnostic.fixes {
        let lead = format!("{:commands$}    ", command(fix));
        // Beside a long command there is no room.
        if commands > COMMAND {
            lines.push(lead.trim_end().to_owned());
            let title = columns::fold(&escape::inline(&fix.title), HELP + 4, HELP + 4, style.columns());
            lines.extend(title.iter().map(|line| format!("    {line}")));
            continue;
        }
        let indent = HELP + lead.len();
        let title = columns::fold(&escape::inline(&fix.title), indent, indent, style.columns());
        lines.push(format!("{lead}{}", title[0]));
        lines.extend(title[1..].iter().map(|line| format!("{}{line}", " ".repeat(lead.len()))));
    }
    for (index, line) in lines.iter().enumerate() {
        if index == 0 {
            writeln!(out, "  {} {line}", style.paint(Ink::Help, "help:"))?;
        } else {
            writeln!(out, "{}{line}", " ".repeat(HELP))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
