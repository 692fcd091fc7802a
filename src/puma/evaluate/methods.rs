//! Methods and operators of plain values, as Ruby defines them.

use std::cmp::Ordering;

use super::expression::combine;
use super::paths;
use crate::catalog::Version;
use crate::model::{Clause, Condition, Fact, Piece, Text, Value, hole};

/// `Integer(x)`: what raises, and what isn't known, is unknown.
pub fn integer(value: Value) -> Value {
    match &value {
        Value::Int(_) => value,
        Value::Float(float) => Value::Int(*float as i64),
        Value::Text(text) => match text.as_known().map(parse_integer) {
            Some(Some(number)) => Value::Int(number),
            _ => Value::Unknown(format!("Integer({})", describe(text))),
        },
        // What a template decides is said by its own words.
        Value::Unknown(reason) if hole::has_hole(reason) => value,
        _ => Value::Unknown("Integer(…)".into()),
    }
}

/// `Float(x)`
pub fn float(value: Value) -> Value {
    match &value {
        Value::Float(_) => value,
        Value::Int(int) => Value::Float(*int as f64),
        Value::Text(text) => match text.as_known().and_then(|text| text.trim().parse().ok()) {
            Some(number) => Value::Float(number),
            None => Value::Unknown(format!("Float({})", describe(text))),
        },
        Value::Unknown(reason) if hole::has_hole(reason) => value,
        _ => Value::Unknown("Float(…)".into()),
    }
}

/// What `Integer()` reads: blanks around, a sign, `_` between digits, the prefixes `0x`, `0b`, `0o`, `0`.
pub fn parse_integer(text: &str) -> Option<i64> {
    let text = text.trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_str() {
        d if d.starts_with("0x") => (16, &lower[2..]),
        d if d.starts_with("0b") => (2, &lower[2..]),
        d if d.starts_with("0o") => (8, &lower[2..]),
        d if d.starts_with("0d") => (10, &lower[2..]),
        d if d.len() > 1 && d.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    let digits = digits.strip_prefix('_').filter(|_| radix == 8).unwrap_or(digits);
    if digits.is_empty()
        || digits.starts_with(['_', '+', '-'])
        || digits.ends_with('_')
        || digits.contains("__")
    {
        return None;
    }
    let number = i64::from_str_radix(&digits.replace('_', ""), radix).ok()?;
    Some(if negative { -number } else { number })
}

/// What `to_i` reads: the digits at the start, else 0.
fn leading_integer(text: &str) -> i64 {
    let text = text.trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits: String =
        digits.chars().take_while(|c| c.is_ascii_digit() || *c == '_').filter(|c| *c != '_').collect();
    sign * digits.parse::<i64>().unwrap_or(0)
}

fn describe(text: &Text) -> String {
    match text.pieces() {
        [Piece::Env(name)] => format!("ENV[\"{name}\"]"),
        [Piece::Hole(hole)] => hole.clone(),
        _ => match text.as_known() {
            Some(known) => format!("{known:?}"),
            None => "a text that isn't known".into(),
        },
    }
}

/// A binary operator, over all alternatives.
pub fn binary(left: Value, operator: &str, right: Value) -> Value {
    binary_known(&left, operator, &right).unwrap_or_else(|| Value::Unknown(format!("… {operator} …")))
}

/// A binary operator; `None` when it isn't one, or not for these values.
pub fn binary_known(left: &Value, operator: &str, right: &Value) -> Option<Value> {
    if !matches!(
        operator,
        "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "===" | "eql?" | "<" | ">" | "<=" | ">=" | "<=>"
    ) {
        return None;
    }
    let operator = operator.to_owned();
    Some(combine(left.clone(), right.clone(), move |left, right| {
        plain_binary(&left, &operator, &right).unwrap_or_else(|| Value::Unknown(format!("… {operator} …")))
    }))
}

fn plain_binary(left: &Value, operator: &str, right: &Value) -> Option<Value> {
    use Value::{Array, Float, Int, Path, Text as Str, Version};
    Some(match (operator, left, right) {
        ("==" | "===" | "eql?", ..) => equal(left, right)?,
        ("!=", ..) => equal(left, right)?.map(|value| Value::Bool(value.truthy() == Some(false))),
        ("+", Str(a), Str(b)) => Str(a.concat(b)),
        ("+" | "/", Path(a), Str(b) | Path(b)) => Path(paths::append(a, b)?),
        ("+", Array(a), Array(b)) => Value::array(a.iter().chain(b).cloned().collect()),
        ("+", Array(a), b) => Value::array(a.iter().chain([b]).cloned().collect()),
        ("*", Str(a), Int(n)) => {
            let text = a.as_known()?;
            let times = usize::try_from(*n).ok().filter(|times| times.saturating_mul(text.len()) <= 4096)?;
            Value::text(text.repeat(times))
        }
        (_, Int(a), Int(b)) => match operator {
            "+" => Int(a.checked_add(*b)?),
            "-" => Int(a.checked_sub(*b)?),
            "*" => Int(a.checked_mul(*b)?),
            "/" if *b != 0 => Int(a.checked_div_euclid(*b).filter(|_| *b > 0)?),
            "%" if *b > 0 => Int(a.rem_euclid(*b)),
            _ => compare(operator, a.cmp(b))?,
        },
        (_, Float(_) | Int(_), Float(_) | Int(_)) => {
            let (a, b) = (as_float(left)?, as_float(right)?);
            match operator {
                "+" => Float(a + b),
                "-" => Float(a - b),
                "*" => Float(a * b),
                "/" => Float(a / b),
                _ => compare(operator, a.partial_cmp(&b)?)?,
            }
        }
        (_, Version(a), Version(b)) => compare(operator, versions(a, b))?,
        (_, Version(a), Str(b)) => compare(operator, versions(a, b.as_known()?))?,
        (_, Str(a), Str(b)) => compare(operator, a.as_known()?.cmp(b.as_known()?))?,
        _ => return None,
    })
}

fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(int) => Some(*int as f64),
        Value::Float(float) => Some(*float),
        _ => None,
    }
}

