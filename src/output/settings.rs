//! The settings of a run, and what is wrong with a settings file.

use std::io;
use std::path::Path;

use serde_json::json;

use super::style::Ink;
use super::{Report, Style, columns, escape, frame};
use crate::catalog::Version;
use crate::lint::Options;
use crate::model::{Diagnostic, FileId, Location, Severity, Source};
use crate::settings::{File, Tie, Wrong};
use crate::workspace::Workspace;

/// Writes all that is wrong with a settings file, each with a frame around its place.
pub fn write_problems(wrong: &Wrong, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let sources = std::slice::from_ref(&wrong.source);
    let report = Report {
        repository: Path::new(""),
        sources,
        findings: &[],
        deployments: &[],
        checked: &[],
        notes: &[],
        secrets: &[],
        suppressed: 0,
    };
    for problem in &wrong.problems {
        let location = Location { file: FileId(0), span: problem.span };
        let diagnostic = Diagnostic::new("", Severity::Error, location, "");
        let lines = columns::fold(&escape::inline(&problem.message), "error: ".len(), 4, style.columns());
        writeln!(out, "{}: {}", style.paint(Ink::Severity(Severity::Error), "error"), lines.join("\n    "))?;
        out.write_all(frame::draw(&report, &diagnostic, style).as_bytes())?;
        if let Some(help) = &problem.help {
            let help = columns::fold(&escape::inline(help), "  help: ".len(), 8, style.columns());
            writeln!(out, "  {} {}", style.paint(Ink::Help, "help:"), help.join("\n        "))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A setting, what it comes to, and who says so.
type Row = (String, String, String);

/// The settings files that hold; where there is none, the flags and defaults alone.
fn blocks(options: &Options) -> Vec<Option<&File>> {
    let files: Vec<_> = options.settings.files().map(Some).collect();
    if files.is_empty() { vec![None] } else { files }
}

/// Writes the settings that hold as one object; `excluded` is what flags exclude.
pub fn show_json(options: &Options, excluded: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    let value = |(name, value, source): Row| json!({"name": name, "value": value, "source": source});
    let block = |file: Option<&File>| {
        let values: Vec<_> = rows(options, file, excluded).into_iter().map(value).collect();
        json!({"path": file.map(|file| file.source.shown()), "values": values})
    };
    let settings: Vec<_> = blocks(options).into_iter().map(block).collect();
    writeln!(out, "{:#}", json!({"schema_version": 1, "settings": settings}))
}

/// Writes the settings that hold, a block for each settings file; `excluded` is what flags exclude.
pub fn show(options: &Options, excluded: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    for (at, file) in blocks(options).into_iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        match file {
            Some(file) => writeln!(out, "# {}", escape::inline(file.source.shown()))?,
            None => writeln!(out, "# no settings file")?,
        }
        let rows = rows(options, file, excluded);
        let widest = |get: fn(&Row) -> &str| rows.iter().map(|row| columns::of(get(row))).max().unwrap_or(0);
        let (name, value) = (widest(|row| &row.0), widest(|row| &row.1));
        for row in &rows {
            let (name, value) = (columns::pad(&row.0, name), columns::pad(&row.1, value.min(60)));
            writeln!(out, "{}{name}  {}{value}  {}", row.0, row.1, row.2)?;
        }
    }
    Ok(())
}

fn rows(options: &Options, file: Option<&File>, excluded: &[String]) -> Vec<Row> {
    let place = |key: &str| {
        let found = file.and_then(|file| Some((file, file.places.get(key)?)));
        found.map_or_else(String::new, |(file, span)| {
            format!("{}:{}", escape::inline(file.source.shown()), file.source.line_column(span.start).line)
        })
    };
    let row = |key: &str, flag: Option<String>, set: Option<String>, default: &str| {
        let (value, source) = match (flag, set) {
            (Some(value), _) => (value, format!("--{key}")),
            (None, Some(value)) => (value, place(key)),
            (None, None) => (default.to_owned(), "default".to_owned()),
        };
        (key.to_owned(), escape::inline(&value).into_owned(), source)
    };
    let given = |names: &[String]| (!names.is_empty()).then(|| names.join(", "));
    // Of these, what the flags say comes on top.
    let list = |key: &str, flag: &[String], set: &[String], default: &str| match (given(flag), given(set)) {
        (Some(more), Some(set)) => {
            let value = format!("{set}, {more}");
            (key.to_owned(), escape::inline(&value).into_owned(), format!("{}, --{key}", place(key)))
        }
        (flag, set) => row(key, flag, set, default),
    };
    let version = |version: &Version| version.to_string();
    let severity = |severity: Severity| severity.name().to_owned();
    // A selection by flags starts anew.
    let ignored = file.filter(|_| options.select.is_empty()).map_or(&[][..], |file| &file.ignore);
    let mut rows = vec![
        row(
            "target-version",
            options.target.as_ref().map(version),
            file.and_then(|file| file.target.as_ref().map(version)),
            "Gemfile.lock, else the newest",
        ),
        row(
            "from",
            options.from.as_ref().map(version),
            file.and_then(|file| file.from.as_ref().map(version)),
            "Gemfile.lock, if target-version names another",
        ),
        row(
            "fail-on",
            options.fail_on.map(severity),
            file.and_then(|file| file.fail_on.map(severity)),
            "warning",
        ),
        row(
            "select",
            given(&options.select),
            file.and_then(|file| file.select.as_ref().map(|names| names.join(", "))),
            "all rules",
        ),
        list("ignore", &options.ignore, ignored, "none"),
        list("exclude", excluded, file.map_or(&[][..], |file| &file.exclude), "nothing"),
    ];
    let Some(file) = file else { return rows };
    for (rule, severity) in &file.severity {
        let key = format!("severity.{rule}");
        let source = place(&key);
        rows.push((key, severity.map_or("off", Severity::name).to_owned(), source));
    }
    for (at, tie) in file.deployments.iter().enumerate() {
        let source = place(&format!("deployment.{}", at + 1));
        rows.push(("deployment".to_owned(), escape::inline(&describe(file, tie)).into_owned(), source));
    }
    rows
}

/// A deployment in one line: its files, and where it is on the server.
fn describe(file: &File, tie: &Tie) -> String {
    let paths = [&tie.configs, &tie.units, &tie.monit].into_iter().flatten();
    let names = paths.map(|path| path.strip_prefix(&file.dir).unwrap_or(path).to_string_lossy().into_owned());
    let mut parts: Vec<String> = names.collect();
    parts.extend(tie.checks.iter().flatten().map(|check| format!("check {check}")));
    let root = tie.root.iter().map(|root| format!("at {root}"));
    let target = tie.target.iter().map(|version| format!("for Puma {version}"));
    parts.join(", ") + &root.chain(target).map(|part| format!(" {part}")).collect::<String>()
}

/// Writes the files that are known as one object.
pub fn show_files_json(workspace: &Workspace, out: &mut dyn io::Write) -> io::Result<()> {
    let file = |(file, source): (FileId, &Source)| {
        let (path, kind) = (source.shown(), source.kind().name());
        json!({"path": path, "kind": kind, "selected": workspace.is_selected(file)})
    };
    let files: Vec<_> = workspace.files().map(file).collect();
    writeln!(out, "{:#}", json!({"schema_version": 1, "files": files}))
}

/// Writes the files that are known: whether they were asked for, what they are for, and their paths.
pub fn show_files(workspace: &Workspace, out: &mut dyn io::Write) -> io::Result<()> {
    for (file, source) in workspace.files() {
        let part = if workspace.is_selected(file) { "selected" } else { "context" };
        writeln!(out, "{part:8}  {:8}  {}", source.kind().name(), escape::inline(source.shown()))?;
    }
    Ok(())
}
