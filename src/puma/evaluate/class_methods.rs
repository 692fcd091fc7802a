//! Methods of Ruby's own classes: `File.join`, `Pathname.new`, `Gem::Version.new`.

use super::expression::combine;
use super::{Run, paths};
use crate::model::{Piece, Text, Value};
use crate::ruby::NodeId;

impl Run<'_> {
    /// `File.join` and the like. `None` for a class method that isn't modelled.
    pub(super) fn class_method(
        &mut self,
        id: NodeId,
        class: &str,
        name: &str,
        args: &[NodeId],
    ) -> Option<Value> {
        const MODELLED: &[(&str, &[&str])] = &[
            ("File", &["join", "expand_path", "absolute_path", "dirname", "basename"]),
            ("Dir", &["pwd", "getwd", "home"]),
            ("Pathname", &["new", "pwd"]),
            ("Gem::Version", &["new", "create"]),
            ("Kernel", &["Integer", "Float", "exit", "abort", "raise", "require"]),
            ("Process", &["exit"]),
        ];
        let class = class.trim_start_matches("::");
        MODELLED.iter().find(|(known, names)| *known == class && names.contains(&name))?;
        if matches!(class, "Kernel" | "Process") {
            return Some(self.kernel(id, name, args, None));
        }
        let values: Vec<Value> = args.iter().map(|arg| self.value(*arg)).collect();
        let unknown = || Value::Unknown(self.words(id));
        Some(match (class, name, values.as_slice()) {
            ("File", "join", parts) => self.join(parts).unwrap_or_else(unknown),
            ("File", "expand_path" | "absolute_path", [path, base @ ..]) => {
                let (path, base) = (path.clone(), base.first().cloned());
                self.expand_path(id, &path, base.as_ref())
            }
            ("File", "dirname", [path]) => path.clone().map(|path| match text_of(&path) {
                Some(text) => paths::dirname(text).map_or_else(unknown, Value::Text),
                None => unknown(),
            }),
            ("File", "basename", [path, suffix @ ..]) => path.clone().map(|path| {
                let base = text_of(&path).and_then(paths::basename);
                match (base, suffix.first().map(Value::as_str)) {
                    (Some(base), None) => Value::text(base),
                    (Some(base), Some(Some(".*"))) => {
                        Value::text(base.rsplit_once('.').map_or(base.as_str(), |(stem, _)| stem))
                    }
                    (Some(base), Some(Some(suffix))) => {
                        Value::text(base.strip_suffix(suffix).unwrap_or(&base))
                    }
                    _ => unknown(),
                }
            }),
            ("Dir", "home", []) => match self.variable_of_env("HOME") {
                Value::Text(home) => Value::Text(home),
                _ => unknown(),
            },
            ("Dir", "pwd" | "getwd", []) => Value::Text(self.setting.directory.clone()),
            ("Pathname", "pwd", []) => Value::Path(self.setting.directory.clone()),
            ("Pathname", "new", [path]) => path.clone().map(to_path),
            ("Gem::Version", _, [version]) => match version.as_str() {
                Some(version) => Value::Version(version.to_owned()),
                None => unknown(),
            },
            _ => unknown(),
        })
    }

    fn join(&self, parts: &[Value]) -> Option<Value> {
        let mut joined = Value::Array(Vec::new());
        for part in parts {
            joined = combine(joined, part.clone(), |left, right| match (left, right) {
                (Value::Array(mut items), right) => {
                    items.push(right);
                    Value::Array(items)
                }
                (left, _) => left,
            });
        }
        Some(joined.map(|joined| {
            let Value::Array(items) = &joined else { return joined };
            let texts: Option<Vec<Text>> = items.iter().map(|item| text_of(item).cloned()).collect();
            match texts {
                Some(texts) => Value::Text(paths::join(&texts)),
                None => Value::Unknown("a path with a part that isn't known".into()),
            }
        }))
    }

    pub(super) fn expand_path(&self, id: NodeId, path: &Value, base: Option<&Value>) -> Value {
        let cwd = Value::Text(self.setting.directory.clone());
        let base = match base {
            Some(Value::Nil) | None => cwd,
            Some(base) => base.clone(),
        };
        let words = self.words(id);
        let home = self.variable_of_env("HOME");
        combine(path.clone(), base, |path, base| {
            let expanded = match (text_of(&path), text_of(&base)) {
                (Some(path), Some(base)) => {
                    at_home(base, &home).zip(at_home(path, &home)).and_then(|(base, path)| {
                        let base = paths::expand(&base, &self.setting.directory)?;
                        paths::expand(&path, &base)
                    })
                }
                _ => None,
            };
            expanded.map_or_else(|| Value::Unknown(words.clone()), Value::Text)
        })
    }
}

/// The text of a string or a Pathname.
fn text_of(value: &Value) -> Option<&Text> {
    match value {
        Value::Text(text) | Value::Path(text) => Some(text),
        _ => None,
    }
}

/// A path with `~` read as Ruby reads it; `None` where the home isn't known.
fn at_home(path: &Text, home: &Value) -> Option<Text> {
    let Some(rest) = path.known_start().strip_prefix('~') else { return Some(path.clone()) };
    // `~somebody` is the host's matter, and so is the home where no variable says it.
    let (Value::Text(home), true) = (home, rest.is_empty() || rest.starts_with('/')) else { return None };
    let mut whole = home.clone();
    whole.push(Piece::Literal(rest.to_owned()));
    path.pieces().iter().skip(1).for_each(|piece| whole.push(piece.clone()));
    Some(whole)
}

/// A string as a Pathname.
pub(super) fn to_path(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::Path(text),
        value => value,
    }
}
