//! Which rules run, and what their findings count as: the flags decide, then the settings, then the rules themselves.

use super::Options;
use crate::model::Severity;
use crate::rules::Rule;
use crate::settings::File;

/// What holds for one deployment.
pub(super) struct Choice<'a> {
    pub options: &'a Options,
    /// The settings that hold there.
    pub settings: Option<&'a File>,
}

impl Choice<'_> {
    /// Whether a rule runs. A rule that is selected by a flag runs whatever the settings say of it.
    pub fn runs(&self, rule: &Rule) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == rule.name);
        if named(&self.options.ignore) {
            return false;
        }
        if !self.options.select.is_empty() {
            return named(&self.options.select);
        }
        let Some(file) = self.settings else { return true };
        let selected = file.select.as_ref().is_none_or(|select| named(select));
        selected && !named(&file.ignore) && file.severity.get(rule.name) != Some(&None)
    }

    /// The severity that was set for a rule, if one was.
    pub fn severity(&self, rule: &str) -> Option<Severity> {
        self.settings?.severity.get(rule).copied().flatten()
    }

    /// The least severity that makes the exit code 1.
    pub fn fail_on(&self) -> Severity {
        let set = self.settings.and_then(|file| file.fail_on);
        self.options.fail_on.or(set).unwrap_or(Severity::Warning)
    }
}
