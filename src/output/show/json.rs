//! One object for scripts. Keys are only ever added within a `schema_version`.

use std::io;

use serde_json::{Map, Value as Json, json};

use super::{Hidden, known_secrets};
use crate::model::{FileId, Location, Source as File, Value};
use crate::puma::Starter;
use crate::puma::options::{self, Possible, Setting, Source, Status};
use crate::secrets::{Secrets, is_hidden_variable, is_secret_name};
use crate::show::Shown;

/// Writes every launch. `all` adds the options that are nothing but Puma's defaults.
pub fn write(launches: &[Shown], sources: &[File], all: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let mut targets: Vec<&str> = launches.iter().map(|shown| shown.target.as_str()).collect();
    targets.dedup();
    let secrets = known_secrets(launches, sources);
    let document = json!({
        "schema_version": 1,
        "target_version": match targets.as_slice() { [only] => Json::from(*only), _ => Json::Null },
        "launches": launches.iter().map(|shown| launch(shown, &secrets, sources, all)).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn launch(shown: &Shown, secrets: &Secrets, sources: &[File], all: bool) -> Json {
    let hidden = Hidden::of(shown, secrets);
    let launch = &shown.launch;
    let mut environment = Map::new();
    let mut concealed = Vec::new();
    for (name, value) in &launch.environment.variables {
        if is_hidden_variable(name, value) {
            concealed.push(name.as_str());
        } else {
            environment.insert(name.clone(), hidden.clean(value).into());
        }
    }
    let options: Map<String, Json> = shown
        .options
        .iter()
        .filter(|(name, setting)| all || super::table::is_worth_a_line(name, setting, shown))
        .map(|(name, setting)| ((*name).to_owned(), option(name, setting, shown, &hidden, sources)))
        .collect();
    json!({
        "name": launch.name,
        "kind": kind(launch.starter),
        "source": launch.place.as_ref().map_or(Json::Null, |place| location(place, sources)),
        "target_version": shown.target,
        "working_directory": hidden.text(&launch.directory),
        "environment": environment,
        "hidden_environment": concealed,
        "environment_is_closed": launch.environment.closed,
        "config_files": shown.configs.iter().map(|config| file(sources, *config).shown()).collect::<Vec<_>>(),
        "options": options,
    })
}

/// The name of a launch's kind.
pub fn kind(starter: Starter) -> &'static str {
    match starter {
        Starter::Default => "default",
        Starter::Systemd => "systemd",
        Starter::Monit => "monit",
        Starter::Procfile => "procfile",
        Starter::Docker => "docker",
        Starter::Compose => "compose",
        Starter::Script => "script",
        Starter::Capistrano => "capistrano",
    }
}

/// A file by its id.
pub(super) fn file(sources: &[File], id: FileId) -> &File {
    &sources[usize::try_from(id.0).unwrap_or(usize::MAX)]
}

fn location(place: &Location, sources: &[File]) -> Json {
    let source = file(sources, place.file);
    json!({"path": source.shown(), "line": source.line_column(place.span.start).line})
}

fn option(name: &str, setting: &Setting, shown: &Shown, hidden: &Hidden, sources: &[File]) -> Json {
    let mut entry = Map::new();
    let mut put = |key: &str, value: Json| entry.insert(key.to_owned(), value);
    let secret = setting.possible.iter().any(|possible| hidden.hides(name, &possible.value));
    match setting.status() {
        _ if secret => {
            put("status", "known".into());
            put("redacted", true.into());
        }
        Status::Known(value) => {
            put("status", "known".into());
            put("value", self::value(value, hidden));
            // Below a root that nothing names, only people are told.
            let resolved = super::table::resolved(name, value, shown, hidden);
            if let Some(resolved) = resolved.filter(|path| path.starts_with('/')) {
                put("resolved", resolved.into());
            }
        }
        Status::Unknown(reason) => {
            put("status", "unknown".into());
            put("reason", reason_of(&setting.possible[0].value, reason, hidden).into());
        }
        Status::Conditional => {
            put("status", "conditional".into());
            let values = setting.possible.iter().map(|one| possible(one, shown, hidden, sources));
            put("values", values.collect());
        }
    }
    if !secret && setting.possible.iter().any(|possible| hidden.hides_part(&possible.value)) {
        put("redacted", true.into());
    }
    put("source", setting.source().map_or(Json::Null, |source| self::source(source, shown, sources)));
    Json::Object(entry)
}

fn possible(possible: &Possible, shown: &Shown, hidden: &Hidden, sources: &[File]) -> Json {
    let when = hidden.condition(&possible.when);
    let source = source(&possible.source, shown, sources);
    match options::unknown(&possible.value) {
        Some(reason) => {
            let reason = reason_of(&possible.value, reason, hidden);
            json!({"reason": reason, "when": when, "source": source})
        }
        None => json!({"value": value(&possible.value, hidden), "when": when, "source": source}),
    }
}

/// Why a value isn't known; a text with holes shows what is known of it.
fn reason_of(value: &Value, reason: &str, hidden: &Hidden) -> String {
    match value {
        Value::Unknown(_) => hidden.clean(reason),
        Value::Text(text) | Value::Path(text) if text.has_hole() => {
            format!("a template decides it: `{}`", hidden.clean(&hidden.text(text)))
        }
        value => hidden.clean(&hidden.value(value)),
    }
}

fn source(source: &Source, shown: &Shown, sources: &[File]) -> Json {
    let place = match source {
        Source::Default(_) | Source::CommandLine(None) => None,
        Source::Environment(name) => shown.launch.environment.places.get(name),
        Source::File(place) | Source::CommandLine(Some(place)) => Some(place),
    };
    let mut entry = place.map_or_else(|| json!({}), |place| location(place, sources));
    let kind = match source {
        Source::Default(_) => "default",
        Source::Environment(_) => "environment",
        Source::File(_) => "file",
        Source::CommandLine(_) => "command-line",
    };
    entry["kind"] = kind.into();
    match source {
        Source::Environment(name) => entry["variable"] = name.as_str().into(),
        Source::Default(Some(reason)) => entry["reason"] = (*reason).into(),
        _ => {}
    }
    entry
}

/// A value without secrets.
fn value(value: &Value, hidden: &Hidden) -> Json {
    match value {
        Value::Text(text) | Value::Path(text) => hidden.clean(&hidden.text(text)).into(),
        Value::Array(items) => items.iter().map(|item| self::value(item, hidden)).collect(),
        Value::Hash(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| {
                let name = match key {
                    Value::Sym(name) => name.clone(),
                    key => hidden.value(key),
                };
                let shown = match is_secret_name(&name) {
                    true => Json::from("(hidden)"),
                    false => self::value(value, hidden),
                };
                (name, shown)
            });
            Json::Object(pairs.collect())
        }
        value => plain(value),
    }
}

/// A value as JSON: symbols with their colon, blocks as `<Proc>`.
pub fn plain(value: &Value) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) if value.is_infinite() && *value > 0.0 => "Infinity".into(),
        Value::Float(value) => (*value).into(),
        Value::Sym(name) => format!(":{name}").into(),
        Value::Text(_) | Value::Path(_) => value.as_str().map_or(Json::Null, Json::from),
        Value::Version(version) => version.as_str().into(),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Hash(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| {
                let name = match key {
                    Value::Sym(name) => name.clone(),
                    key => key.as_str().unwrap_or("?").to_owned(),
                };
                (name, plain(value))
            });
            Json::Object(pairs.collect())
        }
        Value::Proc(_) => "<Proc>".into(),
        Value::OneOf(_) | Value::Unknown(_) => Json::Null,
    }
}
