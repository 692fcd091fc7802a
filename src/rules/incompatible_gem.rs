//! A gem that is too old for the target release of Puma, or that keeps Bundler from installing it.

use super::view::Scene;
use super::words::wording;
use super::{Check, Rule};
use crate::catalog::{self, Gem, Needed, Version};
use crate::deployment::{self, Lock, TargetSource};
use crate::model::{Diagnostic, FileId, Location, Severity, Speaker, Value};
use crate::puma::evaluate::Call;

pub(super) const RULE: Rule = Rule {
    name: "incompatible-gem",
    summary: "another gem that does not go with this Puma",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/incompatible-gem.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let (Some(file), Some(lock)) = (scene.deployment.lock, scene.lock()) else { return Vec::new() };
    // Where nobody names a Puma, what else is there tells that it is not the newest.
    if scene.deployment.target.source == TargetSource::Newest {
        return Vec::new();
    }
    let release = scene.release();
    let mut found = Vec::new();
    for gem in catalog::gems() {
        let Some(locked) = lock.gem(gem.name) else { continue };
        if !locked.version.parse::<Version>().is_ok_and(|version| gem.breaks(&version, release)) {
            continue;
        }
        let puma = scene.deployment.target.name();
        let (severity, outcome, label, loaded) = match gem.needed {
            Needed::Tests => (Severity::Warning, "the app's tests fail", "used by tests", None),
            Needed::Plugin => {
                let Some(loaded) = plugin(scene, gem) else { continue };
                let sure = loaded.1.condition.is_always();
                let severity = if sure { Severity::Error } else { Severity::Warning };
                (severity, "the server will not boot", "its plugin is loaded", Some(loaded))
            }
        };
        let mut diagnostic = Diagnostic::new(
            RULE.name,
            severity,
            Location { file, span: locked.span },
            format!("{} {} does not work with Puma {puma}: {outcome}", gem.name, locked.version),
        )
        .label(label)
        .quote(Speaker::Ruby, wording(scene).reword(gem.words));
        if let Some((at, call)) = loaded {
            let when = match call.condition.is_always() {
                true => "loaded here".to_owned(),
                false => format!("loaded here when {}", call.condition),
            };
            diagnostic = diagnostic.also(at, when);
        }
        let later = gem.releases.last().next().map(|next| format!(", or go to Puma {next} or newer"));
        found.push(diagnostic.help(format!(
            "bundle update {}: {} or newer works{}",
            gem.name,
            gem.below,
            later.unwrap_or_default()
        )));
    }
    found.extend(held_back(scene, file, lock));
    found
}

/// The gems whose gemspecs rule out a target that somebody asked for. What is locked together goes together.
fn held_back(scene: &Scene<'_>, file: FileId, lock: &Lock) -> Vec<Diagnostic> {
    let target = &scene.deployment.target;
    if !matches!(target.source, TargetSource::Flag | TargetSource::Settings) {
        return Vec::new();
    }
    let (Ok(puma), Some(locked)) = (target.name().parse::<Version>(), deployment::locked(lock)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for gem in &lock.gems {
        let Some((need, span)) = &gem.needs_puma else { continue };
        let (wanted, today) = (catalog::fulfils(&puma, need), catalog::fulfils(&locked, need));
        let is_first = lock.entries(&gem.name).next().is_some_and(|first| first.span == gem.span);
        if wanted != Some(false) || today != Some(true) || !is_first {
            continue;
        }
        let name = &gem.name;
        let version = gem.version.parse::<Version>().ok();
        let help = match version.and_then(|version| catalog::pin_behind(name, &version, &puma)) {
            Some(pin) => format!("bundle update puma {name}: {name} {} or newer takes it", pin.since),
            None if catalog::has_pins(name) => {
                format!("no {name} that is known here takes it: wait for one, or run Puma without the gem")
            }
            None => format!("bundle update puma {name}: a newer {name} may take it"),
        };
        let message =
            format!("{name} {} keeps Bundler from installing Puma {puma}: it wants `{need}`", gem.version);
        found.push(
            Diagnostic::new(RULE.name, RULE.severity, Location { file, span: *span }, message)
                .label("what its gemspec says")
                .help(help),
        );
    }
    found
}

/// Where a config loads the plugin of a gem.
fn plugin<'s>(scene: &'s Scene<'_>, gem: &Gem) -> Option<(Location, &'s Call)> {
    let named = |value: &Value| match value {
        Value::Sym(name) => name == gem.name,
        value => value.as_str() == Some(gem.name),
    };
    scene.evaluations.iter().find_map(|evaluation| {
        let loads = |call: &&Call| {
            call.name == "plugin" && call.arguments.first().is_some_and(|first| named(&first.value))
        };
        let call = evaluation.trace.calls.iter().find(loads)?;
        Some((Location { file: evaluation.config, span: call.span }, call))
    })
}
