//! Our own small Ruby tree: nodes in one vector, tied by indices, so that walking and dropping
//! never follow boxes and the tree may leave the parser's thread.

use crate::model::Span;

/// Names a node of one [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

/// A parsed file.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    /// The top-level statements, in order.
    pub statements: Vec<NodeId>,
    /// Comments, in order.
    pub comments: Vec<Comment>,
    /// Heredoc bodies, in order of their openers.
    pub heredocs: Vec<Heredoc>,
    /// Where `__END__` stands; what follows is not code.
    pub end_marker: Option<usize>,
}

/// A comment, without its line end. A `=begin` block is one comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` (or `=begin`) to before the line end.
    pub span: Span,
}

/// Where a heredoc's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heredoc {
    /// The opener, such as `<<~SQL`.
    pub opener: Span,
    /// The body's lines and the terminator's line, with their line ends.
    pub lines: Span,
}

/// A node and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The whole expression; for a heredoc its opener.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// How a condition is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfForm {
    /// `if … end`, also `elsif`.
    If,
    /// `unless … end`; the node's branches are already swapped.
    Unless,
    /// `x if c`.
    ModifierIf,
    /// `x unless c`; the node's branches are already swapped.
    ModifierUnless,
    /// `c ? x : y`.
    Ternary,
}

/// What an interpolated text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextForm {
    /// `"…#{}…"`, also a heredoc and adjacent literals.
    Str,
    /// `:"…#{}…"`.
    Sym,
    /// Backticks.
    Shell,
    /// `/…/`.
    Regexp,
}

/// What a variable's name starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableScope {
    /// A local variable or a parameter.
    Local,
    /// `@x`.
    Instance,
    /// `@@x`.
    Class,
    /// `$x`, also `$1` and `$~`.
    Global,
}

/// A parameter of a method, a block or a lambda.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name; empty for an anonymous one or a pattern.
    pub name: String,
    /// What sort it is.
    pub kind: ParameterKind,
    /// The default's expression.
    pub default: Option<NodeId>,
}

/// The sorts of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ParameterKind {
    Required,
    Optional,
    Rest,
    Keyword,
    OptionalKeyword,
    KeywordRest,
    Block,
    /// A block-local variable (`|x; y|`).
    BlockLocal,
}

/// One `rescue` clause.
#[derive(Debug, Clone, PartialEq)]
pub struct RescueClause {
    /// The classes as written (`NameError`, `Foo::Bar`, a splat …); none means `StandardError`.
    pub classes: Vec<NodeId>,
    /// The variable it binds.
    pub variable: Option<NodeId>,
    /// Its statements.
    pub body: Vec<NodeId>,
}

/// One `when` or `in` clause.
#[derive(Debug, Clone, PartialEq)]
pub struct WhenClause {
    /// The values of a `when`; for an `in`, the pattern as one [`NodeKind::Other`].
    pub patterns: Vec<NodeId>,
    /// Its statements.
    pub body: Vec<NodeId>,
}

