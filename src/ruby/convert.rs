//! From the parser's tree to ours. It recurses: the guard has bounded the depth, and this runs on the parser's
//! own deep stack.

use lib_ruby_parser::{Loc, Node as Theirs};

use super::children::each_child;
use super::tree::{
    IfForm, Node, NodeId, NodeKind, Parameter, ParameterKind, RescueClause, TextForm, VariableScope,
    WhenClause,
};
use crate::model::Span;

/// Every node of the tree, and its top-level statements.
pub(super) fn convert(bytes: &[u8], root: Option<&Theirs>) -> (Vec<Node>, Vec<NodeId>) {
    let mut converter = Converter { bytes, nodes: Vec::new() };
    let statements = root.map(|root| converter.statements(root)).unwrap_or_default();
    (converter.nodes, statements)
}

struct Converter<'a> {
    bytes: &'a [u8],
    nodes: Vec<Node>,
}

type Maybe = Option<Box<Theirs>>;

impl Converter<'_> {
    fn add(&mut self, span: Span, kind: NodeKind) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { span, kind });
        id
    }

    fn span(&self, loc: &Loc) -> Span {
        let end = self.bytes.len();
        Span::new(loc.begin.min(end), loc.end.min(end))
    }

    fn maybe_span(&self, loc: &Option<Loc>, otherwise: Span) -> Span {
        loc.as_ref().map_or(otherwise, |loc| self.span(loc))
    }

    /// The statements of a body; several come wrapped.
    fn statements(&mut self, node: &Theirs) -> Vec<NodeId> {
        match node {
            Theirs::Begin(begin) if begin.begin_l.is_none() => self.all(&begin.statements),
            node => vec![self.node(node)],
        }
    }

    fn body(&mut self, node: &Maybe) -> Vec<NodeId> {
        node.as_deref().map(|node| self.statements(node)).unwrap_or_default()
    }

    fn all(&mut self, nodes: &[Theirs]) -> Vec<NodeId> {
        nodes.iter().map(|node| self.node(node)).collect()
    }

    fn maybe(&mut self, node: &Maybe) -> Option<NodeId> {
        node.as_deref().map(|node| self.node(node))
    }

    /// One value, or several as an array (`return 1, 2`).
    fn values(&mut self, nodes: &[Theirs]) -> Option<NodeId> {
        match nodes {
            [] => None,
            [only] => Some(self.node(only)),
            [first, .., last] => {
                let span = self.span(first.expression()).join(self.span(last.expression()));
                let items = self.all(nodes);
                Some(self.add(span, NodeKind::Array(items)))
            }
        }
    }

    /// Whatever isn't told apart: its parts.
    fn other(&mut self, node: &Theirs) -> NodeKind {
        let mut parts: Vec<&Theirs> = Vec::new();
        each_child(node, &mut |child| parts.push(child));
        NodeKind::Other(parts.into_iter().map(|part| self.node(part)).collect())
    }

    fn node(&mut self, node: &Theirs) -> NodeId {
        let span = self.span(node.expression());
        let kind = self.kind(node, span);
        self.add(span, kind)
    }

    fn kind(&mut self, node: &Theirs, span: Span) -> NodeKind {
        match node {
            Theirs::Nil(_) => NodeKind::Nil,
            Theirs::True(_) => NodeKind::True,
            Theirs::False(_) => NodeKind::False,
            Theirs::Self_(_) => NodeKind::SelfRef,
            Theirs::File(_) => NodeKind::File,
            Theirs::Line(_) => NodeKind::Line,
            Theirs::Int(n) => integer(&n.value).map_or(NodeKind::Other(Vec::new()), NodeKind::Int),
            Theirs::Float(n) => match n.value.replace('_', "").parse() {
                Ok(value) => NodeKind::Float(value),
                Err(_) => NodeKind::Other(Vec::new()),
            },
            Theirs::Str(n) => NodeKind::Str(String::from_utf8(n.value.raw.clone()).ok()),
            Theirs::Sym(n) => NodeKind::Sym(String::from_utf8(n.name.raw.clone()).ok()),
            Theirs::Dstr(n) => self.text(TextForm::Str, &n.parts),
            Theirs::Dsym(n) => self.text(TextForm::Sym, &n.parts),
            Theirs::Xstr(n) => self.text(TextForm::Shell, &n.parts),
            Theirs::XHeredoc(n) => self.text(TextForm::Shell, &n.parts),
            Theirs::Regexp(n) => self.text(TextForm::Regexp, &n.parts),
            Theirs::Heredoc(n) => self.text(TextForm::Str, &n.parts),
            Theirs::Array(n) => NodeKind::Array(self.all(&n.elements)),
            Theirs::Hash(n) => NodeKind::Hash { pairs: self.all(&n.pairs), braces: true },
            Theirs::Kwargs(n) => NodeKind::Hash { pairs: self.all(&n.pairs), braces: false },
            Theirs::Pair(n) => NodeKind::Pair(self.node(&n.key), self.node(&n.value)),
            Theirs::Splat(n) => NodeKind::Splat(self.maybe(&n.value)),
            Theirs::Kwsplat(n) => NodeKind::DoubleSplat(Some(self.node(&n.value))),
            Theirs::BlockPass(n) => NodeKind::BlockPass(self.maybe(&n.value)),
            Theirs::Irange(n) => self.range(&n.left, &n.right, false),
            Theirs::Erange(n) => self.range(&n.left, &n.right, true),
            Theirs::Lvar(n) => NodeKind::Variable(VariableScope::Local, n.name.clone()),
            Theirs::Ivar(n) => NodeKind::Variable(VariableScope::Instance, n.name.clone()),
            Theirs::Cvar(n) => NodeKind::Variable(VariableScope::Class, n.name.clone()),
            Theirs::Gvar(n) => NodeKind::Variable(VariableScope::Global, n.name.clone()),
            Theirs::BackRef(n) => NodeKind::Variable(VariableScope::Global, n.name.clone()),
            Theirs::NthRef(n) => NodeKind::Variable(VariableScope::Global, format!("${}", n.name)),
            Theirs::Lvasgn(n) => self.assign(VariableScope::Local, &n.name, &n.name_l, &n.value),
            Theirs::Ivasgn(n) => self.assign(VariableScope::Instance, &n.name, &n.name_l, &n.value),
            Theirs::Cvasgn(n) => self.assign(VariableScope::Class, &n.name, &n.name_l, &n.value),
            Theirs::Gvasgn(n) => self.assign(VariableScope::Global, &n.name, &n.name_l, &n.value),
            Theirs::OpAsgn(n) => self.operator_assign(&n.recv, n.operator.trim_end_matches('='), &n.value),
            Theirs::OrAsgn(n) => self.operator_assign(&n.recv, "||", &n.value),
            Theirs::AndAsgn(n) => self.operator_assign(&n.recv, "&&", &n.value),
            Theirs::Masgn(n) => {
                let targets = match n.lhs.as_ref() {
                    Theirs::Mlhs(lhs) => self.all(&lhs.items),
                    other => vec![self.node(other)],
                };
                NodeKind::MultiAssign { targets, value: self.node(&n.rhs) }
            }
            Theirs::Mlhs(n) => NodeKind::Array(self.all(&n.items)),
            Theirs::Const(n) => {
                let top_level = matches!(n.scope.as_deref(), Some(Theirs::Cbase(_)));
                let scope = if top_level { None } else { self.maybe(&n.scope) };
                NodeKind::Const { scope, top_level, name: n.name.clone(), name_span: self.span(&n.name_l) }
            }
            Theirs::Casgn(n) => {
                let scope = match n.scope.as_deref() {
                    Some(Theirs::Cbase(_)) | None => None,
                    Some(scope) => Some(self.node(scope)),
                };
                NodeKind::AssignConst { scope, name: n.name.clone(), value: self.maybe(&n.value) }
            }
            Theirs::Send(n) if n.method_name == "!" && n.args.is_empty() && n.recv.is_some() => {
                match n.recv.as_deref() {
                    Some(inner) => NodeKind::Not(self.node(inner)),
                    None => NodeKind::Other(Vec::new()),
                }
            }
            Theirs::Send(n) => NodeKind::Call {
                receiver: self.maybe(&n.recv),
                safe: false,
                name: n.method_name.clone(),
                name_span: self.maybe_span(&n.selector_l, span),
                args: self.all(&n.args),
                parens: n.begin_l.is_some(),
                block: None,
            },
            Theirs::CSend(n) => NodeKind::Call {
                receiver: Some(self.node(&n.recv)),
                safe: true,
                name: n.method_name.clone(),
                name_span: self.maybe_span(&n.selector_l, span),
                args: self.all(&n.args),
                parens: n.begin_l.is_some(),
                block: None,
            },
            Theirs::Index(n) => {
                let receiver = self.node(&n.recv);
                let args = self.all(&n.indexes);
                self.index(receiver, "[]", &n.begin_l, args)
            }
            Theirs::IndexAsgn(n) => {
                let receiver = self.node(&n.recv);
                let mut args = self.all(&n.indexes);
                let name = if n.value.is_some() { "[]=" } else { "[]" };
                args.extend(self.maybe(&n.value));
                self.index(receiver, name, &n.begin_l, args)
            }
            Theirs::Block(n) => {
                let parameters = n.args.as_deref().map(|args| self.parameters(args)).unwrap_or_default();
                let body = self.body(&n.body);
                let braces = self.bytes.get(n.begin_l.begin) == Some(&b'{');
                let block_span = Span::new(n.begin_l.begin, span.end);
                let block = self.add(block_span, NodeKind::Block { parameters, body, braces });
                self.with_block(&n.call, block)
            }
            Theirs::Numblock(n) => {
                let parameters = (1..=n.numargs).map(|number| Parameter {
                    name: format!("_{number}"),
                    kind: ParameterKind::Required,
                    default: None,
                });
                let parameters = parameters.collect();
                let body = self.statements(&n.body);
                let braces = self.bytes.get(n.begin_l.begin) == Some(&b'{');
                let block_span = Span::new(n.begin_l.begin, span.end);
                let block = self.add(block_span, NodeKind::Block { parameters, body, braces });
                self.with_block(&n.call, block)
            }
            Theirs::Super(n) => NodeKind::SuperOrYield(self.all(&n.args)),
            Theirs::ZSuper(_) => NodeKind::SuperOrYield(Vec::new()),
            Theirs::Yield(n) => NodeKind::SuperOrYield(self.all(&n.args)),
            Theirs::If(n) => {
                let unless = self.bytes.get(n.keyword_l.begin..n.keyword_l.end) == Some(b"unless");
                let form = if unless { IfForm::Unless } else { IfForm::If };
                let has_else = n.else_l.is_some();
                let branches = (self.body(&n.if_true), self.body(&n.if_false));
                self.conditional(&n.cond, branches, form, has_else)
            }
            Theirs::IfMod(n) => {
                let unless = self.bytes.get(n.keyword_l.begin..n.keyword_l.end) == Some(b"unless");
                let form = if unless { IfForm::ModifierUnless } else { IfForm::ModifierIf };
                let branches = (self.body(&n.if_true), self.body(&n.if_false));
                self.conditional(&n.cond, branches, form, false)
            }
            Theirs::IfTernary(n) => {
                let branches = (self.statements(&n.if_true), self.statements(&n.if_false));
                self.conditional(&n.cond, branches, IfForm::Ternary, true)
            }
            Theirs::Case(n) => {
                let subject = self.maybe(&n.expr);
                let clauses = n.when_bodies.iter().map(|clause| self.when(clause)).collect();
                NodeKind::Case {
                    subject,
                    clauses,
                    otherwise: self.otherwise(&n.else_body, &n.else_l),
                    pattern: false,
                }
            }
            Theirs::CaseMatch(n) => {
                let subject = Some(self.node(&n.expr));
                let clauses = n.in_bodies.iter().map(|clause| self.when(clause)).collect();
                NodeKind::Case {
                    subject,
                    clauses,
                    otherwise: self.otherwise(&n.else_body, &n.else_l),
                    pattern: true,
                }
            }
            Theirs::While(n) => NodeKind::Loop { condition: self.node(&n.cond), body: self.body(&n.body) },
            Theirs::Until(n) => NodeKind::Loop { condition: self.node(&n.cond), body: self.body(&n.body) },
            Theirs::WhilePost(n) => {
                NodeKind::Loop { condition: self.node(&n.cond), body: self.statements(&n.body) }
            }
            Theirs::UntilPost(n) => {
                NodeKind::Loop { condition: self.node(&n.cond), body: self.statements(&n.body) }
            }
            Theirs::For(n) => NodeKind::For {
                target: self.node(&n.iterator),
                iterated: self.node(&n.iteratee),
                body: self.body(&n.body),
            },
            Theirs::KwBegin(n) => self.begin(&n.statements),
            Theirs::Rescue(_) | Theirs::Ensure(_) => self.begin(std::slice::from_ref(node)),
            Theirs::Begin(n) => NodeKind::Paren(self.all(&n.statements)),
            Theirs::And(n) => NodeKind::And(self.node(&n.lhs), self.node(&n.rhs)),
            Theirs::Or(n) => NodeKind::Or(self.node(&n.lhs), self.node(&n.rhs)),
            Theirs::Defined(n) => NodeKind::Defined(self.node(&n.value)),
            Theirs::Def(n) => {
                let parameters = n.args.as_deref().map(|args| self.parameters(args)).unwrap_or_default();
                NodeKind::Def { singleton: None, name: n.name.clone(), parameters, body: self.body(&n.body) }
            }
            Theirs::Defs(n) => {
                let singleton = Some(self.node(&n.definee));
                let parameters = n.args.as_deref().map(|args| self.parameters(args)).unwrap_or_default();
                NodeKind::Def { singleton, name: n.name.clone(), parameters, body: self.body(&n.body) }
            }
            Theirs::Class(n) => NodeKind::Namespace { name: self.written(&n.name), body: self.body(&n.body) },
            Theirs::Module(n) => {
                NodeKind::Namespace { name: self.written(&n.name), body: self.body(&n.body) }
            }
            Theirs::SClass(n) => NodeKind::Namespace { name: String::new(), body: self.body(&n.body) },
            Theirs::Return(n) => NodeKind::Return(self.values(&n.args)),
            Theirs::Break(n) => NodeKind::Jump("break", self.values(&n.args)),
            Theirs::Next(n) => NodeKind::Jump("next", self.values(&n.args)),
            Theirs::Redo(_) => NodeKind::Jump("redo", None),
            Theirs::Retry(_) => NodeKind::Jump("retry", None),
            other => self.other(other),
        }
    }

    /// A text: its parts; one plain part, or none, is a plain string.
    fn text(&mut self, form: TextForm, parts: &[Theirs]) -> NodeKind {
        let plain: Option<Vec<u8>> = parts.iter().try_fold(Vec::new(), |mut text, part| match part {
            Theirs::Str(part) => {
                text.extend_from_slice(&part.value.raw);
                Some(text)
            }
            _ => None,
        });
        match (form, plain) {
            (TextForm::Str, Some(text)) => NodeKind::Str(String::from_utf8(text).ok()),
            (TextForm::Sym, Some(text)) => NodeKind::Sym(String::from_utf8(text).ok()),
            _ => {
                let parts = parts.iter().map(|part| self.text_part(part)).collect();
                NodeKind::Text(form, parts)
            }
        }
    }

    /// `#{x}` comes wrapped; the wrapping says nothing where it holds one expression.
    fn text_part(&mut self, part: &Theirs) -> NodeId {
        match part {
            Theirs::Begin(begin) => match begin.statements.as_slice() {
                [only] => self.node(only),
                _ => self.node(part),
            },
            part => self.node(part),
        }
    }

    fn range(&mut self, from: &Maybe, to: &Maybe, exclusive: bool) -> NodeKind {
        NodeKind::Range { from: self.maybe(from), to: self.maybe(to), exclusive }
    }

    fn assign(&mut self, scope: VariableScope, name: &str, name_l: &Loc, value: &Maybe) -> NodeKind {
        let name_span = self.span(name_l);
        NodeKind::Assign { scope, name: name.to_owned(), name_span, value: self.maybe(value) }
    }

    fn operator_assign(&mut self, target: &Theirs, operator: &str, value: &Theirs) -> NodeKind {
        let target = self.node(target);
        NodeKind::OperatorAssign { target, operator: operator.to_owned(), value: self.node(value) }
    }

    fn index(&mut self, receiver: NodeId, name: &str, begin: &Loc, args: Vec<NodeId>) -> NodeKind {
        NodeKind::Call {
            receiver: Some(receiver),
            safe: false,
            name: name.to_owned(),
            name_span: self.span(begin),
            args,
            parens: false,
            block: None,
        }
    }

    /// The call that a block belongs to.
    fn with_block(&mut self, call: &Theirs, block: NodeId) -> NodeKind {
        let span = self.span(call.expression());
        match (call, self.kind(call, span)) {
            (Theirs::Lambda(_), _) => NodeKind::Lambda(block),
            (_, NodeKind::Call { receiver, safe, name, name_span, args, parens, .. }) => {
                NodeKind::Call { receiver, safe, name, name_span, args, parens, block: Some(block) }
            }
            (_, NodeKind::SuperOrYield(mut parts)) => {
                parts.push(block);
                NodeKind::SuperOrYield(parts)
            }
            (_, kind) => {
                let call = self.add(span, kind);
                NodeKind::Other(vec![call, block])
            }
        }
    }

    fn conditional(
        &mut self,
        condition: &Theirs,
        (then, otherwise): (Vec<NodeId>, Vec<NodeId>),
        form: IfForm,
        has_else: bool,
    ) -> NodeKind {
        NodeKind::If { condition: self.node(condition), then, otherwise, form, has_else }
    }

    fn when(&mut self, clause: &Theirs) -> WhenClause {
        match clause {
            Theirs::When(when) => {
                WhenClause { patterns: self.all(&when.patterns), body: self.body(&when.body) }
            }
            Theirs::InPattern(pattern) => {
                let span = self.span(pattern.pattern.expression());
                let kind = self.other(&pattern.pattern);
                let mut patterns = vec![self.add(span, kind)];
                patterns.extend(self.maybe(&pattern.guard));
                WhenClause { patterns, body: self.body(&pattern.body) }
            }
            other => WhenClause { patterns: vec![self.node(other)], body: Vec::new() },
        }
    }

    /// What stands in the `else` of a `case`, which may be empty.
    /// The statements of a written `else`.
    fn otherwise(&mut self, node: &Maybe, keyword: &Option<Loc>) -> Option<Vec<NodeId>> {
        keyword.as_ref()?;
        Some(match node.as_deref() {
            None | Some(Theirs::EmptyElse(_)) => Vec::new(),
            Some(node) => self.statements(node),
        })
    }

    /// `begin … end`, where `rescue` and `ensure` are folded into one.
    fn begin(&mut self, statements: &[Theirs]) -> NodeKind {
        let (mut rescues, mut otherwise, mut ensure) = (Vec::new(), Vec::new(), Vec::new());
        let mut modifier = false;
        let mut body: Vec<&Theirs> = statements.iter().collect();
        if let [Theirs::Ensure(node)] = body.as_slice() {
            ensure = self.body(&node.ensure);
            body = node.body.as_deref().into_iter().collect();
        }
        if let [Theirs::Rescue(node)] = body.as_slice() {
            otherwise = self.body(&node.else_);
            for clause in &node.rescue_bodies {
                let Theirs::RescueBody(clause) = clause else { continue };
                let classes = match clause.exc_list.as_deref() {
                    Some(Theirs::Array(list)) => self.all(&list.elements),
                    Some(other) => vec![self.node(other)],
                    None => Vec::new(),
                };
                let variable = self.maybe(&clause.exc_var);
                let rescued = self.body(&clause.body);
                modifier |= node.rescue_bodies.len() == 1
                    && node.body.as_ref().is_some_and(|body| {
                        is_modifier(self.bytes, body.expression().end, clause.keyword_l.begin)
                    });
                rescues.push(RescueClause { classes, variable, body: rescued });
            }
            body = node.body.as_deref().into_iter().collect();
        }
        let body = body.into_iter().flat_map(|node| self.statements(node)).collect();
        NodeKind::Begin { body, rescues, otherwise, ensure, modifier }
    }

    fn parameters(&mut self, args: &Theirs) -> Vec<Parameter> {
        let parts = match args {
            Theirs::Args(args) => args.args.as_slice(),
            Theirs::Procarg0(args) => args.args.as_slice(),
            other => std::slice::from_ref(other),
        };
        let mut parameters = Vec::new();
        for part in parts {
            let mut add = |name: &str, kind, default| {
                parameters.push(Parameter { name: name.to_owned(), kind, default });
            };
            match part {
                Theirs::Arg(n) => add(&n.name, ParameterKind::Required, None),
                Theirs::Optarg(n) => {
                    let default = Some(self.node(&n.default));
                    add(&n.name, ParameterKind::Optional, default);
                }
                Theirs::Restarg(n) => add(n.name.as_deref().unwrap_or_default(), ParameterKind::Rest, None),
                Theirs::Kwarg(n) => add(&n.name, ParameterKind::Keyword, None),
                Theirs::Kwoptarg(n) => {
                    let default = Some(self.node(&n.default));
                    add(&n.name, ParameterKind::OptionalKeyword, default);
                }
                Theirs::Kwrestarg(n) => {
                    add(n.name.as_deref().unwrap_or_default(), ParameterKind::KeywordRest, None);
                }
                Theirs::Blockarg(n) => add(n.name.as_deref().unwrap_or_default(), ParameterKind::Block, None),
                Theirs::Shadowarg(n) => add(&n.name, ParameterKind::BlockLocal, None),
                Theirs::ForwardArg(_) => add("...", ParameterKind::Rest, None),
                Theirs::Procarg0(_) => {
                    let inner = self.parameters(part);
                    parameters.extend(inner);
                }
                _ => add("", ParameterKind::Required, None),
            }
        }
        parameters
    }

    fn written(&self, node: &Theirs) -> String {
        let span = self.span(node.expression());
        String::from_utf8_lossy(&self.bytes[span.range()]).into_owned()
    }
}

