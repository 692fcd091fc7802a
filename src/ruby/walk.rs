//! The way down and up a [`Tree`].

use super::tree::{NodeId, NodeKind, Parameter, Tree};
use crate::model::Span;

impl Tree {
    /// The direct parts of a node.
    pub fn children(&self, id: NodeId) -> Vec<NodeId> {
        let mut parts: Vec<NodeId> = Vec::new();
        let defaults = |parameters: &[Parameter]| -> Vec<NodeId> {
            parameters.iter().filter_map(|parameter| parameter.default).collect()
        };
        match self.kind(id) {
            NodeKind::Text(_, all) | NodeKind::Array(all) | NodeKind::SuperOrYield(all) => parts.extend(all),
            NodeKind::Hash { pairs, .. } => parts.extend(pairs),
            NodeKind::Paren(all) | NodeKind::Other(all) => parts.extend(all),
            NodeKind::Pair(left, right) | NodeKind::And(left, right) | NodeKind::Or(left, right) => {
                parts.extend([*left, *right]);
            }
            NodeKind::Splat(part) | NodeKind::DoubleSplat(part) | NodeKind::BlockPass(part) => {
                parts.extend(part)
            }
            NodeKind::Range { from, to, .. } => parts.extend(from.iter().chain(to)),
            NodeKind::Assign { value, .. } | NodeKind::Return(value) | NodeKind::Jump(_, value) => {
                parts.extend(value)
            }
            NodeKind::OperatorAssign { target, value, .. } => parts.extend([*target, *value]),
            NodeKind::MultiAssign { targets, value } => parts.extend(targets.iter().chain([value])),
            NodeKind::Const { scope, .. } => parts.extend(scope),
            NodeKind::AssignConst { scope, value, .. } => parts.extend(scope.iter().chain(value)),
            NodeKind::Call { receiver, args, block, .. } => {
                parts.extend(receiver.iter().chain(args).chain(block));
            }
            NodeKind::Block { parameters, body, .. } => {
                parts.extend(defaults(parameters));
                parts.extend(body);
            }
            NodeKind::Lambda(part) | NodeKind::Not(part) | NodeKind::Defined(part) => parts.push(*part),
            NodeKind::If { condition, then, otherwise, .. } => {
                parts.push(*condition);
                parts.extend(then.iter().chain(otherwise));
            }
            NodeKind::Case { subject, clauses, otherwise, .. } => {
                parts.extend(subject);
                for clause in clauses {
                    parts.extend(clause.patterns.iter().chain(&clause.body));
                }
                parts.extend(otherwise.iter().flatten());
            }
            NodeKind::Loop { condition, body } => {
                parts.push(*condition);
                parts.extend(body);
            }
            NodeKind::For { target, iterated, body } => {
                parts.extend([*target, *iterated]);
                parts.extend(body);
            }
            NodeKind::Begin { body, rescues, otherwise, ensure, .. } => {
                parts.extend(body);
                for clause in rescues {
                    parts.extend(clause.classes.iter().chain(&clause.variable).chain(&clause.body));
                }
                parts.extend(otherwise.iter().chain(ensure));
            }
            NodeKind::Def { singleton, parameters, body, .. } => {
                parts.extend(singleton);
                parts.extend(defaults(parameters));
                parts.extend(body);
            }
            NodeKind::Namespace { body, .. } => parts.extend(body),
            NodeKind::Nil
            | NodeKind::True
            | NodeKind::False
            | NodeKind::SelfRef
            | NodeKind::Int(_)
            | NodeKind::Float(_)
            | NodeKind::Str(_)
            | NodeKind::Sym(_)
            | NodeKind::Variable(..)
            | NodeKind::File
            | NodeKind::Line => {}
        }
        parts
    }

    /// Every statement, nested ones included, in order; each reaches down to the line before the first that is nested in it.
    pub fn statement_heads(&self) -> Vec<Span> {
        let mut starts: Vec<Span> = self.statements.iter().map(|id| self.span(*id)).collect();
        for (_, node) in self.iter() {
            starts.extend(bodies(&node.kind).into_iter().map(|id| self.span(id)));
        }
        // The outer one of two that start together comes first.
        starts.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        let mut heads = starts.clone();
        for (at, head) in heads.iter_mut().enumerate() {
            let nested = starts[at + 1..].iter().take_while(|next| next.start < head.end);
            if let Some(first) = nested.into_iter().find(|next| next.start > head.start) {
                head.end = first.start;
            }
        }
        heads
    }

    /// Every node's parent, by id; `None` at the top.
    pub fn parents(&self) -> Vec<Option<NodeId>> {
        let mut parents = vec![None; self.nodes.len()];
        for (id, _) in self.iter() {
            for child in self.children(id) {
                parents[child.0 as usize] = Some(id);
            }
        }
        parents
    }
}

/// The statements that stand directly in a node.
fn bodies(kind: &NodeKind) -> Vec<NodeId> {
    match kind {
        NodeKind::Block { body, .. }
        | NodeKind::Loop { body, .. }
        | NodeKind::For { body, .. }
        | NodeKind::Def { body, .. }
        | NodeKind::Namespace { body, .. } => body.clone(),
        NodeKind::If { then, otherwise, .. } => then.iter().chain(otherwise).copied().collect(),
        NodeKind::Case { clauses, otherwise, .. } => {
            let clauses = clauses.iter().flat_map(|clause| &clause.body);
            clauses.chain(otherwise.iter().flatten()).copied().collect()
        }
        NodeKind::Begin { body, rescues, otherwise, ensure, .. } => {
            let rescues = rescues.iter().flat_map(|clause| &clause.body);
            body.iter().chain(rescues).chain(otherwise).chain(ensure).copied().collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;

    #[test]
    fn a_parent_has_its_children() {
        let text = "on_boot do |a, b = c|\n  if d then e f: [1] else g end\nrescue H => h\n  i\nend\n";
        let tree = parse(text.as_bytes()).unwrap();
        let parents = tree.parents();
        assert_eq!(parents.iter().filter(|parent| parent.is_none()).count(), tree.statements.len());
        for (id, _) in tree.iter() {
            for child in tree.children(id) {
                assert_eq!(parents[child.0 as usize], Some(id));
            }
        }
    }
}
