//! From the data's files to the source of the constant tables.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::emit::{self, option, slice, text, texts, variant};
use super::releases::{Releases, Span, shared};
use super::schema::*;
use super::signature;

type Result<T> = std::result::Result<T, String>;

/// The source of every table, or everything that is wrong with the first unsound file.
pub fn generate(data: &Path) -> Result<String> {
    let releases: ReleasesFile = read(data, "releases.toml")?;
    let known = Releases::new(&releases.release).map_err(|why| format!("releases.toml: {why}"))?;
    let mut code = String::new();
    let rows = releases.release.iter().map(|row| {
        format!(
            "ReleaseEntry {{ version: {}, date: {}, yanked: {} }}",
            text(&row.version),
            text(&row.date),
            row.yanked
        )
    });
    table(&mut code, "RELEASES", "ReleaseEntry", rows.collect());

    let file: DirectivesFile = read(data, "directives.toml")?;
    let rows =
        sorted("directives.toml", &file.directive, |row| &row.name, |row| directive(&known, &file, row))?;
    table(&mut code, "DIRECTIVES", "Directive", rows);
    let rows = file.ssl_query.iter().map(|row| query_part(&known, row)).collect::<Result<Vec<_>>>();
    table(
        &mut code,
        "SSL_QUERY",
        "QueryPart",
        rows.map_err(|why| format!("directives.toml: ssl_query: {why}"))?,
    );

    let file: ConstantsFile = read(data, "constants.toml")?;
    let rows = sorted("constants.toml", &file.constant, |row| &row.path, |row| constant(&known, row))?;
    table(&mut code, "CONSTANTS", "Constant", rows);

    let file: FlagsFile = read(data, "flags.toml")?;
    let rows = sorted("flags.toml", &file.flag, |row| &row.long, |row| flag(&known, row))?;
    table(&mut code, "PUMA_FLAGS", "Flag", rows);

    let file: PumactlFile = read(data, "pumactl.toml")?;
    let rows = sorted("pumactl.toml", &file.flag, |row| &row.long, |row| flag(&known, row))?;
    table(&mut code, "PUMACTL_FLAGS", "Flag", rows);
    let rows = sorted("pumactl.toml", &file.command, |row| &row.name, |row| command(&known, row))?;
    table(&mut code, "PUMACTL_COMMANDS", "Command", rows);
    let rows = sorted("pumactl.toml", &file.quirk, |row| &row.name, |row| quirk(&known, row))?;
    table(&mut code, "PUMACTL_QUIRKS", "Quirk", rows);
    let after = known.range(&file.flags_after_command).map_err(|why| format!("pumactl.toml: {why}"))?;
    let _ = writeln!(code, "pub static PUMACTL_FLAGS_AFTER_COMMAND: Range = {};", emit::range(after));

    let file: DefaultsFile = read(data, "defaults.toml")?;
    let rows = sorted("defaults.toml", &file.default, |row| &row.option, |row| default(&known, row))?;
    table(&mut code, "DEFAULTS", "Default", rows);

    let file: EnvironmentFile = read(data, "environment.toml")?;
    let rows = sorted("environment.toml", &file.variable, |row| &row.name, |row| variable(&known, row))?;
    table(&mut code, "VARIABLES", "Variable", rows);

    let file: SignalsFile = read(data, "signals.toml")?;
    let rows = sorted("signals.toml", &file.signal, |row| &row.name, |row| signal(&known, row))?;
    table(&mut code, "SIGNALS", "Signal", rows);

    let file: PluginsFile = read(data, "plugins.toml")?;
    let rows = sorted("plugins.toml", &file.plugin, |row| &row.name, |row| named(&known, "Plugin", row))?;
    table(&mut code, "PLUGINS", "Plugin", rows);

    let file: BehavioursFile = read(data, "behaviours.toml")?;
    let rows =
        sorted("behaviours.toml", &file.behaviour, |row| &row.name, |row| named(&known, "Behaviour", row))?;
    table(&mut code, "BEHAVIOURS", "Behaviour", rows);

    let file: MethodsFile = read(data, "methods.toml")?;
    let rows = sorted(
        "methods.toml",
        &file.method,
        |row| &row.name,
        |row| {
            let releases = row.releases.as_deref().map(|range| known.range(range)).transpose()?;
            let releases = option(releases.map(emit::range));
            Ok(format!("ModuleMethod {{ name: {}, releases: {releases} }}", text(&row.name)))
        },
    )?;
    table(&mut code, "METHODS", "ModuleMethod", rows);

    let file: RubyFile = read(data, "ruby.toml")?;
    let rows = ruby(&known, &file).map_err(|why| format!("ruby.toml: {why}"))?;
    table(&mut code, "RUBIES", "Ruby", rows);

    let file: UpgradesFile = read(data, "upgrades.toml")?;
    let rows = sorted("upgrades.toml", &file.upgrade, |row| &row.topic, |row| upgrade(&known, row))?;
    table(&mut code, "UPGRADES", "Upgrade", rows);

    let file: GemsFile = read(data, "gems.toml")?;
    let rows = sorted("gems.toml", &file.gem, |row| &row.name, |row| gem(&known, row))?;
    table(&mut code, "GEMS", "Gem", rows);
    let pin = |row: &PinRow| {
        let [gem, since, puma] = [&row.gem, &row.since, &row.puma].map(|value| text(value));
        format!("Pin {{ gem: {gem}, since: {since}, puma: {puma} }}")
    };
    table(&mut code, "PINS", "Pin", file.pin.iter().map(pin).collect());
    Ok(code)
}