/// An integer as Ruby writes it: `1_000`, `0x1f`, `0b1`, `0o17`, `017`.
fn integer(text: &str) -> Option<i64> {
    let digits = text.replace('_', "").to_ascii_lowercase();
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest.to_owned()),
        None => (false, digits),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x', ..] => (16, &digits[2..]),
        [b'0', b'b', ..] => (2, &digits[2..]),
        [b'0', b'o', ..] => (8, &digits[2..]),
        [b'0', b'd', ..] => (10, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits.as_str()),
    };
    let value = i64::from_str_radix(digits, radix).ok()?;
    Some(if negative { -value } else { value })
}

/// Whether the `rescue` at `to` is `x rescue y` with an `x` that ends at `from`: a clause needs a line end or
/// a `;` before it.
fn is_modifier(bytes: &[u8], from: usize, to: usize) -> bool {
    let between = bytes.get(from..to).unwrap_or_default();
    !between.iter().enumerate().any(|(at, byte)| match byte {
        b'\n' => !(between[..at].ends_with(b"\\") || between[..at].ends_with(b"\\\r")),
        b';' | b'#' => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::super::tree::Tree;
    use super::*;

    fn tree(text: &str) -> Tree {
        parse(text.as_bytes()).unwrap()
    }

    fn only(tree: &Tree) -> &NodeKind {
        assert_eq!(tree.statements.len(), 1);
        tree.kind(tree.statements[0])
    }

    #[test]
    fn texts_are_as_ruby_holds_them() {
        #[rustfmt::skip]
        let table = [
            ("<<~A\r\n  a\r\n   b\r\nA\r\n", "a\n b\n"),
            ("<<~A\n  a \\\n  b\n  A\n", "a b\n"),
            ("<<~'A'\n  a \\\n  b\\n\n  A\n", "a \\\nb\\n\n"),
            ("<<-A\n  a\n  A\n", "  a\n"),
            ("<<A\nA\n", ""),
            ("<<~A\n  \\  a\n  A\n", "  a\n"),
            ("\"a\r\nb\"\r\n", "a\nb"),
            ("\"a\\\nb\"", "ab"),
            ("\"a\" \\\n 'b'", "ab"),
            ("%q(a(b)c)", "a(b)c"),
            ("?é", "é"),
        ];
        for (text, wanted) in table {
            assert_eq!(only(&tree(text)), &NodeKind::Str(Some(wanted.to_owned())), "{text:?}");
        }
        assert_eq!(only(&tree("\"\\xff\"")), &NodeKind::Str(None));
    }

    #[test]
    fn numbers_are_read_in_every_spelling() {
        for (text, wanted) in
            [("1_000", 1000), ("0x1f", 31), ("0b101", 5), ("0o17", 15), ("017", 15), ("-5", -5)]
        {
            assert_eq!(only(&tree(text)), &NodeKind::Int(wanted), "{text}");
        }
        assert_eq!(only(&tree("9223372036854775808")), &NodeKind::Other(Vec::new()));
        assert_eq!(only(&tree("1.5e-3")), &NodeKind::Float(0.0015));
    }

    #[test]
    fn unless_swaps_its_branches() {
        for (text, wanted, has_else) in [
            ("unless a\n b\nend", IfForm::Unless, false),
            ("unless a\n b\nelse\nend", IfForm::Unless, true),
            ("b unless a", IfForm::ModifierUnless, false),
        ] {
            let tree = tree(text);
            let NodeKind::If { then, otherwise, form, has_else: found, .. } = only(&tree) else { panic!() };
            assert_eq!((then.len(), otherwise.len(), *form, *found), (0, 1, wanted, has_else), "{text}");
        }
    }

    #[test]
    fn rescue_is_a_clause_or_a_modifier() {
        for (text, wanted) in [
            ("a rescue b", true),
            ("a \\\n rescue b", true),
            ("a do\n c\nend rescue b", true),
            ("begin a; rescue; b end", false),
            ("begin; a\nrescue X => e\n b\nelse\n c\nensure\n d\nend", false),
        ] {
            let tree = tree(text);
            let NodeKind::Begin { body, rescues, modifier, .. } = only(&tree) else { panic!("{text}") };
            assert_eq!((body.len(), rescues.len(), *modifier), (1, 1, wanted), "{text}");
        }
    }

    #[test]
    fn an_interpolation_of_one_expression_is_that_expression() {
        for text in ["\"a#{b}\"", "`a#{b}`", "/a#{b}/", ":\"a#{b}\"", "<<A\na#{b}\nA\n"] {
            let tree = tree(text);
            let NodeKind::Text(_, parts) = only(&tree) else { panic!("{text}") };
            assert!(matches!(tree.kind(parts[1]), NodeKind::Call { .. }), "{text}");
        }
    }

    #[test]
    fn values_of_a_return_stand_without_the_keyword() {
        let tree = tree("def a; return 1, 2; end");
        let array = tree.iter().find(|(_, node)| matches!(node.kind, NodeKind::Array(_))).unwrap().1;
        assert_eq!(array.span, Span::new(14, 18));
    }
}
