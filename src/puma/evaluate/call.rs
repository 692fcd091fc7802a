//! Method calls: Ruby's own, the file's, and those that reach Puma's DSL.

use super::class_methods::to_path;
use super::{Argument, Block, CALL_DEPTH, Call, Flow, Halt, Method, ModuleCall, Require, Run, methods};
use crate::catalog;
use crate::model::{Clause, Fact, Value, hole};
use crate::puma::ruby_library;
use crate::ruby::{NodeId, NodeKind, ParameterKind};

/// Methods of `Kernel` and `Object` that a config may call without a receiver; none is a directive.
const KERNEL: &[&str] = &[
    "Array",
    "Float",
    "Hash",
    "Integer",
    "Rational",
    "String",
    "__dir__",
    "__method__",
    "at_exit",
    "autoload",
    "binding",
    "block_given?",
    "caller",
    "catch",
    "class",
    "display",
    "dup",
    "eval",
    "exec",
    "extend",
    "fork",
    "format",
    "freeze",
    "gem",
    "gets",
    "global_variables",
    "inspect",
    "instance_eval",
    "instance_exec",
    "instance_variable_get",
    "instance_variable_set",
    "is_a?",
    "itself",
    "lambda",
    "load",
    "local_variables",
    "loop",
    "method",
    "methods",
    "nil?",
    "object_id",
    "open",
    "p",
    "pp",
    "print",
    "printf",
    "private",
    "proc",
    "public_send",
    "putc",
    "puts",
    "rand",
    "readlines",
    "require",
    "require_relative",
    "respond_to?",
    "select",
    "send",
    "set_trace_func",
    "singleton_class",
    "sleep",
    "spawn",
    "sprintf",
    "srand",
    "syscall",
    "system",
    "tap",
    "test",
    "then",
    "trap",
    "untrace_var",
    "warn",
    "yield_self",
    "define_method",
    "define_singleton_method",
    "instance_variable_defined?",
    "instance_variables",
    "__send__",
    "__id__",
    "hash",
    "to_s",
    "to_enum",
    "trace_var",
    "`",
    "alias_method",
    "public",
    "include",
    "using",
    "attr_accessor",
    "attr_reader",
    "raise",
    "fail",
    "exit",
    "exit!",
    "abort",
    "throw",
    "kind_of?",
    "instance_of?",
    "equal?",
    "frozen?",
    "==",
    "!=",
];

/// Ways to leave.
const HALTS: &[&str] = &["raise", "fail", "exit", "exit!", "abort"];

/// Calls after which the DSL may have methods that we cannot see.
const OPAQUE: &[&str] = &["eval", "instance_eval", "extend", "include", "using", "define_singleton_method"];

/// What Puma says of the machine it runs on: MRI on Linux.
const ANSWERS: &[(&str, bool)] =
    &[("forkable?", true), ("mri?", true), ("jruby?", false), ("windows?", false), ("osx?", false)];

/// Blocks that run at once, once, in the config's own `self`.
const RUNS_ONCE: &[&str] = &["tap", "then", "yield_self", "catch", "instance_eval", "instance_exec"];

impl<'a> Run<'a> {
    pub(super) fn call(&mut self, id: NodeId) -> Value {
        let tree = self.tree;
        let NodeKind::Call { receiver, name, args, block, safe, .. } = tree.kind(id) else {
            return self.unknown(id);
        };
        match receiver {
            Some(receiver) if matches!(tree.kind(*receiver), NodeKind::SelfRef) => {
                self.own_call(id, name, args, *block)
            }
            Some(receiver) => self.call_on(id, *receiver, name, args, *block, *safe),
            None => self.own_call(id, name, args, *block),
        }
    }

    /// A call on the config's own `self`.
    fn own_call(&mut self, id: NodeId, name: &str, args: &[NodeId], block: Option<NodeId>) -> Value {
        if let Some(method) = self.methods.get(name).cloned() {
            return self.inline(id, &method, args);
        }
        if matches!(name, "send" | "public_send" | "__send__") {
            let target = match args.first().map(|first| self.value(*first)) {
                Some(Value::Sym(target)) => Some(target),
                Some(value) => value.as_str().map(str::to_owned),
                None => None,
            };
            if let Some(target) = target {
                return self.directive(id, &target, &args[1..], block);
            }
            self.trace.opaque = true;
            return self.unknown(id);
        }
        // The catalog wins over Kernel: `load` and `quiet` are directives of some releases.
        if KERNEL.contains(&name) && !(self.setting.has_directive)(name) {
            return self.kernel(id, name, args, block);
        }
        self.directive(id, name, args, block)
    }

