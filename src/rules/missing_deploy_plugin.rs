//! A plugin of capistrano3-puma that the locked release does not have.

use super::view::Scene;
use super::{Check, Rule};
use crate::catalog::{CAPISTRANO_GEM, Version, deploy_plugin};
use crate::model::{Diagnostic, Location, Severity, Speaker};
use crate::ruby::{NodeId, NodeKind, Tree};

pub(super) const RULE: Rule = Rule {
    name: "missing-deploy-plugin",
    summary: "a Capistrano plugin that this capistrano3-puma does not have",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/missing-deploy-plugin.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let Some(locked) = scene.lock().and_then(|lock| lock.gem(CAPISTRANO_GEM)) else { return Vec::new() };
    let Ok(version) = locked.version.parse::<Version>() else { return Vec::new() };
    let mut found = Vec::new();
    for (file, tree) in scene.deploy_files() {
        // What a condition decides is left alone.
        for id in &tree.statements {
            let Some((words, name, argument)) = loaded(tree, *id) else { continue };
            let Some(plugin) = deploy_plugin(name).filter(|plugin| !plugin.exists(&version)) else {
                continue;
            };
            let (label, help) = match (plugin.is_dropped(&version), plugin.dropped, plugin.added) {
                (true, Some(dropped), _) => (format!("removed in {dropped}"), plugin.instead.to_owned()),
                (_, _, Some(added)) => (format!("new in {added}"), format!("bundle update {CAPISTRANO_GEM}")),
                _ => continue,
            };
            let place = Location { file, span: tree.span(argument) };
            let message =
                format!("{CAPISTRANO_GEM} {} has no {name} plugin: every cap command fails", locked.version);
            found.push(
                Diagnostic::new(RULE.name, RULE.severity, place, message)
                    .label(label)
                    .quote(Speaker::Ruby, words)
                    .help(help),
            );
        }
    }
    found
}

/// The plugin that a statement loads, and what Ruby says where there is none.
fn loaded(tree: &Tree, id: NodeId) -> Option<(String, &'static str, NodeId)> {
    let NodeKind::Call { receiver: None, name, args, .. } = tree.kind(id) else { return None };
    let argument = *args.first()?;
    match (name.as_str(), tree.kind(argument)) {
        ("install_plugin", NodeKind::Const { .. }) => {
            let path = constant_path(tree, argument)?;
            let path = path.strip_prefix("::").unwrap_or(&path);
            let plugin = deploy_plugin(path.strip_prefix("Capistrano::Puma::")?)?;
            Some((format!("uninitialized constant {path}"), plugin.name, argument))
        }
        ("require", NodeKind::Str(Some(feature))) => {
            let file = feature.strip_prefix("capistrano/puma/")?;
            let file = file.strip_suffix(".rb").unwrap_or(file);
            let mut letters = file.chars();
            let title: String = letters.next()?.to_uppercase().chain(letters).collect();
            let plugin = deploy_plugin(&title)?;
            Some((format!("cannot load such file -- {feature}"), plugin.name, argument))
        }
        _ => None,
    }
}

/// `A::B::C` in words.
fn constant_path(tree: &Tree, id: NodeId) -> Option<String> {
    let (mut names, mut next) = (Vec::new(), Some(id));
    while let Some(id) = next {
        let NodeKind::Const { scope, name, .. } = tree.kind(id) else { return None };
        names.push(name.as_str());
        next = *scope;
    }
    names.reverse();
    Some(names.join("::"))
}
