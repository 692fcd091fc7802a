//! What an expression evaluates to, and what is not known about it.

use std::fmt;

use super::hole;

/// One thing that a condition rests on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fact {
    /// The environment variable is set.
    EnvSet(String),
    /// The environment variable has this value.
    EnvIs(String, String),
    /// An expression that cannot be evaluated here, as written.
    Opaque(String),
    /// Something about the machine or the process, in words for both ways.
    Told {
        /// When it is so: `the machine has an IPv6 address`.
        holds: &'static str,
        /// When it isn't.
        fails: &'static str,
    },
}

/// A fact that must hold, or must not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Clause {
    /// The fact.
    pub fact: Fact,
    /// Whether it must hold.
    pub holds: bool,
}

impl Clause {
    /// The clause that holds exactly when this one doesn't.
    pub fn negated(&self) -> Clause {
        Clause { fact: self.fact.clone(), holds: !self.holds }
    }

    /// Whether both can never hold together.
    fn excludes(&self, other: &Clause) -> bool {
        match (&self.fact, &other.fact) {
            (a, b) if a == b => self.holds != other.holds,
            (Fact::EnvIs(a, v), Fact::EnvIs(b, w)) => a == b && v != w && self.holds && other.holds,
            (Fact::EnvIs(a, _), Fact::EnvSet(b)) => a == b && self.holds && !other.holds,
            (Fact::EnvSet(a), Fact::EnvIs(b, _)) => a == b && !self.holds && other.holds,
            _ => false,
        }
    }

    /// Whether `other` holds whenever this does.
    fn implies(&self, other: &Clause) -> bool {
        self == other || self.excludes(&other.negated())
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.fact, self.holds) {
            (Fact::EnvSet(name), true) => write!(f, "ENV[\"{name}\"] is set"),
            (Fact::EnvSet(name), false) => write!(f, "ENV[\"{name}\"] is not set"),
            (Fact::EnvIs(name, value), true) => write!(f, "ENV[\"{name}\"] is \"{value}\""),
            (Fact::EnvIs(name, value), false) => write!(f, "ENV[\"{name}\"] is not \"{value}\""),
            (Fact::Told { holds, .. }, true) => f.write_str(holds),
            (Fact::Told { fails, .. }, false) => f.write_str(fails),
            (Fact::Opaque(text), true) => write!(f, "`{text}` holds"),
            (Fact::Opaque(text), false) => write!(f, "`{text}` does not hold"),
        }
    }
}

/// Clauses that hold together; none means always.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Condition(Vec<Clause>);

impl Condition {
    /// Always.
    pub fn always() -> Self {
        Self::default()
    }

    /// When one clause holds.
    pub fn when(clause: Clause) -> Self {
        Self(vec![clause])
    }

    /// Whether it holds whatever the world is like.
    pub fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    /// The clauses.
    pub fn clauses(&self) -> &[Clause] {
        &self.0
    }

    /// Both together; `None` when that can never be.
    pub fn and(&self, other: &Condition) -> Option<Condition> {
        let mut all = self.0.clone();
        for clause in &other.0 {
            if all.iter().any(|known| known.excludes(clause)) {
                return None;
            }
            if !all.iter().any(|known| known.implies(clause)) {
                all.retain(|known| !clause.implies(known));
                all.push(clause.clone());
            }
        }
        Some(Condition(all))
    }

    /// Changes every text in it.
    pub fn change_texts(&mut self, change: &mut dyn FnMut(&mut String)) {
        for clause in &mut self.0 {
            match &mut clause.fact {
                Fact::EnvSet(text) | Fact::Opaque(text) => change(text),
                Fact::EnvIs(name, value) => {
                    change(name);
                    change(value);
                }
                Fact::Told { .. } => {}
            }
        }
    }

    /// What it says beyond what holds anyway.
    pub fn beyond(&self, known: &Condition) -> Condition {
        Self(self.0.iter().filter(|clause| known.decides(clause) != Some(true)).cloned().collect())
    }

    /// Whether one further clause surely holds under it (`Some(true)`), surely not, or may.
    pub fn decides(&self, clause: &Clause) -> Option<bool> {
        if self.0.iter().any(|known| known.implies(clause)) {
            return Some(true);
        }
        self.0.iter().any(|known| known.excludes(clause)).then_some(false)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, clause) in self.0.iter().enumerate() {
            write!(f, "{}{clause}", if at == 0 { "" } else { " and " })?;
        }
        Ok(())
    }
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Known characters.
    Literal(String),
    /// The app's root on the server, when no launch says where that is. Stands first or nowhere.
    Root,
    /// What an environment variable holds, given that it is set.
    Env(String),
    /// What a template fills in: the hole, or what stands in it, once it is shown.
    Hole(String),
    /// Something else, with the reason why it isn't known.
    Unknown(String),
}

/// A text, perhaps with holes. Neighbouring literals are always one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Text(Vec<Piece>);

impl Text {
    /// A known text.
    pub fn known(text: impl Into<String>) -> Self {
        Self::from_iter([Piece::Literal(text.into())])
    }