    /// A method of the file: its body runs here, with its parameters bound.
    fn inline(&mut self, id: NodeId, method: &Method<'a>, args: &[NodeId]) -> Value {
        let values: Vec<Value> = args.iter().map(|arg| self.value(*arg)).collect();
        if self.depth >= CALL_DEPTH {
            return self.unknown(id);
        }
        self.depth += 1;
        let outer = std::mem::take(&mut self.locals);
        let caller = self.enter(id, method.script, &method.path);
        for (at, parameter) in method.parameters.iter().enumerate() {
            let value = match (parameter.kind, values.get(at), parameter.default) {
                (ParameterKind::Required | ParameterKind::Optional, Some(value), _) => value.clone(),
                (ParameterKind::Optional, None, Some(default)) => self.value(default),
                _ => Value::Unknown(format!("the argument `{}`", parameter.name)),
            };
            self.locals.insert(parameter.name.clone(), value);
        }
        let value = self.method_body(&method.body, method.plain);
        self.leave(caller);
        self.locals = outer;
        self.depth -= 1;
        value
    }

    /// Records a call that reaches the DSL.
    fn directive(&mut self, id: NodeId, name: &str, args: &[NodeId], block: Option<NodeId>) -> Value {
        let tree = self.tree;
        let NodeKind::Call { receiver, name_span, parens, .. } = tree.kind(id) else {
            return self.unknown(id);
        };
        // A name that a template fills in may be anything.
        if hole::has_hole(name) {
            args.iter().for_each(|arg| drop(self.value(*arg)));
            return Value::Unknown(format!("a template decides it: `{}`", hole::settled(name)));
        }
        let mut arguments = Vec::new();
        let mut splat = false;
        let mut passed = None;
        for arg in args {
            match tree.kind(*arg) {
                NodeKind::Splat(inner) => match inner.map(|inner| self.value(inner)) {
                    Some(Value::Array(items)) => {
                        let span = self.span(*arg);
                        arguments.extend(items.into_iter().map(|value| Argument {
                            value,
                            span,
                            keywords: false,
                        }));
                    }
                    _ => splat = true,
                },
                NodeKind::BlockPass(inner) => {
                    passed = Some(inner.map_or(Value::Unknown("a block".into()), |inner| self.value(inner)));
                }
                kind => {
                    let keywords = matches!(kind, NodeKind::Hash { braces: false, .. });
                    arguments.push(Argument { value: self.value(*arg), span: self.span(*arg), keywords });
                }
            }
        }
        let given = match (block.map(|block| (block, tree.kind(block))), passed) {
            (Some((block, NodeKind::Block { parameters, .. })), _) => {
                Block::Literal { parameters: parameters.clone(), span: self.span(block) }
            }
            (_, Some(Value::Nil)) | (_, None) => Block::None,
            (_, Some(value)) => Block::Passed(value),
        };
        let bare = receiver.is_none() && args.is_empty() && !parens && block.is_none();
        if self.is_main {
            // There it is no directive.
            return self.unknown(id);
        }
        self.trace.calls.push(Call {
            node: self.site.map_or(id, |(node, _)| node),
            name: name.to_owned(),
            name_span: self.site.map_or(*name_span, |(_, span)| span),
            span: self.span(id),
            bare,
            arguments,
            splat,
            block: given,
            condition: self.path.clone(),
            rescued: self.rescued(),
            in_rescue: self.in_rescue > 0,
        });
        let own_plugin = || {
            let first = self.trace.calls.last().and_then(|call| call.arguments.first());
            first.is_some_and(|argument| match &argument.value {
                Value::Sym(name) => catalog::plugin(name).is_some(),
                value => value.as_str().and_then(catalog::plugin).is_some(),
            })
        };
        // The plugin of a gem is other people's code, at once.
        if name == "plugin" && !own_plugin() {
            self.note_code();
        }
        // `inject do` runs at once.
        if let (Some(block), "inject") = (block, name)
            && let NodeKind::Block { body, .. } = tree.kind(block)
        {
            self.statements(body);
        }
        // Puma 8's `cluster do` and `single do` hold directives; every other block is another time, another `self`.
        if let (Some(block), "cluster" | "single") = (block, name) {
            self.block_under(block, Clause { fact: Fact::Opaque(super::mode_block(name)), holds: true });
        }
        self.unknown(id)
    }

