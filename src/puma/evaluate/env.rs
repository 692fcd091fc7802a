//! `ENV`, as the launch and the config itself set it.

use super::{Halt, Run};
use crate::model::{Clause, Fact, Value};
use crate::ruby::{NodeId, NodeKind};

impl Run<'_> {
    /// Whether a node is the constant `ENV`.
    pub(super) fn is_env(&self, id: NodeId) -> bool {
        matches!(self.tree.kind(id), NodeKind::Const { scope: None, name, .. } if name == "ENV")
    }

    /// A variable, as the launch sets it or as the file set it before.
    pub(super) fn variable_of_env(&self, name: &str) -> Value {
        match self.globals.get(&format!("ENV[{name}]")) {
            Some(value) => value.clone(),
            None if self.loaded => self.setting.environment.get_after_loading(name),
            None => self.setting.environment.get(name),
        }
        .under(&self.path)
    }

    pub(super) fn env(&mut self, id: NodeId, name: &str, args: &[NodeId], block: Option<NodeId>) -> Value {
        let key = args.first().map(|first| self.value(*first));
        let Some(key) = key.as_ref().and_then(Value::as_str).map(str::to_owned) else {
            args.iter().skip(1).for_each(|arg| drop(self.value(*arg)));
            return self.unknown(id);
        };
        let value = self.variable_of_env(&key);
        match name {
            "[]" | "delete" => value,
            "fetch" => {
                let missing = |run: &mut Self| match (block.map(|block| run.tree.kind(block)), args.get(1)) {
                    (Some(NodeKind::Block { body, .. }), _) => run.body(body).1,
                    (_, Some(default)) => run.value(*default),
                    _ => {
                        run.trace.halts.push(Halt {
                            name: "ENV.fetch".into(),
                            span: run.span(id),
                            argument: Some(Value::text(&key)),
                            condition: run.path.clone(),
                            rescued: run.rescued(),
                        });
                        Value::Unknown(format!("ENV[\"{key}\"]"))
                    }
                };
                match &value {
                    Value::Nil => missing(self),
                    Value::OneOf(all) if all.iter().any(|(_, v)| *v == Value::Nil) => {
                        let clause = Clause { fact: Fact::EnvSet(key.clone()), holds: true };
                        self.either(clause, |_| keep_set(value.clone()), missing)
                    }
                    _ => value,
                }
            }
            "key?" | "has_key?" | "include?" | "member?" => {
                value.map(|value| Value::Bool(value != Value::Nil))
            }
            "[]=" | "store" => {
                let stored = args.get(1).map_or(Value::Nil, |arg| self.value(*arg));
                self.globals.insert(format!("ENV[{key}]"), stored.clone());
                stored
            }
            _ => self.unknown(id),
        }
    }
}

/// The alternatives in which a variable is set.
fn keep_set(value: Value) -> Value {
    match value {
        Value::OneOf(all) => {
            Value::one_of(all.into_iter().filter(|(_, v)| *v != Value::Nil).collect::<Vec<_>>())
        }
        value => value,
    }
}
