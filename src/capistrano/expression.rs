//! The values that settings are set to.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::DeployFile;
use super::read::{Held, Set};
use crate::catalog::{Version, deploy_default};
use crate::model::{Piece, Text, Value};
use crate::puma::evaluate::paths;
use crate::ruby::{NodeId, NodeKind, TextForm, VariableScope};

/// How deep settings may fetch each other.
const DEPTH: usize = 16;

/// How many expressions of one stage are looked at.
const FUEL: usize = 20_000;

/// What an expression of a deploy file can name.
#[derive(Default)]
pub(super) struct Scope<'a> {
    pub gem: Version,
    pub stage: Option<String>,
    pub set: BTreeMap<String, Set<'a>>,
    /// The settings that something else may change.
    pub doubtful: BTreeSet<String>,
    /// Whether anything may be changed by code that isn't looked at.
    pub opaque: bool,
    /// The local variables of the file that is read.
    pub locals: HashMap<String, Value>,
    /// Those that are assigned in a block or under a condition, too.
    pub doubtful_locals: BTreeSet<String>,
    /// Whether a block is run that a setting holds: variables may have changed since, and there is a new release.
    is_late: Cell<bool>,
    /// How deep settings fetch each other right now.
    depth: Cell<usize>,
    spent: Cell<usize>,
}

impl<'a> Scope<'a> {
    /// Before anything is set.
    pub fn of(gem: &Version, stage: Option<&str>) -> Self {
        Self { gem: gem.clone(), stage: stage.map(str::to_owned), ..Default::default() }
    }

    /// What `fetch` gives; `None` where the setting isn't set.
    pub fn fetch(&self, name: &str) -> Option<Value> {
        if self.opaque {
            return Some(unknown("another file may set it"));
        }
        if self.doubtful.contains(name) {
            return Some(unknown("it is set in a task or under a condition, too"));
        }
        if self.depth.get() >= DEPTH {
            return Some(unknown("settings that fetch each other"));
        }
        self.depth.set(self.depth.get() + 1);
        let value = match self.set.get(name).map(|set| &set.held) {
            Some(Held::Value(value)) => Some(value.clone()),
            Some(Held::Later(file, id)) => Some(self.later(*file, *id)),
            None => self.unset(name),
        };
        self.depth.set(self.depth.get() - 1);
        value
    }

    fn unset(&self, name: &str) -> Option<Value> {
        if name == "stage" {
            return Some(self.stage.clone().map_or_else(|| unknown("no file names a stage"), Value::Sym));
        }
        let mut rest = deploy_default(name, &self.gem)?;
        let mut text = Text::default();
        while let Some((before, behind)) = rest.split_once('{') {
            let (names, after) = behind.split_once('}')?;
            text.push(Piece::Literal(before.to_owned()));
            let value = names.split('|').find_map(|name| self.fetch(name));
            as_text(value.unwrap_or_else(|| unknown("a setting that is not set")))
                .pieces()
                .iter()
                .for_each(|piece| text.push(piece.clone()));
            rest = after;
        }
        text.push(Piece::Literal(rest.to_owned()));
        Some(Value::Text(text))
    }