    /// Runs a block's body under a further clause.
    fn block_under(&mut self, block: NodeId, clause: Clause) {
        let tree = self.tree;
        if let NodeKind::Block { body, .. } = tree.kind(block) {
            self.fork(clause, |run| run.statements(body), |_| Flow::On);
        }
    }

    /// Ruby's own methods.
    pub(super) fn kernel(&mut self, id: NodeId, name: &str, args: &[NodeId], block: Option<NodeId>) -> Value {
        let values: Vec<Value> = args.iter().map(|arg| self.value(*arg)).collect();
        if OPAQUE.contains(&name) {
            self.trace.opaque = true;
        }
        if HALTS.contains(&name) {
            self.trace.halts.push(Halt {
                name: name.to_owned(),
                span: self.span(id),
                argument: values.first().cloned(),
                condition: self.path.clone(),
                rescued: self.rescued(),
            });
            return self.unknown(id);
        }
        match (name, values.as_slice()) {
            ("__dir__", []) => return Value::Text(self.config_folder()),
            ("require" | "require_relative" | "load", [feature]) => {
                let standard = name == "require" && feature.as_str().is_some_and(ruby_library::is_standard);
                let followed = name == "require_relative"
                    && feature.as_str().is_some_and(|feature| self.require_relative(id, feature));
                self.loaded |= !standard && !followed;
                if !followed {
                    self.note_feature(feature);
                }
                if let Some(feature) = feature.as_str() {
                    self.trace.requires.push(Require {
                        feature: feature.to_owned(),
                        span: self.span(id),
                        condition: self.path.clone(),
                        rescued: self.rescued(),
                    });
                }
                return Value::Bool(true);
            }
            ("respond_to?", [Value::Sym(method), ..]) => {
                return Value::Bool(
                    self.methods.contains_key(method) || (self.setting.has_directive)(method),
                );
            }
            ("respond_to?", [text, ..]) => {
                if let Some(method) = text.as_str() {
                    return Value::Bool(
                        self.methods.contains_key(method) || (self.setting.has_directive)(method),
                    );
                }
            }
            ("lambda" | "proc", _) => {
                return block.map_or(self.unknown(id), |block| self.proc_shape(block, name == "lambda"));
            }
            ("Integer", [value, ..]) => return value.clone().map(methods::integer),
            ("Float", [value, ..]) => return value.clone().map(methods::float),
            ("String", [value]) => {
                return methods::method(value.clone(), "to_s", &[]).unwrap_or(self.unknown(id));
            }
            ("Array", [Value::Array(items)]) => return Value::Array(items.clone()),
            ("Array", [Value::Nil]) => return Value::Array(Vec::new()),
            ("define_method" | "define_singleton_method", [Value::Sym(method), ..]) => {
                self.trace.methods.insert(method.clone());
            }
            ("nil?", []) => return Value::Bool(false),
            ("is_a?" | "kind_of?" | "instance_of?", _) => return self.unknown(id),
            _ => {}
        }
        if let Some(block) = block {
            self.perhaps_later(name, |run| run.run_block(id, name, block, None));
        }
        match name {
            "puts" | "print" | "p" | "warn" | "printf" | "pp" | "putc" => Value::Nil,
            _ => self.unknown(id),
        }
    }

