//! A file that Puma has to write where its unit lets it write nothing.

use super::view::Scene;
use super::written_files::{Written, written};
use super::{Check, Rule};
use crate::deployment::Service;
use crate::model::{Diagnostic, Location, Severity, Speaker, Text};
use crate::puma::same_place::{Verdict, compare};
use crate::systemd::{self, Access, Place, Sandbox};

pub(super) const RULE: Rule = Rule {
    name: "read-only-path",
    summary: "a pidfile, socket or log where the unit lets nothing be written",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/read-only-path.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    scene.pumas().flat_map(|service| of_service(scene, service)).collect()
}

fn of_service(scene: &Scene<'_>, service: &Service) -> Vec<Diagnostic> {
    let commands = service.commands("ExecStart");
    // With `+`, nothing of it holds.
    if service.is_of_system() != Some(true) || commands.iter().any(|(_, run)| run.prefixes.privileged) {
        return Vec::new();
    }
    let Some(sandbox) = Sandbox::of(&service.unit, &service.context) else { return Vec::new() };
    // What follows from a start that fails before Puma runs isn't said.
    if let Some(hidden) = hidden_start(service, &sandbox) {
        return vec![hidden];
    }
    written(scene, service).iter().filter_map(|file| of_file(service, &sandbox, file)).collect()
}

fn of_file(service: &Service, sandbox: &Sandbox<'_>, file: &Written) -> Option<Diagnostic> {
    let path = file.path.as_str();
    let place = sandbox.closed(path).filter(|_| path.starts_with('/'))?;
    if sandbox.opened().any(|open| may_lead_to(path, &open.path)) || is_missing_in_run(service, path) {
        return None;
    }
    let what = match place.access {
        Access::Hidden => "does not see",
        _ => "may only read",
    };
    let mut found = Diagnostic::new(
        RULE.name,
        RULE.severity,
        file.place,
        format!("{} {what} {path}: Puma will not boot", service.name()),
    )
    .label("cannot be made")
    .help(help(path, place));
    // A link that leads to what is open would mend it.
    if path.contains("/current/") && sandbox.opened().next().is_some() {
        found.severity = Severity::Warning;
    }
    if place.access == Access::ReadOnly {
        found = found.quote(Speaker::Puma, format!("Read-only file system {}{path}", file.by));
    }
    Some(closed_by(found, service, place))
}

/// A working directory or a program that the service does not see.
fn hidden_start(service: &Service, sandbox: &Sandbox<'_>) -> Option<Diagnostic> {
    let hidden = |path: &str| sandbox.closed(path).filter(|place| place.access == Access::Hidden);
    let directory = service.last("WorkingDirectory").and_then(|entry| {
        let directory = systemd::working_directory(entry, &service.context);
        let path = directory.value.known().filter(|_| !directory.missing_ok)?.text().to_owned();
        Some((service.value(entry), hidden(&path)?, path, "cannot be entered", "CHDIR"))
    });
    let program = || {
        service.commands("ExecStart").into_iter().find_map(|(entry, command)| {
            let path = command.program.text().to_owned();
            let place = Location { file: service.value(entry).file, span: command.program.span() };
            Some((place, hidden(&path)?, path, "cannot be run", "EXEC"))
        })
    };
    let (at, place, path, label, step) = directory.or_else(program)?;
    let found = Diagnostic::new(
        RULE.name,
        RULE.severity,
        at,
        format!("{} does not see {path}: systemd will not start it", service.name()),
    )
    .label(label)
    .quote(Speaker::Systemd, format!("Failed at step {step} spawning"))
    .help(help(&path, place));
    Some(closed_by(found, service, place))
}

/// Below `/run` a folder is missing as well, which is said elsewhere, with the same remedy.
fn is_missing_in_run(service: &Service, path: &str) -> bool {
    let user = service.last("User").is_some_and(|user| !matches!(user.value.text(), "root" | "0"));
    user && (path.starts_with("/run/") || path.starts_with("/var/run/"))
}

/// Whether a path of a deploy's tree may be a link into an open folder: `current/tmp` to `shared/tmp`.
fn may_lead_to(path: &str, open: &str) -> bool {
    let same = |rest: &str| compare(&Text::known(format!("{open}{rest}")), &Text::known(path));
    path.match_indices('/').any(|(at, _)| same(&path[at..]) == Verdict::Undecidable)
}

fn closed_by(found: Diagnostic, service: &Service, place: &Place<'_>) -> Diagnostic {
    let Some(entry) = place.entry else { return found };
    let folder = if place.path == "/" { "everything" } else { &place.path };
    let label = match place.access {
        Access::Hidden => format!("hides {folder}"),
        _ => format!("makes {folder} read-only"),
    };
    found.also(service.assignment(entry), label)
}

fn help(path: &str, place: &Place<'_>) -> String {
    let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let setting = place.entry.map(|entry| entry.key.as_str()).unwrap_or_default();
    match (path.strip_prefix("/run/").and_then(|rest| rest.split_once('/')), place.access) {
        (_, Access::Hidden) if setting == "ProtectHome" => {
            "keep the app outside of home directories, or write ProtectHome=read-only".to_owned()
        }
        (_, Access::Hidden) => format!("take {} out of {setting}=", place.path),
        (Some((name, _)), _) => {
            format!("add RuntimeDirectory={name} to the unit: systemd makes the folder, and opens it")
        }
        _ => format!("add ReadWritePaths={folder} to the unit"),
    }
}
