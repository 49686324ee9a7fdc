//! Maps: `mergeMap` of the original.

use serde_json::{Map, Value};

use super::list::{self, List};
use super::table::{Schema, Strategy};
use super::{DELETE_FROM, PATCH, RETAIN_KEYS, Refusal, SET_ORDER, plain_map, taken};

/// Merges a patch into a map.
pub(super) fn merge(
    original: &mut Map<String, Value>,
    mut patch: Map<String, Value>,
    schema: Schema,
) -> Result<(), Refusal> {
    if let Some(directive) = patch.remove(PATCH) {
        match directive.as_str() {
            Some("replace") => *original = plain_map(patch),
            Some("delete") => original.clear(),
            _ => return Err(Refusal::new(format!("$patch is {directive}; use replace or delete"))),
        }
        return Ok(());
    }
    retain_keys(original, &mut patch)?;
    let ordered: Vec<String> = patch.keys().filter(|key| key.starts_with(SET_ORDER)).cloned().collect();
    for key in ordered {
        set_order(original, &mut patch, &key, schema).map_err(|refusal| refusal.within(&key))?;
    }
    for (key, value) in patch {
        let name = if key.starts_with(DELETE_FROM) { Some(field_of(&key, DELETE_FROM)?) } else { None };
        let deleting = name.is_some();
        let name = name.unwrap_or(&key);
        merge_field(original, name, value, deleting, schema).map_err(|refusal| refusal.within(name))?;
    }
    Ok(())
}

fn merge_field(
    original: &mut Map<String, Value>,
    name: &str,
    value: Value,
    deleting: bool,
    schema: Schema,
) -> Result<(), Refusal> {
    if value.is_null() {
        original.remove(name);
        return Ok(());
    }
    let (strategy, key, within) = schema.field(name);
    match (original.get_mut(name), value) {
        (Some(Value::Object(original)), Value::Object(patch)) => {
            if strategy == Strategy::Replace {
                *original = plain_map(patch);
                return Ok(());
            }
            merge(original, patch, within)
        }
        (Some(Value::Array(original)), Value::Array(patch)) => {
            let list = List { strategy, key, schema: within, deleting };
            *original = list.merge(std::mem::take(original), patch)?.items;
            Ok(())
        }
        (current, value) => {
            // What shall be deleted from a list that is none, or not there, is not there.
            if !deleting {
                match taken(value, false) {
                    Some(value) => drop(original.insert(name.to_owned(), value)),
                    None => drop(original.remove(name)),
                }
            } else if let Some(current) = current
                && list::same_type(current, &value)
            {
                *current = value;
            }
            Ok(())
        }
    }
}

/// `$retainKeys`: what a map may keep. The patch must not set anything else.
fn retain_keys(original: &mut Map<String, Value>, patch: &mut Map<String, Value>) -> Result<(), Refusal> {
    let Some(kept) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    let Value::Array(kept) = kept else { return Err(Refusal::new("$retainKeys is no list")) };
    if kept.iter().any(|key| key.is_object() || key.is_array()) {
        return Err(Refusal::new("$retainKeys lists something that is no name"));
    }
    let is_kept = |key: &str| kept.iter().any(|kept| kept == key);
    for (key, value) in &*patch {
        if !value.is_null() && !key.starts_with(DELETE_FROM) && !key.starts_with(SET_ORDER) && !is_kept(key) {
            return Err(Refusal::new(format!("$retainKeys does not list {key}, which the patch sets")));
        }
    }
    original.retain(|key, _| is_kept(key));
    Ok(())
}

/// `$setElementOrder/FIELD`: merges the list of that name, if any, and puts it in that order.
fn set_order(
    original: &mut Map<String, Value>,
    patch: &mut Map<String, Value>,
    directive: &str,
    schema: Schema,
) -> Result<(), Refusal> {
    let Some(Value::Array(order)) = patch.remove(directive) else {
        return Err(Refusal::new("is no list"));
    };
    let name = field_of(directive, SET_ORDER)?;
    let not_a_list = |()| Refusal::new(format!("{name} is no list"));
    let current = original.get(name).cloned().map(as_list).transpose().map_err(not_a_list)?;
    let change = patch.get(name).cloned().map(as_list).transpose().map_err(not_a_list)?;
    let (strategy, key, within) = schema.field(name);
    let list = List { strategy, key, schema: within, deleting: false };
    let Some(merged) = list.merge_in_order(current, change, &order)? else { return Ok(()) };
    original.insert(name.to_owned(), merged.into());
    patch.remove(name);
    Ok(())
}

fn as_list(value: Value) -> Result<Vec<Value>, ()> {
    match value {
        Value::Array(list) => Ok(list),
        _ => Err(()),
    }
}

/// The field that a directive is about.
fn field_of<'a>(directive: &'a str, prefix: &str) -> Result<&'a str, Refusal> {
    match directive.split_once('/') {
        Some((before, field)) if before == prefix => Ok(field),
        _ => Err(Refusal::new(format!("{directive} must be {prefix}/ and the name of a list"))),
    }
}
