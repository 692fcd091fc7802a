//! One layer of options: what each may be, and when.

use std::collections::BTreeMap;

use super::Source;
use crate::model::{Condition, Value};

/// The most ways that are told apart; beyond, an option is unknown.
const WAYS: usize = 12;

/// One way in which an option may be set, or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// When.
    pub when: Condition,
    /// The value and who set it; `None` where this layer doesn't.
    pub set: Option<(Value, Source)>,
}

/// A way in which something is done: when, and what becomes of a slot.
pub type Way<'a> = (Condition, &'a dyn Fn(&Slot) -> Option<(Value, Source)>);

/// The options of a layer.
pub type Layer = BTreeMap<&'static str, Vec<Slot>>;

impl Slot {
    /// Not set, whatever the world is like.
    pub fn unset() -> Slot {
        Slot { when: Condition::always(), set: None }
    }

    /// Set, whatever the world is like.
    pub fn always(value: Value, source: Source) -> Slot {
        Slot { when: Condition::always(), set: Some((value, source)) }
    }
}

/// The slots after something was done under `when`: `ways` says what, each under a further condition; together they
/// cover everything.
pub fn apply(slots: &[Slot], when: &Condition, ways: &[Way<'_>]) -> Vec<Slot> {
    let mut all = Vec::new();
    for slot in slots {
        if let Some(reached) = slot.when.and(when) {
            for (way, change) in ways {
                if let Some(when) = reached.and(way) {
                    all.push(Slot { when, set: change(slot) });
                }
            }
        }
        // Where the first clause fails, and where it holds and the second fails, and so on.
        let mut so_far = Some(slot.when.clone());
        for clause in when.clauses() {
            let Some(before) = so_far else { break };
            if let Some(when) = before.and(&Condition::when(clause.negated())) {
                all.push(Slot { when, set: slot.set.clone() });
            }
            so_far = before.and(&Condition::when(clause.clone()));
        }
    }
    simplify(all)
}

/// Where `slots` say nothing, `below` decides.
pub fn over(slots: Vec<Slot>, below: &[Slot]) -> Vec<Slot> {
    let mut all = Vec::new();
    for slot in slots {
        if slot.set.is_some() {
            all.push(slot);
            continue;
        }
        for lower in below {
            if let Some(when) = slot.when.and(&lower.when) {
                all.push(Slot { when, set: lower.set.clone() });
            }
        }
    }
    simplify(all)
}

/// Two lists, one behind the other.
pub fn append(first: Vec<Slot>, second: &[Slot]) -> Vec<Slot> {
    let mut all = Vec::new();
    for one in &first {
        for other in second {
            let Some(when) = one.when.and(&other.when) else { continue };
            let set = match (&one.set, &other.set) {
                (Some((Value::Array(a), _)), Some((Value::Array(b), source))) => {
                    Some((Value::Array(a.iter().chain(b).cloned().collect()), source.clone()))
                }
                (set, None) | (None, set) => set.clone(),
                (Some((_, source)), _) => {
                    Some((Value::Unknown("a list that isn't known".into()), source.clone()))
                }
            };
            all.push(Slot { when, set });
        }
    }
    simplify(all)
}

/// The same with as few ways as possible: where two come to the same, what tells them apart is left out.
pub fn simplify(mut slots: Vec<Slot>) -> Vec<Slot> {
    'again: loop {
        for first in 0..slots.len() {
            for second in first + 1..slots.len() {
                if same(&slots[first], &slots[second])
                    && let Some(when) = joined(&slots[first].when, &slots[second].when)
                {
                    slots[first].when = when;
                    slots.remove(second);
                    continue 'again;
                }
            }
        }
        break;
    }
    if slots.len() > WAYS {
        let set = slots.iter().rev().find_map(|slot| slot.set.clone());
        let reason = Value::Unknown("it depends on too many things".into());
        return set.map(|(_, source)| Slot::always(reason, source)).into_iter().collect();
    }
    slots
}

fn same(one: &Slot, other: &Slot) -> bool {
    match (&one.set, &other.set) {
        (None, None) => true,
        (Some((a, from)), Some((b, to))) => {
            // Who sets a value matters only where both lie in the same layer.
            let layer = std::mem::discriminant(from) == std::mem::discriminant(to);
            layer && a == b && super::unknown(a).is_none()
        }
        _ => false,
    }
}

/// One condition for both, if they differ in one clause that holds in one and fails in the other, or if one
/// holds wherever the other does.
fn joined(one: &Condition, other: &Condition) -> Option<Condition> {
    let covers = |wide: &Condition, narrow: &Condition| {
        wide.clauses().iter().all(|clause| narrow.decides(clause) == Some(true))
    };
    if covers(one, other) {
        return Some(one.clone());
    }
    if covers(other, one) {
        return Some(other.clone());
    }
    if one.clauses().len() != other.clauses().len() {
        return None;
    }
    let mut rest = Condition::always();
    let mut differing = 0;
    for clause in one.clauses() {
        if other.clauses().contains(clause) {
            rest = rest.and(&Condition::when(clause.clone()))?;
        } else if other.clauses().contains(&clause.negated()) {
            differing += 1;
        } else {
            return None;
        }
    }
    (differing == 1).then_some(rest)
}
