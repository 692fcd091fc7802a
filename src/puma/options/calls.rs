//! What one directive of a config comes to once all its calls were made.

use super::super::evaluate::{Call, Trace, paths};
use crate::model::{Clause, Condition, Fact, Span, Text, Value};

/// An option's value and the last call that set it.
#[derive(Debug, Clone)]
pub struct OptionValue {
    /// The value; nil where no call is made.
    pub value: Value,
    /// The argument (or the call, where there is none) that decided last.
    pub span: Span,
}

/// What a directive's first argument comes to when the last call wins; `default` stands in for a missing argument.
pub fn last(trace: &Trace, directive: &str, default: Value) -> Option<OptionValue> {
    let mut option: Option<OptionValue> = None;
    for call in trace.calls.iter().filter(|call| call.name == directive && !call.splat) {
        let (value, span) = match call.arguments.first() {
            Some(argument) => (argument.value.clone(), argument.span),
            None => (default.clone(), call.span),
        };
        let before = option.map_or(Value::Nil, |option| option.value);
        option = Some(OptionValue { value: unless_reached(call, value, before), span });
    }
    option
}

/// The value after a call that may not be reached.
fn unless_reached(call: &Call, value: Value, before: Value) -> Value {
    match call.condition.clauses() {
        [] => value,
        [only] => Value::one_of([(call.condition.clone(), value), (Condition::when(only.negated()), before)]),
        _ => {
            let not = Clause { fact: Fact::Opaque(call.condition.to_string()), holds: false };
            Value::one_of([(call.condition.clone(), value), (Condition::when(not), before)])
        }
    }
}

/// Where a path option points: relative ones stand against `directory`, else against the working directory.
/// Each alternative is `None` where no file is named, or where it can't be told.
pub fn resolve(trace: &Trace, working_directory: &Text, path: &Value) -> Vec<Option<Text>> {
    let mut base = working_directory.clone();
    if let Some(directory) = last(trace, "directory", Value::Nil) {
        let expanded = match &directory.value {
            Value::Text(text) | Value::Path(text) => paths::expand(text, working_directory),
            _ => None,
        };
        base =
            expanded.unwrap_or_else(|| Text::from_iter([crate::model::Piece::Unknown("directory".into())]));
    }
    path.alternatives()
        .into_iter()
        .map(|(_, value)| match value {
            Value::Text(text) | Value::Path(text) => {
                Some(paths::expand(text, &base).unwrap_or_else(|| text.clone()))
            }
            Value::Nil => None,
            _ => Some(Text::from_iter([crate::model::Piece::Unknown("its value".into())])),
        })
        .collect()
}
