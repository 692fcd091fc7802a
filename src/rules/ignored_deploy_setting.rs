//! A setting of a deploy file that the locked capistrano3-puma does not read.

use super::view::Scene;
use super::{Check, Rule};
use crate::catalog::{CAPISTRANO_GEM, Version, deploy_setting};
use crate::model::{Applicability, Diagnostic, Edit, FileId, Fix, Location, Severity, Span};
use crate::ruby::{self, NodeId, NodeKind, Tree};

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
    let mut found = Vec::new();
    for (file, tree) in scene.deploy_files() {
        for (name, call, span) in symbols(tree, "set") {
            let Some(setting) = deploy_setting(name).filter(|setting| setting.is_dropped(&version)) else {
                continue;
            };
            if is_fetched(scene, name) {
                continue;
            }
            let message =
                format!("{CAPISTRANO_GEM} {} does not read `:{name}`: it has no effect", locked.version);
            let diagnostic = Diagnostic::new(RULE.name, RULE.severity, Location { file, span }, message)
                .label(format!("not read since {}", setting.dropped))
                .help(setting.instead);
            // Tasks in files that aren't read may fetch it.
            let fix = removal(scene, file, call, name, Applicability::Unsafe);
            found.push(match fix.filter(|_| setting.is_needless) {
                Some(fix) => diagnostic.fix(fix),
                None => diagnostic,
            });
        }
    }
    found
}

/// Whether the project's own tasks read a setting, whatever the gem does.
pub(super) fn is_fetched(scene: &Scene<'_>, name: &str) -> bool {
    scene.deploy_files().any(|(_, tree)| symbols(tree, "fetch").any(|(fetched, ..)| fetched == name))
}

/// Takes a statement of a deploy file away, if that can be done without harm to what is around it.
pub(super) fn removal(
    scene: &Scene<'_>,
    file: FileId,
    call: NodeId,
    name: &str,
    applicability: Applicability,
) -> Option<Fix> {
    let tree = scene.files.deploy_file(file)?;
    let edits = ruby::remove_statement(scene.files.bytes(file), tree, call).ok()?;
    Some(Fix {
        title: format!("remove `{name}`"),
        applicability,
        edits: edits.into_iter().map(|(span, replacement)| Edit { file, span, replacement }).collect(),
    })
}

/// The symbols that are the first arguments of a command, with the call and where each stands.
fn symbols<'a>(tree: &'a Tree, command: &'a str) -> impl Iterator<Item = (&'a str, NodeId, Span)> {
    tree.iter().filter_map(move |(id, node)| {
        let NodeKind::Call { receiver: None, name, args, .. } = &node.kind else { return None };
        let first = args.first().filter(|_| name == command)?;
        match tree.kind(*first) {
            NodeKind::Sym(Some(symbol)) => Some((symbol.as_str(), id, tree.span(*first))),
            _ => None,
        }
    })
}
