//! Strategic merge patches, as the API server applies them (`k8s.io/apimachinery/pkg/util/strategicpatch`).
//!
//! They are merge patches that know Kubernetes' own types: where a list has a merge key,
//! its items are found by that key and merged, and the result stands in the order that
//! the server would give it. Directives say what a merge cannot: `$patch: delete` and
//! `replace`, `$retainKeys`, `$setElementOrder/FIELD`, `$deleteFromPrimitiveList/FIELD`.
//!
//! It works on plain JSON with a table of strategies, so it neither needs a cluster nor
//! knows the fields of a type: a field that does not exist is set all the same, and the
//! API server says so when it gets the object. Directives that the server would leave
//! in the result, to drop them when it decodes it, are dropped here.

mod list;
mod map;
mod order;
mod table;

use std::fmt;

use serde_json::{Map, Value};

use crate::patch;
use crate::resource::ResourceType;
use table::Schema;

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const SET_ORDER: &str = "$setElementOrder";
const DELETE_FROM: &str = "$deleteFromPrimitiveList";

/// Applies a strategic merge patch. Tells what was done instead, where the kind has no strategies: it is no kind of
/// Kubernetes' own.
pub(super) fn apply(ty: &ResourceType, object: &mut Value, patch: &Value) -> Result<Option<String>, String> {
    let Some(schema) = Schema::of(ty) else {
        if has_directives(patch) {
            return Err(format!(
                "{} is no kind of Kubernetes' own, so its patches can have no directives ($…)",
                ty.kind
            ));
        }
        patch::apply(object, patch);
        return Ok(Some(format!(
            "{} is no kind of Kubernetes' own; the strategic patch was applied as a merge patch, which replaces lists",
            ty.kind
        )));
    };
    let (Value::Object(object), Value::Object(patch)) = (object, patch) else {
        return Err("only a map can be patched, and only by a map".to_owned());
    };
    map::merge(object, patch.clone(), schema).map_err(|refusal| refusal.to_string())?;
    Ok(None)
}

/// Why a patch cannot be applied, and in which field.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    path: String,
    words: String,
}

impl Refusal {
    fn new(words: impl Into<String>) -> Self {
        Self { path: String::new(), words: words.into() }
    }

    fn within(self, field: &str) -> Self {
        let path = if self.path.is_empty() { field.to_owned() } else { format!("{field}.{}", self.path) };
        Self { path, ..self }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.path.is_empty() { "" } else { ": " };
        write!(f, "{}{separator}{}", self.path, self.words)
    }
}

fn is_directive(key: &str) -> bool {
    let is_list = |prefix: &str| key.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    key == PATCH || key == RETAIN_KEYS || is_list(SET_ORDER) || is_list(DELETE_FROM)
}

fn has_directives(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, value)| is_directive(key) || has_directives(value)),
        Value::Array(list) => list.iter().any(has_directives),
        _ => false,
    }
}

/// A value of a patch where there is nothing to merge it with: maps with a `$patch` are not taken.
fn taken(value: Value, keep_nulls: bool) -> Option<Value> {
    Some(match value {
        Value::Object(map) if map.contains_key(PATCH) => return None,
        Value::Object(map) => {
            let kept =
                map.into_iter().filter(|(key, value)| !is_directive(key) && (keep_nulls || !value.is_null()));
            let kept = kept.filter_map(|(key, value)| Some((key, taken(value, keep_nulls)?)));
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(list) => list.into_iter().filter_map(|item| taken(item, keep_nulls)).collect(),
        other => other,
    })
}

/// A value of a patch that is taken as it stands, without the directives in it.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(plain_map(map)),
        Value::Array(list) => list.into_iter().map(plain).collect(),
        other => other,
    }
}

fn plain_map(map: Map<String, Value>) -> Map<String, Value> {
    map.into_iter().filter(|(key, _)| !is_directive(key)).map(|(key, value)| (key, plain(value))).collect()
}

#[cfg(test)]
mod tests;
