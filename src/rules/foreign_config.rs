//! A unit that runs in one app's folder with another app's config.

use super::view::Scene;
use super::{Check, Rule};
use crate::deployment::Service;
use crate::model::{Diagnostic, Location, Severity};
use crate::systemd;

pub(super) const RULE: Rule = Rule {
    name: "foreign-config",
    summary: "a unit that runs in one app's folder with another app's config",
    severity: Severity::Info,
    page: include_str!("../../fixtures/rules/foreign-config.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for launch in &scene.deployment.launches {
        let service = launch.service.and_then(|id| scene.deployment.service(id));
        let (Some(service), Some(place)) = (service, launch.place) else { continue };
        let Some((directory, entry)) = directory(service) else { continue };
        let Some(config) = launch.flag("config", scene.release()) else { continue };
        let Some(app) = app_of(config.text()) else { continue };
        let (own, other) = (home(&directory), home(app));
        // Siblings only: one config for all, in /etc or above the apps, is nobody's in particular.
        let siblings = parent(own) == parent(other) && own != other;
        if !siblings {
            continue;
        }
        found.push(
            Diagnostic::new(
                RULE.name,
                RULE.severity,
                Location { file: place.file, span: config.span() },
                format!("{} runs in {own} with the config of {other}", service.name()),
            )
            .label("another app's")
            .also(service.value(entry), "the app that runs")
            .help("write one app in both, unless this is meant"),
        );
    }
    found
}

/// Where a service runs, where that is known.
fn directory(service: &Service) -> Option<(String, &systemd::Entry)> {
    let entry = service.last("WorkingDirectory")?;
    let directory = systemd::working_directory(entry, &service.context);
    let path = directory.value.known()?.text().to_owned();
    path.starts_with('/').then_some((path, entry))
}

/// The app's folder in `APP/config/puma.rb`, `APP/config/puma/production.rb` and `APP/shared/puma.rb`.
fn app_of(config: &str) -> Option<&str> {
    if !config.starts_with('/') || config.contains(['$', '%', '<', '{']) {
        return None;
    }
    ["/config/", "/shared/"].into_iter().find_map(|part| Some(config.split_once(part)?.0))
}

/// A folder without what Capistrano puts below it.
fn home(folder: &str) -> &str {
    let folder = folder.trim_end_matches('/');
    let folder = folder.strip_suffix("/current").unwrap_or(folder);
    folder.strip_suffix("/shared").unwrap_or(folder)
}

fn parent(folder: &str) -> Option<&str> {
    folder.rsplit_once('/').map(|(parent, _)| parent).filter(|parent| !parent.is_empty())
}
