//! The options of each launch as a table for people.

use std::borrow::Cow;
use std::io;

use super::json::file;
use super::{Hidden, known_secrets};
use crate::model::{Location, Source as File, Text, Value};
use crate::output::columns::{fold, of, pad};
use crate::output::escape;
use crate::output::style::{Ink, Style};
use crate::puma::options::{self, Possible, Setting, Source, Status, place};
use crate::secrets::{Secrets, is_hidden_variable};
use crate::show::Shown;

/// Options that are paths, against the working directory or `directory`.
const PATHS: &[&str] = &["pidfile", "state", "redirect_stdout", "redirect_stderr", "rackup", "directory"];

/// The widest column of values before sources move.
const WIDEST: usize = 48;

/// One line of a table.
struct Row {
    name: String,
    value: String,
    from: String,
}

/// Writes a table for each launch. `all` adds what nothing sets.
pub fn write(
    launches: &[Shown],
    sources: &[File],
    all: bool,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let secrets = known_secrets(launches, sources);
    for (at, shown) in launches.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        write_launch(shown, &secrets, sources, all, style, out)?;
    }
    Ok(())
}

/// Whether an option is set, or differs from what an empty config would bring.
pub(super) fn is_worth_a_line(name: &str, setting: &Setting, shown: &Shown) -> bool {
    // What a variable might set in an open environment, nothing sets yet.
    let known = matches!(setting.status(), Status::Known(_));
    let set = setting.possible.iter().any(|possible| match &possible.source {
        Source::Default(_) => false,
        Source::Environment(name) => known || shown.launch.environment.variables.contains_key(name),
        Source::File(_) | Source::CommandLine(_) => true,
    });
    set || shown.empty.get(name) != Some(setting)
}

fn write_launch(
    shown: &Shown,
    secrets: &Secrets,
    sources: &[File],
    all: bool,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let hidden = Hidden::of(shown, secrets);
    let launch = &shown.launch;
    let mut head = vec![
        style.paint(Ink::Strong, &clean(&launch.name)),
        clean(&hidden.text(&launch.directory)).into_owned(),
    ];
    for (name, value) in &launch.environment.variables {
        if ["APP_ENV", "RACK_ENV", "RAILS_ENV"].contains(&name.as_str()) && !is_hidden_variable(name, value) {
            head.push(clean(&format!("{name}={value}")).into_owned());
        }
    }
    head.push(format!("Puma {}", shown.target));
    writeln!(out, "{}", head.join("   "))?;
    let mut rows = Vec::new();
    for (name, setting) in &shown.options {
        // Both numbers of threads stand on one line where one call sets both.
        if all || is_worth_a_line(name, setting, shown) {
            rows.extend(option(name, setting, shown, &hidden, sources));
        }
    }
    let names = rows.iter().map(|row| of(&row.name)).max().unwrap_or(0);
    let values = rows.iter().map(|row| of(&row.value)).filter(|width| *width <= WIDEST).max().unwrap_or(0);
    for row in &rows {
        let from = style.paint(Ink::Place, &row.from);
        let gap = if of(&row.value) > values { "  ".to_owned() } else { pad(&row.value, values + 2) };
        let line = format!("  {}{}{}{gap}{from}", row.name, pad(&row.name, names + 2), row.value);
        writeln!(out, "{}", line.trim_end())?;
    }
    let rest = match (rows.is_empty(), all) {
        (_, true) => None,
        _ if !shown.missing.is_empty() => Some(format!(
            "{} is not among the files: what it says is not known",
            clean(&shown.missing.join(", "))
        )),
        (true, _) => Some("everything is Puma's default (--all)".to_owned()),
        (false, _) => Some("everything else is Puma's default (--all)".to_owned()),
    };
    for line in rest.iter().flat_map(|rest| fold(rest, 2, 2, style.columns())) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn clean(text: &str) -> Cow<'_, str> {
    escape::inline(text)
}

/// The lines of one option: one, or one for each value that it may have.
fn option(name: &str, setting: &Setting, shown: &Shown, hidden: &Hidden, sources: &[File]) -> Vec<Row> {
    let secret = setting.possible.iter().any(|possible| hidden.hides(name, &possible.value));
    let mut rows = Vec::new();
    for (at, possible) in setting.possible.iter().enumerate() {
        let value = match secret {
            true => "(hidden)".to_owned(),
            false => value(name, possible, shown, hidden),
        };
        let when = match setting.status() {
            Status::Conditional => format!("   if {}", hidden.condition(&possible.when)),
            _ => String::new(),
        };
        let from = origin(&possible.source, shown, sources);
        rows.push(Row {
            name: if at == 0 { name.to_owned() } else { String::new() },
            value: clean(&value).into_owned(),
            from: clean(&format!("{from}{when}")).into_owned(),
        });
        if secret {
            break;
        }
    }
    rows
}

fn value(name: &str, possible: &Possible, shown: &Shown, hidden: &Hidden) -> String {
    match &possible.value {
        Value::Nil if !matches!(possible.source, Source::File(_)) => "(not set)".to_owned(),
        Value::Unknown(reason) => format!("not known: {}", hidden.clean(reason)),
        Value::Text(text) | Value::Path(text) if text.is_hole() => {
            format!("not known: a template decides it: `{}`", hidden.clean(&hidden.text(text)))
        }
        value => match resolved(name, value, shown, hidden) {
            Some(path) => path,
            None => hidden.clean(&hidden.value(value)),
        },
    }
}

/// Where a path leads, if that says more than the path itself.
pub(super) fn resolved(name: &str, value: &Value, shown: &Shown, hidden: &Hidden) -> Option<String> {
    if !PATHS.contains(&name) || options::unknown(value).is_some() {
        return None;
    }
    let base = match (name, shown.options.get("directory")) {
        ("directory", _) | (_, None) => Some(shown.launch.directory.clone()),
        (_, Some(directory)) => match directory.status() {
            Status::Known(value) => place(value, &shown.launch.directory),
            _ => None,
        },
    };
    let path: Text = place(value, &base?)?;
    Some(hidden.clean(&hidden.text(&path)))
}

/// Who says so.
fn origin(source: &Source, shown: &Shown, sources: &[File]) -> String {
    let at = |place: &Location| {
        let file = file(sources, place.file);
        format!("{}:{}", file.shown(), file.line_column(place.span.start).line)
    };
    match source {
        Source::Default(None) => format!("default of Puma {}", shown.target),
        Source::Default(Some(reason)) => format!("default of Puma {}, {reason}", shown.target),
        Source::Environment(name) => match shown.launch.environment.places.get(name) {
            Some(place) => format!("{name}, {}", at(place)),
            None => name.clone(),
        },
        Source::File(place) => at(place),
        Source::CommandLine(Some(place)) => format!("command line, {}", at(place)),
        Source::CommandLine(None) => "command line".to_owned(),
    }
}
