//! Pidfile paths that do not agree.

use super::pidfiles::{Reader, ReaderKind, Writer, listed, readers, show, writers};
use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Applicability, Diagnostic, Edit, Fix, Severity, Speaker, Text};
use crate::puma::same_place::{Verdict, compare};

pub(super) const RULE: Rule = Rule {
    name: "pidfile-mismatch",
    summary: "a pidfile that is watched where nothing writes it",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/pidfile-mismatch.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let writers = writers(scene);
    if writers.is_empty() {
        return Vec::new();
    }
    let missed: Vec<Reader> = readers(scene)
        .into_iter()
        .filter(|reader| {
            let mut concerned = writers.iter().filter(|writer| reader.concerns(writer)).peekable();
            concerned.peek().is_some() && concerned.all(|writer| reader.misses(scene, writer))
        })
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
    let concerned: Vec<(&Writer, Vec<&Text>)> = writers
        .iter()
        .map(|writer| (writer, concerned(&missed, writer)))
        .filter(|(_, paths)| !paths.is_empty())
        .collect();
    for (writer, paths) in &concerned {
        if diagnostic.labels.iter().all(|label| label.location != writer.place) {
            let written = listed(paths.iter().copied());
            diagnostic = diagnostic.also(writer.place, format!("{} writes {written}", writer.who));
        }
    }
    diagnostic = match first.kind {
        ReaderKind::Monit => diagnostic.quote(
            Speaker::Monit,
            format!("'{}' failed to start (exit status 0) -- no output", monitored(scene, first)),
        ),
        ReaderKind::Waiting => diagnostic
            .quote(Speaker::Systemd, "Can't open PID file … (yet?) after start: No such file or directory"),
        ReaderKind::Idle | ReaderKind::Deploy => diagnostic,
    };
    let written: Vec<_> = concerned.iter().flat_map(|(_, paths)| paths).collect();
    // But for that, it would be one file.
    let unlinked =
        |path: &Text| missed.iter().any(|reader| compare(path, &reader.path) != Verdict::Different);
    if written.iter().any(|path| unlinked(path)) {
        let help = "add the folder to :linked_dirs, so that all releases share it; the path below current/ is another \
                    file after every deploy";
        return vec![diagnostic.help(help)];
    }
    let help = match written.as_slice() {
        [only] if only.as_known().is_some() => {
            format!("name the file that Puma writes everywhere: {}", show(only))
        }
        _ => "name one path in all of these places, the one that Puma writes".to_owned(),
    };
    let diagnostic = diagnostic.help(help);
    vec![match fix(scene, &missed, &concerned) {
        Some(fix) => diagnostic.fix(fix),
        None => diagnostic,
    }]
}

/// What a writer may write for the services that somebody misses.
fn concerned<'a>(missed: &'a [Reader], writer: &'a Writer) -> Vec<&'a Text> {
    let mut paths: Vec<&Text> = Vec::new();
    for path in missed.iter().flat_map(|reader| reader.concerned(writer)) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

/// Names the path that is written wherever another one is read: only if there is one writer with one path, and one
/// reader of each kind at most, so that nobody else can be meant. A template is every instance's.
fn fix(scene: &Scene<'_>, missed: &[Reader], writers: &[(&Writer, Vec<&Text>)]) -> Option<Fix> {
    let [(_, paths)] = writers else { return None };
    let [path] = paths.as_slice() else { return None };
    if missed.iter().any(|reader| scene.is_template(reader.place.file)) {
        return None;
    }
    let path = path.as_known().filter(|path| is_plain(path))?;
    let monit = missed.iter().filter(|reader| reader.kind == ReaderKind::Monit).count();
    if monit > 1 || missed.len() - monit > 1 {
        return None;
    }
    // What stands there is Ruby.
    if missed.iter().any(|reader| reader.kind == ReaderKind::Deploy) {
        return None;
    }
    let edits = missed.iter().map(|reader| {
        let written = scene.files.source(reader.place.file).bytes().get(reader.place.span.range())?;
        // A comment behind the value has to go its own way first.
        if reader.kind != ReaderKind::Monit && written.iter().any(u8::is_ascii_whitespace) {
            return None;
        }
        let replacement = match (reader.kind, written.first()?) {
            (ReaderKind::Monit, quote @ (b'"' | b'\'')) => {
                let quote = char::from(*quote);
                format!("{quote}{path}{quote}")
            }
            _ => path.to_owned(),
        };
        Some(Edit { file: reader.place.file, span: reader.place.span, replacement })
    });
    Some(Fix {
        title: format!("name {path}"),
        applicability: Applicability::Safe,
        edits: edits.collect::<Option<_>>()?,
    })
}

/// Whether a path means the same to Monit, to systemd and to a shell, with quotes and without.
fn is_plain(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_.-+".contains(&byte);
    path.starts_with('/') && path.bytes().all(plain) && !path.split('/').any(|part| part == "..")
}

fn message(missed: &[Reader]) -> String {
    let has = |kinds: &[ReaderKind]| missed.iter().any(|reader| kinds.contains(&reader.kind));
    let systemd = has(&[ReaderKind::Waiting, ReaderKind::Idle]);
    match (has(&[ReaderKind::Monit]), systemd, has(&[ReaderKind::Deploy])) {
        (true, true, _) => "Monit and systemd each look for a pidfile that Puma does not write".into(),
        (true, false, true) => "Monit and the deploy each look for a pidfile that Puma does not write".into(),
        (true, false, false) => "Monit watches a file that nothing writes".into(),
        (false, false, true) => {
            "the deploy looks for a pidfile that Puma does not write: it starts a second Puma each time"
                .into()
        }
        _ => "systemd looks for a pidfile that Puma does not write".into(),
    }
}

fn label(reader: &Reader) -> String {
    match reader.kind {
        ReaderKind::Monit => "Monit watches this".into(),
        ReaderKind::Waiting => format!("systemd waits for {}", show(&reader.path)),
        ReaderKind::Idle => "systemd removes this file on stop; Puma never writes it".into(),
        ReaderKind::Deploy => format!("the deploy's tasks look for {}", show(&reader.path)),
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
