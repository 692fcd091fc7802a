//! Pidfile paths that do not agree.

use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, Location, Piece, Severity, Speaker, Text, Value};
use crate::puma::options;
use crate::puma::same_place::{Verdict, compare};
use crate::systemd;

pub(super) const RULE: Rule = Rule {
    name: "pidfile-mismatch",
    summary: "a pidfile that is watched where nothing writes it",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/pidfile-mismatch.md"),
    check: Check::Deployment(check),
};

/// Somebody who writes a pidfile, as one launch runs.
struct Writer {
    place: Location,
    /// Everywhere it may write; a hole where that isn't known.
    paths: Vec<Text>,
}

/// Somebody who reads a pidfile.
struct Reader {
    place: Location,
    path: Text,
    kind: ReaderKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ReaderKind {
    Monit,
    /// `PIDFile=` of a unit that waits for it.
    Waiting,
    /// `PIDFile=` of any other unit: systemd removes the file, no more.
    Idle,
}

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let writers = writers(scene);
    if writers.is_empty() {
        return Vec::new();
    }
    let missed: Vec<Reader> = readers(scene)
        .into_iter()
        .filter(|reader| writers.iter().all(|writer| misses(writer, reader)))
        .collect();
    let Some(first) = missed.first() else { return Vec::new() };
    let severity = if missed.iter().any(|reader| reader.kind != ReaderKind::Idle) {
        Severity::Error
    } else {
        Severity::Warning
    };
    let mut diagnostic =
        Diagnostic::new(RULE.name, severity, first.place, message(&missed)).label(label(first));
    for reader in &missed[1..] {
        diagnostic = diagnostic.also(reader.place, label(reader));
    }
    for writer in &writers {
        if diagnostic.labels.iter().all(|label| label.location != writer.place) {
            diagnostic = diagnostic.also(writer.place, format!("Puma writes {}", listed(&writer.paths)));
        }
    }
    diagnostic = match first.kind {
        ReaderKind::Monit => diagnostic.quote(
            Speaker::Monit,
            format!("'{}' failed to start (exit status 0) -- no output", monitored(scene, first)),
        ),
        ReaderKind::Waiting => diagnostic
            .quote(Speaker::Systemd, "Can't open PID file … (yet?) after start: No such file or directory"),
        ReaderKind::Idle => diagnostic,
    };
    let written = writers.iter().flat_map(|writer| &writer.paths).collect::<Vec<_>>();
    let help = match written.as_slice() {
        [only] if only.as_known().is_some() => {
            format!("name the file that Puma writes everywhere: {}", show(only))
        }
        _ => "name one path in all of these places, the one that Puma writes".to_owned(),
    };
    vec![diagnostic.help(help)]
}

/// Whether a reader surely looks elsewhere.
fn misses(writer: &Writer, reader: &Reader) -> bool {
    writer.paths.iter().all(|path| compare(path, &reader.path) == Verdict::Different)
}

fn message(missed: &[Reader]) -> String {
    let monit = missed.iter().any(|reader| reader.kind == ReaderKind::Monit);
    let systemd = missed.iter().any(|reader| reader.kind != ReaderKind::Monit);
    match (monit, systemd) {
        (true, true) => "Monit and systemd each look for a pidfile that Puma does not write".into(),
        (true, false) => "Monit watches a file that nothing writes".into(),
        _ => "systemd looks for a pidfile that Puma does not write".into(),
    }
}

fn label(reader: &Reader) -> String {
    match reader.kind {
        ReaderKind::Monit => "Monit watches this".into(),
        ReaderKind::Waiting => format!("systemd waits for {}", show(&reader.path)),
        ReaderKind::Idle => "systemd removes this file on stop; Puma never writes it".into(),
    }
}

fn monitored(scene: &Scene<'_>, reader: &Reader) -> String {
    let check = scene
        .monit_files()
        .filter(|(file, _)| *file == reader.place.file)
        .flat_map(|(_, control)| &control.checks)
        .find(|check| check.span.contains(reader.place.span));
    check.map_or_else(|| "…".to_owned(), |check| check.name.text().to_owned())
}

fn writers(scene: &Scene<'_>) -> Vec<Writer> {
    let mut writers: Vec<Writer> = Vec::new();
    let mut add = |writer: Writer| {
        let known = writers.iter_mut().find(|known| known.place == writer.place);
        match known {
            Some(known) => known
                .paths
                .extend(writer.paths.into_iter().filter(|p| !known.paths.contains(p)).collect::<Vec<_>>()),
            None => writers.push(writer),
        }
    };
    for evaluation in &scene.evaluations {
        let directory = &evaluation.launch.directory;
        let trace = &evaluation.trace;
        if let Some(flag) = evaluation.launch.flag("pidfile", scene.release()) {
            let paths = options::resolve(trace, directory, &Value::text(flag.text()));
            let place = evaluation.launch.place.map(|place| Location { file: place.file, span: flag.span() });
            if let Some(place) = place {
                add(Writer { place, paths: paths.into_iter().flatten().collect() });
            }
            continue;
        }
        let Some(option) = options::last(trace, "pidfile", Value::Nil) else {
            // Nothing is written here; what else writes it may not be in the files.
            continue;
        };
        let paths: Vec<Text> =
            options::resolve(trace, directory, &option.value).into_iter().flatten().collect();
        if !paths.is_empty() {
            add(Writer { place: Location { file: evaluation.config, span: option.span }, paths });
        }
    }
    for command in &scene.commands {
        if let (Some(output), Some(_)) = (&command.invocation.output, command.service)
            && command.invocation.program == crate::puma::command_line::Program::Echo
        {
            let place = Location { file: command.file, span: output.span() };
            add(Writer { place, paths: vec![Text::known(output.text())] });
        }
    }
    writers
}

fn readers(scene: &Scene<'_>) -> Vec<Reader> {
    let mut readers = Vec::new();
    for (file, control) in scene.monit_files() {
        for check in &control.checks {
            if !scene.deployment.monitors(file, check.span) {
                continue;
            }
            if let Some(path) = check.watch.pidfile() {
                readers.push(Reader {
                    place: Location { file, span: path.span() },
                    path: Text::known(path.text()),
                    kind: ReaderKind::Monit,
                });
            }
        }
    }
    for service in &scene.deployment.services {
        let Some(entry) = service.last("PIDFile") else { continue };
        let path = systemd::pid_file(entry, &service.context);
        let Some(path) = path.known() else { continue };
        let waits = service.kind() == "forking" || !service.all("ExecStartPost").is_empty();
        readers.push(Reader {
            place: service.value(entry),
            path: Text::known(path.text()),
            kind: if waits { ReaderKind::Waiting } else { ReaderKind::Idle },
        });
    }
    readers
}

fn listed(paths: &[Text]) -> String {
    paths.iter().map(show).collect::<Vec<_>>().join(" or ")
}

/// A path for people; holes in words.
fn show(path: &Text) -> String {
    path.pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Root => "<app>".into(),
            Piece::Env(name) => format!("${name}"),
            Piece::Unknown(_) => "…".into(),
        })
        .collect()
}
