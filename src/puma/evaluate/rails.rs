//! Whether `Rails` is defined where a config uses it, and what it then answers.
//!
//! Puma reads its config before it loads the app. So Rails is there only if Rails itself started Puma, or if the file
//! loaded it before.

use super::expression::combine;
use super::{RESCUED, Run, Undefined, methods};
use crate::model::{Fact, Text, Value};
use crate::puma::ruby_library;
use crate::ruby::{NodeId, NodeKind};

/// The name under which the run keeps whether Rails is loaded. No variable of Ruby can be called so.
pub(super) const LOADED: &str = "defined?(Rails)";

/// Methods whose block runs at once, in the config's own time.
const AT_ONCE: &[&str] = &[
    "each",
    "each_with_index",
    "each_with_object",
    "each_pair",
    "map",
    "flat_map",
    "select",
    "reject",
    "times",
    "upto",
    "loop",
    "tap",
    "then",
    "yield_self",
    "catch",
    "instance_eval",
    "instance_exec",
];

/// Questions that every text answers; any other is one that only `Rails.env` understands.
const OF_EVERY_TEXT: &[&str] = &[
    "ascii_only?",
    "blank?",
    "empty?",
    "frozen?",
    "nil?",
    "present?",
    "unicode_normalized?",
    "valid_encoding?",
];

/// Whether Rails is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Rails {
    /// Surely not.
    #[default]
    Missing,
    /// Something was loaded that may have loaded it.
    Possible,
    /// Surely.
    Loaded,
    /// Surely, with its server: Rails itself starts Puma.
    Serving,
}

impl Rails {
    /// What is known once a feature was required as well.
    pub fn after(self, feature: &Text) -> Rails {
        let known = feature.as_known();
        if known.is_some_and(ruby_library::is_standard) {
            return self;
        }
        let path = known.map(|path| path.strip_suffix(".rb").unwrap_or(path));
        let name = super::paths::basename(feature);
        let name = name.as_deref().map(|name| name.strip_suffix(".rb").unwrap_or(name));
        let rails = path.is_some_and(|path| path == "rails" || path.starts_with("rails/"));
        // What every app calls the files that load it.
        if rails || matches!(name, Some("environment" | "application")) {
            return self.max(Rails::Loaded);
        }
        self.max(Rails::Possible)
    }

    /// As a value: true, false, or unknown.
    pub(super) fn to_value(self) -> Value {
        match self {
            Rails::Missing => Value::Bool(false),
            Rails::Possible => Value::Unknown(LOADED.into()),
            Rails::Loaded | Rails::Serving => Value::Bool(true),
        }
    }
}

