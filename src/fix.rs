//! Rounds of fixes, until nothing changes.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use crate::lint::{self, Options, Outcome};
use crate::model::{Applicability, Edit, FileId, Fix, apply};
use crate::parsed::{Files, Parsed};
use crate::workspace::Workspace;

/// The most rounds; a chain of renames needs two or three.
const ROUNDS: usize = 20;

/// What fixing came to.
#[derive(Debug)]
pub struct Fixed {
    /// The files that change, with their new text.
    pub changes: BTreeMap<FileId, Vec<u8>>,
    /// What was done, in order: the title of each fix and the file of its first edit.
    pub done: Vec<(FileId, String)>,
    /// What remains.
    pub outcome: Outcome,
}

/// Fixing went wrong inside this program; nothing may be written.
#[derive(Debug)]
pub enum FixError {
    /// The fixes of these rules undo each other.
    Loop(Vec<&'static str>),
    /// A fix of this rule leaves a file that can no longer be read.
    Broken(&'static str, String),
}

impl fmt::Display for FixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FixError::Loop(rules) => write!(
                f,
                "internal error: the fixes of {} undo each other; nothing was written. This is a bug of puma-lint",
                rules.join(", ")
            ),
            FixError::Broken(rule, path) => write!(
                f,
                "internal error: a fix of {rule} would leave {path} unreadable; nothing was written. This is a bug of puma-lint"
            ),
        }
    }
}

impl std::error::Error for FixError {}

/// Applies every fix up to `most`, and looks again, until nothing changes.
pub fn fix(workspace: &Workspace, options: &Options, most: Applicability) -> Result<Fixed, FixError> {
    let mut changes: BTreeMap<FileId, Vec<u8>> = BTreeMap::new();
    let mut done = Vec::new();
    let mut seen = HashSet::from([changes.clone()]);
    let mut current = workspace.with_overlay(&changes);
    let mut outcome = lint::lint(&current, options);
    for _ in 0..ROUNDS {
        let chosen = choose(&current, &outcome, most);
        if chosen.is_empty() {
            return Ok(Fixed { changes, done, outcome });
        }
        let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
        for (_, fix) in &chosen {
            fix.edits.iter().for_each(|edit| edits.entry(edit.file).or_default().push(edit));
        }
        for (file, edits) in edits {
            changes.insert(file, apply(current.source(file).bytes(), edits));
        }
        let next = workspace.with_overlay(&changes);
        if let Some((rule, file)) = broken(&current, &next, &chosen) {
            return Err(FixError::Broken(rule, next.source(file).shown().to_owned()));
        }
        done.extend(chosen.iter().filter_map(|(_, fix)| Some((fix.edits.first()?.file, fix.title.clone()))));
        if !seen.insert(changes.clone()) {
            return Err(FixError::Loop(rules(&chosen)));
        }
        current = next;
        outcome = lint::lint(&current, options);
    }
    let chosen = choose(&current, &outcome, most);
    if chosen.is_empty() { Ok(Fixed { changes, done, outcome }) } else { Err(FixError::Loop(rules(&chosen))) }
}

fn rules(chosen: &[(&'static str, Fix)]) -> Vec<&'static str> {
    let mut names: Vec<_> = chosen.iter().map(|(rule, _)| *rule).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The first allowed fix of each finding that touches selected files only and overlaps no fix before it.
fn choose(workspace: &Workspace, outcome: &Outcome, most: Applicability) -> Vec<(&'static str, Fix)> {
    let mut chosen: Vec<(&'static str, Fix)> = Vec::new();
    for finding in &outcome.findings {
        let allowed = |fix: &&Fix| {
            fix.applicability <= most
                && fix.applicability != Applicability::DisplayOnly
                && !fix.edits.is_empty()
                && fix.edits.iter().all(|edit| workspace.is_selected(edit.file))
        };
        let Some(fix) = finding.diagnostic.fixes.iter().find(allowed) else { continue };
        let taken = chosen.iter().flat_map(|(_, fix)| &fix.edits);
        if !taken.into_iter().any(|taken| fix.edits.iter().any(|edit| overlap(taken, edit))) {
            chosen.push((finding.diagnostic.rule, fix.clone()));
        }
    }
    chosen
}

/// Whether two edits touch: the second would no longer mean what it meant.
fn overlap(a: &Edit, b: &Edit) -> bool {
    a.file == b.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}

/// The rule whose fix made a file unreadable that could be read before.
fn broken(
    before: &Workspace,
    after: &Workspace,
    chosen: &[(&'static str, Fix)],
) -> Option<(&'static str, FileId)> {
    let (before, after) = (Files::parse(before.sources()), Files::parse(after.sources()));
    chosen.iter().find_map(|(rule, fix)| {
        let file = fix.edits.iter().map(|edit| edit.file).find(|file| {
            matches!((before.parsed(*file), after.parsed(*file)), (Parsed::Puma(Ok(_)), Parsed::Puma(Err(_))))
        });
        file.map(|file| (*rule, file))
    })
}
