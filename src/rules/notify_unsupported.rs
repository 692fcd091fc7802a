//! A unit that waits for a word from a Puma that says none.

use super::edits::set_value;
use super::view::{Scene, requires};
use super::{Check, Rule};
use crate::catalog::{self, Release};
use crate::deployment::Service;
use crate::model::{Applicability, Diagnostic, Fix, Location, Severity, Speaker};

pub(super) const RULE: Rule = Rule {
    name: "notify-unsupported",
    summary: "Type=notify with a Puma that never says it is ready",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/notify-unsupported.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for service in scene.pumas() {
        let Some(kind) = service.last("Type").filter(|entry| entry.value.text() == "notify") else {
            continue;
        };
        let Some(silence) = silence(scene, service) else { continue };
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            silence.severity,
            service.assignment(kind),
            format!("systemd waits for word from Puma; {}", silence.message),
        )
        .label("the start times out, and systemd then kills a Puma that works")
        .quote(Speaker::Systemd, "start operation timed out. Terminating.")
        .help(silence.help);
        if let Some((place, label)) = silence.place {
            diagnostic = diagnostic.also(place, label);
        }
        if let Some(words) = silence.words {
            diagnostic = diagnostic.quote(Speaker::Puma, words);
        }
        if let Some(edit) = set_value(scene, service, kind, "simple") {
            diagnostic = diagnostic.fix(Fix {
                title: "make it Type=simple".into(),
                applicability: silence.simple,
                edits: vec![edit],
            });
        }
        found.push(diagnostic);
    }
    found
}

/// Why Puma tells systemd nothing.
pub(super) struct Silence {
    pub message: String,
    pub severity: Severity,
    pub help: String,
    pub place: Option<(Location, &'static str)>,
    pub words: Option<&'static str>,
    /// Who may decide that the unit no longer waits: there may be another way.
    pub simple: Applicability,
}

/// Why a service's Puma tells systemd nothing, if that is so.
pub(super) fn silence(scene: &Scene<'_>, service: &Service) -> Option<Silence> {
    let release = scene.release();
    let asked = scene.deployment.target.name();
    let keys = ["ExecStart", "ExecStartPost", "ExecStartPre"];
    let words = keys.iter().flat_map(|key| service.all(key)).map(|entry| entry.value.text());
    // Somebody else may tell it.
    let elsewhere =
        words.into_iter().any(|text| text.contains("systemd-notify") || text.contains("sd_notify"))
            || scene.evaluations_of(service).any(|e| requires(&e.trace, "sd_notify"))
            || scene.evaluations_of(service).any(|e| loads_plugin(&e.trace));
    if elsewhere {
        return None;
    }
    let simple = "make it Type=simple";
    if catalog::notifies_systemd(release) {
        return skipped(scene, service, release);
    }
    let since = Release::all().find(|release| catalog::notifies_systemd(*release))?;
    if catalog::notifies_systemd_with_a_gem(release) {
        let severity = match scene.has_gem("sd_notify") {
            Some(true) => return None,
            Some(false) => Severity::Error,
            // Whether the gem is there, nothing says.
            None => Severity::Warning,
        };
        let place = scene.lock().and_then(|lock| lock.gem("puma")).zip(scene.deployment.lock);
        return Some(Silence {
            message: match severity {
                Severity::Error => {
                    format!(
                        "Puma {asked} says it is ready only with the gem sd_notify, which is not in the lock"
                    )
                }
                _ => format!("Puma {asked} says it is ready only where the gem sd_notify is installed"),
            },
            severity,
            help: format!(
                "add `gem \"sd_notify\"` to the Gemfile; or {simple}; or move to Puma {since}, which needs no gem"
            ),
            place: place.map(|(gem, file)| (Location { file, span: gem.span }, "no sd_notify beside it")),
            words: Some(
                "Systemd integration failed. It looks like you're trying to use systemd notify but don't have sd_notify gem installed",
            ),
            simple: Applicability::Unsafe,
        });
    }
    Some(Silence {
        message: format!("Puma {asked} never says that it is ready"),
        severity: Severity::Error,
        help: format!("{simple}; Type=notify is for Puma {since} and later"),
        place: None,
        words: None,
        simple: Applicability::Safe,
    })
}

/// Whether a service's Puma itself surely tells systemd when it is ready.
pub(super) fn tells_systemd(scene: &Scene<'_>, service: &Service) -> bool {
    let release = scene.release();
    let with_gem = catalog::notifies_systemd_with_a_gem(release) && scene.has_gem("sd_notify") == Some(true);
    let java = scene.lock().and_then(|lock| lock.gem("puma")).and_then(|gem| gem.platform.as_deref());
    (catalog::notifies_systemd(release) || with_gem)
        && java != Some("java")
        && skipped(scene, service, release).is_none()
}

/// The plugin of a gem that tells systemd in releases that don't.
fn loads_plugin(trace: &crate::puma::evaluate::Trace) -> bool {
    trace.calls.iter().any(|call| {
        call.name == "plugin"
            && call.arguments.iter().any(|argument| {
                matches!(&argument.value, crate::model::Value::Sym(name) if name == "systemd")
                    || argument.value.as_str() == Some("systemd")
            })
    })
}

/// The variable that makes a newer Puma leave systemd alone.
const SKIP: &str = "PUMA_SKIP_SYSTEMD";

fn skipped(scene: &Scene<'_>, service: &Service, release: Release) -> Option<Silence> {
    let read = catalog::variable(SKIP)?.read.contains(release);
    let entry = service.all("Environment").into_iter().rfind(|entry| {
        let set = crate::systemd::assignments(entry, &service.context).assignments;
        set.iter().any(|set| set.name.text() == SKIP)
    })?;
    read.then(|| Silence {
        message: format!("{SKIP} makes Puma {} leave systemd alone", scene.deployment.target.name()),
        severity: Severity::Error,
        help: format!("take {SKIP} away, or make it Type=simple"),
        place: Some((service.value(entry), "whatever its value")),
        words: None,
        simple: Applicability::Unsafe,
    })
}
