//! Which Monit checks watch the Puma of an app.

use super::ties::Claim;
use crate::model::{FileId, Span, Word};
use crate::monit::ProcessCheck;
use crate::parsed::Files;
use crate::puma::command_line::{Invocation, Program, invocations};
use crate::systemd;

/// The checks that surely are about the Puma of the app with these units.
///
/// A check that runs Puma is; one that runs `systemctl` is if the unit is one of the app's and runs Puma; any other is if
/// its name or its pidfile says Puma, and nothing says a worker.
pub(super) fn checks(
    files: &Files<'_>,
    monit: &[FileId],
    units: &[FileId],
    claim: Option<&Claim<'_>>,
    is_own: impl Fn((FileId, Span)) -> bool,
) -> Vec<(FileId, Span)> {
    let of =
        |file: &FileId| files.control(*file).map(|control| control.checks.as_slice()).unwrap_or_default();
    let watched = monit.iter().flat_map(|file| of(file).iter().map(|check| (*file, check)));
    watched
        .filter(|(file, check)| match claim.and_then(|claim| claim.says(files, *file, check)) {
            Some(is_own) => is_own && !is_worker(check),
            None => match tie(files, check, units) {
                Tie::Own => true,
                Tie::Other => false,
                Tie::Unsaid => is_own((*file, check.span)) && speaks_of_puma(check),
            },
        })
        .map(|(file, check)| (file, check.span))
        .collect()
}

/// What a check's programs say about whom it watches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    Own,
    Other,
    Unsaid,
}

/// The units that a check's programs give to `systemctl`.
pub(super) fn units_named(check: &ProcessCheck) -> Vec<Word> {
    let programs = [&check.start, &check.stop, &check.restart].into_iter().flatten();
    let runs: Vec<_> = programs.flat_map(|program| invocations(&program.words)).collect();
    runs.iter().flat_map(units_given).cloned().collect()
}

/// The units that a command gives to `systemctl`.
pub(super) fn units_given(run: &Invocation) -> impl Iterator<Item = &Word> {
    let words = run.arguments.iter().filter(|_| run.program == Program::Systemctl);
    words.filter(|word| !word.text().starts_with('-')).skip(1)
}

/// The paths that a check names: what it watches, and the words of its programs.
pub(super) fn paths(check: &ProcessCheck) -> impl Iterator<Item = &str> {
    let programs = [&check.start, &check.stop, &check.restart].into_iter().flatten();
    let words = programs.flat_map(|program| program.words.iter().map(Word::text));
    check.watch.pidfile().map(Word::text).into_iter().chain(words.flat_map(str::split_whitespace))
}

fn tie(files: &Files<'_>, check: &ProcessCheck, units: &[FileId]) -> Tie {
    let programs = [&check.start, &check.stop, &check.restart].into_iter().flatten();
    let runs: Vec<_> = programs.flat_map(|program| invocations(&program.words)).collect();
    if runs.iter().any(is_puma) {
        return if is_worker(check) { Tie::Other } else { Tie::Own };
    }
    let named = units_named(check);
    if named.is_empty() {
        return Tie::Unsaid;
    }
    let is_own = |name: &Word| {
        units.iter().any(|unit| is_called(files, *unit, name.text()) && runs_puma(files, *unit))
    };
    if named.iter().any(is_own) {
        return Tie::Own;
    }
    // A unit that isn't among the files may be anybody's.
    let is_known = |name: &Word| units.iter().any(|unit| is_called(files, *unit, name.text()));
    if named.iter().any(is_known) { Tie::Other } else { Tie::Unsaid }
}

/// Whether `systemctl start NAME` means this unit.
pub(super) fn is_called(files: &Files<'_>, unit: FileId, name: &str) -> bool {
    let path = files.source(unit).made();
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = file.strip_suffix(".service").unwrap_or(&file);
    let name = name.strip_suffix(".service").unwrap_or(name);
    let template = name.split_once('@').is_some_and(|(prefix, _)| stem.strip_suffix('@') == Some(prefix));
    stem == name || template
}

fn runs_puma(files: &Files<'_>, unit: FileId) -> bool {
    let Some(parsed) = files.unit(unit) else { return false };
    let context = files.context(unit);
    let lines = parsed.all("Service", "ExecStart");
    let runs = lines.iter().flat_map(|entry| systemd::commands(entry, &context).commands);
    runs.flat_map(|command| invocations(&command.argv)).any(|run| is_puma(&run))
}

fn is_puma(run: &Invocation) -> bool {
    matches!(run.program, Program::Puma | Program::Pumactl | Program::RailsServer)
}

fn speaks_of_puma(check: &ProcessCheck) -> bool {
    let pidfile = check.watch.pidfile().map(Word::text).unwrap_or_default();
    (check.name.text().contains("puma") || pidfile.contains("puma")) && !is_worker(check)
}

/// Puma's workers have pidfiles of somebody else's making.
fn is_worker(check: &ProcessCheck) -> bool {
    let pidfile = check.watch.pidfile().map(Word::text).unwrap_or_default();
    let file = pidfile.rsplit('/').next().unwrap_or_default();
    check.name.text().contains("worker") || file.contains("worker")
}
