//! Runs a config in thought: which calls it makes, with which values, under which condition.
//!
//! Nothing is executed. What cannot be known is unknown with a reason, and every run ends:
//! depth, steps and the number of alternatives are bounded.

mod call;
mod class_methods;
mod env;
mod expression;
pub mod methods;
pub mod paths;
mod rails;
mod required;
mod returns;
pub mod trace;

use std::collections::HashMap;

use super::Environment;
use crate::model::{Clause, Condition, Fact, FileId, Span, Text, Value, hole};
use crate::ruby::{NodeId, NodeKind, Parameter, RescueClause, Tree, VariableScope};

pub use expression::combine;
pub use rails::{Rails, rails_environment};
pub use trace::{Argument, Block, Call, ConstantUse, Halt, ModuleCall, Require, Trace, Undefined};

/// How many nodes one run may evaluate. The largest public config has some 2,000.
const FUEL: usize = 200_000;
/// How deep methods of the file may call each other.
const CALL_DEPTH: usize = 16;
/// What holds after a `rescue` that was reached.
const RESCUED: &str = "an error was rescued";

/// A Ruby file that a run reads.
#[derive(Clone, Copy)]
pub struct Script<'a> {
    /// Its place among the files.
    pub file: FileId,
    /// Its bytes.
    pub text: &'a [u8],
    /// What the parser made of them.
    pub tree: &'a Tree,
}

/// What a config is evaluated in.
pub struct Setting<'a> {
    /// The config.
    pub script: Script<'a>,
    /// The config's own absolute path, as `__FILE__` and `__dir__` see it.
    pub config: Text,
    /// The file that a script requires by a path relative to itself, if it is among the files.
    pub required: &'a dyn Fn(FileId, &str) -> Option<Script<'a>>,
    /// The working directory.
    pub directory: Text,
    /// The environment variables.
    pub environment: &'a Environment,
    /// Whether Rails is loaded before the config is.
    pub rails: Rails,
    /// The Puma release, such as `8.0.2`.
    pub version: &'a str,
    /// Whether the release's DSL has a method of this name.
    pub has_directive: &'a dyn Fn(&str) -> bool,
    /// Whether the release has a constant of this name, as a config would write it; `None` for
    /// names that aren't Puma's.
    pub has_constant: &'a dyn Fn(&str) -> Option<bool>,
    /// What one of Puma's constants is in the release, where that is plain.
    pub constant: &'a dyn Fn(&str) -> Option<Value>,
}

/// What holds inside of `cluster do` and `single do`.
pub fn mode_block(mode: &str) -> String {
    format!("Puma runs in {mode} mode")
}

/// Evaluates a parsed config.
pub fn evaluate<'a>(setting: &'a Setting<'a>) -> Trace {
    let tree = setting.script.tree;
    let mut run = Run {
        script: setting.script,
        tree,
        path_of_script: setting.config.clone(),
        site: None,
        is_main: false,
        required: Vec::new(),
        setting,
        fuel: FUEL,
        depth: 0,
        path: Condition::always(),
        locals: HashMap::new(),
        globals: HashMap::from([(rails::LOADED.to_owned(), setting.rails.to_value())]),
        methods: HashMap::new(),
        rescues: Vec::new(),
        in_rescue: 0,
        returns: Vec::new(),
        later: 0,
        loaded: false,
        trace: Trace::default(),
    };
    run.statements(&tree.statements);
    run.trace
}

/// Whether the statement after this one is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Stopped,
}

/// The state of one run.
struct Run<'a> {
    /// The file that the run stands in: the config, or one that it requires.
    script: Script<'a>,
    tree: &'a Tree,
    /// Its absolute path on the server.
    path_of_script: Text,
    /// Where the config called the code of another file that runs now.
    site: Option<(NodeId, Span)>,
    /// Whether `self` is Ruby's main object, as in a required file, and not Puma's DSL.
    is_main: bool,
    /// The files that were required.
    required: Vec<FileId>,
    setting: &'a Setting<'a>,
    fuel: usize,
    depth: usize,
    /// What holds where the run stands.
    path: Condition,
    locals: HashMap<String, Value>,
    /// Constants, instance, class and global variables.
    globals: HashMap<String, Value>,
    /// Methods that the files define.
    methods: HashMap<String, Method<'a>>,
    /// The exception classes that surrounding `rescue`s catch, outermost first.
    rescues: Vec<Vec<String>>,
    /// How many `rescue` clauses the run stands in.
    in_rescue: usize,
    /// What the methods that the run stands in have returned early, outermost first.
    returns: Vec<Vec<(Condition, Value)>>,
    /// How many blocks the run stands in that may run when the app is loaded.
    later: usize,
    /// Whether something was loaded that may set variables of the environment.
    loaded: bool,
    trace: Trace,
}

