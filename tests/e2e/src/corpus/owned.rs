//! Chains of owners, across kinds and scopes, with and without a managing controller.

use serde_json::{Value, json};

use super::{Names, custom, object};
use crate::cluster::Cluster;
use crate::key::Key;

/// In creation order: whoever owns comes before what it owns.
pub(super) fn objects(names: &Names) -> Vec<Value> {
    let ns = &names.shop();
    let api = format!("{}/v1", custom::group(&names.name("")));
    let realms = format!("{}/v2", custom::group(&names.name("")));
    let owner = |api: &str, kind: &str, name: &str, controller: Option<bool>, blocks: Option<bool>| {
        let mut owner = json!({"apiVersion": api, "kind": kind, "name": name, "uid": ""});
        if let Some(controller) = controller {
            owner["controller"] = json!(controller);
        }
        if let Some(blocks) = blocks {
            owner["blockOwnerDeletion"] = json!(blocks);
        }
        owner
    };
    let owned = |api: &str, kind: &str, name: &str, owners: &[Value], rest: Value| {
        let mut object = object(api, kind, ns, name, rest);
        object["metadata"]["ownerReferences"] = json!(owners);
        object
    };
    let data = || json!({"data": {"b3duZWQ": "eWVz"}});
    let by_thing = owner(&api, "Thing", "plain", Some(true), Some(true));
    let by_map = owner("v1", "ConfigMap", "owned-by-thing", None, None);
    let mut job = json!({"spec": {"suspend": true, "template": {"spec": {"restartPolicy": "Never",
        "containers": [{"name": "c", "image": "i"}]}}}});
    job["metadata"] = json!({"annotations": {"cronjob.kubernetes.io/instantiate": "manual"}});
    vec![
        owned("v1", "ConfigMap", "owned-by-thing", std::slice::from_ref(&by_thing), data()),
        owned("v1", "Secret", "owned-by-map", std::slice::from_ref(&by_map), data()),
        owned(
            &api,
            "Thing",
            "owned-by-map",
            &[owner("v1", "ConfigMap", "owned-by-thing", None, Some(true))],
            json!({}),
        ),
        owned(
            &api,
            "Thing",
            "owned-by-thing",
            &[owner(&api, "Thing", "owned-by-map", Some(true), None)],
            json!({}),
        ),
        owned(
            "v1",
            "ConfigMap",
            "owned-by-realm",
            &[owner(&realms, "Realm", &names.name("realm"), Some(false), Some(false))],
            data(),
        ),
        owned("v1", "ConfigMap", "owned-twice", &[by_thing, by_map], data()),
        owned(
            "rbac.authorization.k8s.io/v1",
            "Role",
            "owned-by-deployment",
            &[owner("apps/v1", "Deployment", "web", Some(true), None)],
            json!({"rules": []}),
        ),
        owned(
            "batch/v1",
            "Job",
            "started-by-hand",
            &[owner("batch/v1", "CronJob", "nightly", Some(true), None)],
            job,
        ),
    ]
}

/// The object with the UIDs that its owners have now.
pub(super) async fn with_owner_uids(cluster: &Cluster, object: &Value) -> Value {
    let mut object = object.clone();
    let namespace = Key::of(&object).namespace;
    for owner in object["metadata"]["ownerReferences"].as_array_mut().unwrap() {
        let text = |field: &str| owner[field].as_str().unwrap().to_owned();
        let scope = if text("kind") == "Realm" { "" } else { namespace.as_str() };
        let key = Key::new(&text("apiVersion"), &text("kind"), scope, &text("name"));
        owner["uid"] = cluster.must_get(&key).await["metadata"]["uid"].clone();
    }
    object
}
