//! Everything in a cluster that belongs to one test: read, compared, removed.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::corpus;
use crate::key::Key;

/// Objects by their keys.
pub type Snapshot = BTreeMap<Key, Value>;

/// Requests under way at once.
const AT_ONCE: usize = 32;

/// Reads every object of every kind whose namespace (or, without one, name) begins with the prefix.
pub async fn take(cluster: &Cluster, prefix: &str) -> Snapshot {
    let kinds = cluster.kinds().await;
    // Events come and go by themselves.
    let lists = stream::iter(kinds.iter().filter(|served| served.kind != "Event"))
        .map(async |served| cluster.list(served, "").await)
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>();
    let objects = lists.await.into_iter().flatten().map(|object| (Key::of(&object), object));
    objects.filter(|(key, _)| belongs(key, prefix)).collect()
}

fn belongs(key: &Key, prefix: &str) -> bool {
    let by = if key.namespace.is_empty() { &key.name } else { &key.namespace };
    by.starts_with(prefix) || key.name.ends_with(&format!(".{}", corpus::group(prefix)))
}

/// Removes everything with the prefix and waits until it is gone.
pub async fn clean(cluster: &Cluster, prefix: &str) {
    // Something may be made while the rest is deleted, by a controller or by a run that was killed a moment ago.
    loop {
        let found = start_cleaning(cluster, prefix).await;
        if found.is_empty() {
            return;
        }
        let roots: Vec<Key> = found.into_iter().filter(|key| key.namespace.is_empty()).collect();
        cluster.wait_gone(&roots).await;
    }
}

/// Asks for the deletion of everything with the prefix; returns what was found.
pub async fn start_cleaning(cluster: &Cluster, prefix: &str) -> Vec<Key> {
    let found = take(cluster, prefix).await;
    let finalized = found
        .iter()
        .filter(|(key, object)| key.kind != "Namespace" && !object["metadata"]["finalizers"].is_null());
    // Whoever finalizes is not here; deleted first, so that a controller does not put its finalizer back.
    let release = async |(key, _): (&Key, &Value)| {
        cluster.delete(key).await;
        let patch = json!({"metadata": {"finalizers": null}});
        if cluster.get(key).await.is_some() {
            let _ = cluster.try_patch(key, patch).await;
        }
    };
    stream::iter(finalized).map(release).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    let roots = found.keys().filter(|key| key.namespace.is_empty() || key.kind == "Pod");
    stream::iter(roots).map(|key| cluster.delete(key)).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    found.into_keys().collect()
}

/// What a person calls the state of the cluster: without what each write counts up, and what controllers note.
pub fn state(all: &Snapshot) -> BTreeMap<Key, Value> {
    let made =
        |key: &Key| matches!(key.kind.as_str(), "ReplicaSet" | "Pod") || key.name == "kube-root-ca.crt";
    let plain = |object: &Value| {
        let mut object = object.clone();
        for field in ["resourceVersion", "managedFields", "generation"] {
            object["metadata"].as_object_mut().unwrap().remove(field);
        }
        object.as_object_mut().unwrap().remove("status");
        let metadata = object["metadata"].as_object_mut().unwrap();
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("deployment.kubernetes.io/revision");
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
        object
    };
    all.iter().filter(|(key, _)| !made(key)).map(|(key, object)| (key.clone(), plain(object))).collect()
}

/// Ends the test unless both are the same state.
#[track_caller]
pub fn assert_same(before: &Snapshot, after: &Snapshot, what: &str) {
    let (before, after) = (state(before), state(after));
    for (key, object) in &before {
        assert_eq!(Some(object), after.get(key), "{what}: {key}");
    }
    let new: Vec<_> = after.keys().filter(|key| !before.contains_key(*key)).collect();
    assert!(new.is_empty(), "{what}: left over: {new:?}");
}

/// Waits until the Deployments' controller has seen their newest forms and old ReplicaSets are made.
pub async fn quiet(cluster: &Cluster, namespace: &str) {
    let seen = async || {
        let all = take(cluster, namespace).await;
        all.values().filter(|object| object["kind"] == "Deployment").all(|deployment| {
            deployment["status"]["observedGeneration"] == deployment["metadata"]["generation"]
        })
    };
    cluster.wait("the Deployments to be quiet", seen).await;
}
