//! A file below /run where nothing makes the folder.

use super::view::Scene;
use super::written_files::{Written, written};
use super::{Check, Rule};
use crate::deployment::Service;
use crate::model::{Diagnostic, Severity, Speaker};
use crate::systemd;

pub(super) const RULE: Rule = Rule {
    name: "missing-runtime-directory",
    summary: "a pidfile or socket below /run that the user cannot make",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/missing-runtime-directory.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let Some(user) = service.last("User").filter(|user| !matches!(user.value.text(), "root" | "0"))
        else {
            continue;
        };
        for Written { place, path, .. } in written(scene, service) {
            let known = path.as_str();
            let below = known.strip_prefix("/run/").or_else(|| known.strip_prefix("/var/run/"));
            let Some(below) = below.filter(|below| !below.starts_with("user/")) else { continue };
            let name = user.value.text();
            match below.split_once('/') {
                None => found.push(
                    Diagnostic::new(
                        RULE.name,
                        Severity::Error,
                        place,
                        format!("{name} cannot write to /run itself: Puma will not boot"),
                    )
                    .label("only root can make a file here")
                    .also(service.assignment(user), "runs Puma")
                    .quote(Speaker::Puma, format!("Errno::EACCES: Permission denied @ rb_sysopen - {known}"))
                    .help(format!("add RuntimeDirectory=puma to the unit, and name /run/puma/{below}")),
                ),
                Some((folder, _)) if !is_made(scene, service, folder) => found.push(
                    Diagnostic::new(
                        RULE.name,
                        Severity::Warning,
                        place,
                        format!("nothing here makes /run/{folder}, which is gone after every boot: Puma will not boot"),
                    )
                    .label(format!("needs /run/{folder}"))
                    .also(service.assignment(user), "cannot make a folder in /run")
                    .quote(Speaker::Puma, format!("Errno::ENOENT: No such file or directory @ rb_sysopen - {known}"))
                    .help(format!("add RuntimeDirectory={folder} to the unit: systemd makes the folder for {name}")),
                ),
                Some(_) => {}
            }
        }
    }
    found
}

/// Whether the unit, or another one here, makes a folder of /run.
fn is_made(scene: &Scene<'_>, service: &Service, folder: &str) -> bool {
    let by_systemd = scene.deployment.services.iter().any(|service| {
        service.all("RuntimeDirectory").iter().any(|entry| {
            let (paths, _) = systemd::directories(entry, &service.context);
            // A name that only the host knows may be this one.
            paths
                .iter()
                .any(|path| path.known().is_none_or(|path| path.text().split('/').next() == Some(folder)))
        })
    });
    let path = format!("/run/{folder}");
    let by_command = ["ExecStartPre", "ExecStart"].iter().flat_map(|key| service.all(key)).any(|entry| {
        entry.key == "ExecStartPre" && entry.value.text().contains(&path)
            || entry.value.text().contains("mkdir")
    });
    by_systemd || by_command
}