impl Run<'_> {
    /// Runs statements until one surely leaves.
    fn statements(&mut self, statements: &[NodeId]) -> Flow {
        for &statement in statements {
            if self.statement(statement) == Flow::Stopped {
                return Flow::Stopped;
            }
        }
        Flow::On
    }

    fn statement(&mut self, id: NodeId) -> Flow {
        self.see_filled_in(id);
        match self.tree.kind(id) {
            NodeKind::If { condition, then, otherwise, .. } => self.branch(*condition, then, otherwise),
            NodeKind::Begin { body, rescues, otherwise, ensure, .. } => {
                self.protected(body, rescues, otherwise, ensure).0
            }
            NodeKind::Paren(body) => self.statements(body),
            NodeKind::And(left, right) => self.branch(*left, &[*right], &[]),
            NodeKind::Or(left, right) => self.branch(*left, &[], &[*right]),
            NodeKind::Return(value) => {
                let value = value.map_or(Value::Nil, |value| self.value(value));
                let path = self.path.clone();
                if let Some(returns) = self.returns.last_mut() {
                    returns.push((path, value));
                }
                Flow::Stopped
            }
            NodeKind::Def { singleton: None, name, parameters, body } => {
                let same = |known: &Method<'_>| known.script.file == self.script.file && known.body == *body;
                if !self.methods.get(name).is_some_and(same) {
                    let method = Method {
                        script: self.script,
                        path: self.path_of_script.clone(),
                        parameters: parameters.clone(),
                        body: body.clone(),
                        plain: returns::is_plain(self.tree, body),
                    };
                    self.methods.insert(name.clone(), method);
                }
                self.trace.methods.insert(name.clone());
                Flow::On
            }
            NodeKind::Def { .. } => Flow::On,
            NodeKind::Namespace { name, .. } => {
                // Elsewhere, a class of the app's own is the usual thing.
                self.trace.opaque |= self.site.is_none() || name.contains("Puma");
                Flow::On
            }
            _ => {
                let halts = self.trace.halts.len();
                self.value(id);
                // A `raise`, `exit` or `abort` as a statement of its own leaves.
                let left = self.trace.halts.get(halts).is_some_and(|halt| halt.condition == self.path);
                if left { Flow::Stopped } else { Flow::On }
            }
        }
    }

    /// Runs one branch or, where the condition is open, both.
    fn branch(&mut self, condition: NodeId, then: &[NodeId], otherwise: &[NodeId]) -> Flow {
        let value = self.value(condition);
        match self.decide(&value, condition) {
            Truth::Known(true) => self.statements(then),
            Truth::Known(false) => self.statements(otherwise),
            Truth::Open(clause) => {
                let implied = implied(value.under(&self.path));
                let yes = |run: &mut Self| {
                    run.path = run.path.and(&implied).unwrap_or_else(|| run.path.clone());
                    run.assuming(condition, true, |run| run.statements(then))
                };
                self.fork(clause, yes, |run| run.assuming(condition, false, |run| run.statements(otherwise)))
            }
        }
    }

    /// Runs a branch in which the variables that its condition tests hold what makes it true, or false.
    fn assuming<T>(&mut self, condition: NodeId, holds: bool, body: impl FnOnce(&mut Self) -> T) -> T {
        let mut narrowed = Vec::new();
        self.narrow(condition, holds, &mut narrowed);
        let result = body(self);
        // Behind the branch, what it did not assign is what it was.
        for (name, before, within) in narrowed.into_iter().rev() {
            if self.locals.get(&name) == Some(&within) {
                self.locals.insert(name, before);
            }
        }
        result
    }

    /// Takes from the variables of a condition what it rules out; notes what each was and is.
    fn narrow(&mut self, condition: NodeId, holds: bool, narrowed: &mut Vec<(String, Value, Value)>) {
        match self.tree.kind(condition) {
            NodeKind::Paren(body) => {
                if let [only] = body.as_slice() {
                    self.narrow(*only, holds, narrowed);
                }
            }
            NodeKind::Not(inner) => self.narrow(*inner, !holds, narrowed),
            NodeKind::And(left, right) if holds => {
                self.narrow(*left, holds, narrowed);
                self.narrow(*right, holds, narrowed);
            }
            NodeKind::Or(left, right) if !holds => {
                self.narrow(*left, holds, narrowed);
                self.narrow(*right, holds, narrowed);
            }
            NodeKind::Variable(VariableScope::Local, name)
            | NodeKind::Assign { scope: VariableScope::Local, name, .. } => {
                let Some(before) = self.locals.get(name).cloned() else { return };
                let within = expression::keep(before.clone(), holds);
                if within != before {
                    self.locals.insert(name.clone(), within.clone());
                    narrowed.push((name.clone(), before, within));
                }
            }
            _ => {}
        }
    }

    /// Runs `yes` where the clause holds and `no` where it doesn't, then joins what they assigned.
    fn fork(
        &mut self,
        clause: Clause,
        yes: impl FnOnce(&mut Self) -> Flow,
        no: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        // Both ways keep every variable: that is what a branch costs.
        self.fuel = self.fuel.saturating_sub(self.locals.len() + self.globals.len());
        if self.fuel == 0 {
            self.trace.opaque = true;
            return Flow::On;
        }
        let before = self.path.clone();
        let saved = (self.locals.clone(), self.globals.clone());
        let when = Condition::when(clause.clone());
        let unless = Condition::when(clause.negated());
        self.path = before.and(&when).unwrap_or_else(|| when.clone());
        let yes_flow = yes(self);
        let yes_state = std::mem::replace(&mut self.locals, saved.0);
        let yes_globals = std::mem::replace(&mut self.globals, saved.1);
        self.path = before.and(&unless).unwrap_or_else(|| unless.clone());
        let no_flow = no(self);
        match (yes_flow, no_flow) {
            (Flow::Stopped, Flow::Stopped) => {
                self.path = before;
                Flow::Stopped
            }
            // The rest runs only where the branch that stays was taken: the path keeps its clause.
            (Flow::Stopped, Flow::On) => Flow::On,
            (Flow::On, Flow::Stopped) => {
                self.path = before.and(&when).unwrap_or(when);
                self.locals = yes_state;
                self.globals = yes_globals;
                Flow::On
            }
            (Flow::On, Flow::On) => {
                self.path = before;
                join(&mut self.locals, yes_state, &when, &unless);
                join(&mut self.globals, yes_globals, &when, &unless);
                Flow::On
            }
        }
    }

    /// `begin … rescue … ensure … end`, and its value.
    fn protected(
        &mut self,
        body: &[NodeId],
        rescues: &[RescueClause],
        otherwise: &[NodeId],
        ensure: &[NodeId],
    ) -> (Flow, Value) {
        if !rescues.is_empty() {
            let caught = rescues.iter().flat_map(|clause| self.caught(clause)).collect();
            self.rescues.push(caught);
        }
        let before = (self.locals.clone(), self.globals.clone());
        let (mut flow, mut value) = self.body(body);
        if !rescues.is_empty() {
            self.rescues.pop();
            // Anything in the body may have failed, at any point: both ways are open from here on.
            let failed = Clause { fact: Fact::Opaque(RESCUED.into()), holds: true };
            let (yes, no) = (Condition::when(failed.clone()), Condition::when(failed.negated()));
            let path = self.path.clone();
            let (mut locals, mut globals) = (
                std::mem::replace(&mut self.locals, before.0),
                std::mem::replace(&mut self.globals, before.1),
            );
            self.path = path.and(&yes).unwrap_or_default();
            self.in_rescue += 1;
            let rescued: Vec<Value> = rescues.iter().map(|clause| self.body(&clause.body).1).collect();
            self.in_rescue -= 1;
            self.path = path;
            join(&mut locals, std::mem::take(&mut self.locals), &yes, &no);
            join(&mut globals, std::mem::take(&mut self.globals), &yes, &no);
            (self.locals, self.globals) = (locals, globals);
            flow = Flow::On;
            let alternatives = rescued.into_iter().map(|value| (yes.clone(), value));
            value = Value::one_of(std::iter::once((no, value)).chain(alternatives));
        }
        self.statements(otherwise);
        self.statements(ensure);
        (flow, value)
    }

    /// Statements and the value of the last one.
    fn body(&mut self, statements: &[NodeId]) -> (Flow, Value) {
        let Some((&last, rest)) = statements.split_last() else { return (Flow::On, Value::Nil) };
        if self.statements(rest) == Flow::Stopped {
            return (Flow::Stopped, Value::Unknown("it returns early".into()));
        }
        match self.tree.kind(last) {
            NodeKind::Return(value) => {
                let value = value.map_or(Value::Nil, |value| self.value(value));
                (Flow::Stopped, value)
            }
            NodeKind::Def { .. } | NodeKind::Namespace { .. } => (self.statement(last), Value::Nil),
            _ => {
                self.see_filled_in(last);
                (Flow::On, self.value(last))
            }
        }
    }

    /// A statement that a template fills in may be any number of them.
    fn see_filled_in(&mut self, id: NodeId) {
        let NodeKind::Call { receiver: None, name, .. } = self.tree.kind(id) else { return };
        self.trace.opaque |= hole::has_hole(name);
    }

    /// The names of the classes that a `rescue` clause catches; `*` for what isn't a plain constant.
    fn caught(&self, clause: &RescueClause) -> Vec<String> {
        if clause.classes.is_empty() {
            return vec!["StandardError".into()];
        }
        clause.classes.iter().map(|id| self.constant_path(*id).unwrap_or_else(|| "*".into())).collect()
    }

    /// Which way a condition goes.
    fn decide(&self, value: &Value, condition: NodeId) -> Truth {
        let value = value.clone().under(&self.path);
        if let Some(truth) = value.truthy() {
            return Truth::Known(truth);
        }
        let words = || match self.tree.kind(condition) {
            // A template's own condition, or a value of it.
            NodeKind::Call { receiver: None, name, .. } if hole::has_hole(name) => {
                hole::settled(name).into_owned()
            }
            _ => self.words(condition),
        };
        let opaque = || Clause { fact: Fact::Opaque(words()), holds: true };
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        for (when, value) in value.alternatives() {
            match value.truthy() {
                Some(true) => yes.push(when),
                Some(false) => no.push(when),
                None => return self.open(opaque()),
            }
        }
        let single = |conditions: &[Condition]| match conditions {
            [only] => match only.clauses() {
                [clause] => Some(clause.clone()),
                _ => None,
            },
            _ => None,
        };
        let clause =
            single(&yes).or_else(|| single(&no).map(|clause| clause.negated())).unwrap_or_else(opaque);
        self.open(clause)
    }

    fn open(&self, clause: Clause) -> Truth {
        match self.path.decides(&clause) {
            Some(truth) => Truth::Known(truth),
            None => Truth::Open(clause),
        }
    }

    /// An expression as written, cut to a readable length.
    fn words(&self, id: NodeId) -> String {
        const LONGEST: usize = 60;
        let span = self.tree.span(id);
        let bytes = self.script.text.get(span.range()).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes).split_whitespace().collect::<Vec<_>>().join(" ");
        match text.char_indices().nth(LONGEST) {
            Some((cut, _)) => format!("{}…", &text[..cut]),
            None => text,
        }
    }

    /// Where a node stands in the config; for the code of another file, where the config called it.
    fn span(&self, id: NodeId) -> Span {
        self.site.map_or_else(|| self.tree.span(id), |(_, span)| span)
    }
}

