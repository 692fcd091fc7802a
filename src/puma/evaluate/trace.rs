//! What a run of a config saw.

use std::collections::BTreeSet;

use crate::model::{Condition, Span, Value};
use crate::ruby::{NodeId, Parameter};

/// Everything a config does, in order.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// The calls without a receiver that aren't Ruby's own or the file's.
    pub calls: Vec<Call>,
    /// The constants that are read.
    pub constants: Vec<ConstantUse>,
    /// The constants that aren't defined where they are read.
    pub undefined: Vec<Undefined>,
    /// The methods of Puma's own modules that are called.
    pub module_calls: Vec<ModuleCall>,
    /// Where it leaves on purpose.
    pub halts: Vec<Halt>,
    /// The methods that the file defines itself.
    pub methods: BTreeSet<String>,
    /// What it requires, as written.
    pub requires: Vec<Require>,
    /// Where the config runs code of other files: what is found in there is said here, and cannot be mended here.
    pub sites: Vec<Span>,
    /// Whether something may add directives that we cannot see (`eval`, a class body, `extend`).
    pub opaque: bool,
}

/// A call that reaches Puma's DSL.
#[derive(Debug, Clone)]
pub struct Call {
    /// The node, to edit it.
    pub node: NodeId,
    /// The method's name.
    pub name: String,
    /// The name as written.
    pub name_span: Span,
    /// The whole call.
    pub span: Span,
    /// `name` alone, without argument, parentheses, block or receiver: Ruby then speaks of a variable.
    pub bare: bool,
    /// The arguments, without a block. Bare keywords are one hash, the last.
    pub arguments: Vec<Argument>,
    /// Whether a splat hides how many arguments there are.
    pub splat: bool,
    /// The block.
    pub block: Block,
    /// When it is reached.
    pub condition: Condition,
    /// The exception classes that are rescued around it, as written; `*` for one that can't be read.
    pub rescued: Vec<String>,
    /// Whether it stands in a `rescue` clause, and so runs only after something failed.
    pub in_rescue: bool,
}

/// One argument of a call.
#[derive(Debug, Clone)]
pub struct Argument {
    /// Its value where the call stands.
    pub value: Value,
    /// Where it is written.
    pub span: Span,
    /// Whether it is bare keywords (`a: 1`) rather than a hash in braces.
    pub keywords: bool,
}

/// The block that a call is given.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// None.
    None,
    /// `do … end` or `{ … }`.
    Literal {
        /// Its parameters.
        parameters: Vec<Parameter>,
        /// From `do` to `end`.
        span: Span,
    },
    /// `&x`.
    Passed(Value),
}

/// A constant that is read.
#[derive(Debug, Clone)]
pub struct ConstantUse {
    /// The node, to edit around it.
    pub node: NodeId,
    /// Its path as written, `Puma::Const::VERSION`.
    pub path: String,
    /// Where.
    pub span: Span,
    /// When it is reached.
    pub condition: Condition,
    /// The exception classes that are rescued around it.
    pub rescued: Vec<String>,
}

/// A constant that isn't defined where it is read.
#[derive(Debug, Clone)]
pub struct Undefined {
    /// Where.
    pub span: Span,
    /// What Ruby says of it.
    pub words: String,
    /// When it is reached.
    pub condition: Condition,
    /// The exception classes that are rescued around it.
    pub rescued: Vec<String>,
}

/// A `require`, `require_relative` or `load`.
#[derive(Debug, Clone)]
pub struct Require {
    /// What is required, as written.
    pub feature: String,
    /// The whole call.
    pub span: Span,
    /// When it is reached.
    pub condition: Condition,
    /// The exception classes that are rescued around it.
    pub rescued: Vec<String>,
}

impl Require {
    /// Whether a surrounding `rescue` catches the `LoadError` of a missing file.
    pub fn is_rescued(&self) -> bool {
        catches(&self.rescued, "LoadError")
    }
}

/// A call of a method of one of Puma's modules.
#[derive(Debug, Clone)]
pub struct ModuleCall {
    /// As written: `Puma.forkable?`.
    pub name: String,
    /// The whole call.
    pub span: Span,
    /// When it is reached.
    pub condition: Condition,
    /// The exception classes that are rescued around it.
    pub rescued: Vec<String>,
}

/// A `raise`, `exit` or `abort`.
#[derive(Debug, Clone)]
pub struct Halt {
    /// `raise`, `exit`, `abort`, `fail`, `exit!`; `ENV.fetch` without a default.
    pub name: String,
    /// The whole call.
    pub span: Span,
    /// Its first argument.
    pub argument: Option<Value>,
    /// When it is reached.
    pub condition: Condition,
    /// The exception classes that are rescued around it.
    pub rescued: Vec<String>,
}

/// Whether a `rescue` of these classes catches an exception of class `raised`.
pub fn catches(rescued: &[String], raised: &str) -> bool {
    let ancestors: &[&str] = match raised {
        "NoMethodError" => &["NoMethodError", "NameError", "StandardError", "Exception"],
        "NameError" => &["NameError", "StandardError", "Exception"],
        "LoadError" => &["LoadError", "ScriptError", "Exception"],
        "SystemExit" => &["SystemExit", "Exception"],
        other => {
            return rescued
                .iter()
                .any(|c| c == other || matches!(c.as_str(), "StandardError" | "Exception" | "*"));
        }
    };
    rescued.iter().any(|class| class == "*" || ancestors.contains(&class.trim_start_matches("::")))
}

impl Call {
    /// Whether a surrounding `rescue` catches an exception of class `raised`.
    pub fn is_rescued_from(&self, raised: &str) -> bool {
        catches(&self.rescued, raised)
    }
}

impl Undefined {
    /// Whether a surrounding `rescue` catches the `NameError`.
    pub fn is_rescued(&self) -> bool {
        catches(&self.rescued, "NameError")
    }
}

impl ConstantUse {
    /// Whether a surrounding `rescue` catches the `NameError` that an unknown constant raises.
    pub fn is_rescued(&self) -> bool {
        catches(&self.rescued, "NameError")
    }
}
