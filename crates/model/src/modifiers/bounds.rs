//! How large an object may become.

use serde_json::Value;

/// Bytes of JSON text, roughly.
pub(super) type Size = usize;

/// Largest object that a rule may make. etcd stores objects of 1.5 MiB by default; what is larger cannot be restored.
pub(super) const MAX_SIZE: Size = 8 * 1024 * 1024;
/// Deepest nesting that a rule may make. JSON is read back to 128 levels.
pub(super) const MAX_DEPTH: usize = 120;

/// About as many bytes as its JSON text has.
pub(super) fn size(value: &Value) -> Size {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(list) => list.iter().map(|item| size(item) + 1).sum::<Size>() + 2,
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + 4 + size(value)).sum::<Size>() + 2,
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}

/// Levels of lists and maps; 0 for a scalar.
pub(super) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(depth).max().unwrap_or(0) + 1,
        Value::Object(map) => map.values().map(depth).max().unwrap_or(0) + 1,
        _ => 0,
    }
}

/// Why what a rule made of an object is not taken over.
pub(super) fn refused(before: &Value, after: &Value) -> Option<String> {
    for path in ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"] {
        if before.pointer(path) != after.pointer(path) {
            return Some(format!(
                "it would change {path}, and with it which object this is; use namespace mappings to restore elsewhere"
            ));
        }
    }
    for path in ["/metadata", "/metadata/labels", "/metadata/annotations"] {
        let is_map = |object: &Value| object.pointer(path).is_none_or(Value::is_object);
        if !is_map(after) && is_map(before) {
            return Some(format!("it would make {path} something that is no map"));
        }
    }
    if size(after) > MAX_SIZE.max(size(before)) {
        return Some("the object would become larger than any that a cluster stores".to_owned());
    }
    (depth(after) > MAX_DEPTH.max(depth(before)))
        .then(|| format!("the object would be nested deeper than {MAX_DEPTH} levels"))
}

/// Takes labels and annotations away that a rule left empty where there were none: a merge patch that removes one label
/// makes an empty map of labels of an object without any.
pub(super) fn tidy(before: &Value, after: &mut Value) {
    for key in ["labels", "annotations"] {
        if before.pointer("/metadata").is_some_and(|metadata| metadata.get(key).is_none())
            && let Some(metadata) = after.get_mut("metadata").and_then(Value::as_object_mut)
            && metadata.get(key).and_then(Value::as_object).is_some_and(serde_json::Map::is_empty)
        {
            metadata.remove(key);
        }
    }
}

/// What of an object may be added before it is too large.
pub(super) fn room(object: &Value) -> Size {
    MAX_SIZE.saturating_sub(size(object))
}
