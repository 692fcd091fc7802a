//! The parts of every node of the parser's tree, so that it can be walked without recursion.

use lib_ruby_parser::Node;

/// How deep a tree may be nested. A config is rarely deeper than 20; the conversion recurses.
pub(super) const DEPTH_LIMIT: usize = 250;

fn maybe<'a>(part: &'a Option<Box<Node>>, visit: &mut dyn FnMut(&'a Node)) {
    if let Some(part) = part {
        visit(part);
    }
}

fn all<'a>(parts: &'a [Node], visit: &mut dyn FnMut(&'a Node)) {
    parts.iter().for_each(visit);
}

/// Walks the whole tree; gives the node that stands deeper than [`DEPTH_LIMIT`], if there is one.
pub(super) fn walk<'a>(root: &'a Node, mut visit: impl FnMut(&'a Node)) -> Option<&'a Node> {
    let mut open = vec![(root, 1)];
    while let Some((node, depth)) = open.pop() {
        if depth > DEPTH_LIMIT {
            return Some(node);
        }
        visit(node);
        each_child(node, &mut |child| open.push((child, depth + 1)));
    }
    None
}

/// Visits the direct parts of a node.
pub(super) fn each_child<'a>(node: &'a Node, visit: &mut dyn FnMut(&'a Node)) {
    match node {
        Node::Alias(n) => {
            visit(&n.to);
            visit(&n.from);
        }
        Node::And(n) => {
            visit(&n.lhs);
            visit(&n.rhs);
        }
        Node::AndAsgn(n) => {
            visit(&n.recv);
            visit(&n.value);
        }
        Node::Args(n) => all(&n.args, visit),
        Node::Array(n) => all(&n.elements, visit),
        Node::ArrayPattern(n) => all(&n.elements, visit),
        Node::ArrayPatternWithTail(n) => all(&n.elements, visit),
        Node::Begin(n) => all(&n.statements, visit),
        Node::Block(n) => {
            visit(&n.call);
            maybe(&n.args, visit);
            maybe(&n.body, visit);
        }
        Node::BlockPass(n) => maybe(&n.value, visit),
        Node::Break(n) => all(&n.args, visit),
        Node::CSend(n) => {
            visit(&n.recv);
            all(&n.args, visit);
        }
        Node::Case(n) => {
            maybe(&n.expr, visit);
            all(&n.when_bodies, visit);
            maybe(&n.else_body, visit);
        }
        Node::CaseMatch(n) => {
            visit(&n.expr);
            all(&n.in_bodies, visit);
            maybe(&n.else_body, visit);
        }
        Node::Casgn(n) => {
            maybe(&n.scope, visit);
            maybe(&n.value, visit);
        }
        Node::Class(n) => {
            visit(&n.name);
            maybe(&n.superclass, visit);
            maybe(&n.body, visit);
        }
        Node::Const(n) => maybe(&n.scope, visit),
        Node::ConstPattern(n) => {
            visit(&n.const_);
            visit(&n.pattern);
        }
        Node::Cvasgn(n) => maybe(&n.value, visit),
        Node::Def(n) => {
            maybe(&n.args, visit);
            maybe(&n.body, visit);
        }
        Node::Defined(n) => visit(&n.value),
        Node::Defs(n) => {
            visit(&n.definee);
            maybe(&n.args, visit);
            maybe(&n.body, visit);
        }
        Node::Dstr(n) => all(&n.parts, visit),
        Node::Dsym(n) => all(&n.parts, visit),
        Node::EFlipFlop(n) => {
            maybe(&n.left, visit);
            maybe(&n.right, visit);
        }
        Node::Ensure(n) => {
            maybe(&n.body, visit);
            maybe(&n.ensure, visit);
        }
        Node::Erange(n) => {
            maybe(&n.left, visit);
            maybe(&n.right, visit);
        }
        Node::FindPattern(n) => all(&n.elements, visit),
        Node::For(n) => {
            visit(&n.iterator);
            visit(&n.iteratee);
            maybe(&n.body, visit);
        }
        Node::Gvasgn(n) => maybe(&n.value, visit),
        Node::Hash(n) => all(&n.pairs, visit),
        Node::HashPattern(n) => all(&n.elements, visit),
        Node::Heredoc(n) => all(&n.parts, visit),
        Node::IFlipFlop(n) => {
            maybe(&n.left, visit);
            maybe(&n.right, visit);
        }
        Node::If(n) => {
            visit(&n.cond);
            maybe(&n.if_true, visit);
            maybe(&n.if_false, visit);
        }
        Node::IfGuard(n) => visit(&n.cond),
        Node::IfMod(n) => {
            visit(&n.cond);
            maybe(&n.if_true, visit);
            maybe(&n.if_false, visit);
        }
        Node::IfTernary(n) => {
            visit(&n.cond);
            visit(&n.if_true);
            visit(&n.if_false);
        }
        Node::InPattern(n) => {
            visit(&n.pattern);
            maybe(&n.guard, visit);
            maybe(&n.body, visit);
        }
        Node::Index(n) => {
            visit(&n.recv);
            all(&n.indexes, visit);
        }
        Node::IndexAsgn(n) => {
            visit(&n.recv);
            all(&n.indexes, visit);
            maybe(&n.value, visit);
        }
        Node::Irange(n) => {
            maybe(&n.left, visit);
            maybe(&n.right, visit);
        }
        Node::Ivasgn(n) => maybe(&n.value, visit),
        Node::KwBegin(n) => all(&n.statements, visit),
        Node::Kwargs(n) => all(&n.pairs, visit),
        Node::Kwoptarg(n) => visit(&n.default),
        Node::Kwsplat(n) => visit(&n.value),
        Node::Lvasgn(n) => maybe(&n.value, visit),
        Node::Masgn(n) => {
            visit(&n.lhs);
            visit(&n.rhs);
        }
        Node::MatchAlt(n) => {
            visit(&n.lhs);
            visit(&n.rhs);
        }
        Node::MatchAs(n) => {
            visit(&n.value);
            visit(&n.as_);
        }
        Node::MatchCurrentLine(n) => visit(&n.re),
        Node::MatchPattern(n) => {
            visit(&n.value);
            visit(&n.pattern);
        }
        Node::MatchPatternP(n) => {
            visit(&n.value);
            visit(&n.pattern);
        }
        Node::MatchRest(n) => maybe(&n.name, visit),
        Node::MatchWithLvasgn(n) => {
            visit(&n.re);
            visit(&n.value);
        }
        Node::Mlhs(n) => all(&n.items, visit),
        Node::Module(n) => {
            visit(&n.name);
            maybe(&n.body, visit);
        }
        Node::Next(n) => all(&n.args, visit),
        Node::Numblock(n) => {
            visit(&n.call);
            visit(&n.body);
        }
        Node::OpAsgn(n) => {
            visit(&n.recv);
            visit(&n.value);
        }
        Node::Optarg(n) => visit(&n.default),
        Node::Or(n) => {
            visit(&n.lhs);
            visit(&n.rhs);
        }
        Node::OrAsgn(n) => {
            visit(&n.recv);
            visit(&n.value);
        }
        Node::Pair(n) => {
            visit(&n.key);
            visit(&n.value);
        }
        Node::Pin(n) => visit(&n.var),
        Node::Postexe(n) => maybe(&n.body, visit),
        Node::Preexe(n) => maybe(&n.body, visit),
        Node::Procarg0(n) => all(&n.args, visit),
        Node::Regexp(n) => {
            all(&n.parts, visit);
            maybe(&n.options, visit);
        }
        Node::Rescue(n) => {
            maybe(&n.body, visit);
            all(&n.rescue_bodies, visit);
            maybe(&n.else_, visit);
        }
        Node::RescueBody(n) => {
            maybe(&n.exc_list, visit);
            maybe(&n.exc_var, visit);
            maybe(&n.body, visit);
        }
        Node::Return(n) => all(&n.args, visit),
        Node::SClass(n) => {
            visit(&n.expr);
            maybe(&n.body, visit);
        }
        Node::Send(n) => {
            maybe(&n.recv, visit);
            all(&n.args, visit);
        }
        Node::Splat(n) => maybe(&n.value, visit),
        Node::Super(n) => all(&n.args, visit),
        Node::Undef(n) => all(&n.names, visit),
        Node::UnlessGuard(n) => visit(&n.cond),
        Node::Until(n) => {
            visit(&n.cond);
            maybe(&n.body, visit);
        }
        Node::UntilPost(n) => {
            visit(&n.cond);
            visit(&n.body);
        }
        Node::When(n) => {
            all(&n.patterns, visit);
            maybe(&n.body, visit);
        }
        Node::While(n) => {
            visit(&n.cond);
            maybe(&n.body, visit);
        }
        Node::WhilePost(n) => {
            visit(&n.cond);
            visit(&n.body);
        }
        Node::XHeredoc(n) => all(&n.parts, visit),
        Node::Xstr(n) => all(&n.parts, visit),
        Node::Yield(n) => all(&n.args, visit),
        Node::Arg(_)
        | Node::BackRef(_)
        | Node::Blockarg(_)
        | Node::Cbase(_)
        | Node::Complex(_)
        | Node::Cvar(_)
        | Node::EmptyElse(_)
        | Node::Encoding(_)
        | Node::False(_)
        | Node::File(_)
        | Node::Float(_)
        | Node::ForwardArg(_)
        | Node::ForwardedArgs(_)
        | Node::Gvar(_)
        | Node::Int(_)
        | Node::Ivar(_)
        | Node::Kwarg(_)
        | Node::Kwnilarg(_)
        | Node::Kwrestarg(_)
        | Node::Lambda(_)
        | Node::Line(_)
        | Node::Lvar(_)
        | Node::MatchNilPattern(_)
        | Node::MatchVar(_)
        | Node::Nil(_)
        | Node::NthRef(_)
        | Node::Rational(_)
        | Node::Redo(_)
        | Node::RegOpt(_)
        | Node::Restarg(_)
        | Node::Retry(_)
        | Node::Self_(_)
        | Node::Shadowarg(_)
        | Node::Str(_)
        | Node::Sym(_)
        | Node::True(_)
        | Node::ZSuper(_) => {}
    }
}