fn compare(operator: &str, order: Ordering) -> Option<Value> {
    Some(Value::Bool(match operator {
        "<" => order.is_lt(),
        ">" => order.is_gt(),
        "<=" => order.is_le(),
        ">=" => order.is_ge(),
        "<=>" => return Some(Value::Int(order as i64)),
        _ => return None,
    }))
}

/// The order of two gem versions.
fn versions(a: &str, b: &str) -> Ordering {
    let version = |text: &str| text.parse::<Version>().unwrap_or_default();
    version(a).cmp(&version(b))
}

/// `==`. An environment variable against a known text is a fact of its own.
fn equal(left: &Value, right: &Value) -> Option<Value> {
    let against = |name: &str, text: &str| {
        let clause = Clause { fact: Fact::EnvIs(name.to_owned(), text.to_owned()), holds: true };
        Value::one_of([
            (Condition::when(clause.clone()), Value::Bool(true)),
            (Condition::when(clause.negated()), Value::Bool(false)),
        ])
    };
    match (left, right) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => None,
        (Value::Version(a), Value::Version(b)) => Some(Value::Bool(versions(a, b).is_eq())),
        (Value::Text(a), Value::Text(b)) => match (a.pieces(), b.pieces()) {
            ([Piece::Env(name)], _) if b.as_known().is_some() => Some(against(name, b.as_known()?)),
            (_, [Piece::Env(name)]) if a.as_known().is_some() => Some(against(name, a.as_known()?)),
            _ if a == b && a.is_comparable() => Some(Value::Bool(true)),
            _ => Some(Value::Bool(a.as_known()? == b.as_known()?)),
        },
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            Some(Value::Bool(as_float(left) == as_float(right)))
        }
        (Value::Array(_) | Value::Hash(_), Value::Array(_) | Value::Hash(_)) => {
            if left == right && !format!("{left:?}").contains("Unknown") {
                Some(Value::Bool(true))
            } else {
                None
            }
        }
        (a, b) => Some(Value::Bool(a == b)),
    }
}