    /// The pieces; none for the empty text.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The text if nothing of it is a hole.
    pub fn as_known(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The first known characters.
    pub fn known_start(&self) -> &str {
        match self.0.first() {
            Some(Piece::Literal(text)) => text,
            _ => "",
        }
    }

    /// Appends one piece. A text that grows beyond all reason becomes a hole.
    pub fn push(&mut self, piece: Piece) {
        if self.weight() > LONGEST {
            self.0 = vec![Piece::Unknown("a very long text".into())];
            return;
        }
        if let Piece::Literal(more) = &piece {
            if hole::has_hole(more) {
                return self.push_holes(&hole::settled(more));
            }
            if more.starts_with(hole::PADDING) {
                return self.push_rest_of_hole(more.trim_start_matches(hole::PADDING));
            }
        }
        match (self.0.last_mut(), piece) {
            (_, Piece::Literal(more)) if more.is_empty() => {}
            (Some(Piece::Literal(text)), Piece::Literal(more)) => text.push_str(&more),
            (Some(Piece::Unknown(_)), Piece::Unknown(_)) => {}
            (_, piece) => self.0.push(piece),
        }
    }

    /// Appends known characters and the holes among them.
    fn push_holes(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(hole::is_hole) {
            let end = at + rest[at..].chars().next().map_or(0, char::len_utf8);
            self.push(Piece::Literal(rest[..at].to_owned()));
            self.push(Piece::Hole(rest[at..end].to_owned()));
            rest = &rest[end..];
        }
        self.push(Piece::Literal(rest.to_owned()));
    }

    /// Appends what follows a hole over several lines, of which a parser made several texts.
    fn push_rest_of_hole(&mut self, text: &str) {
        if let [.., Piece::Hole(_), Piece::Literal(blank)] = self.0.as_slice()
            && blank.trim().is_empty()
        {
            self.0.pop();
        }
        self.push(Piece::Literal(text.to_owned()));
    }

    /// Whether a template fills in all of it.
    pub fn is_hole(&self) -> bool {
        matches!(self.0.as_slice(), [Piece::Hole(_)])
    }

    /// Whether a template fills in a part of it.
    pub fn has_hole(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Hole(_)))
    }

    /// Whether two texts with these pieces are equal: of something unknown, nobody can say.
    pub fn is_comparable(&self) -> bool {
        let anonymous = |text: &str| text.starts_with(hole::ANONYMOUS);
        !self.0.iter().any(|piece| match piece {
            Piece::Unknown(_) => true,
            Piece::Hole(hole) => anonymous(hole),
            _ => false,
        })
    }

    /// Changes every text in it, those of holes included.
    pub fn change_texts(&mut self, change: &mut dyn FnMut(&mut String)) {
        for piece in &mut self.0 {
            match piece {
                Piece::Literal(text) | Piece::Env(text) | Piece::Hole(text) | Piece::Unknown(text) => {
                    change(text)
                }
                Piece::Root => {}
            }
        }
    }

    /// How much it holds: its known characters in bytes, and its holes, which weigh more.
    fn weight(&self) -> usize {
        let weigh = |piece: &Piece| match piece {
            Piece::Literal(text) => text.len(),
            _ => LONGEST / 64,
        };
        self.0.iter().map(weigh).sum()
    }

    /// Both, one after the other.
    pub fn concat(&self, other: &Text) -> Text {
        self.0.iter().chain(&other.0).cloned().collect()
    }
}

impl FromIterator<Piece> for Text {
    fn from_iter<I: IntoIterator<Item = Piece>>(pieces: I) -> Self {
        let mut text = Text::default();
        pieces.into_iter().for_each(|piece| text.push(piece));
        text
    }
}

/// What a `Proc` accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProcShape {
    /// A lambda, which counts its arguments.
    pub strict: bool,
    /// Parameters that must be given.
    pub required: usize,
    /// Parameters that may be given; `None` when any number may.
    pub maximum: Option<usize>,
}

/// The longest text that is kept, in bytes. A config that builds a longer one is a trick.
const LONGEST: usize = 16 << 10;

/// The most parts that a collection may have, those of its parts included.
const LARGEST: usize = 4096;

/// The most alternatives that a value keeps; beyond that it is unknown.
const ALTERNATIVES: usize = 8;

/// What an expression evaluates to.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Sym(String),
    Text(Text),
    /// A `Pathname`.
    Path(Text),
    /// A `Gem::Version`.
    Version(String),
    Array(Vec<Value>),
    Hash(Vec<(Value, Value)>),
    Proc(ProcShape),
    /// One of several, each under its condition. Made by [`Value::one_of`] only.
    OneOf(Vec<(Condition, Value)>),
    /// Anything, and why.
    Unknown(String),
}