/// The closed set of the ways in which a config may be concerned; the catalog's `Affects` says what each means.
const AFFECTS: &[&str] = &[
    "option-unset",
    "cluster-option-unset",
    "option-set",
    "default-host",
    "preloaded",
    "variable-read",
    "directive-called",
    "truthy-argument",
    "argument-is",
    "argument-starts",
    "keyword-given",
];

fn upgrade(known: &Releases, row: &UpgradeRow) -> Result<String> {
    let takes_matching =
        ["option-set", "argument-is", "argument-starts", "keyword-given"].contains(&row.affects.as_str());
    if !takes_matching && !row.matching.is_empty() {
        return Err(format!("`matching` means nothing to `{}`", row.affects));
    }
    Ok(format!(
        "Upgrade {{ topic: {}, kind: UpgradeKind::{}, release: {}, affects: Affects::{}, subject: {}, matching: {}, \
         what: {}, label: {}, help: {} }}",
        text(&row.topic),
        one_of(&row.rule, &["changed-default", "changed-meaning"])?,
        emit::release(known.place(&row.release)?),
        one_of(&row.affects, AFFECTS)?,
        text(&row.subject),
        texts(&row.matching),
        text(&row.what),
        text(&row.label),
        text(&row.help),
    ))
}

fn gem(known: &Releases, row: &GemRow) -> Result<String> {
    Ok(format!(
        "Gem {{ name: {}, below: {}, releases: {}, needed: Needed::{}, words: {} }}",
        text(&row.name),
        text(&row.below),
        emit::range(known.range(&row.releases)?),
        one_of(&row.needed, &["plugin", "tests"])?,
        text(&row.words),
    ))
}

/// Something with a name that exists in a range of releases.
fn named(known: &Releases, kind: &str, row: &PluginRow) -> Result<String> {
    let releases = emit::range(known.range(&row.releases)?);
    Ok(format!(
        "{kind} {{ name: {}, summary: {}, releases: {releases} }}",
        text(&row.name),
        text(&row.summary)
    ))
}

fn read<T: DeserializeOwned>(data: &Path, name: &str) -> Result<T> {
    let source = std::fs::read_to_string(data.join(name)).map_err(|error| format!("{name}: {error}"))?;
    toml::from_str(&source).map_err(|error| format!("{name}: {error}"))
}

