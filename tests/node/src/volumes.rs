//! Claims and snapshots as objects, and waiting for them.

use holdfast_e2e::cluster::Cluster;
use holdfast_e2e::key::Key;
use serde_json::{Value, json};

/// The API of snapshots.
pub const SNAPSHOTS: &str = "snapshot.storage.k8s.io/v1";

/// The class of snapshots that every cluster has.
pub const SNAPSHOT_CLASS: &str = "csi-azuredisk-vsc";

/// The driver that makes snapshots.
pub const DISK_DRIVER: &str = "disk.csi.azure.com";

/// The driver that makes none, behind the class `azurefile-csi`.
pub const FILE_DRIVER: &str = "file.csi.azure.com";

/// A claim; without a class the cluster's default one.
pub fn claim(namespace: &str, name: &str, size: &str, class: Option<&str>) -> Value {
    let mut claim = json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}},
    });
    if let Some(class) = class {
        claim["spec"]["storageClassName"] = json!(class);
    }
    claim
}

/// A claim whose volume is to be made from a `VolumeSnapshot`.
pub fn claim_from(namespace: &str, name: &str, size: &str, class: Option<&str>, snapshot: &str) -> Value {
    let mut claim = claim(namespace, name, size, class);
    claim["spec"]["dataSource"] =
        json!({"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": snapshot});
    claim
}

/// A `VolumeSnapshot` of a claim.
pub fn snapshot(namespace: &str, name: &str, claim: &str) -> Value {
    json!({
        "apiVersion": SNAPSHOTS,
        "kind": "VolumeSnapshot",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "volumeSnapshotClassName": SNAPSHOT_CLASS,
            "source": {"persistentVolumeClaimName": claim},
        },
    })
}

/// A `VolumeSnapshot` and its content for a snapshot that is there already, wherever it was made. With the two it stays.
pub fn imported(namespace: &str, name: &str, handle: &str) -> [Value; 2] {
    let content = format!("{namespace}-{name}");
    [
        json!({
            "apiVersion": SNAPSHOTS,
            "kind": "VolumeSnapshotContent",
            "metadata": {"name": content},
            "spec": {
                "driver": DISK_DRIVER,
                "deletionPolicy": "Retain",
                "source": {"snapshotHandle": handle},
                "volumeSnapshotClassName": SNAPSHOT_CLASS,
                "volumeSnapshotRef": {"namespace": namespace, "name": name},
            },
        }),
        json!({
            "apiVersion": SNAPSHOTS,
            "kind": "VolumeSnapshot",
            "metadata": {"namespace": namespace, "name": name},
            "spec": {
                "volumeSnapshotClassName": SNAPSHOT_CLASS,
                "source": {"volumeSnapshotContentName": content},
            },
        }),
    ]
}

/// The key of a `VolumeSnapshot`.
pub fn snapshot_key(namespace: &str, name: &str) -> Key {
    Key::new(SNAPSHOTS, "VolumeSnapshot", namespace, name)
}

/// Waits until a `VolumeSnapshot` can be used; returns its handle.
pub async fn snapshot_ready(cluster: &Cluster, namespace: &str, name: &str) -> String {
    let key = snapshot_key(namespace, name);
    let is_ready = async || cluster.must_get(&key).await["status"]["readyToUse"] == true;
    cluster.wait(&format!("{key} to be ready"), is_ready).await;
    let snapshot = cluster.must_get(&key).await;
    let content = snapshot["status"]["boundVolumeSnapshotContentName"].as_str().unwrap();
    let content = cluster.must_get(&Key::new(SNAPSHOTS, "VolumeSnapshotContent", "", content)).await;
    content["status"]["snapshotHandle"].as_str().expect("no handle").to_owned()
}

/// Waits until a `VolumeSnapshot` says that this is wrong with it. It may say something else before: the controllers report
/// what they trip over between themselves, too.
pub async fn snapshot_error(cluster: &Cluster, namespace: &str, name: &str, wanted: &str) {
    let key = snapshot_key(namespace, name);
    let says = async || {
        let snapshot = cluster.must_get(&key).await;
        snapshot["status"]["error"]["message"].as_str().is_some_and(|message| message.contains(wanted))
    };
    cluster.wait(&format!("{key} to fail with {wanted:?}"), says).await;
}

/// Waits until a claim is bound.
pub async fn bound(cluster: &Cluster, namespace: &str, claim: &str) {
    let key = Key::new("v1", "PersistentVolumeClaim", namespace, claim);
    let is_bound = async || cluster.must_get(&key).await["status"]["phase"] == "Bound";
    cluster.wait(&format!("{key} to be bound"), is_bound).await;
}
