//! What it takes to give an object back what it had.

use holdfast_model::patch::exact_difference;
use holdfast_model::plan::{Change, changes};
use holdfast_model::resource::ResourceType;
use holdfast_model::target;
use serde_json::{Map, Value};

/// The merge patch that makes a live object what was kept of it, and what it changes.
#[derive(Debug)]
pub(super) struct PutBack {
    pub patch: Value,
    pub changes: Vec<Change>,
    /// UIDs of the owners that it loses: those that came since.
    pub released: Vec<String>,
}

/// Compares both ways; `None` where nothing differs.
pub(super) fn put_back(ty: &ResourceType, kept: &Value, live: &Value) -> Option<PutBack> {
    let (mut before, mut now) = (kept.clone(), live.clone());
    target::strip(ty, &mut before);
    target::strip(ty, &mut now);
    for key in ["apiVersion", "kind"] {
        before[key] = now[key].clone();
    }
    let patch = exact_difference(&before, &now);
    let changes = patch.as_ref().map(|patch| changes(ty, patch, &now)).unwrap_or_default();
    let (owners, released) = owners_to_keep(kept, live);
    if patch.is_none() && released.is_empty() {
        return None;
    }
    let mut patch = patch.unwrap_or_else(|| Value::Object(Map::new()));
    if !released.is_empty() {
        patch["metadata"]["ownerReferences"] = owners;
    }
    Some(PutBack { patch, changes, released })
}

/// The owner references without those that came since (null where none is left), and the UIDs of those.
fn owners_to_keep(kept: &Value, live: &Value) -> (Value, Vec<String>) {
    let list = |object: &Value| {
        object.pointer("/metadata/ownerReferences").and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let (had, has) = (list(kept), list(live));
    let (stay, came): (Vec<Value>, Vec<Value>) =
        has.into_iter().partition(|new| had.iter().any(|old| old["uid"] == new["uid"]));
    let uid = |owner: &Value| owner["uid"].as_str().unwrap_or_default().to_owned();
    let left = if stay.is_empty() { Value::Null } else { Value::from(stay) };
    (left, came.iter().map(uid).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_came_since_goes_and_what_was_there_stays() {
        let ty = ResourceType {
            group: String::new(),
            version: "v1".into(),
            plural: "configmaps".into(),
            kind: "ConfigMap".into(),
            namespaced: true,
        };
        let kept = json!({"metadata": {"name": "a", "resourceVersion": "1", "ownerReferences": [{"uid": "old"}]},
            "data": {"a": "1"}});
        let mut live = kept.clone();
        live["metadata"]["resourceVersion"] = json!("9");
        assert!(put_back(&ty, &kept, &live).is_none());
        live["data"] = json!({"b": "2"});
        live["metadata"]["ownerReferences"] = json!([{"uid": "old"}, {"uid": "new"}]);
        let change = put_back(&ty, &kept, &live).unwrap();
        assert_eq!(
            change.patch,
            json!({"data": {"a": "1", "b": null}, "metadata": {"ownerReferences": [{"uid": "old"}]}})
        );
        assert_eq!(change.released, ["new"]);
        live["metadata"]["ownerReferences"] = json!([{"uid": "new"}]);
        assert_eq!(put_back(&ty, &kept, &live).unwrap().patch["metadata"]["ownerReferences"], json!(null));
        live["metadata"]["ownerReferences"] = json!(null);
        assert!(
            put_back(&ty, &kept, &live).unwrap().released.is_empty(),
            "owners that are gone are not given back"
        );
    }
}
