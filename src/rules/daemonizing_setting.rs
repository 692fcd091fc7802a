//! A deploy setting that puts `daemonize` into the config which capistrano3-puma writes.

use std::collections::BTreeSet;

use super::ignored_deploy_setting::{is_fetched, removal};
use super::view::Scene;
use super::words::wording;
use super::{Check, Rule};
use crate::catalog::{self, CAPISTRANO_GEM};
use crate::model::{Applicability, Diagnostic, Severity, Speaker, Story};

/// The setting, and the directive that it stands for.
const SETTING: (&str, &str) = ("puma_daemonize", "daemonize");

pub(super) const RULE: Rule = Rule {
    name: "daemonizing-setting",
    summary: "a deploy setting that makes Puma daemonize, which it cannot",
    severity: Severity::Error,
    page: include_str!("../../fixtures/rules/daemonizing-setting.md"),
    check: Check::Deployment(check),
};

fn check(scene: &Scene<'_>) -> Vec<Diagnostic> {
    let (name, directive) = SETTING;
    let release = scene.release();
    let Some(removed) = catalog::directive(directive).and_then(|known| known.removed_in()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for stage in scene.deployment.stages.iter().filter(|_| removed <= release) {
        let Some(setting) = stage.setting(name) else { continue };
        let Some(origin) = setting.origin.filter(|origin| seen.insert(origin.place)) else { continue };
        let is_on = setting.value.truthy() == Some(true);
        if !is_on || !stage.writes_config() || stage.starts().next().is_none() {
            continue;
        }
        let message = format!(
            "{CAPISTRANO_GEM} {} writes `{directive}` into Puma's config, and Puma {} does not know it: the server will \
             not boot",
            stage.gem,
            scene.deployment.target.name()
        );
        let diagnostic = Diagnostic::new(RULE.name, RULE.severity, origin.place, message)
            .label(format!("`{directive}` was removed in {removed}"))
            .quote(Speaker::Puma, wording(scene).undefined(directive, true))
            .role(Story::Daemonizing, 1);
        let stage = stage.name.as_deref().unwrap_or("STAGE");
        let help = format!("remove it, and have the config written again: cap {stage} puma:config");
        let fix = removal(scene, origin.place.file, origin.node, name, Applicability::Safe);
        found.push(match fix.filter(|_| !is_fetched(scene, name)) {
            Some(fix) => diagnostic.help(help).fix(fix),
            None => diagnostic.help(help),
        });
    }
    found
}