fn table(code: &mut String, name: &str, kind: &str, rows: Vec<String>) {
    let _ = writeln!(code, "pub static {name}: &[{kind}] = &[");
    for row in rows {
        let _ = writeln!(code, "    {row},");
    }
    let _ = writeln!(code, "];");
}

/// The rows in the order of their keys, each key once; every unsound row is named.
fn sorted<T>(
    file: &str,
    rows: &[T],
    key: impl Fn(&T) -> &String,
    emit: impl Fn(&T) -> Result<String>,
) -> Result<Vec<String>> {
    let mut rows: Vec<&T> = rows.iter().collect();
    rows.sort_by(|a, b| key(a).cmp(key(b)));
    let mut wrong: Vec<String> = rows
        .windows(2)
        .filter(|pair| key(pair[0]) == key(pair[1]))
        .map(|pair| format!("{file}: `{}` stands twice", key(pair[0])))
        .collect();
    let mut emitted = Vec::new();
    for row in rows {
        match emit(row) {
            Ok(code) => emitted.push(code),
            Err(why) => wrong.push(format!("{file}: `{}`: {why}", key(row))),
        }
    }
    if wrong.is_empty() { Ok(emitted) } else { Err(wrong.join("\n")) }
}

/// Each item's range, which have to ascend.
fn spans<T>(known: &Releases, items: &[T], range: impl Fn(&T) -> &String) -> Result<Vec<Span>> {
    let texts: Vec<String> = items.iter().map(|item| range(item).clone()).collect();
    known.ranges(&texts)
}

fn one_of(word: &str, words: &[&str]) -> Result<String> {
    if words.contains(&word) {
        return Ok(variant(word));
    }
    Err(format!("`{word}` is none of {}", words.join(", ")))
}

