//! A restore plan: one entry per object, with what would happen to it and why.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::report::Outcome;
use crate::resource::ResourceType;
use crate::secret;
use crate::volume::Fill;

/// What a restore does about an object that exists in the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConflictPolicy {
    /// Leave it as it is.
    #[default]
    Skip,
    /// Make it say what the recovery point says.
    Patch,
    /// Where it differs, delete it, wait until it is gone, and create it anew. Only ever for single kinds or objects that
    /// somebody names; see [`crate::choice`].
    Recreate,
}

/// What a restore does about persistent volume claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VolumeMode {
    /// Bring their data back.
    #[default]
    WithData,
    /// Make them again, empty.
    WithoutData,
}

/// What a restore would do to one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// It is not there: create it.
    Create,
    /// It is there and differs: change it.
    Patch,
    /// It is there and differs: delete it, and create it anew.
    Recreate,
    /// It is there because a restore made it: delete it. Only undoing a restore does this.
    Delete,
    /// It is there and differs, or must not be restored: leave it.
    Skip,
    /// It is there and already says what the recovery point says.
    Identical,
    /// It cannot be restored as things are.
    Blocked,
    /// Something that is restored, or the server, makes it again.
    Derived,
    /// It would be created, or changed where it is there, but whether that works could not be found out before.
    Unchecked,
}

impl Action {
    /// Whether it changes the target.
    pub fn writes(self) -> bool {
        match self {
            Self::Create | Self::Patch | Self::Recreate | Self::Delete | Self::Unchecked => true,
            Self::Skip | Self::Identical | Self::Blocked | Self::Derived => false,
        }
    }
}

/// The plan for one object of a recovery point.
#[derive(Clone, Debug)]
pub struct PlanEntry {
    /// The object's row in the recovery point's index.
    pub row: u32,
    /// The namespace it goes to; empty for cluster-scoped objects.
    pub target_namespace: Arc<str>,
    /// The name it gets there, where that is another than in the recovery point (mapped Namespaces).
    pub target_name: Option<Arc<str>>,
    /// What would happen.
    pub action: Action,
    /// Why, and what exactly; absent for a plain Create.
    pub detail: Option<Box<PlanDetail>>,
    /// What an earlier run did about it, which this one goes on with: it is left alone now.
    pub earlier: Option<Outcome>,
}

/// The reason for an action and the change it makes.
#[derive(Clone, Debug, Default)]
pub struct PlanDetail {
    /// Why this action.
    pub reason: Option<String>,
    /// The merge patch to send, for Patch.
    pub patch: Option<Value>,
    /// The `resourceVersion` that the patch was computed against.
    pub resource_version: Option<String>,
    /// Whether owner references are to be added, for Patch. Their UIDs are known only when it runs.
    pub adopt: bool,
    /// What differs, for Patch, Recreate and Skip.
    pub changes: Vec<Change>,
    /// What resource modifiers did to the object.
    pub modifiers: Vec<String>,
    /// Whether a modifier that fits the object could not be applied.
    pub modifier_failed: bool,
    /// The snapshot that a claim is filled from, for Create.
    pub fill: Option<Fill>,
}

/// One field that differs between the live object and the recovery point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// JSON pointer (RFC 6901) of the field.
    pub path: String,
    /// The value now, null where there is none.
    pub live: Value,
    /// The value in the recovery point.
    pub point: Value,
}

/// What stands for a value that is secret.
pub const MASK: &str = "••••";

/// Lists the fields that `patch` changes in `live`; values of Secrets are masked.
pub fn changes(ty: &ResourceType, patch: &Value, live: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    if !secret::is_secret(ty) {
        collect(patch, live, &mut String::new(), &mut found);
        return found;
    }
    // Before they are compared: an annotation that holds the values may be one part of a larger change.
    let (mut patch, mut live) = (patch.clone(), live.clone());
    secret::mask(ty, &mut patch, |_| MASK);
    secret::mask(ty, &mut live, |_| MASK);
    collect(&patch, &live, &mut String::new(), &mut found);
    for change in &mut found {
        if !change.path.starts_with("/metadata/") && change.path != "/type" && change.path != "/immutable" {
            for value in [&mut change.live, &mut change.point] {
                if !value.is_null() {
                    *value = Value::from(MASK);
                }
            }
        }
    }
    found
}

fn collect(patch: &Value, live: &Value, path: &mut String, found: &mut Vec<Change>) {
    if let (Value::Object(patch), Value::Object(_)) = (patch, live) {
        collect_map(patch, live, path, found);
    } else {
        found.push(Change { path: path.clone(), live: live.clone(), point: patch.clone() });
    }
}

fn collect_map(patch: &Map<String, Value>, live: &Value, path: &mut String, found: &mut Vec<Change>) {
    for (key, change) in patch {
        let length = path.len();
        path.push('/');
        path.push_str(&key.replace('~', "~0").replace('/', "~1"));
        collect(change, live.get(key).unwrap_or(&Value::Null), path, found);
        path.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ty(plural: &str) -> ResourceType {
        ResourceType {
            group: String::new(),
            version: "v1".into(),
            plural: plural.into(),
            kind: String::new(),
            namespaced: true,
        }
    }

    #[test]
    fn changes_name_fields_by_pointer_and_mask_secrets() {
        let patch = json!({"data": {"a/b": "new"}, "metadata": {"labels": {"x": "1"}}});
        let live = json!({"data": {"a/b": "old"}, "metadata": {}});
        let plain = changes(&ty("configmaps"), &patch, &live);
        assert_eq!(plain[0], Change { path: "/data/a~1b".into(), live: json!("old"), point: json!("new") });
        assert_eq!(
            plain[1],
            Change { path: "/metadata/labels".into(), live: json!(null), point: json!({"x": "1"}) }
        );
        let masked = changes(&ty("secrets"), &patch, &live);
        assert_eq!(masked[0], Change { path: "/data/a~1b".into(), live: json!(MASK), point: json!(MASK) });
        assert_eq!(masked[1], plain[1]);
    }

    #[test]
    fn values_that_kubectl_keeps_in_an_annotation_are_masked_however_large_the_change() {
        let patch = json!({"metadata": {"annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": "{\"data\":{\"a\":\"c2VjcmV0\"}}", "team": "shop"}}});
        for live in [json!({"metadata": {}}), json!({"metadata": {"annotations": {}}}), json!({})] {
            let found = changes(&ty("secrets"), &patch, &live);
            let text = serde_json::to_string(&found).unwrap();
            assert!(!text.contains("c2VjcmV0") && text.contains(MASK), "{text}");
        }
        let gone =
            changes(&ty("secrets"), &json!({"data": {"a": null}}), &json!({"data": {"a": "c2VjcmV0"}}));
        assert_eq!(gone, [Change { path: "/data/a".into(), live: json!(MASK), point: json!(null) }]);
    }
}
