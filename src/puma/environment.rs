//! The environment variables that a launch gives to Puma.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Clause, Condition, Fact, Location, Piece, Text, Value, hole};

/// The variables of one launch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// What is known to be set.
    pub variables: BTreeMap<String, String>,
    /// What is set to something that isn't in the files.
    pub unknown: BTreeSet<String>,
    /// Whether every other variable is known to be unset.
    pub closed: bool,
    /// Whether nothing that the config loads sets any either (`--closed-env`).
    pub sealed: bool,
    /// Where variables are set.
    pub places: BTreeMap<String, Location>,
}

impl Environment {
    /// Sets what isn't set yet, and forgets that more may be set if `closed`.
    pub fn complete(&mut self, variables: &[(String, String)], closed: bool) {
        for (name, value) in variables {
            self.unknown.remove(name);
            self.variables.entry(name.clone()).or_insert_with(|| value.clone());
        }
        if closed {
            self.closed = true;
            self.sealed = true;
            self.unknown.clear();
        }
    }

    /// What `ENV["name"]` gives as the config begins.
    pub fn get(&self, name: &str) -> Value {
        if let Some(value) = self.variables.get(name) {
            return Value::text(value);
        }
        if hole::has_hole(name) {
            return Value::Unknown(format!("a template decides its name: {name}"));
        }
        if self.unknown.contains(name) {
            return Value::Text(Text::from_iter([Piece::Env(name.to_owned())]));
        }
        if self.closed { Value::Nil } else { perhaps(name) }
    }

    /// What it gives after the config loaded something that may set variables, as dotenv does.
    pub fn get_after_loading(&self, name: &str) -> Value {
        match self.get(name) {
            Value::Nil if !self.sealed => perhaps(name),
            value => value,
        }
    }
}

/// A variable that may be set.
fn perhaps(name: &str) -> Value {
    let set = |holds| Condition::when(Clause { fact: Fact::EnvSet(name.to_owned()), holds });
    Value::one_of([
        (set(true), Value::Text(Text::from_iter([Piece::Env(name.to_owned())]))),
        (set(false), Value::Nil),
    ])
}
