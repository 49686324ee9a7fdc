//! The fields that may change where the server only says that `spec` may not.
//!
//! Source: the update validation of Kubernetes 1.35 (`pkg/apis/apps/validation`,
//! `pkg/apis/core/validation`), which names these fields in its refusal.

use serde_json::{Map, Value};

use super::difference;
use crate::resource::ResourceType;

const STATEFUL_SET: [&str; 7] = [
    "minReadySeconds",
    "ordinals",
    "persistentVolumeClaimRetentionPolicy",
    "replicas",
    "revisionHistoryLimit",
    "template",
    "updateStrategy",
];
const POD: [&str; 3] = ["activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations"];
const CLAIM: [&str; 2] = ["resources", "volumeAttributesClassName"];

/// The part of `spec` that may change and differs; `None` for kinds without a table.
pub fn mutable_part(ty: &ResourceType, desired: &Value, live: &Value) -> Option<Value> {
    let keys: &[&str] = match (ty.group.as_str(), ty.plural.as_str()) {
        ("apps", "statefulsets") => &STATEFUL_SET,
        ("", "pods") => &POD,
        ("", "persistentvolumeclaims") => &CLAIM,
        _ => return None,
    };
    let (desired, live) = (desired.get("spec")?, live.get("spec")?);
    let mut part: Map<String, Value> = keys
        .iter()
        .filter_map(|key| {
            let change = difference(desired.get(key)?, live.get(key).unwrap_or(&Value::Null))?;
            Some(((*key).to_owned(), change))
        })
        .collect();
    if ty.is("", "pods") {
        for list in ["containers", "initContainers"] {
            if let Some(containers) = with_images(desired.get(list), live.get(list)) {
                part.insert(list.to_owned(), containers);
            }
        }
    }
    Some(Value::Object(part))
}

/// The live containers with the images of the desired ones, where that changes anything: of a
/// container, only its image may change.
fn with_images(desired: Option<&Value>, live: Option<&Value>) -> Option<Value> {
    let (desired, live) = (desired?.as_array()?, live?.as_array()?);
    let mut changed = false;
    let containers = live
        .iter()
        .map(|container| {
            let mut container = container.clone();
            let twin = desired.iter().find(|other| other.get("name") == container.get("name"));
            if let (Some(image), Some(map)) = (twin.and_then(|c| c.get("image")), container.as_object_mut())
                && map.get("image") != Some(image)
            {
                map.insert("image".to_owned(), image.clone());
                changed = true;
            }
            container
        })
        .collect();
    changed.then_some(Value::Array(containers))
}