fn directive(known: &Releases, file: &DirectivesFile, row: &DirectiveRow) -> Result<String> {
    let name = &row.name;
    let form_spans = spans(known, &row.forms, |form| &form.releases)?;
    if form_spans.is_empty() {
        return Err("no form".into());
    }
    let mut forms = Vec::new();
    for (form, span) in row.forms.iter().zip(&form_spans) {
        let parameters = signature::parse(&form.signature)?.into_iter().map(|parameter| {
            format!(
                "Parameter {{ name: {}, kind: ParameterKind::{}, default: {} }}",
                text(&parameter.name),
                parameter.kind,
                option(parameter.default.as_deref().map(text))
            )
        });
        if let Some(alias) = &form.alias_of {
            reference(file, alias)?;
        }
        forms.push(format!(
            "Form {{ releases: {}, signature: {}, parameters: {}, alias_of: {}, visibility: Visibility::{} }}",
            emit::range(*span),
            text(&form.signature),
            slice(parameters),
            option(form.alias_of.as_deref().map(text)),
            if form.private { "Private" } else { "Public" },
        ));
    }
    let deprecation = match &row.deprecated {
        None => None,
        Some(deprecated) => {
            reference(file, &deprecated.replacement)?;
            Some(format!(
                "&Deprecation {{ releases: {}, replacement: {}, words: {} }}",
                emit::range(known.range(&deprecated.releases)?),
                text(&deprecated.replacement),
                text(
                    &deprecated
                        .words
                        .replace("{name}", name)
                        .replace("{replacement}", &deprecated.replacement)
                )
            ))
        }
    };
    if let Some(replacement) = &row.replacement {
        reference(file, replacement)?;
    }
    let collects = spans(known, &row.collects, |collects| &collects.releases)?
        .into_iter()
        .zip(&row.collects)
        .map(|(span, collects)| {
            let how = one_of(&collects.how, &["list", "last", "first", "distinct"])?;
            Ok(format!("({}, Collects::{how})", emit::range(span)))
        })
        .collect::<Result<Vec<_>>>()?;
    let keywords = row
        .keywords
        .iter()
        .map(|keyword| {
            Ok(format!(
                "Keyword {{ name: {}, releases: {}, before: {} }}",
                text(&keyword.name),
                emit::range(known.range(&keyword.releases)?),
                option(keyword.before.as_deref().map(text))
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    let sets = row.sets.iter().map(|set| setting(known, set)).collect::<Result<Vec<_>>>()?;
    let scope = one_of(row.scope.as_deref().unwrap_or("none"), &["none", "now", "clamp", "later"])?;
    Ok(format!(
        "Directive {{ name: {}, summary: {}, forms: {}, sets: {}, collects: {}, blocks: {}, scope: Scope::{scope}, \
         cluster_only: {}, single_mode_warnings: {}, deprecation: {}, replacement: {}, \
         droppable: {}, advice: {}, checks: {}, keywords: {}, changes: {} }}",
        text(name),
        text(&row.summary),
        slice(forms),
        slice(sets),
        slice(collects),
        slice(blocks(known, file, row, &form_spans)?),
        row.cluster_only,
        slice(warnings(known, file, row, &form_spans)?),
        option(deprecation),
        option(row.replacement.as_deref().map(text)),
        row.droppable,
        option(row.advice.as_deref().map(text)),
        slice(checks(known, name, &row.checks)?),
        slice(keywords),
        slice(changes(known, &row.changes)?),
    ))
}

/// The closed set of conversions; the catalog's `Conversion` says what each means.
const CONVERSIONS: &[&str] = &[
    "argument",
    "value",
    "text",
    "integer",
    "float",
    "to-i",
    "to-f",
    "to-sym",
    "not",
    "list",
    "key",
    "block",
    "callable",
    "keyed-block",
    "hook",
    "cluster-hook",
    "tcp-text",
    "tcp-uri",
    "ssl-url",
    "pem-store",
    "control-url",
    "control-temp",
    "control-token",
    "remote-address",
    "remote-value",
    "remote-header",
    "remote-proxy",
    "on-force",
];

fn setting(known: &Releases, row: &SetRow) -> Result<String> {
    let set = match row {
        SetRow::Always(name) => {
            return Ok(format!(
                "Setting {{ releases: {}, option: {}, to: Conversion::Argument, argument: 0, value: None, key: None, \
                 named: &[] }}",
                emit::range(known.all()),
                text(name)
            ));
        }
        SetRow::Sometimes(set) => set,
    };
    let to = set.to.as_deref().unwrap_or("argument");
    if ["value", "control-token"].contains(&to) != set.value.is_some() || (to == "key") != set.key.is_some() {
        return Err(format!("`{to}`: value or key missing or needless"));
    }
    let span = set.releases.as_deref().map_or(Ok(known.all()), |releases| known.range(releases))?;
    let named = set
        .named
        .iter()
        .map(|(name, value)| {
            let name = if name == "nil" { "<nil>" } else { name };
            let name = emit::value(&toml::Value::String(name.to_owned()))?;
            Ok(format!("({name}, {})", emit::value(value)?))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(format!(
        "Setting {{ releases: {}, option: {}, to: Conversion::{}, argument: {}, value: {}, key: {}, named: {} }}",
        emit::range(span),
        text(&set.option),
        one_of(to, CONVERSIONS)?,
        set.argument,
        option(set.value.as_ref().map(emit::value).transpose()?),
        option(set.key.as_deref().map(text)),
        slice(named),
    ))
}

fn query_part(known: &Releases, row: &SslQueryRow) -> Result<String> {
    let how = one_of(
        &row.how,
        &[
            "always",
            "given",
            "present",
            "escaped",
            "integer",
            "joined",
            "for-peers",
            "for-peers-escaped",
            "oldest-tls",
            "reuse",
        ],
    )?;
    Ok(format!(
        "QueryPart {{ key: {}, how: QueryForm::{how}, value: {}, releases: {} }}",
        text(&row.key),
        option(row.value.as_deref().map(text)),
        emit::range(known.range(&row.releases)?)
    ))
}

/// Complains about a directive that does not exist.
fn reference(file: &DirectivesFile, name: &str) -> Result<()> {
    match file.directive.iter().any(|row| row.name == name) {
        true => Ok(()),
        false => Err(format!("`{name}` is no directive")),
    }
}

/// The name under which Puma speaks of a directive: an alias goes by the name of what it stands for.
fn canonical(row: &DirectiveRow, form: usize) -> &str {
    row.forms[form].alias_of.as_deref().unwrap_or(&row.name)
}

fn blocks(
    known: &Releases,
    file: &DirectivesFile,
    row: &DirectiveRow,
    forms: &[Span],
) -> Result<Vec<String>> {
    let Some(name) = &row.block else { return Ok(Vec::new()) };
    let profile = file
        .block
        .iter()
        .find(|profile| profile.profile == *name)
        .ok_or_else(|| format!("no block profile `{name}`"))?;
    let rules = spans(known, &profile.rules, |rule| &rule.releases)?;
    let mut emitted = Vec::new();
    for (at, form) in forms.iter().enumerate() {
        for (span, rule) in rules.iter().zip(&profile.rules) {
            let Some(span) = shared(*form, *span) else { continue };
            let need = one_of(&rule.need, &["required", "optional", "unless-argument"])?;
            let without = rule.without.as_deref().unwrap_or("accepted");
            let without = one_of(
                without,
                &[
                    "accepted",
                    "ignored",
                    "refused",
                    "fails-at-boot",
                    "fails-at-stop",
                    "fails-at-restart",
                    "fails-in-worker",
                ],
            )?;
            if ["Accepted", "Ignored"].contains(&without.as_str()) != rule.words.is_none() {
                return Err(format!("block profile `{name}`: words belong to what fails, and only there"));
            }
            let words =
                rule.words.as_deref().map(|words| text(&words.replace("{canonical}", canonical(row, at))));
            emitted.push(format!(
                "BlockRule {{ releases: {}, need: Need::{need}, without: Without::{without}, words: {} }}",
                emit::range(span),
                option(words)
            ));
        }
    }
    Ok(emitted)
}

fn warnings(
    known: &Releases,
    file: &DirectivesFile,
    row: &DirectiveRow,
    forms: &[Span],
) -> Result<Vec<String>> {
    let Some(warns) = &row.warns_in_single_mode else { return Ok(Vec::new()) };
    let warns = known.ranges(&warns.texts())?;
    let rules = spans(known, &file.single_mode_warning, |rule| &rule.releases)?;
    let mut emitted = Vec::new();
    for (at, form) in forms.iter().enumerate() {
        for (span, rule) in rules.iter().zip(&file.single_mode_warning) {
            for warn in &warns {
                let Some(span) = shared(*form, *span).and_then(|span| shared(span, *warn)) else { continue };
                emitted.push(format!(
                    "SingleModeWarning {{ releases: {}, judged: Judged::{}, misses_command_line: {}, words: {} }}",
                    emit::range(span),
                    one_of(&rule.judged, &["at-call", "at-end"])?,
                    rule.misses_command_line,
                    text(&rule.words.replace("{canonical}", canonical(row, at)))
                ));
            }
        }
    }
    Ok(emitted)
}

/// The closed set of argument checks; the catalog's `CheckKind` says what each means.
const CHECKS: &[&str] = &[
    "integer",
    "float",
    "to-i",
    "to-f",
    "to-sym",
    "integer-or-auto",
    "one-of",
    "not-nil",
    "text",
    "min-le-max",
    "at-least",
    "above-check-interval",
    "key",
    "http-methods",
    "remote-address",
    "hash-keys",
    "ssl-key",
    "proxy-protocol",
    "bind-uri",
    "control-uri",
    "needs-gem",
    "shipped-plugin",
];

fn checks(known: &Releases, name: &str, rows: &[CheckRow]) -> Result<Vec<String>> {
    rows.iter()
        .map(|row| {
            if (row.kind == "at-least") != row.least.is_some() {
                return Err("`least` belongs to `at-least`".into());
            }
            Ok(format!(
                "Check {{ releases: {}, argument: {}, kind: CheckKind::{}, allowed: {}, least: {}, \
                 stage: Stage::{}, words: {} }}",
                emit::range(known.range(&row.releases)?),
                row.argument,
                one_of(&row.kind, CHECKS)?,
                texts(&row.allowed),
                row.least.unwrap_or(0),
                one_of(row.stage.as_deref().unwrap_or("config"), &["config", "launch", "run"])?,
                option(row.words.as_deref().map(|words| text(&words.replace("{name}", name)))),
            ))
        })
        .collect()
}

fn changes(known: &Releases, rows: &[ChangeRow]) -> Result<Vec<String>> {
    rows.iter()
        .map(|row| {
            Ok(format!(
                "Change {{ release: {}, what: {} }}",
                emit::release(known.place(&row.release)?),
                text(&row.what)
            ))
        })
        .collect()
}

fn values(known: &Releases, rows: &[ValueRow]) -> Result<Vec<String>> {
    spans(known, rows, |row| &row.releases)?
        .into_iter()
        .zip(rows)
        .map(|(span, row)| Ok(format!("({}, {})", emit::range(span), emit::value(&row.value)?)))
        .collect()
}

fn constant(known: &Releases, row: &ConstantRow) -> Result<String> {
    let replacements = spans(known, &row.replacements, |row| &row.releases)?
        .into_iter()
        .zip(&row.replacements)
        .map(|(span, row)| format!("({}, {})", emit::range(span), text(&row.with)));
    Ok(format!(
        "Constant {{ path: {}, releases: {}, values: {}, replacements: {}, default_of: {} }}",
        text(&row.path),
        emit::ranges(&known.ranges(&row.releases.texts())?),
        slice(values(known, &row.values)?),
        slice(replacements),
        option(row.default_of.as_deref().map(text)),
    ))
}

fn flag(known: &Releases, row: &FlagRow) -> Result<String> {
    let short = match row.short.as_deref() {
        None => None,
        Some(short) => {
            match short.strip_prefix('-').map(|rest| rest.chars().collect::<Vec<_>>()).as_deref() {
                Some([letter]) => Some(format!("{letter:?}")),
                _ => return Err(format!("`{short}` is no short flag")),
            }
        }
    };
    let name = row.long.strip_prefix("--").ok_or("a long flag starts with `--`")?;
    let argument = one_of(&row.argument, &["none", "required", "attached", "placed"])?;
    let releases = known.range(&row.releases)?;
    let deprecated = row.deprecated.as_deref().map(|text| known.range(text)).transpose()?;
    let sets = row
        .sets
        .iter()
        .map(|sets| {
            let to = one_of(
                &sets.to,
                &["value", "argument", "integer", "min-of-pair", "max-of-pair", "tcp-url", "list", "switch"],
            )?;
            let value = sets.value.as_ref().map(emit::value).transpose()?;
            Ok(format!(
                "Effect {{ releases: {}, option: {}, to: To::{to}, value: {} }}",
                emit::range(known.range(&sets.releases)?),
                text(&sets.option),
                option(value)
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    let calls = spans(known, &row.calls, |row| &row.releases)?
        .into_iter()
        .zip(&row.calls)
        .map(|(span, row)| format!("({}, {})", emit::range(span), text(&row.directive)));
    let broken = row
        .broken
        .iter()
        .map(|broken| {
            Ok(format!(
                "Broken {{ releases: {}, when: When::{}, words: {} }}",
                emit::range(known.range(&broken.releases)?),
                one_of(&broken.when, &["always", "no-colon"])?,
                text(&broken.words)
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(format!(
        "Flag {{ long: {}, short: {}, releases: {}, argument: Takes::{argument}, placeholder: {}, negatable: {}, \
         summary: {}, replacement: {}, deprecated: {}, sets: {}, calls: {}, broken: {} }}",
        text(name),
        option(short),
        emit::range(releases),
        option(row.placeholder.as_deref().map(text)),
        row.negatable,
        text(&row.summary),
        option(row.replacement.as_deref().map(text)),
        option(deprecated.map(emit::range)),
        slice(sets),
        slice(calls),
        slice(broken),
    ))
}

fn command(known: &Releases, row: &CommandRow) -> Result<String> {
    let forms = spans(known, &row.forms, |form| &form.releases)?
        .into_iter()
        .zip(&row.forms)
        .map(|(span, form)| format!("({}, {})", emit::range(span), option(form.signal.as_deref().map(text))));
    Ok(format!(
        "Command {{ name: {}, summary: {}, forms: {} }}",
        text(&row.name),
        text(&row.summary),
        slice(forms)
    ))
}

fn quirk(known: &Releases, row: &QuirkRow) -> Result<String> {
    let fails = match &row.fails {
        None => None,
        Some(fails) => Some(format!(
            "Fails::{}",
            one_of(fails, &["always", "config-given", "calls", "single-mode-calls"])?
        )),
    };
    if fails.is_some() && row.words.is_none() {
        return Err("what fails says something".into());
    }
    Ok(format!(
        "Quirk {{ name: {}, releases: {}, words: {}, what: {}, fails: {}, calls: {} }}",
        text(&row.name),
        emit::range(known.range(&row.releases)?),
        option(row.words.as_deref().map(text)),
        text(&row.what),
        option(fails),
        texts(&row.calls),
    ))
}

fn default(known: &Releases, row: &DefaultRow) -> Result<String> {
    Ok(format!(
        "Default {{ option: {}, values: {}, changes: {} }}",
        text(&row.option),
        slice(values(known, &row.values)?),
        slice(changes(known, &row.changes)?)
    ))
}

fn variable(known: &Releases, row: &VariableRow) -> Result<String> {
    let ranges = |ranges: &Option<OneOrMore>| match ranges {
        None => Ok(Vec::new()),
        Some(ranges) => known.ranges(&ranges.texts()),
    };
    let (read, written) = (ranges(&row.read)?, ranges(&row.written)?);
    if read.is_empty() && written.is_empty() {
        return Err("neither read nor written".into());
    }
    let sets = match &row.sets {
        None => None,
        Some(sets) => Some(format!(
            "Sets {{ option: {}, releases: {}, rank: {} }}",
            text(&sets.option),
            emit::range(known.range(&sets.releases)?),
            sets.rank
        )),
    };
    Ok(format!(
        "Variable {{ name: {}, summary: {}, read: {}, written: {}, sets: {}, checks: {} }}",
        text(&row.name),
        text(&row.summary),
        emit::ranges(&read),
        emit::ranges(&written),
        option(sets),
        slice(checks(known, &row.name, &row.checks)?),
    ))
}

fn signal(known: &Releases, row: &SignalRow) -> Result<String> {
    let meanings = row
        .meanings
        .iter()
        .map(|meaning| {
            Ok(format!(
                "Meaning {{ releases: {}, place: Place::{}, what: {} }}",
                emit::range(known.range(&meaning.releases)?),
                one_of(&meaning.place, &["master", "cluster-master", "worker"])?,
                text(&meaning.what)
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(format!("Signal {{ name: {}, meanings: {} }}", text(&row.name), slice(meanings)))
}

/// The minimum of every release, without a gap.
fn ruby(known: &Releases, file: &RubyFile) -> Result<Vec<String>> {
    let spans = spans(known, &file.ruby, |row| &row.releases)?;
    let covered: BTreeSet<usize> = spans.iter().flat_map(|(first, last)| *first..=*last).collect();
    if covered.len() != known.all().1 + 1 {
        return Err("some release has no minimum".into());
    }
    Ok(spans
        .into_iter()
        .zip(&file.ruby)
        .map(|(span, row)| {
            format!("Ruby {{ releases: {}, minimum: {} }}", emit::range(span), text(&row.minimum))
        })
        .collect())
}
