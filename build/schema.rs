//! The data's schema: one struct a table, and nothing unknown in it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A range, or several.
#[derive(Deserialize, Clone)]
#[serde(untagged)]
pub enum OneOrMore {
    /// `"5.0.0.."`.
    One(String),
    /// `["2.0.0..2.3.2", "5.0.0.."]`.
    More(Vec<String>),
}

impl OneOrMore {
    pub fn texts(&self) -> Vec<String> {
        match self {
            OneOrMore::One(text) => vec![text.clone()],
            OneOrMore::More(texts) => texts.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasesFile {
    pub release: Vec<ReleaseRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRow {
    pub version: String,
    pub date: String,
    #[serde(default)]
    pub yanked: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectivesFile {
    pub block: Vec<BlockProfile>,
    pub single_mode_warning: Vec<SingleModeWarningRow>,
    pub ssl_query: Vec<SslQueryRow>,
    pub directive: Vec<DirectiveRow>,
}

/// What a block is to a family of directives.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockProfile {
    pub profile: String,
    pub rules: Vec<BlockRuleRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockRuleRow {
    pub releases: String,
    pub need: String,
    pub without: Option<String>,
    pub words: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SingleModeWarningRow {
    pub releases: String,
    pub judged: String,
    #[serde(default)]
    pub misses_command_line: bool,
    pub words: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectiveRow {
    pub name: String,
    pub summary: String,
    pub forms: Vec<FormRow>,
    #[serde(default)]
    pub sets: Vec<SetRow>,
    #[serde(default)]
    pub collects: Vec<CollectsRow>,
    pub block: Option<String>,
    pub scope: Option<String>,
    #[serde(default)]
    pub cluster_only: bool,
    pub warns_in_single_mode: Option<OneOrMore>,
    pub deprecated: Option<DeprecatedRow>,
    pub replacement: Option<String>,
    #[serde(default)]
    pub droppable: bool,
    pub advice: Option<String>,
    #[serde(default)]
    pub checks: Vec<CheckRow>,
    #[serde(default)]
    pub keywords: Vec<KeywordRow>,
    #[serde(default)]
    pub changes: Vec<ChangeRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormRow {
    pub releases: String,
    pub signature: String,
    pub alias_of: Option<String>,
    #[serde(default)]
    pub private: bool,
}

/// `"pidfile"`, or `{ option = "pidfile", to = "text", releases = "3.0.0.." }`.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum SetRow {
    Always(String),
    Sometimes(SometimesSetRow),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SometimesSetRow {
    pub option: String,
    pub releases: Option<String>,
    pub to: Option<String>,
    #[serde(default)]
    pub argument: usize,
    pub value: Option<toml::Value>,
    pub key: Option<String>,
    #[serde(default)]
    pub named: BTreeMap<String, toml::Value>,
}

/// A part of the query that `ssl_bind` writes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SslQueryRow {
    pub key: String,
    pub how: String,
    pub value: Option<String>,
    pub releases: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectsRow {
    pub releases: String,
    pub how: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeprecatedRow {
    pub releases: String,
    pub replacement: String,
    pub words: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRow {
    pub releases: String,
    #[serde(default)]
    pub argument: usize,
    pub kind: String,
    #[serde(default)]
    pub allowed: Vec<String>,
    pub least: Option<i64>,
    pub stage: Option<String>,
    pub words: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeywordRow {
    pub name: String,
    pub releases: String,
    pub before: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRow {
    pub release: String,
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConstantsFile {
    pub constant: Vec<ConstantRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConstantRow {
    pub path: String,
    pub releases: OneOrMore,
    #[serde(default)]
    pub values: Vec<ValueRow>,
    #[serde(default)]
    pub replacements: Vec<ReplacementRow>,
    pub default_of: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueRow {
    pub releases: String,
    pub value: toml::Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacementRow {
    pub releases: String,
    pub with: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagsFile {
    pub flag: Vec<FlagRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagRow {
    pub long: String,
    pub short: Option<String>,
    pub releases: String,
    pub argument: String,
    pub placeholder: Option<String>,
    pub summary: String,
    pub replacement: Option<String>,
    pub deprecated: Option<String>,
    #[serde(default)]
    pub negatable: bool,
    #[serde(default)]
    pub sets: Vec<SetsRow>,
    #[serde(default)]
    pub calls: Vec<CallsRow>,
    #[serde(default)]
    pub broken: Vec<BrokenRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetsRow {
    pub releases: String,
    pub option: String,
    pub to: String,
    pub value: Option<toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallsRow {
    pub releases: String,
    pub directive: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokenRow {
    pub releases: String,
    pub when: String,
    pub words: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PumactlFile {
    pub flags_after_command: String,
    pub flag: Vec<FlagRow>,
    pub command: Vec<CommandRow>,
    pub quirk: Vec<QuirkRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandRow {
    pub name: String,
    pub summary: String,
    pub forms: Vec<CommandFormRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandFormRow {
    pub releases: String,
    pub signal: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuirkRow {
    pub name: String,
    pub releases: String,
    pub words: Option<String>,
    pub what: String,
    pub fails: Option<String>,
    #[serde(default)]
    pub calls: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultsFile {
    pub default: Vec<DefaultRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultRow {
    pub option: String,
    pub values: Vec<ValueRow>,
    #[serde(default)]
    pub changes: Vec<ChangeRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentFile {
    pub variable: Vec<VariableRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableRow {
    pub name: String,
    pub summary: String,
    pub read: Option<OneOrMore>,
    pub written: Option<OneOrMore>,
    pub sets: Option<VariableSetsRow>,
    #[serde(default)]
    pub checks: Vec<CheckRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableSetsRow {
    pub option: String,
    pub releases: String,
    pub rank: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalsFile {
    pub signal: Vec<SignalRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalRow {
    pub name: String,
    pub meanings: Vec<MeaningRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeaningRow {
    pub releases: String,
    #[serde(rename = "in")]
    pub place: String,
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginsFile {
    pub plugin: Vec<PluginRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginRow {
    pub name: String,
    pub summary: String,
    pub releases: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BehavioursFile {
    pub behaviour: Vec<PluginRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodsFile {
    pub method: Vec<MethodRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodRow {
    pub name: String,
    #[serde(default)]
    pub releases: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RubyFile {
    pub ruby: Vec<RubyRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RubyRow {
    pub releases: String,
    pub minimum: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpgradesFile {
    pub upgrade: Vec<UpgradeRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpgradeRow {
    pub topic: String,
    pub rule: String,
    pub release: String,
    pub affects: String,
    pub subject: String,
    #[serde(default)]
    pub matching: Vec<String>,
    pub what: String,
    pub label: String,
    pub help: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GemsFile {
    pub gem: Vec<GemRow>,
    pub pin: Vec<PinRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinRow {
    pub gem: String,
    pub since: String,
    pub puma: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GemRow {
    pub name: String,
    pub below: String,
    pub releases: String,
    pub needed: String,
    pub words: String,
}
