//! Options of a Monit check that an `include` gives to another check.

use super::view::Scene;
use super::{Check, Rule};
use crate::model::{Diagnostic, FileId, Location, Severity};

pub(super) const RULE: Rule = Rule {
    name: "options-after-include",
    summary: "options of a Monit check behind an include, which takes them",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/options-after-include.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (file, control) in scene.monit_files() {
        for include in control.includes.iter().filter(|include| include.options_follow) {
            let Some(check) = include.inside.and_then(|index| control.checks.get(index)) else { continue };
            let taker = included_check(scene, file, include.pattern.text());
            let name = check.name.text();
            let mut diagnostic = Diagnostic::new(
                RULE.name,
                if taker.is_some() { RULE.severity } else { Severity::Info },
                Location { file, span: include.span },
                format!("what follows here belongs to the last check that is included, not to {name}"),
            )
            .label("Monit puts the files in this place")
            .also(Location { file, span: check.name.span() }, "ends at the first check of those files")
            .help(format!("move the include behind the last option of {name}"));
            if let Some((place, taker)) = taker {
                diagnostic = diagnostic.also(place, format!("{taker} gets them"));
            }
            found.push(diagnostic);
        }
    }
    found
}

/// A check in a file that the pattern may mean: the folder's name has to fit, and what stands before the `*`.
fn included_check<'a>(scene: &Scene<'a>, from: FileId, pattern: &str) -> Option<(Location, &'a str)> {
    let mut parts = pattern.rsplit('/');
    let (name, folder) = (parts.next()?, parts.next().filter(|folder| !folder.is_empty()));
    let fits = |file: FileId| {
        let path = scene.files.source(file).path();
        let here = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let parent = path.parent().and_then(|parent| parent.file_name()).and_then(|name| name.to_str());
        let named = match name.split_once('*') {
            Some((start, end)) => {
                here.starts_with(start) && here.ends_with(end.rsplit('*').next().unwrap_or(end))
            }
            None => here == name,
        };
        file != from && named && folder.is_none_or(|folder| parent == Some(folder))
    };
    scene
        .process_checks()
        .find(|(file, _)| fits(*file))
        .map(|(file, check)| (Location { file, span: check.name.span() }, check.name.text()))
}