/// A method that a file defines.
#[derive(Clone)]
struct Method<'a> {
    script: Script<'a>,
    path: Text,
    parameters: Vec<Parameter>,
    body: Vec<NodeId>,
    /// Whether it is known when each of its `return`s is reached.
    plain: bool,
}

/// Which way a condition goes.
enum Truth {
    Known(bool),
    Open(Clause),
}

/// What must hold for a value to be true: of its alternatives, that of the only one that isn't surely false.
fn implied(value: Value) -> Condition {
    let alternatives = value.alternatives();
    let mut possible = alternatives.iter().filter(|(_, value)| value.truthy() != Some(false));
    match (possible.next(), possible.next()) {
        (Some((when, _)), None) => when.clone(),
        _ => Condition::always(),
    }
}

/// Joins the variables of two ways that ran.
fn join(
    into: &mut HashMap<String, Value>,
    other: HashMap<String, Value>,
    other_when: &Condition,
    into_when: &Condition,
) {
    for (name, theirs) in other {
        let ours = into.get(&name).cloned().unwrap_or(Value::Nil);
        if ours != theirs {
            into.insert(name, Value::one_of([(into_when.clone(), ours), (other_when.clone(), theirs)]));
        }
    }
    // What only this way assigned is nil on the other; both maps start as copies, so nothing is lost.
}
