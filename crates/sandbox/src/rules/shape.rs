//! Whether an object has maps and lists where the rest of the sandbox takes them for granted.

use serde_json::Value;

use super::Refusal;
use crate::kinds::Kind;

const METADATA_MAPS: [&str; 2] = ["metadata.labels", "metadata.annotations"];

/// Of built-in types. What a custom resource has there is its definition's business.
const MAPS: [&str; 14] = [
    "data",
    "spec",
    "spec.claimRef",
    "spec.conversion",
    "spec.names",
    "spec.resources",
    "spec.selector",
    "spec.selector.matchLabels",
    "spec.template",
    "spec.template.metadata",
    "spec.template.metadata.annotations",
    "spec.template.metadata.labels",
    "spec.template.spec",
    "status",
];

/// Lists of maps.
const LISTS: [&str; 4] =
    ["metadata.ownerReferences", "spec.ports", "spec.template.spec.containers", "spec.volumeClaimTemplates"];

/// The first field that is something else than it must be.
pub(super) fn check(kind: &Kind, object: &Value) -> Result<(), Vec<Refusal>> {
    let at = |field: &str| object.pointer(&format!("/{}", field.replace('.', "/"))).filter(|v| !v.is_null());
    let built_in = if kind.custom { &[] } else { &MAPS[..] };
    for field in METADATA_MAPS.iter().chain(built_in) {
        if let Some(value) = at(field).filter(|value| !value.is_object()) {
            return Err(vec![Refusal::invalid(field, value, "must be an object")]);
        }
    }
    let lists = if kind.custom { &LISTS[..1] } else { &LISTS[..] };
    for field in lists {
        let is_list =
            |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_object));
        if let Some(value) = at(field).filter(|value| !is_list(value)) {
            return Err(vec![Refusal::invalid(field, value, "must be a list of objects")]);
        }
    }
    Ok(())
}