/// A method of a plain value. `None` when it isn't modelled, or depends on a hole.
pub fn method(on: Value, name: &str, args: &[Value]) -> Option<Value> {
    if let (Value::Unknown(_), "to_s" | "to_i" | "to_sym" | "freeze" | "dup") = (&on, name) {
        return Some(on);
    }
    match (name, args) {
        ("nil?", []) if !matches!(on, Value::Unknown(_)) => return Some(Value::Bool(on == Value::Nil)),
        ("freeze" | "dup" | "clone" | "itself" | "-@" | "+@", [])
            if matches!(on, Value::Text(_) | Value::Array(_)) =>
        {
            return Some(on);
        }
        ("freeze", []) => return Some(on),
        ("!", []) => return Some(Value::Bool(!on.truthy()?)),
        ("present?", []) => return Some(Value::Bool(!blank(&on)?)),
        ("blank?", []) => return Some(Value::Bool(blank(&on)?)),
        ("presence", []) => return Some(if blank(&on)? { Value::Nil } else { on }),
        _ => {}
    }
    match on {
        Value::Text(text) => of_text(&text, name, args),
        Value::Path(text) => of_path(&text, name, args),
        Value::Int(int) => of_int(int, name, args),
        Value::Float(float) => match (name, args) {
            ("to_i" | "to_int" | "floor", []) => Some(Value::Int(float.floor() as i64)),
            ("ceil", []) => Some(Value::Int(float.ceil() as i64)),
            ("round", []) => Some(Value::Int(float.round() as i64)),
            ("to_f", []) => Some(Value::Float(float)),
            _ => None,
        },
        Value::Sym(symbol) => match (name, args) {
            ("to_s" | "name" | "id2name", []) => Some(Value::text(symbol)),
            ("to_sym", []) => Some(Value::Sym(symbol)),
            _ => None,
        },
        Value::Nil => match (name, args) {
            ("to_s", []) => Some(Value::text("")),
            ("to_i", []) => Some(Value::Int(0)),
            ("to_f", []) => Some(Value::Float(0.0)),
            ("to_a", []) => Some(Value::Array(Vec::new())),
            _ => None,
        },
        Value::Bool(value) => match (name, args) {
            ("to_s", []) => Some(Value::text(value.to_string())),
            _ => None,
        },
        Value::Array(items) => of_array(items, name, args),
        Value::Hash(pairs) => match (name, args) {
            ("[]" | "fetch" | "dig", [key]) => match pairs.iter().find(|(k, _)| k == key) {
                Some((_, value)) => Some(value.clone()),
                None if name == "fetch" => None,
                None => Some(Value::Nil),
            },
            _ => None,
        },
        Value::Version(version) => match (name, args) {
            ("to_s" | "version", []) => Some(Value::text(version)),
            ("segments", []) => Some(Value::Array(
                version.split('.').filter_map(|s| s.parse().ok()).map(Value::Int).collect(),
            )),
            _ => None,
        },
        _ => None,
    }
}

/// `blank?` of Active Support. `None` when it depends on a hole.
fn blank(value: &Value) -> Option<bool> {
    Some(match value {
        Value::Nil | Value::Bool(false) => true,
        Value::Text(text) => text.as_known()?.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Hash(pairs) => pairs.is_empty(),
        Value::Unknown(_) | Value::OneOf(_) => return None,
        _ => false,
    })
}

fn of_text(text: &Text, name: &str, args: &[Value]) -> Option<Value> {
    if let ("to_s" | "to_str", []) = (name, args) {
        return Some(Value::Text(text.clone()));
    }
    if let ("start_with?", [prefix]) = (name, args) {
        let (start, prefix) = (text.known_start(), prefix.as_str()?);
        return match text.as_known() {
            Some(known) => Some(Value::Bool(known.starts_with(prefix))),
            None => (start.len() >= prefix.len()).then(|| Value::Bool(start.starts_with(prefix))),
        };
    }
    let known = text.as_known()?;
    let argument = args.first().and_then(Value::as_str);
    Some(match (name, args.len(), argument) {
        ("to_i", 0, _) => Value::Int(leading_integer(known)),
        ("to_f", 0, _) => Value::Float(known.trim().parse().ok()?),
        ("to_sym" | "intern", 0, _) => Value::Sym(known.to_owned()),
        ("strip", 0, _) => Value::text(known.trim()),
        ("chomp", 0, _) => Value::text(known.strip_suffix('\n').unwrap_or(known)),
        ("upcase", 0, _) => Value::text(known.to_uppercase()),
        ("downcase", 0, _) => Value::text(known.to_lowercase()),
        ("capitalize", 0, _) => {
            let mut letters = known.chars();
            let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
            Value::text(first + &letters.as_str().to_lowercase())
        }
        ("empty?", 0, _) => Value::Bool(known.is_empty()),
        ("length" | "size", 0, _) => Value::Int(i64::try_from(known.chars().count()).ok()?),
        ("end_with?", 1, Some(suffix)) => Value::Bool(known.ends_with(suffix)),
        ("include?", 1, Some(part)) => Value::Bool(known.contains(part)),
        ("casecmp?", 1, Some(other)) => Value::Bool(known.to_lowercase() == other.to_lowercase()),
        ("delete_suffix" | "chomp", 1, Some(suffix)) => {
            Value::text(known.strip_suffix(suffix).unwrap_or(known))
        }
        ("delete_prefix", 1, Some(prefix)) => Value::text(known.strip_prefix(prefix).unwrap_or(known)),
        ("split", 1, Some(separator)) if !separator.is_empty() => {
            Value::Array(known.split(separator).map(Value::text).collect())
        }
        _ => return None,
    })
}

fn of_path(text: &Text, name: &str, args: &[Value]) -> Option<Value> {
    match (name, args) {
        ("to_s" | "to_path" | "to_str", []) => Some(Value::Text(text.clone())),
        ("dirname" | "parent", []) => paths::dirname(text).map(Value::Path),
        ("basename", []) => paths::basename(text).map(|name| Value::Path(Text::known(name))),
        ("cleanpath", []) => paths::normalize(text).map(Value::Path),
        ("join", parts) => parts
            .iter()
            .try_fold(text.clone(), |path, part| match part {
                Value::Text(part) | Value::Path(part) => paths::append(&path, part),
                _ => None,
            })
            .map(Value::Path),
        _ => None,
    }
}

