//! Writes a suppression for everything that is found, so that a project can begin with a clean report.

use std::collections::{BTreeMap, BTreeSet};

use crate::lint::{self, Options, Outcome};
use crate::model::{FileId, Location, Source};
use crate::output::Finding;
use crate::parsed::{Files, Parsed};
use crate::procfile;
use crate::rules::unused_suppression;
use crate::script;
use crate::suppression::statement_lines;
use crate::workspace::Workspace;

/// What came of it.
#[derive(Debug)]
pub struct Silenced {
    /// The files that change, with their new text.
    pub changes: BTreeMap<FileId, Vec<u8>>,
    /// How many findings are silenced.
    pub findings: usize,
    /// How many comments that takes.
    pub comments: usize,
    /// The findings that no comment could be written for, and why; places are those of the unchanged files.
    pub left: Vec<(Finding, &'static str)>,
    /// What is found afterwards.
    pub outcome: Outcome,
}

/// A statement that gets a comment: its file and its first line (from 0).
type Place = (FileId, usize);

/// The rules to silence at each statement.
type Wanted = BTreeMap<Place, BTreeSet<&'static str>>;

/// Finds out which comments silence what is found, without writing anything. A comment that would damage its file, or that
/// turns out to silence nothing, is not among them.
pub fn add_ignores(workspace: &Workspace, options: &Options, reason: &str) -> Silenced {
    let before = lint::lint(workspace, options);
    let found = before.findings.into_iter().filter(|f| f.diagnostic.rule != unused_suppression::RULE.name);
    let (mut wanted, mut placed, mut left) = (Wanted::new(), Vec::new(), Vec::new());
    let files = Files::parse(workspace.sources());
    for finding in found {
        match place(workspace, &files, &finding) {
            Ok(place) => {
                wanted.entry(place).or_default().insert(finding.diagnostic.rule);
                placed.push((place, finding));
            }
            Err(why) => left.push((finding, why)),
        }
    }
    loop {
        let changes = write(workspace, &wanted, reason);
        let changed = workspace.with_overlay(&changes);
        let damaged = damaged(&files, &changed, &changes);
        let outcome = lint::lint(&changed, options);
        let (stay, go): (Vec<_>, Vec<_>) = placed
            .into_iter()
            .partition(|((file, _), finding)| !damaged.contains(file) && !is_found(finding, &outcome));
        placed = stay;
        if go.is_empty() {
            return Silenced { changes, findings: placed.len(), comments: wanted.len(), left, outcome };
        }
        left.extend(
            go.into_iter().map(|(_, finding)| (finding, "no comment can stand above this statement")),
        );
        wanted.clear();
        for (place, finding) in &placed {
            wanted.entry(*place).or_default().insert(finding.diagnostic.rule);
        }
    }
}

/// The statement at which a finding can be silenced: its own, else that of a label, if its file may be changed.
fn place(workspace: &Workspace, files: &Files<'_>, finding: &Finding) -> Result<Place, &'static str> {
    let labels = finding.diagnostic.labels.iter().map(|label| label.location);
    let places: Vec<Location> = std::iter::once(finding.diagnostic.location).chain(labels).collect();
    let selected: Vec<&Location> = places.iter().filter(|place| workspace.is_selected(place.file)).collect();
    if selected.is_empty() {
        return Err("it is in no file that was named");
    }
    let writable = selected.into_iter().find(|place| files.takes_comments(place.file));
    let Some(place) = writable else {
        return Err("no comment is read in this file: ignore it in puma-lint.toml");
    };
    let source = files.source(place.file);
    let line = source.line_of(place.span.start);
    Ok((place.file, statement_lines(source, &files.statements(place.file), line).0))
}

/// The changed files, with a comment above each statement.
fn write(workspace: &Workspace, wanted: &Wanted, reason: &str) -> BTreeMap<FileId, Vec<u8>> {
    let mut changes: BTreeMap<FileId, Vec<u8>> = BTreeMap::new();
    // From the last line up, so that those above stay where they are.
    for ((file, line), rules) in wanted.iter().rev() {
        let source = workspace.source(*file);
        let text = changes.entry(*file).or_insert_with(|| source.bytes().to_vec());
        let at = first_byte(source, *line);
        let comment = comment(source, *line, rules, reason);
        text.splice(at..at, comment.into_bytes());
    }
    changes
}

/// Where a line's own text begins: behind a byte order mark.
fn first_byte(source: &Source, line: usize) -> usize {
    let start = source.line_span(line).start;
    if source.bytes()[start..].starts_with(b"\xEF\xBB\xBF") { start + 3 } else { start }
}

/// How every comment begins that is written here.
const MARK: &str = "# puma-lint: ignore[";

fn count(text: &[u8], mark: &str) -> usize {
    text.windows(mark.len()).filter(|part| *part == mark.as_bytes()).count()
}

fn comment(source: &Source, line: usize, rules: &BTreeSet<&str>, reason: &str) -> String {
    let end = source.line_span(line).end;
    let text = &source.bytes()[first_byte(source, line)..end];
    let indent: String =
        text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).map(|byte| char::from(*byte)).collect();
    let line_end = if source.bytes()[end..].starts_with(b"\r\n") { "\r\n" } else { "\n" };
    let rules = rules.iter().copied().collect::<Vec<_>>().join(", ");
    format!("{indent}{MARK}{rules}] -- {reason}{line_end}")
}

/// The files in which something else than a comment came in.
fn damaged(files: &Files<'_>, changed: &Workspace, changes: &BTreeMap<FileId, Vec<u8>>) -> Vec<FileId> {
    let after = Files::parse(changed.sources());
    let same = |file: FileId| match (files.parsed(file), after.parsed(file)) {
        (Parsed::Puma(before), Parsed::Puma(after))
        | (Parsed::Capistrano(before), Parsed::Capistrano(after)) => {
            before.as_ref().map(|tree| tree.len()).ok() == after.as_ref().map(|tree| tree.len()).ok()
        }
        (Parsed::Systemd(before), Parsed::Systemd(after)) => {
            let values = |unit: &crate::systemd::Unit| {
                unit.entries.iter().map(|e| (e.key.clone(), e.value.text().to_owned())).collect::<Vec<_>>()
            };
            values(before) == values(after) && before.problems.len() == after.problems.len()
        }
        (Parsed::Monit(before), Parsed::Monit(after)) => {
            before.checks.len() == after.checks.len() && before.is_accepted() == after.is_accepted()
        }
        (Parsed::Procfile(before), Parsed::Procfile(after)) => {
            let lines = |all: &[procfile::Process]| -> Vec<(String, String)> {
                all.iter().map(|p| (p.name.text().to_owned(), p.command.text().to_owned())).collect()
            };
            lines(before) == lines(after)
        }
        (Parsed::Dockerfile(before), Parsed::Dockerfile(after)) => before.same_as(after),
        (Parsed::Compose(before), Parsed::Compose(after)) => before.same_as(after),
        (Parsed::Script(_), Parsed::Script(after)) => {
            let comments = after.text().match_indices(MARK).map(|(at, _)| at);
            let written = changes.get(&file).map_or(0, |text| count(text, MARK));
            let outside = comments.filter(|at| script::is_comment(after, *at)).count();
            outside == written
        }
        _ => true,
    };
    changes.keys().copied().filter(|file| !same(*file)).collect()
}

/// Whether a finding is still there, wherever it stands by now.
fn is_found(finding: &Finding, outcome: &Outcome) -> bool {
    let key = |finding: &Finding| {
        let made = &finding.diagnostic;
        (made.rule, made.topic, made.location.file, made.message.clone())
    };
    outcome.findings.iter().any(|other| key(other) == key(finding))
}