    /// Runs the body of a block whose method isn't a directive.
    fn run_block(&mut self, id: NodeId, name: &str, block: NodeId, items: Option<&[Value]>) {
        /// The most turns of a loop that are walked one by one.
        const TURNS: usize = 16;
        let tree = self.tree;
        let NodeKind::Block { parameters, body, .. } = tree.kind(block) else { return };
        let saved: Vec<_> =
            parameters.iter().map(|p| (p.name.clone(), self.locals.get(&p.name).cloned())).collect();
        match items {
            Some(items) if items.len() <= TURNS && name == "each" => {
                for item in items {
                    for (at, parameter) in parameters.iter().enumerate() {
                        let value = match (parameters.len(), item) {
                            (1, item) => item.clone(),
                            (_, Value::Array(parts)) => parts.get(at).cloned().unwrap_or(Value::Nil),
                            _ => Value::Unknown(format!("the block's `{}`", parameter.name)),
                        };
                        self.locals.insert(parameter.name.clone(), value);
                    }
                    if self.statements(body) == Flow::Stopped {
                        break;
                    }
                }
            }
            _ => {
                for parameter in parameters {
                    let reason = format!("the block's `{}`", parameter.name);
                    self.locals.insert(parameter.name.clone(), Value::Unknown(reason));
                }
                if RUNS_ONCE.contains(&name) {
                    self.statements(body);
                } else {
                    self.repeated(id, body);
                }
            }
        }
        for (name, value) in saved {
            match value {
                Some(value) => self.locals.insert(name, value),
                None => self.locals.remove(&name),
            };
        }
    }

    /// A call with a receiver other than `self`.
    fn call_on(
        &mut self,
        id: NodeId,
        receiver: NodeId,
        name: &str,
        args: &[NodeId],
        block: Option<NodeId>,
        safe: bool,
    ) -> Value {
        if self.is_env(receiver) {
            return self.env(id, name, args, block);
        }
        if let Some(value) = self.rails_method(receiver, name, args) {
            return value;
        }
        if let Some(path) = self.constant_path(receiver)
            && let Some(value) = self.class_method(id, &path, name, args)
        {
            return value;
        }
        if let Some(path) =
            self.constant_path(receiver).filter(|path| path == "Puma" || path.starts_with("Puma::"))
        {
            self.trace.module_calls.push(ModuleCall {
                name: format!("{path}.{name}"),
                span: self.span(id),
                condition: self.path.clone(),
                rescued: self.rescued(),
            });
            if let ("Puma", Some((_, answer))) =
                (path.as_str(), ANSWERS.iter().find(|(asked, _)| *asked == name))
            {
                return Value::Bool(*answer);
            }
        }
        // `Dotenv.load`, `Bundler.require`, `Figaro.load`: other people's code, at once.
        if matches!(name, "load" | "load!" | "require" | "overload" | "overload!")
            && self.constant_path(receiver).is_some()
        {
            self.loaded = true;
            self.note_code();
        }
        let on = self.value(receiver);
        let values: Vec<Value> = args.iter().map(|arg| self.value(*arg)).collect();
        if let Some(block) = block {
            let items = match &on {
                Value::Array(items) => Some(items.clone()),
                _ => None,
            };
            self.perhaps_later(name, |run| run.run_block(id, name, block, items.as_deref()));
            return match name {
                "each" | "tap" => on,
                _ => self.unknown(id),
            };
        }
        if let ("[]=", Some((value, _))) = (name, values.split_last()) {
            return value.clone();
        }
        if let ("<<", [value]) = (name, values.as_slice()) {
            let changed = methods::binary(on, "+", value.clone());
            if let NodeKind::Variable(scope, variable) = self.tree.kind(receiver) {
                let (scope, variable) = (*scope, variable.clone());
                self.assign(scope, &variable, changed.clone());
            }
            return changed;
        }
        if matches!(name, "join" | "expand_path") && matches!(on, Value::Path(_)) {
            return self.pathname(id, on, name, &values);
        }
        if values.len() == 1
            && let Some(value) = methods::binary_known(&on, name, &values[0])
        {
            return value;
        }
        if let Some(value) = self.inquiry(&on, name, &values) {
            return value;
        }
        let words = self.words(id);
        on.map(|on| {
            if safe && on == Value::Nil {
                return Value::Nil;
            }
            methods::method(on, name, &values).unwrap_or_else(|| Value::Unknown(words.clone()))
        })
    }

    fn pathname(&mut self, id: NodeId, on: Value, name: &str, values: &[Value]) -> Value {
        let mut path = on;
        if name == "expand_path" {
            return self.expand_path(id, &path, values.first()).map(to_path);
        }
        for value in values {
            path = methods::binary(path, "+", value.clone());
        }
        path
    }
}
