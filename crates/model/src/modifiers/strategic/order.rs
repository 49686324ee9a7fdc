//! In which order a merged list stands: `normalizeElementOrder` of the original.
//!
//! What the patch lists is in the patch's order, what only the original has in the
//! original's; the two are woven into each other by the original's order, as far as
//! that knows both.

use std::collections::HashMap;

use serde_json::Value;

use super::Refusal;

/// What a list consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Maps,
    Scalars,
}

/// The first place of each item, by its key.
#[derive(Default)]
pub(super) struct Order(HashMap<String, usize>);

impl Order {
    pub(super) fn of(list: &[Value], key: &str, kind: Kind) -> Result<Self, Refusal> {
        match kind {
            Kind::Maps => Self::by(list, |item| key_of(item, key)),
            Kind::Scalars => Self::by(list, |item| Ok(item.to_string())),
        }
    }

    /// The same of a list that is to be looked through: with a merge key it must be one of maps, else none of them.
    pub(super) fn to_find(list: &[Value], key: &str) -> Result<Self, Refusal> {
        if key.is_empty() {
            return Self::by(list, |item| match item {
                Value::Object(_) | Value::Array(_) => Err(Refusal::new("the list has no merge key")),
                scalar => Ok(scalar.to_string()),
            });
        }
        Self::by(list, |item| key_of(item, key))
    }

    fn by(list: &[Value], key: impl Fn(&Value) -> Result<String, Refusal>) -> Result<Self, Refusal> {
        let mut places = HashMap::with_capacity(list.len());
        for (at, item) in list.iter().enumerate() {
            places.entry(key(item)?).or_insert(at);
        }
        Ok(Self(places))
    }
}

/// The value of an item's merge key, as JSON.
pub(super) fn key_of(item: &Value, key: &str) -> Result<String, Refusal> {
    match item.as_object().map(|item| item.get(key)) {
        Some(Some(Value::Object(_) | Value::Array(_))) => {
            Err(Refusal::new(format!("the merge key {key} of an item is a map or a list")))
        }
        Some(Some(value)) => Ok(value.to_string()),
        Some(None) => {
            Err(Refusal::new(format!("an item lacks {key}, by which items of this list are found")))
        }
        None => Err(Refusal::new("an item is no map")),
    }
}

/// One item on its way into the order.
struct Placed {
    item: Value,
    /// Where the list that orders it has it.
    at: Option<usize>,
    /// Where the original has it.
    server: Option<usize>,
}

/// Puts merged items in order. Those in `wanted` are the patch's.
pub(super) fn in_order(
    merged: Vec<Value>,
    wanted: &Order,
    server: &Order,
    key: &str,
    kind: Kind,
) -> Result<Vec<Value>, Refusal> {
    let (mut patch, mut server_only) = (Vec::new(), Vec::new());
    for item in merged {
        let name = if key.is_empty() {
            if kind == Kind::Maps {
                return Err(Refusal::new("the list has no merge key"));
            }
            item.to_string()
        } else {
            key_of(&item, key)?
        };
        let place = server.0.get(&name).copied();
        match wanted.0.get(&name) {
            Some(at) => patch.push(Placed { item, at: Some(*at), server: place }),
            None => server_only.push(Placed { item, at: place, server: place }),
        }
    }
    sort(&mut patch);
    sort(&mut server_only);
    Ok(weave(server_only, patch))
}

/// Sorts by place. The original's comparison calls an item without a place less than any other and any other less than
/// it; what its insertion sort makes of that (for up to 20 items) is what the server answers.
fn sort(items: &mut [Placed]) {
    if items.iter().all(|item| item.at.is_some()) {
        items.sort_by_key(|item| item.at);
        return;
    }
    let less = |a: &Placed, b: &Placed| a.at.is_none() || b.at.is_none() || a.at < b.at;
    for sorted in 1..items.len() {
        let mut at = sorted;
        while at > 0 && less(&items[at], &items[at - 1]) {
            items.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// Puts each item of `left` before the first one of `right` that the original has after it.
fn weave(left: Vec<Placed>, right: Vec<Placed>) -> Vec<Value> {
    let mut woven = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(l), Some(r)) = (left.peek(), right.peek()) {
        let left_first = matches!((l.server, r.server), (Some(l), Some(r)) if l < r);
        woven.extend(if left_first { left.next() } else { right.next() });
    }
    woven.extend(left);
    woven.extend(right);
    woven.into_iter().map(|placed| placed.item).collect()
}