impl Run<'_> {
    /// Whether Rails is defined: true, false, or not known.
    fn is_loaded(&self) -> Value {
        let value = self.globals.get(LOADED).cloned().unwrap_or(Value::Nil).under(&self.path);
        // What can't be seen may define anything; and a block that runs later finds the app.
        let doubtful = self.trace.opaque || self.later > 0;
        if doubtful && value != Value::Bool(true) { Rails::Possible.to_value() } else { value }
    }

    /// Takes note of a `require`, `require_relative` or `load`.
    pub(super) fn note_feature(&mut self, feature: &Value) {
        let loaded = match feature {
            Value::Text(text) | Value::Path(text) => Rails::Missing.after(text),
            _ => Rails::Possible,
        };
        match loaded {
            Rails::Missing => {}
            Rails::Possible => self.note_code(),
            Rails::Loaded | Rails::Serving => {
                self.globals.insert(LOADED.to_owned(), loaded.to_value());
            }
        }
    }

    /// Takes note of other people's code that ran.
    pub(super) fn note_code(&mut self) {
        let now = self.is_loaded();
        let after =
            now.map(|value| if value == Value::Bool(true) { value } else { Rails::Possible.to_value() });
        self.globals.insert(LOADED.to_owned(), after);
    }

    /// Whether the file itself gives another meaning to the name.
    fn is_own(&self) -> bool {
        self.globals.contains_key("Rails")
    }

    /// `defined?(Rails)` and what starts so; `None` for other expressions.
    pub(super) fn defined_rails(&self, inner: NodeId) -> Option<Value> {
        let tree = self.tree;
        let (path, called) = match tree.kind(inner) {
            NodeKind::Call { receiver: Some(receiver), .. } => (self.constant_path(*receiver)?, true),
            _ => (self.constant_path(inner)?, false),
        };
        if !is_rails(&path) || self.is_own() {
            return None;
        }
        let certain =
            !called && path == "Rails" || path == "Rails::Server" && self.setting.rails == Rails::Serving;
        Some(self.is_loaded().map(|loaded| match loaded {
            Value::Bool(false) => Value::Nil,
            Value::Bool(true) if certain || called => Value::text("expression"),
            _ => Value::Unknown(self.words(inner)),
        }))
    }

    /// Takes note of a constant: whether Rails is missing where it is named.
    pub(super) fn note_constant(&mut self, id: NodeId, path: &str) {
        if !is_rails(path) || self.is_own() {
            return;
        }
        for (when, loaded) in self.is_loaded().alternatives() {
            // Who rescues the `require` of Rails knows that it may be missing.
            let rescued =
                when.clauses().iter().any(|c| matches!(&c.fact, Fact::Opaque(words) if words == RESCUED));
            if *loaded != Value::Bool(false) || rescued {
                continue;
            }
            if let Some(condition) = self.path.and(&when) {
                self.trace.undefined.push(Undefined {
                    span: self.span(id),
                    words: self.undefined_words(id),
                    condition,
                    rescued: self.rescued(),
                });
            }
        }
    }

    /// How Ruby names the constant in its complaint.
    fn undefined_words(&self, id: NodeId) -> String {
        let mut node = id;
        while let NodeKind::Const { scope: Some(scope), .. } = self.tree.kind(node) {
            node = *scope;
        }
        // In a required file, Ruby looks among its own constants.
        let own = self.script.file == self.setting.script.file;
        let absolute = !own || matches!(self.tree.kind(node), NodeKind::Const { top_level: true, .. });
        let name = match (absolute, self.depth) {
            (true, _) => "Rails",
            (false, 0) => "Puma::DSL::Rails",
            // A method of the file is one of the object's own class.
            (false, _) => "#<Class:#<Puma::DSL",
        };
        format!("uninitialized constant {name}")
    }

    /// `Rails.env`, `Rails.root`, `Object.const_defined?(:Rails)`.
    pub(super) fn rails_method(&mut self, receiver: NodeId, name: &str, args: &[NodeId]) -> Option<Value> {
        let path = self.constant_path(receiver)?;
        match (path.as_str(), name, args) {
            ("Object", "const_defined?", [asked]) => {
                let asked = self.value(*asked);
                let rails = asked.as_str() == Some("Rails") || asked == Value::Sym("Rails".into());
                rails.then(|| self.is_loaded())
            }
            ("Rails", "env", []) if !self.is_own() => {
                self.note_constant(receiver, &path);
                Some(rails_environment(|name| self.variable_of_env(name)))
            }
            ("Rails", "root", []) if !self.is_own() => {
                self.note_constant(receiver, &path);
                Some(Value::Path(self.setting.directory.clone()))
            }
            _ => None,
        }
    }

    /// `Rails.env.production?`
    pub(super) fn inquiry(&self, on: &Value, name: &str, args: &[Value]) -> Option<Value> {
        let asked = name.strip_suffix('?').filter(|_| args.is_empty() && !OF_EVERY_TEXT.contains(&name))?;
        if !on.alternatives().iter().all(|(_, value)| matches!(value, Value::Text(_))) {
            return None;
        }
        if asked == "local" {
            let is = |name: &str| methods::binary(on.clone(), "==", Value::text(name));
            return Some(combine(is("development"), is("test"), |a, b| match (a.truthy(), b.truthy()) {
                (Some(true), _) | (_, Some(true)) => Value::Bool(true),
                _ => a,
            }));
        }
        Some(methods::binary(on.clone(), "==", Value::text(asked)))
    }

    /// Runs what may happen later than the config is read, or never.
    pub(super) fn perhaps_later<T>(&mut self, method: &str, run: impl FnOnce(&mut Self) -> T) -> T {
        let later = usize::from(!AT_ONCE.contains(&method));
        self.later += later;
        let result = run(self);
        self.later -= later;
        result
    }
}

/// What `Rails.env` is: the first of its variables that isn't blank.
pub fn rails_environment(variable: impl Fn(&str) -> Value) -> Value {
    let blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    let mut value = Value::Nil;
    for name in ["RAILS_ENV", "RACK_ENV"] {
        let next = variable(name).map(|value| if blank(&value) { Value::Nil } else { value });
        value = combine(value, next, |first, next| if first == Value::Nil { next } else { first });
    }
    value.map(|value| if value == Value::Nil { Value::text("development") } else { value })
}

fn is_rails(path: &str) -> bool {
    path == "Rails" || path.starts_with("Rails::")
}
