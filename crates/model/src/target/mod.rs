//! The target form of an object: what a restore sends, and what it compares.
//!
//! [`strip`] takes away what a server assigns, so that it can be applied to an
//! object of a recovery point before it is created and to the live object before
//! the two are compared. [`mapping::map_namespaces`] is applied to the point's
//! side only. Owner references are left to the caller, who alone knows the new UIDs.

mod definition;
pub mod mapping;
mod metadata;
mod secret;
mod service;
pub mod storage_class;
mod volume;
mod workload;

use serde_json::Value;

use crate::resource::ResourceType;

/// Removes from an object what its API server set: common metadata, `status`, and per kind what is assigned.
///
/// Velero's restore item actions are the source of most per-kind rules; each is
/// named where it stands. Values that are not objects are left as they are: the
/// server will say what it thinks of them.
pub fn strip(ty: &ResourceType, object: &mut Value) {
    match (ty.group.as_str(), ty.plural.as_str()) {
        ("", "services") => service::strip(object),
        ("", "pods") => workload::strip_pod(object),
        ("batch", "jobs") => workload::strip_job(object),
        ("", "persistentvolumeclaims") => volume::strip_claim(object),
        ("", "persistentvolumes") => volume::strip_volume(object),
        ("", "secrets") => secret::strip_secret(object),
        ("", "serviceaccounts") => secret::strip_service_account(object),
        ("apiextensions.k8s.io", "customresourcedefinitions") => definition::strip_definition(object),
        (
            "admissionregistration.k8s.io",
            "mutatingwebhookconfigurations" | "validatingwebhookconfigurations",
        ) => definition::strip_webhooks(object),
        ("apps", "deployments" | "daemonsets") => workload::strip_revision(object),
        _ => {}
    }
    // Last: the managed fields are evidence for the rules above.
    metadata::strip(object);
}

/// [`strip`] for an object that modifiers made of `original`: what they set is kept, also where a server assigns it, such as
/// the `clusterIP` of a Service. Identity and status are the server's alone.
pub fn strip_modified(ty: &ResourceType, original: &Value, object: &mut Value) {
    let modified = object.clone();
    strip(ty, object);
    let Some(root) = modified.as_object() else { return };
    for (key, value) in root.iter().filter(|(key, _)| !matches!(key.as_str(), "status" | "metadata")) {
        put_back(original.get(key), value, object, key);
    }
    for key in ["labels", "annotations"] {
        let value = modified.get("metadata").and_then(|metadata| metadata.get(key));
        if let (Some(value), Some(metadata)) = (value, object.get_mut("metadata")) {
            put_back(original.get("metadata").and_then(|metadata| metadata.get(key)), value, metadata, key);
        }
    }
}

/// Brings back what differs from `original` in `modified`, the value of `key`, and was stripped from `parent`.
fn put_back(original: Option<&Value>, modified: &Value, parent: &mut Value, key: &str) {
    let Some(parent) = parent.as_object_mut() else { return };
    let Some(stripped) = parent.get_mut(key) else {
        if original != Some(modified) {
            parent.insert(key.to_owned(), modified.clone());
        }
        return;
    };
    match (modified, stripped) {
        (Value::Object(modified), stripped @ Value::Object(_)) => {
            for (key, value) in modified {
                put_back(original.and_then(|original| original.get(key)), value, stripped, key);
            }
        }
        (Value::Array(modified), Value::Array(stripped)) if modified.len() == stripped.len() => {
            for (at, (modified, stripped)) in modified.iter().zip(stripped).enumerate() {
                let original = original.and_then(|original| counterpart(original, modified, at));
                let Some(fields) = modified.as_object() else { continue };
                for (key, value) in fields {
                    put_back(original.and_then(|original| original.get(key)), value, stripped, key);
                }
            }
        }
        _ => {}
    }
}

/// The item of the original list that an item was: by name where items have names, by its place elsewhere.
fn counterpart<'a>(original: &'a Value, item: &Value, at: usize) -> Option<&'a Value> {
    let original = original.as_array()?;
    match item.get("name") {
        Some(name) => original.iter().find(|old| old.get("name") == Some(name)),
        None => original.get(at),
    }
}

/// Why an object of a recovery point is not restored although it was selected; `None` where it is.
///
/// These are Velero's skips: restoring them would run something a second time
/// that had ended, or make what only a kubelet or a token controller can make.
pub fn not_restorable(ty: &ResourceType, object: &Value) -> Option<&'static str> {
    match (ty.group.as_str(), ty.plural.as_str()) {
        ("", "pods") => workload::pod_not_restorable(object),
        ("batch", "jobs") => workload::job_not_restorable(object),
        ("", "secrets") => secret::secret_not_restorable(object),
        _ => None,
    }
}

/// Whether [`not_restorable`] may have something to say about objects of this type.
pub fn has_unrestorable(ty: &ResourceType) -> bool {
    matches!((ty.group.as_str(), ty.plural.as_str()), ("", "pods" | "secrets") | ("batch", "jobs"))
}

/// The string at a path of keys, empty where there is none.
fn text<'a>(object: &'a Value, path: &[&str]) -> &'a str {
    path.iter().try_fold(object, |at, key| at.get(key)).and_then(Value::as_str).unwrap_or_default()
}

/// The map at a path of keys, where there is one.
fn map_mut<'a>(object: &'a mut Value, path: &[&str]) -> Option<&'a mut serde_json::Map<String, Value>> {
    path.iter().try_fold(object, |at, key| at.get_mut(key)).and_then(Value::as_object_mut)
}

/// The list at a path of keys, where there is one.
fn list_mut<'a>(object: &'a mut Value, path: &[&str]) -> Option<&'a mut Vec<Value>> {
    path.iter().try_fold(object, |at, key| at.get_mut(key)).and_then(Value::as_array_mut)
}

/// Removes keys from the map at `path`, and the map itself where it empties; nothing where there is no map.
fn remove(object: &mut Value, path: &[&str], keys: &[&str]) {
    let Some(map) = map_mut(object, path) else { return };
    let before = map.len();
    for key in keys {
        map.remove(*key);
    }
    let emptied = before > 0 && map.is_empty();
    if emptied
        && let Some((last, parent)) = path.split_last()
        && let Some(parent) = map_mut(object, parent)
    {
        parent.remove(*last);
    }
}
