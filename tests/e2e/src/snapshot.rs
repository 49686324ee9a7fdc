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
