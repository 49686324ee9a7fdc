//! Patch: what it takes to make a live object say what the recovery point says.
//!
//! A patch is a JSON merge patch (RFC 7386). It sets only what the point says:
//! keys that only the live object has stay, lists are replaced whole. An empty
//! patch means that the two are identical in everything the point knows of.

mod mutable;
mod prune;

use serde_json::{Map, Value};

pub use mutable::mutable_part;
pub use prune::{Cause, prune_refused};

/// The merge patch that turns `live` into what `desired` says; `None` when there is nothing to do.
///
/// Both sides are target forms. A `null` in `desired` stands for an absent key:
/// it removes a live value and asks for nothing where there is none.
pub fn difference(desired: &Value, live: &Value) -> Option<Value> {
    match (desired, live) {
        (Value::Object(desired), Value::Object(live)) => {
            let changed: Map<String, Value> = desired
                .iter()
                .filter_map(|(key, desired)| {
                    let change = match live.get(key) {
                        Some(live) => difference(desired, live)?,
                        None => without_nulls(desired)?,
                    };
                    Some((key.clone(), change))
                })
                .collect();
            (!changed.is_empty()).then_some(Value::Object(changed))
        }
        _ if same(desired, live) => None,
        _ => Some(desired.clone()),
    }
}

/// The merge patch that makes `live` exactly `desired`: unlike [`difference`] it also removes what only `live` has.
pub fn exact_difference(desired: &Value, live: &Value) -> Option<Value> {
    match (desired, live) {
        (Value::Object(desired), Value::Object(live)) => {
            let mut changed: Map<String, Value> = desired
                .iter()
                .filter_map(|(key, desired)| {
                    let change = match live.get(key) {
                        Some(live) => exact_difference(desired, live)?,
                        None => without_nulls(desired)?,
                    };
                    Some((key.clone(), change))
                })
                .collect();
            let surplus = live.iter().filter(|(key, value)| !desired.contains_key(*key) && !value.is_null());
            changed.extend(surplus.map(|(key, _)| (key.clone(), Value::Null)));
            (!changed.is_empty()).then_some(Value::Object(changed))
        }
        _ if same(desired, live) => None,
        _ => Some(desired.clone()),
    }
}

/// A value for a key that the live object lacks: what is null asks for nothing.
fn without_nulls(value: &Value) -> Option<Value> {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let kept: Map<String, Value> =
                map.iter().filter_map(|(key, value)| Some((key.clone(), without_nulls(value)?))).collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        // An empty map or list is what a server leaves out when it writes the object back.
        Value::Null | Value::Object(_) => None,
        Value::Array(list) if list.is_empty() => None,
        other => Some(other.clone()),
    }
}

/// Equality up to nulls and to the spelling of numbers (`1` and `1.0`).
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let one_way = |a: &Map<String, Value>, b: &Map<String, Value>| {
                a.iter().all(|(key, value)| same(value, b.get(key).unwrap_or(&Value::Null)))
            };
            one_way(a, b) && b.iter().all(|(key, value)| value.is_null() || a.contains_key(key))
        }
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

/// Applies a JSON merge patch ([RFC 7396](https://www.rfc-editor.org/rfc/rfc7396)), as the API server does.
pub fn apply(object: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *object = patch.clone();
        return;
    };
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let Value::Object(object) = object else { return };
    for (key, value) in patch {
        if value.is_null() {
            object.remove(key);
        } else {
            apply(object.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// What an additive merge would set: keys that the live object lacks, and list items that it lacks.
///
/// This is how Velero treats every existing ServiceAccount; Holdfast does it for
/// the `default` one only, which a namespace has before anyone can restore it.
pub fn additions(desired: &Value, live: &Value) -> Option<Value> {
    match (desired, live) {
        (Value::Object(desired), Value::Object(live)) => {
            let added: Map<String, Value> = desired
                .iter()
                .filter_map(|(key, desired)| {
                    let addition = match live.get(key) {
                        Some(live) => additions(desired, live)?,
                        None => without_nulls(desired)?,
                    };
                    Some((key.clone(), addition))
                })
                .collect();
            (!added.is_empty()).then_some(Value::Object(added))
        }
        (Value::Array(desired), Value::Array(live)) => {
            let missing: Vec<&Value> =
                desired.iter().filter(|item| !live.iter().any(|have| same(item, have))).collect();
            (!missing.is_empty()).then(|| live.iter().chain(missing).cloned().collect())
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
