//! What follows from a finding, compactly under it: place, excerpt, words, and the own advice of each.

use std::io;

use super::line::Line;
use super::report::rule_url;
use super::style::Ink;
use super::{Finding, Report, Style, columns, escape};
use crate::model::{Applicability, Diagnostic, FileKind, Span, Story};

/// The columns before a row.
const INDENT: usize = 4;

/// The most columns that an excerpt takes.
const EXCERPT: usize = 24;

/// A key such as `ExecStart=` no longer than this stays in a cut excerpt.
const KEY: usize = 14;

/// Words are not squeezed into fewer columns than this beside an excerpt.
const WORDS: usize = 24;

struct Row<'a> {
    diagnostic: &'a Diagnostic,
    place: String,
    excerpt: String,
}

/// Writes the findings that follow from one; nothing if there are none.
pub fn write(
    report: &Report,
    cause: &Finding,
    following: &[&Finding],
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let Some(first) = following.first() else { return Ok(()) };
    let intro = match first.diagnostic.role.map(|role| role.story) {
        Some(Story::Daemonizing) => "This also waits for a Puma that forks:",
        None => "This follows from it:",
    };
    writeln!(out, "  {intro}")?;
    let rows: Vec<Row> = following.iter().map(|finding| row(report, &finding.diagnostic, style)).collect();
    let widest = |get: fn(&Row) -> usize| rows.iter().map(get).max().unwrap_or(0);
    let place = widest(|row| columns::of(&row.place)).min(40);
    let excerpt = widest(|row| columns::of(&row.excerpt));
    for (index, row) in rows.iter().enumerate() {
        write_row(row, place, excerpt, style, out)?;
        // Neighbours of one rule with one advice share it.
        if rows.get(index + 1).is_none_or(|next| !same_advice(row.diagnostic, next.diagnostic)) {
            write_advice(row.diagnostic, style, out)?;
            write_fixes(report, cause, following[index], style, out)?;
        }
    }
    Ok(())
}

fn row<'a>(report: &Report, diagnostic: &'a Diagnostic, style: &Style) -> Row<'a> {
    let location = diagnostic.location;
    let place = format!("{}:{}", report.path(location.file), report.position(location).line);
    let excerpt = excerpt(report, diagnostic, style);
    Row { diagnostic, place, excerpt }
}

fn write_row(
    row: &Row,
    place: usize,
    excerpt: usize,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let diagnostic = row.diagnostic;
    let words = if diagnostic.label.is_empty() { &diagnostic.message } else { &diagnostic.label };
    let words = escape::inline(words);
    let head = format!(
        "{}{}{}   {}",
        " ".repeat(INDENT),
        style.paint(Ink::Place, &row.place),
        columns::pad(&row.place, place),
        row.excerpt,
    );
    let taken = INDENT + place.max(columns::of(&row.place)) + 3 + excerpt + 3;
    let beside = style.columns() >= taken + columns::of(&words).min(WORDS);
    let indent = if beside { taken } else { INDENT + 2 };
    if beside {
        write!(out, "{head}{}   ", columns::pad(&row.excerpt, excerpt))?;
    } else {
        write!(out, "{}\n{}", head.trim_end(), " ".repeat(indent))?;
    }
    let lines = columns::fold(&words, indent, indent, style.columns());
    writeln!(out, "{}", lines[0])?;
    write_hanging(&lines[1..], indent, out)
}

fn write_hanging(lines: &[String], indent: usize, out: &mut dyn io::Write) -> io::Result<()> {
    for line in lines {
        writeln!(out, "{}{line}", " ".repeat(indent))?;
    }
    Ok(())
}

fn same_advice(one: &Diagnostic, other: &Diagnostic) -> bool {
    (one.rule, one.severity, advice(one)) == (other.rule, other.severity, advice(other))
        && titles(one).eq(titles(other))
}

fn titles(diagnostic: &Diagnostic) -> impl Iterator<Item = (&str, Applicability)> {
    diagnostic.fixes.iter().map(|fix| (fix.title.as_str(), fix.applicability))
}

/// What a consequence itself advises.
fn advice(diagnostic: &Diagnostic) -> Option<&str> {
    diagnostic.help.as_deref().or(diagnostic.fixes.first().map(|fix| fix.title.as_str()))
}

/// How bad it is, the rule's name, by which it can be explained and silenced, and what the rule advises.
fn write_advice(diagnostic: &Diagnostic, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let (severity, rule) = (diagnostic.severity, diagnostic.rule);
    let name = format!("{}[{rule}]", severity.name());
    let indent = INDENT + 2;
    let painted = style.link(&rule_url(rule), &style.paint(Ink::Severity(severity), &name));
    write!(out, "{}{painted}", " ".repeat(indent))?;
    let Some(advice) = advice(diagnostic) else { return writeln!(out) };
    let taken = indent + name.len() + " help: ".len();
    let lines = columns::fold(&escape::block(advice), taken, indent + 2, style.columns());
    writeln!(out, " {} {}", style.paint(Ink::Help, "help:"), lines[0])?;
    write_hanging(&lines[1..], indent + 2, out)
}

/// The commands that apply the fixes of a consequence, but not those of its cause: they stand there.
fn write_fixes(
    report: &Report,
    cause: &Finding,
    finding: &Finding,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let indent = INDENT + 4;
    let own = finding.diagnostic.fixes.iter().filter(|fix| !cause.diagnostic.fixes.contains(fix));
    for fix in own {
        let text = format!("{}    {}", finding.command(report, fix), escape::inline(&fix.title));
        let lines = columns::fold(&text, indent, indent + 2, style.columns());
        writeln!(out, "{}{}", " ".repeat(indent), lines[0])?;
        write_hanging(&lines[1..], indent + 2, out)?;
    }
    Ok(())
}

/// The span's line, or as much of it around the span as fits: `ExecStart=… --daemon`.
fn excerpt(report: &Report, diagnostic: &Diagnostic, style: &Style) -> String {
    let Some(source) = report.source(diagnostic.location.file) else { return String::new() };
    let span = diagnostic.location.span;
    let number = source.line_of(span.start.min(source.bytes().len()));
    let line = Line::read(source, number, span.start, EXCERPT);
    let text = line.text().trim();
    if columns::of(text) <= EXCERPT {
        return text.to_owned();
    }
    let dots = style.ellipsis();
    let whole = source.line_span(number);
    let span = Span::new(span.start.min(whole.end), span.end.min(whole.end));
    let (start, end) = line.columns(span);
    let indent = columns::of(line.text()) - columns::of(line.text().trim_start());
    if end <= indent + EXCERPT - columns::of(dots) {
        let shown = line.between(indent, indent + EXCERPT - columns::of(dots));
        return format!("{}{dots}", shown.trim_end());
    }
    let key = match text.split_once('=') {
        Some((key, _)) if source.kind() == FileKind::Systemd && columns::of(key) < KEY => &text[..=key.len()],
        _ => "",
    };
    let room = EXCERPT - columns::of(key) - columns::of(dots) - 1;
    if end - start >= room {
        let shown = line.between(start, start + room + 1 - columns::of(dots));
        return format!("{key}{dots}{}{dots}", shown.trim_end());
    }
    let before = line.between(end - room, start);
    let words = before.find(' ').map_or("", |space| before[space..].trim_start());
    format!("{key}{dots} {words}{}", line.between(start, end))
}
