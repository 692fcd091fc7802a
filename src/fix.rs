//! Rounds of fixes, until nothing changes.

use std::collections::BTreeMap;
use std::fmt;

use crate::lint::{self, Options, Outcome};
use crate::model::{Applicability, Edit, FileId, Fix, apply};
use crate::parsed::{Files, Parsed};
use crate::workspace::Workspace;

/// The most rounds. Where fixes touch, every other one waits, so that even long lines of them need few.
const ROUNDS: usize = 100;

/// What fixing came to.
#[derive(Debug)]
pub struct Fixed {
    /// The files that change, with their new text.
    pub changes: BTreeMap<FileId, Vec<u8>>,
    /// What was done, in order.
    pub done: Vec<Done>,
    /// What remains.
    pub outcome: Outcome,
}

/// A fix that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The rule that offered it.
    pub rule: &'static str,
    /// What it did.
    pub title: String,
    /// What it mended: the message of the finding.
    pub why: String,
    /// The files that it edited.
    pub files: Vec<FileId>,
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
                "internal error: the fixes of {} come to no end; nothing was written. This is a bug of puma-lint",
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
///
/// # Errors
/// If fixes undo each other, or leave a file that can no longer be read: bugs of this program.
pub fn fix(workspace: &Workspace, options: &Options, most: Applicability) -> Result<Fixed, FixError> {
    rounds(workspace, most, &|workspace| lint::lint(workspace, options))
}

/// The texts that differ from those on disk.
type State = BTreeMap<FileId, Vec<u8>>;

fn rounds(
    workspace: &Workspace,
    most: Applicability,
    look: &dyn Fn(&Workspace) -> Outcome,
) -> Result<Fixed, FixError> {
    let mut changes = State::new();
    let mut done: Vec<Done> = Vec::new();
    // Every state so far, each with how many fixes led to it.
    let mut seen = vec![(changes.clone(), 0)];
    let mut current = workspace.with_overlay(&changes);
    let mut outcome = look(&current);
    for _ in 0..ROUNDS {
        let chosen = choose(&current, &outcome, most);
        if chosen.is_empty() {
            return Ok(Fixed { changes, done, outcome });
        }
        let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
        for Choice { fix, .. } in &chosen {
            fix.edits.iter().for_each(|edit| edits.entry(edit.file).or_default().push(edit));
        }
        for (file, edits) in edits {
            changes.insert(file, apply(current.source(file).bytes(), edits));
        }
        changes.retain(|file, text| workspace.source(*file).bytes() != text.as_slice());
        let next = workspace.with_overlay(&changes);
        if let Some((rule, file)) = broken(&current, &next, &chosen) {
            return Err(FixError::Broken(rule, next.source(file).shown().to_owned()));
        }
        done.extend(chosen.into_iter().map(|Choice { rule, why, fix }| Done {
            rule,
            files: files(&fix),
            title: fix.title,
            why,
        }));
        if let Some((_, since)) = seen.iter().find(|(state, _)| *state == changes) {
            return Err(FixError::Loop(rules(&done[*since..])));
        }
        seen.push((changes.clone(), done.len()));
        current = next;
        outcome = look(&current);
    }
    // The last rounds tell which fixes find no end.
    let since = seen.iter().rev().nth(2).map_or(0, |(_, done)| *done);
    Err(FixError::Loop(rules(&done[since..])))
}

fn rules(done: &[Done]) -> Vec<&'static str> {
    let mut names: Vec<_> = done.iter().map(|done| done.rule).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn files(fix: &Fix) -> Vec<FileId> {
    let mut files: Vec<_> = fix.edits.iter().map(|edit| edit.file).collect();
    files.sort_unstable();
    files.dedup();
    files
}

/// A fix to apply.
struct Choice {
    rule: &'static str,
    why: String,
    fix: Fix,
}

/// The first allowed fix of each finding that touches selected files only and overlaps no fix before it.
fn choose(workspace: &Workspace, outcome: &Outcome, most: Applicability) -> Vec<Choice> {
    let mut chosen: Vec<Choice> = Vec::new();
    // In an order that does not depend on which file was read first.
    let mut findings: Vec<_> = outcome.findings.iter().map(|finding| &finding.diagnostic).collect();
    findings.sort_by_key(|d| (workspace.source(d.location.file).shown(), d.location.span, d.rule));
    for diagnostic in findings {
        let allowed = |fix: &&Fix| {
            fix.applicability <= most
                && fix.applicability != Applicability::DisplayOnly
                && !fix.edits.is_empty()
                && fix.edits.iter().all(|edit| workspace.is_selected(edit.file))
        };
        let Some(fix) = diagnostic.fixes.iter().find(allowed) else { continue };
        let taken = chosen.iter().flat_map(|choice| &choice.fix.edits);
        if !taken.into_iter().any(|taken| fix.edits.iter().any(|edit| overlap(taken, edit))) {
            let why = diagnostic.message.clone();
            chosen.push(Choice { rule: diagnostic.rule, why, fix: fix.clone() });
        }
    }
    chosen
}

/// Whether two edits touch: the second would no longer mean what it meant.
fn overlap(a: &Edit, b: &Edit) -> bool {
    a.file == b.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}

/// The rule whose fix made a file unreadable that could be read before.
fn broken(before: &Workspace, after: &Workspace, chosen: &[Choice]) -> Option<(&'static str, FileId)> {
    let (before, after) = (Files::parse(before.sources()), Files::parse(after.sources()));
    chosen.iter().find_map(|Choice { rule, fix, .. }| {
        let file = fix
            .edits
            .iter()
            .map(|edit| edit.file)
            .find(|file| is_readable(before.parsed(*file)) && !is_readable(after.parsed(*file)));
        file.map(|file| (*rule, file))
    })
}

/// Whether the program that a file is for reads it to its end.
fn is_readable(parsed: &Parsed) -> bool {
    match parsed {
        Parsed::Puma(tree) => tree.is_ok(),
        Parsed::Systemd(unit) => unit.fatal().is_none(),
        Parsed::Monit(control) => control.error.is_none() && control.nul.is_none(),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