    /// What `set` keeps of a value: a block is run when it is fetched.
    pub fn held(&self, file: DeployFile<'a>, id: NodeId) -> Held<'a> {
        match file.tree.kind(id) {
            NodeKind::Lambda(block) => Held::Later(file, *block),
            NodeKind::Call { receiver: None, name, args, block: Some(block), .. }
                if args.is_empty() && matches!(name.as_str(), "lambda" | "proc") =>
            {
                Held::Later(file, *block)
            }
            _ => Held::Value(self.value(file, id)),
        }
    }

    /// What a block gives that is run when a task fetches the setting.
    fn later(&self, file: DeployFile<'a>, block: NodeId) -> Value {
        let NodeKind::Block { parameters, body, .. } = file.tree.kind(block) else {
            return words(file, block);
        };
        match body.as_slice() {
            [only] if parameters.is_empty() => {
                let outside = self.is_late.replace(true);
                let value = self.value(file, *only);
                self.is_late.set(outside);
                value
            }
            _ => words(file, block),
        }
    }

    /// The value of an expression where it stands.
    pub fn value(&self, file: DeployFile<'a>, id: NodeId) -> Value {
        self.spent.set(self.spent.get() + 1);
        if self.spent.get() > FUEL {
            return unknown("the files do too much");
        }
        match file.tree.kind(id) {
            NodeKind::Nil => Value::Nil,
            NodeKind::True => Value::Bool(true),
            NodeKind::False => Value::Bool(false),
            NodeKind::Int(number) => Value::Int(*number),
            NodeKind::Str(Some(text)) => Value::text(text),
            NodeKind::Sym(Some(name)) => Value::Sym(name.clone()),
            NodeKind::Text(TextForm::Str, parts) => {
                let whole = parts.iter().map(|part| as_text(self.value(file, *part)));
                Value::Text(whole.fold(Text::default(), |whole, part| whole.concat(&part)))
            }
            NodeKind::Array(items) => {
                Value::array(items.iter().map(|item| self.value(file, *item)).collect())
            }
            NodeKind::Paren(body) => match body.as_slice() {
                [only] => self.value(file, *only),
                _ => words(file, id),
            },
            NodeKind::Variable(VariableScope::Local, name) => {
                let known = self.locals.get(name).filter(|_| !self.doubtful_locals.contains(name));
                known.filter(|_| !self.is_late.get()).cloned().unwrap_or_else(|| words(file, id))
            }
            NodeKind::Or(left, right) => {
                let value = self.value(file, *left);
                match value.truthy() {
                    Some(true) => value,
                    Some(false) => self.value(file, *right),
                    None => words(file, id),
                }
            }
            NodeKind::Call { receiver: None, name, args, block: None, .. } => {
                self.call(file, name, args).unwrap_or_else(|| words(file, id))
            }
            NodeKind::Call { receiver: Some(receiver), name, args, block: None, .. } => {
                self.method(file, *receiver, name, args).unwrap_or_else(|| words(file, id))
            }
            _ => words(file, id),
        }
    }

    fn call(&self, file: DeployFile<'a>, name: &str, args: &[NodeId]) -> Option<Value> {
        match (name, args) {
            ("fetch", [key, rest @ ..]) => {
                let (NodeKind::Sym(Some(key)) | NodeKind::Str(Some(key))) = file.tree.kind(*key) else {
                    return None;
                };
                Some(match (self.fetch(key), rest) {
                    (Some(value), _) => value,
                    (None, [default]) => self.value(file, *default),
                    (None, _) => Value::Nil,
                })
            }
            ("deploy_to", []) => self.fetch("deploy_to"),
            ("deploy_path", []) => self.fetch("deploy_to").map(as_path),
            ("current_path" | "shared_path", []) => self.fetch(name).map(as_path),
            // Before a release is made, it is the current one.
            ("release_path", []) if !self.is_late.get() => self.fetch("current_path").map(as_path),
            _ => None,
        }
    }

    fn method(&self, file: DeployFile<'a>, receiver: NodeId, name: &str, args: &[NodeId]) -> Option<Value> {
        if let NodeKind::Const { scope: None, name: class, .. } = file.tree.kind(receiver) {
            let mut values = args.iter().map(|arg| self.value(file, *arg));
            return match (class.as_str(), name) {
                ("File", "join") => Some(Value::Text(paths::join(&values.map(as_text).collect::<Vec<_>>()))),
                ("Pathname", "new") => values.next().map(as_path),
                _ => None,
            };
        }
        let on = self.value(file, receiver);
        let mut given = args.iter().map(|arg| self.value(file, *arg));
        match (on, name) {
            (on @ (Value::Text(_) | Value::Path(_) | Value::Sym(_)), "to_s") => {
                Some(Value::Text(as_text(on)))
            }
            (Value::Text(left), "+") => Some(Value::Text(left.concat(&as_text(given.next()?)))),
            (Value::Path(path), "join" | "+" | "/") => {
                let parts: Vec<Text> = std::iter::once(path).chain(given.map(as_text)).collect();
                Some(Value::Path(paths::join(&parts)))
            }
            (Value::Array(mut items), "push" | "append") => {
                items.extend(given);
                Some(Value::array(items))
            }
            (Value::Array(mut items), "+" | "concat") => {
                let Value::Array(more) = given.next()? else { return None };
                items.extend(more);
                Some(Value::array(items))
            }
            (Value::Nil, "to_a") => Some(Value::array(Vec::new())),
            (list @ Value::Array(_), "to_a" | "uniq" | "freeze") => Some(list),
            (text @ Value::Text(_), "freeze") => Some(text),
            _ => None,
        }
    }
}

fn unknown(why: &str) -> Value {
    Value::Unknown(why.to_owned())
}

/// Something that isn't understood, in its own words.
fn words(file: DeployFile<'_>, id: NodeId) -> Value {
    const LONGEST: usize = 80;
    let bytes = file.text.get(file.tree.span(id).range()).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    Value::Unknown(text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect())
}

/// A value as it stands in a text.
fn as_text(value: Value) -> Text {
    match value {
        Value::Text(text) | Value::Path(text) => text,
        Value::Sym(name) => Text::known(name),
        Value::Int(number) => Text::known(number.to_string()),
        Value::Nil => Text::default(),
        Value::Unknown(why) => Text::from_iter([Piece::Unknown(why)]),
        _ => Text::from_iter([Piece::Unknown("a value that is no text".into())]),
    }
}

fn as_path(value: Value) -> Value {
    Value::Path(as_text(value))
}
