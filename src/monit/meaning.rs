//! What has to make sense in the whole file: how often Monit looks, and dependencies.

use std::collections::BTreeMap;

use super::model::{Complaint, ComplaintKind, Control, SetValue};
use crate::model::{Span, Word};

/// Complains as Monit does at the end of a file.
///
/// Only for a file that Monit accepts otherwise, and that includes no other: a check may stand in an included file.
pub(super) fn check(control: &mut Control) {
    if !control.is_accepted() || !control.includes.is_empty() {
        return;
    }
    control.errors.extend(poll_time(control));
    control.errors.extend(dependency(control));
}

/// `set init` and `set daemon` need a time between two looks. The first `set daemon` counts.
fn poll_time(control: &Control) -> Option<Complaint> {
    let daemon = control.sets.iter().find_map(|set| match &set.value {
        SetValue::Daemon { seconds, .. } => Some((seconds.value, set.span)),
        _ => None,
    });
    let init = control.sets.iter().find(|set| set.name == "init").map(|set| (0, set.span));
    let (0, span) = daemon.or(init)? else { return None };
    Some(Complaint {
        span,
        words: "Poll time is invalid or not defined. Please define poll time in the control file".to_owned(),
        line: None,
        kind: ComplaintKind::PollTime,
    })
}

/// The first dependency that is not there, or that leads in a circle: Monit stops at it.
fn dependency(control: &Control) -> Option<Complaint> {
    // The bodies of other checks are not known; they are taken to depend on nothing.
    let names = control.checks.iter().map(|check| &check.name);
    let names = names.chain(control.other_checks.iter().map(|check| &check.name));
    let index: BTreeMap<String, usize> = names.enumerate().map(|(at, name)| (lower(name), at)).collect();
    let mut edges: Vec<Vec<(usize, &Word)>> = Vec::with_capacity(index.len());
    for check in &control.checks {
        let mut targets = Vec::with_capacity(check.depends.len());
        // Monit keeps them in reverse.
        for name in check.depends.iter().rev() {
            match index.get(&lower(name)) {
                Some(target) => targets.push((*target, name)),
                None => return Some(unknown(name)),
            }
        }
        edges.push(targets);
    }
    edges.resize(index.len().max(edges.len()), Vec::new());
    unsorted(&edges).map(|(name, span)| Complaint {
        span,
        words: format!("Found a depend loop in the control file involving the service '{name}'"),
        line: None,
        kind: ComplaintKind::DependencyLoop,
    })
}

/// A dependency that is part of a circle, or leads into one.
fn unsorted<'a>(edges: &[Vec<(usize, &'a Word)>]) -> Option<(&'a str, Span)> {
    let mut missing: Vec<usize> = edges.iter().map(Vec::len).collect();
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); edges.len()];
    for (at, targets) in edges.iter().enumerate() {
        for (target, _) in targets {
            dependents[*target].push(at);
        }
    }
    let mut ready: Vec<usize> = (0..edges.len()).filter(|at| missing[*at] == 0).collect();
    while let Some(at) = ready.pop() {
        for dependent in &dependents[at] {
            missing[*dependent] -= 1;
            if missing[*dependent] == 0 {
                ready.push(*dependent);
            }
        }
    }
    // Monit names what it looked at last: the last open dependency of the last check that is open.
    let open = missing.iter().rposition(|missing| *missing > 0)?;
    let (_, name) = edges[open].iter().rfind(|(target, _)| missing[*target] > 0)?;
    Some((name.text(), name.span()))
}

fn unknown(name: &Word) -> Complaint {
    Complaint {
        span: name.span(),
        words: format!("Depending service '{}' is not defined in the control file", name.text()),
        line: None,
        kind: ComplaintKind::UnknownDependency,
    }
}

/// Names are compared whatever their case.
fn lower(name: &Word) -> String {
    name.text().to_ascii_lowercase()
}