fn of_int(int: i64, name: &str, args: &[Value]) -> Option<Value> {
    Some(match (name, args) {
        ("to_i" | "to_int" | "floor" | "ceil" | "round", []) => Value::Int(int),
        ("to_s", []) => Value::text(int.to_string()),
        ("to_f", []) => Value::Float(int as f64),
        ("zero?", []) => Value::Bool(int == 0),
        ("positive?", []) => Value::Bool(int > 0),
        ("negative?", []) => Value::Bool(int < 0),
        ("abs", []) => Value::Int(int.checked_abs()?),
        ("-@", []) => Value::Int(int.checked_neg()?),
        // Active Support's durations count seconds.
        ("second" | "seconds", []) => Value::Int(int),
        _ => return None,
    })
}

fn of_array(items: Vec<Value>, name: &str, args: &[Value]) -> Option<Value> {
    let int = |at: &Value| match at {
        Value::Int(at) => Some(*at),
        _ => None,
    };
    Some(match (name, args) {
        ("first", []) => items.first().cloned().unwrap_or(Value::Nil),
        ("last", []) => items.last().cloned().unwrap_or(Value::Nil),
        ("size" | "length" | "count", []) => Value::Int(i64::try_from(items.len()).ok()?),
        ("empty?", []) => Value::Bool(items.is_empty()),
        ("to_a", []) => Value::Array(items),
        ("compact", []) => {
            if items.iter().any(|item| matches!(item, Value::OneOf(_) | Value::Unknown(_))) {
                return None;
            }
            Value::Array(items.into_iter().filter(|item| *item != Value::Nil).collect())
        }
        ("[]" | "at" | "fetch", [at]) => {
            let at = int(at)?;
            let index = if at < 0 { i64::try_from(items.len()).ok()? + at } else { at };
            usize::try_from(index).ok().and_then(|index| items.get(index)).cloned().unwrap_or(Value::Nil)
        }
        ("join", rest) => {
            let separator = match rest {
                [] => "",
                [separator] => separator.as_str()?,
                _ => return None,
            };
            let mut joined = Text::default();
            for (at, item) in items.into_iter().enumerate() {
                if at > 0 {
                    joined = joined.concat(&Text::known(separator));
                }
                match item {
                    Value::OneOf(_) | Value::Unknown(_) | Value::Array(_) => return None,
                    item => joined = joined.concat(&super::expression::as_text(item, "…")),
                }
            }
            Value::Text(joined)
        }
        ("include?", [wanted]) => {
            let mut doubt = false;
            for item in &items {
                match equal(item, wanted) {
                    Some(Value::Bool(true)) => return Some(Value::Bool(true)),
                    Some(Value::Bool(false)) => {}
                    _ => doubt = true,
                }
            }
            if doubt {
                return one_of_texts(&items, wanted);
            }
            Value::Bool(false)
        }
        ("max" | "min", []) => {
            let mut numbers = items.iter().map(int).collect::<Option<Vec<_>>>()?;
            numbers.sort_unstable();
            Value::Int(*if name == "max" { numbers.last() } else { numbers.first() }?)
        }
        ("sum", []) => Value::Int(items.iter().map(int).sum::<Option<i64>>()?),
        _ => return None,
    })
}

/// `%w[a b].include?(ENV["X"])`: true exactly when the variable is one of them.
fn one_of_texts(items: &[Value], wanted: &Value) -> Option<Value> {
    let Value::Text(text) = wanted else { return None };
    let [Piece::Env(name)] = text.pieces() else { return None };
    let [Value::Text(only)] = items else { return None };
    equal(&Value::Text(Text::from_iter([Piece::Env(name.clone())])), &Value::Text(only.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_ruby_reads_them() {
        for (text, number) in
            [("12", Some(12)), (" 1_0 ", Some(10)), ("0x1f", Some(31)), ("010", Some(8)), ("-3", Some(-3))]
        {
            assert_eq!(parse_integer(text), number, "{text}");
        }
        for text in ["", "2x", "1__0", "_1", "1_", "--1", "two", "2.5"] {
            assert_eq!(parse_integer(text), None, "{text}");
        }
        assert_eq!(leading_integer(" 12abc"), 12);
        assert_eq!(leading_integer("abc"), 0);
    }

    #[test]
    fn pathnames_join_with_slash_and_plus() {
        let base = Value::Path(Text::known("/srv/app"));
        assert_eq!(binary(base.clone(), "/", Value::text("tmp")), Value::Path(Text::known("/srv/app/tmp")));
        assert_eq!(
            method(base, "join", &[Value::text("a"), Value::text("b")]),
            Some(Value::Path(Text::known("/srv/app/a/b")))
        );
    }
}