impl Value {
    /// A known text.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(Text::known(text))
    }

    /// An array, unless it is too large to be kept.
    pub fn array(items: Vec<Value>) -> Value {
        Value::Array(items).kept()
    }

    /// A hash, unless it is too large to be kept.
    pub fn hash(pairs: Vec<(Value, Value)>) -> Value {
        Value::Hash(pairs).kept()
    }

    fn kept(self) -> Value {
        let mut budget = LARGEST;
        if self.fits(&mut budget) { self } else { Value::Unknown("a very large collection".into()) }
    }

    /// Whether it has no more parts than the budget allows; looks at no more than that.
    fn fits(&self, budget: &mut usize) -> bool {
        let Some(left) = budget.checked_sub(1) else { return false };
        *budget = left;
        match self {
            Value::Array(items) => items.iter().all(|item| item.fits(budget)),
            Value::Hash(pairs) => pairs.iter().all(|(key, value)| key.fits(budget) && value.fits(budget)),
            Value::OneOf(all) => all.iter().all(|(_, value)| value.fits(budget)),
            Value::Text(text) | Value::Path(text) => {
                let weight = text.weight() / 64;
                let left = budget.checked_sub(weight);
                *budget = left.unwrap_or(0);
                left.is_some()
            }
            _ => true,
        }
    }

    /// One of several values; nested alternatives are spread out, impossible ones dropped.
    pub fn one_of(alternatives: impl IntoIterator<Item = (Condition, Value)>) -> Value {
        let mut all: Vec<(Condition, Value)> = Vec::new();
        for (condition, value) in alternatives {
            match value {
                Value::OneOf(inner) => {
                    all.extend(inner.into_iter().filter_map(|(c, v)| Some((condition.and(&c)?, v))));
                }
                value => all.push((condition, value)),
            }
        }
        if all.len() > ALTERNATIVES {
            return Value::Unknown("it depends on too many things".into());
        }
        match all.first() {
            None => Value::Unknown("nothing it could be is possible".into()),
            Some((_, first)) if all.iter().all(|(_, value)| value == first) => first.clone(),
            Some(_) => Value::OneOf(all),
        }
    }

    /// The value without the alternatives that `condition` rules out.
    pub fn under(self, condition: &Condition) -> Value {
        match self {
            Value::OneOf(alternatives) => Value::one_of(
                alternatives.into_iter().filter(|(c, _)| condition.and(c).is_some()).collect::<Vec<_>>(),
            ),
            value => value,
        }
    }

    /// Changes every text in it, those of its conditions and reasons included.
    pub fn change_texts(&mut self, change: &mut dyn FnMut(&mut String)) {
        match self {
            Value::Sym(text) | Value::Version(text) | Value::Unknown(text) => change(text),
            Value::Text(text) | Value::Path(text) => text.change_texts(change),
            Value::Array(items) => items.iter_mut().for_each(|item| item.change_texts(change)),
            Value::Hash(pairs) => pairs.iter_mut().for_each(|(key, value)| {
                key.change_texts(change);
                value.change_texts(change);
            }),
            Value::OneOf(all) => all.iter_mut().for_each(|(condition, value)| {
                condition.change_texts(change);
                value.change_texts(change);
            }),
            Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Proc(_) => {}
        }
    }

    /// Applies `f` to each alternative.
    pub fn map(self, mut f: impl FnMut(Value) -> Value) -> Value {
        match self {
            Value::OneOf(alternatives) => {
                Value::one_of(alternatives.into_iter().map(|(c, v)| (c, f(v))).collect::<Vec<_>>())
            }
            value => f(value),
        }
    }

    /// The alternatives; a plain value is its only one, always.
    pub fn alternatives(&self) -> Vec<(Condition, &Value)> {
        match self {
            Value::OneOf(all) => all.iter().map(|(c, v)| (c.clone(), v)).collect(),
            value => vec![(Condition::always(), value)],
        }
    }

    /// Whether Ruby takes it for true; `None` when that depends.
    pub fn truthy(&self) -> Option<bool> {
        match self {
            Value::Nil | Value::Bool(false) => Some(false),
            Value::Unknown(_) => None,
            Value::OneOf(all) => {
                let mut truths = all.iter().map(|(_, value)| value.truthy());
                let first = truths.next()??;
                truths.all(|truth| truth == Some(first)).then_some(first)
            }
            _ => Some(true),
        }
    }

    /// The text of a string (or Pathname) without holes.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Path(text) => text.as_known(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, holds: bool) -> Condition {
        Condition::when(Clause { fact: Fact::EnvSet(name.into()), holds })
    }

    #[test]
    fn contradictions_vanish_and_implications_are_not_repeated() {
        let is = Condition::when(Clause { fact: Fact::EnvIs("A".into(), "x".into()), holds: true });
        assert_eq!(is.and(&set("A", true)), Some(is.clone()));
        assert_eq!(set("A", true).and(&is), Some(is.clone()));
        assert_eq!(is.and(&set("A", false)), None);
    }

    #[test]
    fn a_value_forgets_what_its_path_rules_out() {
        let value = Value::one_of([(set("A", true), Value::Int(1)), (set("A", false), Value::Nil)]);
        assert_eq!(value.truthy(), None);
        assert_eq!(value.under(&set("A", true)), Value::Int(1));
    }
}
