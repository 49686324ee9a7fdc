//! Pruning: taking out of a patch what the server refuses to change, and applying the rest.

use serde_json::Value;

use super::mutable_part;
use crate::resource::ResourceType;

/// One cause of a 422 answer: the field it is about, and the server's words.
#[derive(Clone, Copy, Debug)]
pub struct Cause<'a> {
    /// Path in the server's notation, such as `spec.selector` or `data[a.b]`.
    pub field: &'a str,
    /// Kubernetes' reason code, such as `FieldValueForbidden`.
    pub reason: &'a str,
    /// Free text.
    pub message: &'a str,
}

/// Kubernetes has no reason code for "this may not change": validation says so in
/// words, and these are the ones that `k8s.io/apimachinery/pkg/api/validation` and the per-kind validations use.
const SAYS_IMMUTABLE: [&str; 6] =
    ["immutable", "cannot change", "can not change", "may not change", "may not be changed", "are forbidden"];

/// Fields that must agree with another one: where the first cannot change, neither can the second.
const DEPENDENT: [(&str, &str); 2] =
    [("spec.selector", "spec.template.metadata.labels"), ("spec.clusterIPs[0]", "spec.clusterIP")];

/// Takes the fields that the causes name as immutable out of `patch`.
///
/// Returns the pruned paths, empty when the refusal is not about immutable
/// fields of this patch, which makes it a failure. Where the server names only
/// `spec` (StatefulSets, Pods), a table of mutable fields decides.
pub fn prune_refused(
    ty: &ResourceType,
    patch: &mut Value,
    desired: &Value,
    live: &Value,
    causes: &[Cause<'_>],
) -> Vec<String> {
    let mut pruned = Vec::new();
    for cause in causes {
        if !SAYS_IMMUTABLE.iter().any(|words| cause.message.contains(words)) {
            continue;
        }
        if cause.field == "spec" {
            if let Some(keep) = mutable_part(ty, desired, live) {
                pruned.extend(keep_only(patch, keep));
            }
            continue;
        }
        if let Some(path) = remove_path(patch, &parse_path(cause.field)) {
            pruned.push(path);
            for (field, dependent) in DEPENDENT {
                if cause.field == field
                    && let Some(path) = remove_path(patch, &parse_path(dependent))
                {
                    pruned.push(path);
                }
            }
        }
    }
    pruned.sort();
    pruned.dedup();
    pruned
}

/// Replaces the patch's `spec` by the part that may change; names what went.
fn keep_only(patch: &mut Value, keep: Value) -> Vec<String> {
    let Some(root) = patch.as_object_mut() else {
        return Vec::new();
    };
    let Some(before) = root.remove("spec") else {
        return Vec::new();
    };
    let gone = before
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, value)| keep.get(key.as_str()) != Some(value))
        .map(|(key, _)| format!("spec.{key}"))
        .collect();
    if keep.as_object().is_some_and(|keep| !keep.is_empty()) {
        root.insert("spec".to_owned(), keep);
    }
    gone
}

/// Removes the value at a path, or the list it stands in (a merge patch replaces lists whole), and maps that empty.
fn remove_path(patch: &mut Value, path: &[String]) -> Option<String> {
    let (key, rest) = path.split_first()?;
    let map = patch.as_object_mut()?;
    let below = map.get_mut(key)?;
    let removed = if rest.is_empty() || !below.is_object() {
        map.remove(key);
        return Some(key.clone());
    } else {
        remove_path(below, rest)?
    };
    if below.as_object().is_some_and(serde_json::Map::is_empty) {
        map.remove(key);
    }
    Some(format!("{key}.{removed}"))
}

/// Splits `a.b[0].c[x.y/z]` into its keys; indexes count as keys.
fn parse_path(text: &str) -> Vec<String> {
    let mut keys = vec![String::new()];
    let mut bracket = false;
    for c in text.chars() {
        match c {
            '[' if !bracket => {
                bracket = true;
                keys.push(String::new());
            }
            ']' if bracket => bracket = false,
            '.' if !bracket => keys.push(String::new()),
            c => {
                if let Some(key) = keys.last_mut() {
                    key.push(c);
                }
            }
        }
    }
    keys.retain(|key| !key.is_empty());
    keys
}
