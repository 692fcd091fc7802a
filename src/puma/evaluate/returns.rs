//! Methods of the file that return before their end.

use super::{Flow, Run};
use crate::model::{Condition, Value};
use crate::ruby::{NodeId, NodeKind, Tree};

impl Run<'_> {
    /// What a method of the file gives back: what it returns early, else the value of its end.
    pub(super) fn method_body(&mut self, statements: &[NodeId], plain: bool) -> Value {
        let Some((last, rest)) = statements.split_last() else { return Value::Nil };
        let outside = self.path.clone();
        self.returns.push(Vec::new());
        let mut end = None;
        if self.statements(rest) == Flow::On {
            let value = self.body(std::slice::from_ref(last)).1;
            end = Some((self.path.clone(), value));
        }
        let returned = self.returns.pop().unwrap_or_default();
        self.path = outside.clone();
        if !plain {
            return Value::Unknown("a method that returns early".into());
        }
        let inside = |(when, value): (Condition, Value)| (when.beyond(&outside), value);
        Value::one_of(returned.into_iter().chain(end).map(inside))
    }
}

/// Whether every `return` of a method stands where a statement does, or at its end: then it is known when each is
/// reached. One in a loop, a block or a `rescue` is another matter.
pub(super) fn is_plain(tree: &Tree, body: &[NodeId]) -> bool {
    let Some((last, rest)) = body.split_last() else { return true };
    rest.iter().all(|statement| leaves_plainly(tree, *statement)) && ends_plainly(tree, *last)
}

fn leaves_plainly(tree: &Tree, statement: NodeId) -> bool {
    let all = |statements: &[NodeId]| statements.iter().all(|statement| leaves_plainly(tree, *statement));
    match tree.kind(statement) {
        NodeKind::Return(value) => value.is_none_or(|value| !returns(tree, value)),
        NodeKind::If { condition, then, otherwise, .. } => {
            !returns(tree, *condition) && all(then) && all(otherwise)
        }
        NodeKind::And(left, right) | NodeKind::Or(left, right) => {
            !returns(tree, *left) && leaves_plainly(tree, *right)
        }
        NodeKind::Paren(body) => all(body),
        _ => !returns(tree, statement),
    }
}

fn ends_plainly(tree: &Tree, last: NodeId) -> bool {
    let ends = |statements: &[NodeId]| match statements.split_last() {
        Some((last, rest)) => {
            !rest.iter().any(|statement| returns(tree, *statement)) && ends_plainly(tree, *last)
        }
        None => true,
    };
    match tree.kind(last) {
        NodeKind::Return(value) => value.is_none_or(|value| !returns(tree, value)),
        NodeKind::If { condition, then, otherwise, .. } => {
            !returns(tree, *condition) && ends(then) && ends(otherwise)
        }
        NodeKind::Paren(body) => ends(body),
        _ => !returns(tree, last),
    }
}

/// Whether there is a `return` in a node, other than that of a method inside.
fn returns(tree: &Tree, node: NodeId) -> bool {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match tree.kind(node) {
            NodeKind::Return(_) => return true,
            NodeKind::Def { .. } => {}
            _ => open.extend(tree.children(node)),
        }
    }
    false
}
