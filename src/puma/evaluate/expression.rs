//! The value of an expression.

use super::{Flow, Run, Truth, paths};
use crate::model::{Clause, Condition, Fact, Piece, ProcShape, Text, Value, hole};
use crate::ruby::{NodeId, NodeKind, ParameterKind, TextForm, VariableScope, WhenClause};

impl Run<'_> {
    /// Evaluates an expression; calls inside it are recorded.
    pub(super) fn value(&mut self, id: NodeId) -> Value {
        if self.fuel == 0 {
            self.trace.opaque = true;
            return Value::Unknown("the file does too much".into());
        }
        self.fuel -= 1;
        self.expression(id).under(&self.path)
    }

    fn expression(&mut self, id: NodeId) -> Value {
        let tree = self.tree;
        match tree.kind(id) {
            NodeKind::Nil => Value::Nil,
            NodeKind::True => Value::Bool(true),
            NodeKind::False => Value::Bool(false),
            NodeKind::Int(value) => Value::Int(*value),
            NodeKind::Float(value) => Value::Float(*value),
            NodeKind::Line => Value::Int(1),
            NodeKind::Str(Some(text)) => Value::text(text),
            NodeKind::Sym(Some(name)) if hole::has_hole(name) => {
                Value::Unknown(format!("a template decides it: `:{}`", hole::settled(name)))
            }
            NodeKind::Sym(Some(name)) => Value::Sym(name.clone()),
            NodeKind::Str(None) | NodeKind::Sym(None) => self.unknown(id),
            NodeKind::File => Value::Text(self.path_of_script.clone()),
            NodeKind::SelfRef => Value::Unknown("self".into()),
            NodeKind::Text(form, parts) => self.text(id, *form, parts),
            NodeKind::Array(items) => self.array(items),
            NodeKind::Hash { pairs, .. } => self.hash(id, pairs),
            NodeKind::Range { from, to, .. } => {
                from.iter().chain(to).for_each(|end| drop(self.value(*end)));
                self.unknown(id)
            }
            NodeKind::Variable(scope, name) => self.variable(id, *scope, name),
            NodeKind::Assign { scope, name, value: Some(value), .. } => {
                let value = self.value(*value);
                self.assign(*scope, name, value.clone());
                value
            }
            NodeKind::Assign { .. } => Value::Nil,
            NodeKind::AssignConst { name, value: Some(value), .. } => {
                let value = self.value(*value);
                self.globals.insert(name.clone(), value.clone());
                value
            }
            NodeKind::OperatorAssign { target, operator, value } => {
                self.operator_assign(*target, operator, *value)
            }
            NodeKind::MultiAssign { targets, value } => self.multi_assign(targets, *value),
            NodeKind::Const { .. } => self.constant(id),
            NodeKind::Call { .. } => self.call(id),
            NodeKind::Lambda(block) => self.proc_shape(*block, true),
            NodeKind::If { condition, then, otherwise, .. } => {
                let tested = self.value(*condition);
                match self.decide(&tested, *condition) {
                    Truth::Known(true) => self.body(then).1,
                    Truth::Known(false) => self.body(otherwise).1,
                    Truth::Open(clause) => self.either(
                        clause,
                        |run| run.assuming(*condition, true, |run| run.body(then).1),
                        |run| run.assuming(*condition, false, |run| run.body(otherwise).1),
                    ),
                }
            }
            NodeKind::Case { subject, clauses, otherwise, pattern } => {
                let otherwise = otherwise.clone().unwrap_or_default();
                self.case(*subject, clauses, &otherwise, *pattern)
            }
            NodeKind::Begin { body, rescues, otherwise, ensure, .. } => {
                self.protected(body, rescues, otherwise, ensure).1
            }
            NodeKind::Paren(body) => self.body(body).1,
            NodeKind::And(left, right) => {
                let value = self.value(*left);
                match self.decide(&value, *left) {
                    Truth::Known(true) => self.value(*right),
                    Truth::Known(false) => value,
                    Truth::Open(clause) => self.either(clause, |run| run.value(*right), |_| falsy(value)),
                }
            }
            NodeKind::Or(left, right) => {
                let value = self.value(*left);
                match self.decide(&value, *left) {
                    Truth::Known(true) => value,
                    Truth::Known(false) => self.value(*right),
                    Truth::Open(clause) => self.either(clause, |_| truthy(value), |run| run.value(*right)),
                }
            }
            NodeKind::Not(inner) => self.value(*inner).map(|value| match value.truthy() {
                Some(truth) => Value::Bool(!truth),
                None => Value::Unknown("it is not known whether it holds".into()),
            }),
            NodeKind::Defined(inner) => self.defined(*inner),
            NodeKind::Loop { condition, body } => {
                self.value(*condition);
                self.repeated(id, body);
                Value::Nil
            }
            NodeKind::For { iterated, body, target } => {
                self.value(*iterated);
                self.forget(*target);
                self.repeated(id, body);
                self.unknown(id)
            }
            NodeKind::Def { name, .. } => {
                let name = name.clone();
                self.statement(id);
                Value::Sym(name)
            }
            NodeKind::Return(_) | NodeKind::Namespace { .. } => {
                self.statement(id);
                Value::Nil
            }
            NodeKind::SuperOrYield(parts) | NodeKind::Other(parts) => {
                parts.iter().for_each(|part| drop(self.value(*part)));
                self.unknown(id)
            }
            NodeKind::AssignConst { .. }
            | NodeKind::Jump(..)
            | NodeKind::Pair(..)
            | NodeKind::Splat(_)
            | NodeKind::DoubleSplat(_)
            | NodeKind::BlockPass(_)
            | NodeKind::Block { .. } => self.unknown(id),
        }
    }

    /// Something that cannot be known, named by its own words.
    pub(super) fn unknown(&self, id: NodeId) -> Value {
        Value::Unknown(self.words(id))
    }

    /// A value that is one thing where the clause holds, another where it doesn't.
    pub(super) fn either(
        &mut self,
        clause: Clause,
        yes: impl FnOnce(&mut Self) -> Value,
        no: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let (when, unless) = (Condition::when(clause.clone()), Condition::when(clause.negated()));
        let (mut first, mut second) = (Value::Nil, Value::Nil);
        self.fork(
            clause,
            |run| {
                first = yes(run);
                Flow::On
            },
            |run| {
                second = no(run);
                Flow::On
            },
        );
        Value::one_of([(when, first), (unless, second)])
    }

    fn text(&mut self, id: NodeId, form: TextForm, parts: &[NodeId]) -> Value {
        let mut whole = Value::text("");
        for part in parts {
            let piece = self.value(*part);
            let hole = self.words(*part);
            whole = combine(whole, piece, |left, right| match (left, right) {
                (Value::Text(left), right) => Value::Text(left.concat(&as_text(right, &hole))),
                (left, _) => left,
            });
        }
        match form {
            TextForm::Str => whole,
            TextForm::Sym => whole.map(|value| match value.as_str() {
                Some(name) => Value::Sym(name.to_owned()),
                None => Value::Unknown("a symbol that is put together".into()),
            }),
            TextForm::Shell | TextForm::Regexp => self.unknown(id),
        }
    }

    fn array(&mut self, items: &[NodeId]) -> Value {
        let mut values = Vec::new();
        for item in items {
            match self.tree.kind(*item) {
                NodeKind::Splat(Some(inner)) => match self.value(*inner) {
                    Value::Array(more) => values.extend(more),
                    _ => return self.unknown(*item),
                },
                _ => values.push(self.value(*item)),
            }
        }
        Value::array(values)
    }

    fn hash(&mut self, id: NodeId, pairs: &[NodeId]) -> Value {
        let mut entries = Vec::new();
        let mut complete = true;
        for pair in pairs {
            match self.tree.kind(*pair) {
                NodeKind::Pair(key, value) => entries.push((self.value(*key), self.value(*value))),
                NodeKind::DoubleSplat(Some(inner)) => match self.value(*inner) {
                    Value::Hash(more) => entries.extend(more),
                    _ => complete = false,
                },
                _ => complete = false,
            }
        }
        if complete { Value::hash(entries) } else { self.unknown(id) }
    }

    fn variable(&self, id: NodeId, scope: VariableScope, name: &str) -> Value {
        let variables = if scope == VariableScope::Local { &self.locals } else { &self.globals };
        match (variables.get(name), scope) {
            (Some(value), _) => value.clone(),
            (None, VariableScope::Instance) => Value::Nil,
            (None, _) => self.unknown(id),
        }
    }

    pub(super) fn assign(&mut self, scope: VariableScope, name: &str, value: Value) {
        let variables = if scope == VariableScope::Local { &mut self.locals } else { &mut self.globals };
        variables.insert(name.to_owned(), value);
    }

    /// Assigns something that isn't known to a target or to all in it.
    pub(super) fn forget(&mut self, target: NodeId) {
        match self.tree.kind(target) {
            NodeKind::Assign { scope, name, .. } => {
                self.assign(*scope, name, Value::Unknown(format!("`{name}` is set by a loop or a splat")));
            }
            NodeKind::Array(parts) => parts.iter().for_each(|part| self.forget(*part)),
            NodeKind::Splat(Some(inner)) => self.forget(*inner),
            _ => {}
        }
    }

    fn operator_assign(&mut self, target: NodeId, operator: &str, right: NodeId) -> Value {
        let tree = self.tree;
        let NodeKind::Assign { scope, name, .. } = tree.kind(target) else {
            return self.operator_assign_elsewhere(target, operator, right);
        };
        let variables = if *scope == VariableScope::Local { &self.locals } else { &self.globals };
        let old = variables.get(name).cloned().unwrap_or(Value::Nil).under(&self.path);
        let value = match operator {
            "||" => match self.decide(&old, target) {
                Truth::Known(true) => old,
                Truth::Known(false) => self.value(right),
                Truth::Open(clause) => self.either(clause, |_| truthy(old), |run| run.value(right)),
            },
            "&&" => match self.decide(&old, target) {
                Truth::Known(false) => old,
                Truth::Known(true) => self.value(right),
                Truth::Open(clause) => self.either(clause, |run| run.value(right), |_| falsy(old)),
            },
            operator => {
                let right = self.value(right);
                super::methods::binary(old, operator, right)
            }
        };
        self.assign(*scope, name, value.clone());
        value
    }

    /// `ENV["X"] ||= "y"`, `X ||= 1`, `a.b += 1`.
    fn operator_assign_elsewhere(&mut self, target: NodeId, operator: &str, right: NodeId) -> Value {
        let old = self.value(target);
        let right = self.value(right);
        let value = match operator {
            "||" => old.map(|old| if old.truthy() == Some(false) { right.clone() } else { old }),
            _ => Value::Unknown(self.words(target)),
        };
        self.store(target, value.clone());
        value
    }

    /// Remembers what is assigned to an element of `ENV` or to a constant.
    pub(super) fn store(&mut self, target: NodeId, value: Value) {
        let tree = self.tree;
        match tree.kind(target) {
            NodeKind::Call { receiver: Some(receiver), args, .. } if self.is_env(*receiver) => {
                if let Some(Some(key)) = args.first().map(|key| self.value(*key).as_str().map(str::to_owned))
                {
                    self.globals.insert(format!("ENV[{key}]"), value);
                }
            }
            NodeKind::Const { name, .. } | NodeKind::AssignConst { name, .. } => {
                self.globals.insert(name.clone(), value);
            }
            _ => {}
        }
    }

    fn multi_assign(&mut self, targets: &[NodeId], right: NodeId) -> Value {
        let value = self.value(right);
        let items = match &value {
            Value::Array(items) => Some(items.clone()),
            _ => None,
        };
        for (at, target) in targets.iter().enumerate() {
            match (self.tree.kind(*target), &items) {
                (NodeKind::Assign { scope, name, .. }, Some(items)) => {
                    let value = items.get(at).cloned().unwrap_or(Value::Nil);
                    self.assign(*scope, name, value);
                }
                _ => self.forget(*target),
            }
        }
        value
    }

    fn case(
        &mut self,
        subject: Option<NodeId>,
        clauses: &[WhenClause],
        otherwise: &[NodeId],
        pattern: bool,
    ) -> Value {
        let tested = subject.map(|id| self.value(id));
        self.case_from(subject, tested.as_ref(), clauses, otherwise, pattern)
    }

    /// The clauses from here on, as a chain of `if`s.
    fn case_from(
        &mut self,
        subject: Option<NodeId>,
        tested: Option<&Value>,
        clauses: &[WhenClause],
        otherwise: &[NodeId],
        pattern: bool,
    ) -> Value {
        let Some((clause, rest)) = clauses.split_first() else { return self.body(otherwise).1 };
        let anchor = clause.patterns.first().copied().or(subject);
        let matched =
            if pattern { Value::Unknown("a pattern".into()) } else { self.when(tested, &clause.patterns) };
        let Some(anchor) = anchor else { return Value::Nil };
        match self.decide(&matched, anchor) {
            Truth::Known(true) => self.body(&clause.body).1,
            Truth::Known(false) => self.case_from(subject, tested, rest, otherwise, pattern),
            Truth::Open(mut open) => {
                if let (Fact::Opaque(words), Some(subject)) = (&mut open.fact, subject) {
                    *words = format!("{} === {}", words, self.words(subject));
                }
                self.either(
                    open,
                    |run| run.body(&clause.body).1,
                    |run| run.case_from(subject, tested, rest, otherwise, pattern),
                )
            }
        }
    }

    /// Whether any of a `when`'s values matches.
    fn when(&mut self, tested: Option<&Value>, patterns: &[NodeId]) -> Value {
        let mut matched = Value::Bool(false);
        for pattern in patterns {
            let value = self.value(*pattern);
            let one = match tested {
                Some(tested) => super::methods::binary(value, "===", tested.clone()),
                None => value,
            };
            matched = combine(matched, one, |left, right| match (left.truthy(), right.truthy()) {
                (Some(true), _) | (_, Some(true)) => Value::Bool(true),
                (Some(false), Some(false)) => Value::Bool(false),
                _ => Value::Unknown("it is not known whether it matches".into()),
            });
        }
        matched
    }

    /// A body that runs any number of times: calls in it are conditional, what it assigns is unknown.
    pub(super) fn repeated(&mut self, id: NodeId, body: &[NodeId]) {
        let clause = Clause { fact: Fact::Opaque(self.words(id)), holds: true };
        let before = (self.locals.clone(), self.globals.clone());
        self.fork(clause, |run| run.statements(body), |_| Flow::On);
        for (now, before) in [(&mut self.locals, before.0), (&mut self.globals, before.1)] {
            for (name, value) in now.iter_mut() {
                if before.get(name) != Some(&*value) {
                    *value = Value::Unknown(format!("`{name}` is set in a loop"));
                }
            }
        }
    }

    fn defined(&mut self, inner: NodeId) -> Value {
        if let Some(value) = self.defined_rails(inner) {
            return value;
        }
        let tree = self.tree;
        let known = match tree.kind(inner) {
            NodeKind::Const { .. } => match self.constant_path(inner) {
                Some(path) if self.globals.contains_key(&path) => Some(true),
                Some(path) => (self.setting.has_constant)(&path),
                None => None,
            },
            NodeKind::Call { receiver: None, name, .. } => {
                Some(self.methods.contains_key(name) || (self.setting.has_directive)(name))
            }
            NodeKind::Variable(VariableScope::Local, _) => Some(true),
            NodeKind::Paren(inner) if inner.len() == 1 => return self.defined(inner[0]),
            _ => None,
        };
        match known {
            Some(true) => Value::text("expression"),
            Some(false) => Value::Nil,
            None => Value::Unknown(format!("defined?({})", self.words(inner))),
        }
    }

    /// The path of a constant as written, without a leading `::`.
    pub(super) fn constant_path(&self, id: NodeId) -> Option<String> {
        match self.tree.kind(id) {
            NodeKind::Const { scope: None, name, .. } => Some(name.clone()),
            NodeKind::Const { scope: Some(scope), name, .. } => {
                Some(format!("{}::{name}", self.constant_path(*scope)?))
            }
            _ => None,
        }
    }

    fn constant(&mut self, id: NodeId) -> Value {
        let Some(path) = self.constant_path(id) else { return self.unknown(id) };
        if let Some(value) = self.globals.get(&path) {
            return value.clone();
        }
        self.note_constant(id, &path);
        match path.as_str() {
            "Puma::Const::VERSION" | "Puma::Const::PUMA_VERSION" => return Value::text(self.setting.version),
            "File::SEPARATOR" => return Value::text("/"),
            "Float::INFINITY" => return Value::Float(f64::INFINITY),
            _ => {}
        }
        let value = (self.setting.constant)(&path);
        self.trace.constants.push(super::ConstantUse {
            node: id,
            path,
            span: self.span(id),
            condition: self.path.clone(),
            rescued: self.rescued(),
        });
        value.unwrap_or_else(|| self.unknown(id))
    }

    /// What a block accepts when it is kept as a `Proc`.
    pub(super) fn proc_shape(&self, block: NodeId, strict: bool) -> Value {
        let NodeKind::Block { parameters, .. } = self.tree.kind(block) else {
            return Value::Unknown("a block".into());
        };
        let count = |kind| parameters.iter().filter(|p| p.kind == kind).count();
        let required = count(ParameterKind::Required);
        let maximum = (count(ParameterKind::Rest) == 0).then(|| required + count(ParameterKind::Optional));
        Value::Proc(ProcShape { strict, required, maximum })
    }

    /// The exception classes that are rescued where the run stands.
    pub(super) fn rescued(&self) -> Vec<String> {
        self.rescues.concat()
    }

    /// The folder that the running file lies in.
    pub(super) fn config_folder(&self) -> Text {
        paths::dirname(&self.path_of_script).unwrap_or_default()
    }
}

