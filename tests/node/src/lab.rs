//! What a test holds: two clusters with nodes, their disks, a vault, a home of its own and the built program.

use std::ops::Deref;
use std::time::Duration;

use holdfast_e2e::cluster::Cluster;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab;
use holdfast_e2e::lock::Use;
use holdfast_e2e::terminal::required;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::disks::Disks;
use crate::volumes::SNAPSHOTS;

/// The surroundings of one test. What it makes in the clusters begins with its prefix. Everything of the lab on clusters
/// without nodes is here, too: [`lab::Lab`].
pub struct Lab {
    lab: lab::Lab,
    /// Volumes and snapshots of both clusters.
    pub disks: Disks,
}

impl Deref for Lab {
    type Target = lab::Lab;

    fn deref(&self) -> &lab::Lab {
        &self.lab
    }
}

impl Lab {
    /// A lab beside others, cleaned of what an earlier run of the same test left.
    pub async fn from_env(prefix: &str) -> Self {
        Self::with(prefix, Use::Shared).await
    }

    /// A lab that has clusters and disks for itself.
    pub async fn alone(prefix: &str) -> Self {
        Self::with(prefix, Use::Alone).await
    }

    async fn with(prefix: &str, how: Use) -> Self {
        let disks = Disks::from_env();
        let lab = lab::Lab::at(required("HOLDFAST_TEST_NODES"), prefix, how).await;
        let lab = Self { lab, disks };
        lab.clean().await;
        // Snapshots of points whose vault is gone.
        for left in lab.disks.snapshots_of(lab.prefix()) {
            left.remove();
        }
        lab
    }

    /// Installs the definitions of hooks, as a user would, unless they are there.
    pub async fn install_hooks(&self, cluster: &Cluster) {
        let text = self.run("extension crds").await.expect(0).stdout;
        for document in text.split("\n---\n") {
            let object: Value = serde_saphyr::from_str(document).unwrap();
            if cluster.get(&Key::of(&object)).await.is_none() {
                // Another test may be doing the same.
                let _ = cluster.try_create(&object).await;
            }
        }
        let served = async || {
            let kinds = cluster.kinds().await;
            ["BackupHook", "RestoreHook"].iter().all(|kind| kinds.iter().any(|served| served.kind == *kind))
        };
        cluster.wait("the kinds of hooks", served).await;
    }

    /// The snapshot objects in a cluster that belong to namespaces of this test, as `kind name`: what
    /// `kubectl get volumesnapshots,volumesnapshotcontents -A` shows.
    pub async fn snapshot_objects(&self, cluster: &Cluster) -> Vec<String> {
        let mut found = Vec::new();
        for served in cluster.kinds().await.iter().filter(|served| served.api_version == SNAPSHOTS) {
            if served.kind == "VolumeSnapshotClass" {
                continue;
            }
            for object in cluster.list(served, "").await {
                let of = object["spec"]["volumeSnapshotRef"]["namespace"].as_str();
                let namespace = object["metadata"]["namespace"].as_str().or(of).unwrap();
                if namespace.starts_with(self.prefix()) {
                    found.push(format!("{} {}", served.kind, object["metadata"]["name"].as_str().unwrap()));
                }
            }
        }
        found.sort();
        found
    }

    /// Deletes all points of the vault, with their snapshots, through this cluster.
    pub async fn delete_points(&self, cluster: &str) {
        let points = self.run("points list -o json").await.expect(0).json();
        for point in points.as_array().unwrap() {
            let name = point["name"].as_str().unwrap();
            self.run(&format!("points delete {name} --yes --cluster {cluster}")).await.expect(0);
        }
    }

    /// Removes what the test made, and waits until it is gone.
    pub async fn finish(self) {
        self.clean().await;
    }

    async fn clean(&self) {
        tokio::join!(clean(&self.source, self.prefix()), clean(&self.target, self.prefix()));
    }
}

/// Removes the namespaces with the prefix, and the volumes and snapshot contents that belong to them. Pods first, then
/// snapshots and claims: the other way round they wait for each other, and a namespace waits for them in steps of
/// many seconds.
async fn clean(cluster: &Cluster, prefix: &str) {
    let of_namespace = |object: &Value, pointer: &str| {
        object.pointer(pointer).and_then(Value::as_str).is_some_and(|namespace| namespace.starts_with(prefix))
    };
    let kinds = cluster.kinds().await;
    let found = async |kind: &str, pointer: &str| {
        let served = kinds.iter().find(|served| served.kind == kind).expect("the cluster has no such kind");
        let objects = cluster.list(served, "").await;
        let mine = objects.iter().filter(|object| of_namespace(object, pointer));
        mine.map(Key::of).collect::<Vec<Key>>()
    };
    // What makes pods would make them again.
    for kind in ["StatefulSet", "Deployment", "DaemonSet", "Job"] {
        remove(cluster, &found(kind, "/metadata/namespace").await).await;
    }
    remove(cluster, &found("Pod", "/metadata/namespace").await).await;
    // Together: a snapshot stays while a claim waits to be filled from it.
    let mut going = Vec::new();
    for (kind, pointer) in [
        ("PersistentVolumeClaim", "/metadata/namespace"),
        ("VolumeSnapshot", "/metadata/namespace"),
        ("VolumeSnapshotContent", "/spec/volumeSnapshotRef/namespace"),
    ] {
        for key in found(kind, pointer).await {
            cluster.delete(&key).await;
            going.push(key);
        }
    }
    let contents: Vec<Key> =
        going.iter().filter(|key| key.kind == "VolumeSnapshotContent").cloned().collect();
    let are_gone = async || {
        let mut gone = true;
        for key in &contents {
            // csi-snapshotter looks again only at what changes: one that was deleted while it was taken would stay.
            let patch = json!({"metadata": {"annotations": {"cleaned": Timestamp::now().to_string()}}});
            gone &= cluster.try_patch(key, patch).await.is_err();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        gone
    };
    cluster.wait("snapshot contents to be gone", are_gone).await;
    cluster.wait_gone(&going).await;
    for (kind, pointer) in [("PersistentVolume", "/spec/claimRef/namespace"), ("Namespace", "/metadata/name")]
    {
        remove(cluster, &found(kind, pointer).await).await;
    }
    assert!(kinds.iter().any(|served| served.api_version == SNAPSHOTS), "the cluster knows no snapshots");
}

async fn remove(cluster: &Cluster, keys: &[Key]) {
    for key in keys {
        cluster.delete(key).await;
    }
    cluster.wait_gone(keys).await;
}
