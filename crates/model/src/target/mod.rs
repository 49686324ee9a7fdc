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
