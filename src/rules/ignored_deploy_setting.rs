//! A setting of a deploy file that the locked capistrano3-puma does not read.

use super::view::Scene;
use super::{Check, Rule};
use crate::catalog::{CAPISTRANO_GEM, Version, deploy_setting};
use crate::model::{Diagnostic, Location, Severity};
use crate::ruby::{NodeKind, Tree};

pub(super) const RULE: Rule = Rule {
    name: "ignored-deploy-setting",
    summary: "a setting that this capistrano3-puma does not read",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/ignored-deploy-setting.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let Some(locked) = scene.lock().and_then(|lock| lock.gem(CAPISTRANO_GEM)) else { return Vec::new() };
    let Ok(version) = locked.version.parse::<Version>() else { return Vec::new() };
    // The project's own tasks may read what the gem doesn't.
    let read: Vec<&str> =
        scene.deploy_files().flat_map(|(_, tree)| symbols(tree, "fetch")).map(|s| s.0).collect();
    let mut found = Vec::new();
    for (file, tree) in scene.deploy_files() {
        for (name, span) in symbols(tree, "set") {
            let Some(setting) = deploy_setting(name).filter(|setting| setting.is_dropped(&version)) else {
                continue;
            };
            if read.contains(&name) {
                continue;
            }
            let message =
                format!("{CAPISTRANO_GEM} {} does not read `:{name}`: it has no effect", locked.version);
            found.push(
                Diagnostic::new(RULE.name, RULE.severity, Location { file, span }, message)
                    .label(format!("not read since {}", setting.dropped))
                    .help(setting.instead),
            );
        }
    }
    found
}

/// The symbols that are the first arguments of a command, and where each stands.
fn symbols<'a>(tree: &'a Tree, command: &'a str) -> impl Iterator<Item = (&'a str, crate::model::Span)> {
    tree.iter().filter_map(move |(_, node)| {
        let NodeKind::Call { receiver: None, name, args, .. } = &node.kind else { return None };
        let first = args.first().filter(|_| name == command)?;
        match tree.kind(*first) {
            NodeKind::Sym(Some(symbol)) => Some((symbol.as_str(), tree.span(*first))),
            _ => None,
        }
    })
}
