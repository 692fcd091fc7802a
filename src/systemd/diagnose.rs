//! Everything that systemd says while it reads one file.

use super::path::{directories, plain, unresolved};
use super::specifiers::Table;
use super::words::{BLANKS, BLANKS_UNESCAPED, QUOTES, Words};
use super::{
    Context, Entry, Problem, Standing, Takes, Unit, UnitKind, assignments, commands, environment_file_path,
    output_path, pid_file, values, working_directory,
};
use crate::model::Word;

/// The problems of a file in the order in which systemd logs them: those of the grammar and those of the values,
/// up to the first fatal one. Values of which `keys.txt` says nothing are not looked at.
pub fn diagnose(unit: &Unit, context: &Context) -> Vec<Problem> {
    let mut problems = unit.problems.clone();
    for entry in unit.entries.iter().filter(|entry| entry.standing == Standing::Read) {
        problems.extend(of_entry(entry, unit.kind, context));
    }
    problems.sort_by_key(|problem| problem.line);
    if let Some(fatal) = problems.iter().position(|problem| problem.fatal) {
        problems.truncate(fatal + 1);
    }
    problems
}

/// What systemd says of one entry's value.
fn of_entry(entry: &Entry, kind: UnitKind, context: &Context) -> Vec<Problem> {
    let Some(takes) = entry.takes(kind) else { return Vec::new() };
    // Whatever a template fills in, it may be right.
    if entry.value.has_hole() {
        return Vec::new();
    }
    let text = entry.value.text();
    match takes {
        Takes::Anything | Takes::Listen => Vec::new(),
        Takes::Removed => {
            let words = format!("Support for option {}= has been removed and it is ignored", entry.key);
            vec![Problem::of(entry, entry.key_span, words)]
        }
        Takes::Exec => commands(entry, context).problems,
        Takes::Environment => assignments(entry, context).problems,
        Takes::EnvironmentFile => environment_file_path(entry, context).0.problems,
        Takes::EnvironmentNames => environment_names(entry, context),
        Takes::PidFile => pid_file(entry, context).problems,
        Takes::WorkingDirectory => working_directory(entry, context).value.problems,
        Takes::Directories => directories(entry, context).1,
        Takes::Path => plain(entry, context, false).problems,
        Takes::PathFatal => plain(entry, context, true).problems,
        Takes::Text => context
            .resolve(&entry.value)
            .err()
            .map(|e| unresolved(entry, &entry.value, e))
            .into_iter()
            .collect(),
        Takes::User => user(entry, context).into_iter().collect(),
        Takes::Units => units(entry, context),
        Takes::ObsoleteUnits => {
            let new = entry.key.replace("Overridable", "");
            let words = format!(
                "Unit dependency type {}= is obsolete, replacing by {new}=, please update your unit file",
                entry.key
            );
            let mut problems = vec![Problem::of(entry, entry.key_span, words).kept()];
            problems.extend(units(entry, context));
            problems
        }
        Takes::Sockets => sockets(entry, context),
        Takes::Service => service(entry, context).into_iter().collect(),
        Takes::Output => match output_path(entry, context) {
            Some(path) => path.problems,
            None if matches!(text, "syslog" | "syslog+console") => vec![obsolete_output(entry)],
            None if text.starts_with("fd:") => Vec::new(),
            None => values::check(entry, takes).into_iter().collect(),
        },
        _ => values::check(entry, takes).into_iter().collect(),
    }
}

fn obsolete_output(entry: &Entry) -> Problem {
    let text = entry.value.text();
    let words = format!(
        "Standard output type {text} is obsolete, automatically updating to {}. Please update your unit file, and consider removing the setting altogether.",
        text.replace("syslog", "journal")
    );
    Problem::of(entry, entry.value.span(), words).kept()
}

/// `User=` and `Group=`.
fn user(entry: &Entry, context: &Context) -> Option<Problem> {
    let text = entry.value.text();
    if text.is_empty() {
        return None;
    }
    let words = match context.resolve(&entry.value) {
        Err(error) => format!("Failed to resolve unit specifiers in {text}: {}", error.words()),
        Ok(resolved) => {
            let name = resolved.known()?.text();
            if values::is_user(name) {
                return None;
            }
            format!("Invalid user/group name or numeric ID: {name}")
        }
    };
    Some(Problem::of(entry, entry.value.span(), words).fatal_if(true))
}

/// Names of units: `Requires=`, `After=` and their kin.
fn units(entry: &Entry, context: &Context) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut words = Words::new(&entry.value);
    while let Ok(Some(word)) = words.next(BLANKS) {
        match context.resolve_with(&word, Table::Names) {
            Err(error) => problems.push(unresolved(entry, &word, error)),
            Ok(resolved) => {
                if let Some(name) = resolved.known().map(Word::text)
                    && super::UnitName::new(name).is_none()
                {
                    let words = format!("Failed to add dependency on {name}, ignoring: Invalid argument");
                    problems.push(Problem::of(entry, word.span(), words));
                }
            }
        }
    }
    problems
}

/// `Sockets=` of a service.
fn sockets(entry: &Entry, context: &Context) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut words = Words::new(&entry.value);
    while let Ok(Some(word)) = words.next(BLANKS_UNESCAPED) {
        match context.resolve_with(&word, Table::Names) {
            Err(error) => problems.push(unresolved(entry, &word, error)),
            Ok(resolved) => {
                if let Some(name) = resolved.known().map(Word::text)
                    && !name.ends_with(".socket")
                {
                    let words = format!("Unit must be of type socket, ignoring: {name}");
                    problems.push(Problem::of(entry, word.span(), words));
                }
            }
        }
    }
    problems
}

/// `Service=` of a socket.
fn service(entry: &Entry, context: &Context) -> Option<Problem> {
    let text = entry.value.text();
    let words = match context.resolve_with(&entry.value, Table::Names) {
        Err(error) => format!("Failed to resolve unit specifiers in {text}, ignoring: {}", error.words()),
        Ok(resolved) if resolved.word.text().ends_with(".service") => return None,
        Ok(_) => format!("Unit must be of type service, ignoring: {text}"),
    };
    Some(Problem::of(entry, entry.value.span(), words))
}

/// `PassEnvironment=`.
fn environment_names(entry: &Entry, context: &Context) -> Vec<Problem> {
    let (key, mut problems) = (&entry.key, Vec::new());
    let mut words = Words::new(&entry.value);
    loop {
        let word = match words.next(QUOTES) {
            Ok(Some(word)) => word,
            Ok(None) => return problems,
            Err(_) => {
                let words = format!("Trailing garbage in {key}, ignoring: {}", entry.value.text());
                problems.push(Problem::of(entry, entry.value.span(), words));
                return problems;
            }
        };
        let words = match context.resolve(&word) {
            Err(error) => {
                format!("Failed to resolve specifiers in {}, ignoring: {}", word.text(), error.words())
            }
            Ok(resolved) => {
                let name = resolved.word.text();
                if resolved.known().is_none() || super::environment::is_name(name) {
                    continue;
                }
                format!("Invalid environment name for {key}, ignoring: {name}")
            }
        };
        problems.push(Problem::of(entry, word.span(), words));
    }
}
