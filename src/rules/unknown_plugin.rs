//! A plugin that nothing brings.

use super::view::ConfigView;
use super::words::outcome;
use super::{Check, Rule};
use crate::catalog;
use crate::deployment::Lock;
use crate::model::{Diagnostic, Severity, Speaker, Value};
use crate::puma::evaluate::Call;

pub(super) const RULE: Rule = Rule {
    name: "unknown-plugin",
    summary: "a plugin that nothing brings",
    severity: Severity::Warning,
    page: include_str!("../../fixtures/rules/unknown-plugin.md"),
    check: Check::Config(check),
};

fn check(view: &ConfigView<'_>) -> Vec<Diagnostic> {
    let calls = view.evaluation.trace.calls.iter().filter(|call| call.name == "plugin");
    calls.filter_map(|call| diagnose(view, call)).collect()
}

fn diagnose(view: &ConfigView<'_>, call: &Call) -> Option<Diagnostic> {
    let release = view.release();
    catalog::directive("plugin").filter(|directive| directive.exists(release))?;
    let argument = call.arguments.first()?;
    let name = match &argument.value {
        Value::Sym(name) => name.as_str(),
        value => value.as_str()?,
    };
    let shipped = catalog::plugin(name);
    if shipped.is_some_and(|plugin| plugin.releases.contains(release)) || call.is_rescued_from("RuntimeError")
    {
        return None;
    }
    let by_gem = view.scene.lock().map(|lock| is_brought(lock, name));
    let (severity, message, help) = match (shipped, by_gem) {
        (_, Some(true)) => return None,
        (Some(plugin), _) => {
            let (severity, outcome) = outcome(&call.condition);
            (
                severity,
                format!("Puma {} has no plugin {name}: {outcome}", view.scene.deployment.target.name()),
                format!(
                    "it comes with Puma {} and newer; remove the line, or upgrade first",
                    plugin.releases.first()
                ),
            )
        }
        (None, Some(false)) => (
            // Under a condition it may be meant for another day.
            if call.condition.is_always() { Severity::Warning } else { Severity::Info },
            format!("no gem in the lock brings the plugin {name}"),
            format!("add the gem that brings {name} to the Gemfile, or remove the line"),
        ),
        (None, None) => (
            Severity::Info,
            format!("the plugin {name} does not come with Puma"),
            "see that its gem is in the Gemfile".to_owned(),
        ),
    };
    Some(
        Diagnostic::new(RULE.name, severity, view.at(argument.span), message)
            .label("looked for as puma/plugin/NAME.rb")
            .quote(Speaker::Puma, format!("Unable to find plugin: {name}"))
            .help(help),
    )
}

/// Whether a locked gem may bring a plugin: one is mostly named after the other.
fn is_brought(lock: &Lock, plugin: &str) -> bool {
    let folded = |text: &str| text.replace('-', "_").to_lowercase();
    let plugin = folded(plugin);
    lock.gems.iter().any(|gem| {
        let gem = folded(&gem.name);
        gem != "puma" && (gem.contains(&plugin) || (plugin.contains(&gem) && gem.len() > 3))
    })
}