/// The node kinds. `Option<NodeId>` is an expression that may be left out, `Vec<NodeId>` statements or
/// parts in source order.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// `nil`
    Nil,
    /// `true`
    True,
    /// `false`
    False,
    /// `self`
    SelfRef,
    /// An integer that fits; a larger one is [`NodeKind::Other`].
    Int(i64),
    /// A float.
    Float(f64),
    /// A string without interpolation, also a heredoc, `%q`, `?x`; `None` if it isn't UTF-8.
    Str(Option<String>),
    /// A symbol without interpolation; `None` if it isn't UTF-8.
    Sym(Option<String>),
    /// A text with interpolation (or adjacent literals): [`NodeKind::Str`] parts and expressions.
    /// `#{}` holding several statements is one [`NodeKind::Paren`].
    Text(TextForm, Vec<NodeId>),
    /// `[…]`, `%w[…]`, and the implicit array of `a = 1, 2`.
    Array(Vec<NodeId>),
    /// `{…}`, or bare keyword arguments of a call (`braces: false`). Pairs and `**x` splats.
    Hash {
        /// The [`NodeKind::Pair`]s and [`NodeKind::DoubleSplat`]s.
        pairs: Vec<NodeId>,
        /// Whether it is written with braces.
        braces: bool,
    },
    /// `k => v` or `k: v` (the key is then a symbol).
    Pair(NodeId, NodeId),
    /// `*x`
    Splat(Option<NodeId>),
    /// `**x`
    DoubleSplat(Option<NodeId>),
    /// `&x` among arguments.
    BlockPass(Option<NodeId>),
    /// `a..b`, `a...b`
    Range {
        /// The lower end.
        from: Option<NodeId>,
        /// The upper end.
        to: Option<NodeId>,
        /// `...`
        exclusive: bool,
    },
    /// A variable that is read.
    Variable(VariableScope, String),
    /// `x = value`, for any variable. Parameters and targets of multiple assignment have no value.
    Assign {
        /// What sort of variable.
        scope: VariableScope,
        /// Its name with sigil.
        name: String,
        /// The name as written.
        name_span: Span,
        /// What is assigned.
        value: Option<NodeId>,
    },
    /// `x ||= v`, `x += v`: the target is a [`NodeKind::Assign`] without value, a call or a constant.
    OperatorAssign {
        /// What is assigned to.
        target: NodeId,
        /// `||`, `&&`, `+` …
        operator: String,
        /// The right side.
        value: NodeId,
    },
    /// `a, b = v`
    MultiAssign {
        /// The targets: [`NodeKind::Assign`] without value, calls, splats, nested ones as [`NodeKind::Array`].
        targets: Vec<NodeId>,
        /// The right side; `a, b = 1, 2` has a [`NodeKind::Array`].
        value: NodeId,
    },
    /// `X`, `A::X`, `::X`
    Const {
        /// What stands before `::`.
        scope: Option<NodeId>,
        /// `::X`
        top_level: bool,
        /// The last name.
        name: String,
        /// The last name as written.
        name_span: Span,
    },
    /// `X = v`
    AssignConst {
        /// What stands before `::`.
        scope: Option<NodeId>,
        /// The name.
        name: String,
        /// What is assigned.
        value: Option<NodeId>,
    },
    /// A method call, also an operator (`a + b`, `!a`), an index (`a[b]`, named `[]`), `a.b = c` (named `b=`).
    Call {
        /// What stands before the dot.
        receiver: Option<NodeId>,
        /// `&.`
        safe: bool,
        /// The method's name.
        name: String,
        /// The name as written.
        name_span: Span,
        /// The arguments, a [`NodeKind::BlockPass`] among them.
        args: Vec<NodeId>,
        /// Whether the arguments stand in parentheses.
        parens: bool,
        /// A [`NodeKind::Block`].
        block: Option<NodeId>,
    },
    /// `{ |x| … }` or `do … end` behind a call, and the body of `->(x) { … }`.
    Block {
        /// The parameters; numbered ones are spelt out.
        parameters: Vec<Parameter>,
        /// The statements; a `rescue` inside is one [`NodeKind::Begin`].
        body: Vec<NodeId>,
        /// `{}` rather than `do`.
        braces: bool,
    },
    /// `->(x) { … }`, holding a [`NodeKind::Block`]. `lambda { }` and `proc { }` are calls.
    Lambda(NodeId),
    /// `super`, `yield` with arguments.
    SuperOrYield(Vec<NodeId>),
    /// Any `if`, `unless`, modifier or ternary, brought to one form: `then` runs when the condition holds.
    If {
        /// The condition as written.
        condition: NodeId,
        /// What runs when it holds.
        then: Vec<NodeId>,
        /// What runs when it doesn't; an `elsif` is one `If` here.
        otherwise: Vec<NodeId>,
        /// How it is written.
        form: IfForm,
        /// Whether an `else` (or `elsif`) is written.
        has_else: bool,
    },
    /// `case x when … else … end`, also `case x in …`
    Case {
        /// The subject.
        subject: Option<NodeId>,
        /// The clauses.
        clauses: Vec<WhenClause>,
        /// What stands in `else`.
        otherwise: Option<Vec<NodeId>>,
        /// `in` rather than `when`.
        pattern: bool,
    },
    /// `while`, `until`, their modifiers, `loop` is a call.
    Loop {
        /// The condition.
        condition: NodeId,
        /// The statements.
        body: Vec<NodeId>,
    },
    /// `for x in y`
    For {
        /// The variable(s): an [`NodeKind::Assign`] without value or a [`NodeKind::Array`] of them.
        target: NodeId,
        /// What is walked.
        iterated: NodeId,
        /// The statements.
        body: Vec<NodeId>,
    },
    /// `begin … end`, and the body of a block or method that has a `rescue` or `ensure`; also `x rescue y`.
    Begin {
        /// The statements.
        body: Vec<NodeId>,
        /// The `rescue` clauses.
        rescues: Vec<RescueClause>,
        /// `else`
        otherwise: Vec<NodeId>,
        /// `ensure`
        ensure: Vec<NodeId>,
        /// Whether it is `x rescue y`.
        modifier: bool,
    },
    /// `( … )`
    Paren(Vec<NodeId>),
    /// `a && b`, `a and b`
    And(NodeId, NodeId),
    /// `a || b`, `a or b`
    Or(NodeId, NodeId),
    /// `!a`, `not a`
    Not(NodeId),
    /// `defined?(a)`
    Defined(NodeId),
    /// `def x … end`, also `def self.x`
    Def {
        /// The receiver of `def self.x`.
        singleton: Option<NodeId>,
        /// The method's name.
        name: String,
        /// The parameters.
        parameters: Vec<Parameter>,
        /// The statements.
        body: Vec<NodeId>,
    },
    /// `class`, `module`, `class << x`
    Namespace {
        /// The name as written; empty for `class << x`.
        name: String,
        /// The statements.
        body: Vec<NodeId>,
    },
    /// `return`, with its value
    Return(Option<NodeId>),
    /// `break`, `next`, `redo`, `retry`
    Jump(&'static str, Option<NodeId>),
    /// `__FILE__`
    File,
    /// `__LINE__`
    Line,
    /// Whatever else there is (`alias`, `undef`, `BEGIN`, patterns, flip-flops, huge numbers); its parts are kept.
    Other(Vec<NodeId>),
}

impl Tree {
    /// The node of an id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// What a node is.
    pub fn kind(&self, id: NodeId) -> &NodeKind {
        &self.node(id).kind
    }

    /// Where a node stands.
    pub fn span(&self, id: NodeId) -> Span {
        self.node(id).span
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the file holds no code.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Every node with its id.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(at, node)| (NodeId(at as u32), node))
    }
}
