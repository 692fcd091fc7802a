//! The arguments of a call as the catalog judges them.

use crate::catalog::Argument;
use crate::model::{Condition, Value};

/// The most combinations of alternatives that are judged one by one.
const COMBINATIONS: usize = 32;

/// Every combination of what the values may be, with the condition of each. Combinations that can't be are left out;
/// where there are too many, each value that varies is unknown.
pub fn combinations(values: &[&Value]) -> Vec<(Condition, Vec<Value>)> {
    let mut all = vec![(Condition::always(), Vec::new())];
    for value in values {
        let mut next = Vec::new();
        for (condition, chosen) in &all {
            for (when, alternative) in value.alternatives() {
                if let Some(both) = condition.and(&when) {
                    let chosen: Vec<Value> = chosen.iter().chain([alternative]).cloned().collect();
                    next.push((both, chosen));
                }
            }
        }
        if next.len() > COMBINATIONS {
            let plain = |value: &&Value| match value {
                Value::OneOf(_) => Value::Unknown("one of many".into()),
                value => (*value).clone(),
            };
            return vec![(Condition::always(), values.iter().map(plain).collect())];
        }
        all = next;
    }
    all
}

/// Hands plain values to `judge` in the catalog's own form.
pub fn with_arguments<R>(values: &[Value], judge: impl FnOnce(&[Argument<'_>]) -> R) -> R {
    let lists: Vec<Vec<Argument<'_>>> = values
        .iter()
        .map(|value| match value {
            Value::Array(items) => items.iter().map(|item| argument(item)).collect(),
            _ => Vec::new(),
        })
        .collect();
    let hashes: Vec<Vec<(&str, Argument<'_>)>> = values.iter().map(pairs).collect();
    let arguments: Vec<Argument<'_>> = values
        .iter()
        .zip(lists.iter().zip(&hashes))
        .map(|(value, (list, hash))| match value {
            Value::Array(_) => Argument::List(list),
            Value::Hash(all) if all.len() == hash.len() => Argument::Hash(hash),
            value => argument(value),
        })
        .collect();
    judge(&arguments)
}

/// The pairs of a hash whose keys are known; nested collections stay unknown.
fn pairs(value: &Value) -> Vec<(&str, Argument<'_>)> {
    let Value::Hash(pairs) = value else { return Vec::new() };
    pairs
        .iter()
        .filter_map(|(key, value)| match key {
            Value::Sym(name) => Some((name.as_str(), argument(value))),
            Value::Text(text) => Some((text.as_known()?, argument(value))),
            _ => None,
        })
        .collect()
}

fn argument(value: &Value) -> Argument<'_> {
    match value {
        Value::Nil => Argument::Nil,
        Value::Bool(value) => Argument::Boolean(*value),
        Value::Int(value) => Argument::Integer(*value),
        Value::Float(value) => Argument::Float(*value),
        Value::Sym(name) => Argument::Symbol(name),
        Value::Text(text) | Value::Path(text) => text.as_known().map_or(Argument::Unknown, Argument::Text),
        _ => Argument::Unknown,
    }
}