/// Applies `f` to every pair of alternatives.
pub fn combine(left: Value, right: Value, f: impl Fn(Value, Value) -> Value) -> Value {
    if !matches!((&left, &right), (Value::OneOf(_), _) | (_, Value::OneOf(_))) {
        return f(left, right);
    }
    let mut all = Vec::new();
    for (left_when, left) in left.alternatives() {
        for (right_when, right) in right.alternatives() {
            if let Some(when) = left_when.and(&right_when) {
                all.push((when, f(left.clone(), right.clone())));
            }
        }
    }
    Value::one_of(all)
}

/// What `to_s` gives inside an interpolation.
pub(super) fn as_text(value: Value, words: &str) -> Text {
    match value {
        Value::Nil => Text::default(),
        Value::Text(text) | Value::Path(text) => text,
        Value::Sym(text) | Value::Version(text) => Text::known(text),
        Value::Bool(value) => Text::known(value.to_string()),
        Value::Int(value) => Text::known(value.to_string()),
        _ => Text::from_iter([Piece::Unknown(words.to_owned())]),
    }
}

/// A value that is known to be true where it is used: the alternatives that aren't are dropped.
fn truthy(value: Value) -> Value {
    keep(value, true)
}

/// A value that is known to be nil or false where it is used.
fn falsy(value: Value) -> Value {
    keep(value, false)
}

/// A value without what is known to be of the other truth.
pub(super) fn keep(value: Value, truth: bool) -> Value {
    match value {
        Value::OneOf(all) => {
            Value::one_of(all.into_iter().filter(|(_, v)| v.truthy() != Some(!truth)).collect::<Vec<_>>())
        }
        value => value,
    }
}
