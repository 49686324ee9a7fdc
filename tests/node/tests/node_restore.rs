//! Restores of volumes: their data comes back where it belongs, what exists is left alone, and what cannot be restored is said
//! before anything is written. Tests that prove a sentence of Azure's page "What is Azure Kubernetes Service backup?" are called
//! after it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use holdfast_e2e::cluster::Cluster;
use holdfast_e2e::foreign;
use holdfast_e2e::key::Key;
use holdfast_node_tests::lab::Lab;
use holdfast_node_tests::ledger::{self, Check};
use holdfast_node_tests::pods::{self, exec};
use holdfast_node_tests::volumes::{SNAPSHOTS, bound, claim};
use serde_json::{Value, json};

fn claim_key(ns: &str, name: &str) -> Key {
    Key::new("v1", "PersistentVolumeClaim", ns, name)
}

/// A claim with a file that says this, and the pod that wrote it.
async fn written(cluster: &Cluster, ns: &str, name: &str, text: &str, class: Option<&str>) {
    cluster.create(&claim(ns, name, "1Gi", class)).await;
    cluster.create(&pods::idle(ns, name, &[name])).await;
    pods::ready(cluster, ns, name).await;
    write(cluster, ns, name, text).await;
}

async fn write(cluster: &Cluster, ns: &str, pod: &str, text: &str) {
    let script = format!("echo {text} > {}/text && sync", pods::mount(pod));
    assert_eq!(exec(cluster, ns, pod, &["/bin/sh", "-c", &script]).await.code, 0);
}

/// What the file says, through a pod that has the claim of its own name.
async fn read(cluster: &Cluster, ns: &str, pod: &str) -> String {
    pods::ready(cluster, ns, pod).await;
    let path = format!("{}/text", pods::mount(pod));
    exec(cluster, ns, pod, &["/bin/cat", &path]).await.stdout.trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn you_can_restore_on_the_original_cluster_or_on_an_alternate_one() {
    let lab = Lab::from_env("rs-where").await;
    let ns = &lab.namespace("a").await;
    lab.source.create(&ledger::stateful_set(ns, "db", 2)).await;
    for pod in ["db-0", "db-1"] {
        pods::ready(&lab.source, ns, pod).await;
        lab.source
            .wait("transfers", async || ledger::status(&lab.source, ns, pod).await.transfers > 100)
            .await;
        ledger::freeze(&lab.source, ns, pod, 60).await;
    }
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    for pod in ["db-0", "db-1"] {
        ledger::thaw(&lab.source, ns, pod).await;
    }
    let snapshots = lab.disks.snapshots_of(ns).len();

    let other = &lab.name("b");
    for (cluster, live, to) in [("source", &lab.source, other), ("target", &lab.target, ns)] {
        let words = format!("--namespace-mappings {ns}:{other}");
        let report = lab.restore(cluster, "p", if to == other { &words } else { "" }).await;
        report.expect_clean();
        for number in 0..2 {
            let item = report.item(&claim_key(ns, &format!("data-db-{number}")));
            assert_eq!(item.outcome(), "Created", "{item}");
            assert!(item.reason().contains("snapshot of"), "{item}");
            let pod = format!("db-{number}");
            pods::ready(live, to, &pod).await;
            // The ledger refuses data that is not consistent, and goes on from what is.
            assert!(ledger::status(live, to, &pod).await.transfers > 100);
        }
        let filled = lab.disks.volumes_of(to).into_iter().filter(|volume| volume.handle.contains(cluster));
        let sources: Vec<String> =
            filled.map(|volume| volume.source).filter(|source| !source.is_empty()).collect();
        assert_eq!(sources.len(), 2, "they were not filled from snapshots");
        assert!(sources.iter().all(|source| lab.disks.by_handle(source).is_some()));
        assert_eq!(lab.snapshot_objects(live).await, [""; 0], "what filled the claims is left in {cluster}");
    }
    assert_eq!(lab.disks.snapshots_of(ns).len(), snapshots, "restores change no snapshots");

    // Once more: nothing differs, whatever a claim was filled from.
    let again = lab.restore("target", "p", "--conflict-policy patch").await;
    again.expect_clean();
    assert_eq!(
        again.item(&claim_key(ns, "data-db-0")).outcome(),
        "Identical",
        "{}",
        again.item(&claim_key(ns, "data-db-0"))
    );
    lab.delete_points("target").await;
    assert!(lab.disks.snapshots_of(ns).is_empty());
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn skip_leaves_a_claim_of_the_same_name_and_deleting_it_first_brings_its_data_back() {
    let lab = Lab::from_env("rs-skip").await;
    let ns = &lab.namespace("a").await;
    written(&lab.source, ns, "data", "then", None).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    write(&lab.source, ns, "data", "now").await;
    let key = claim_key(ns, "data");
    for policy in ["skip", "patch"] {
        lab.source.patch(&key, json!({"metadata": {"labels": {"changed": policy}}})).await;
        let report = lab.restore("source", "p", &format!("--conflict-policy {policy}")).await;
        let item = report.item(&key);
        assert!(matches!(item.outcome(), "Skipped" | "Identical"), "{item}");
        assert_eq!(read(&lab.source, ns, "data").await, "now", "{policy} overwrote a volume");
    }
    for kind in ["Pod", "PersistentVolumeClaim"] {
        lab.source.delete_and_wait(&Key::new("v1", kind, ns, "data")).await;
    }
    lab.restore("source", "p", "").await.expect_clean();
    assert_eq!(read(&lab.source, ns, "data").await, "then");
    lab.delete_points("source").await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_data_claims_are_empty_and_classes_are_mapped() {
    let lab = Lab::from_env("rs-class").await;
    let ns = &lab.namespace("a").await;
    written(&lab.source, ns, "data", "full", Some("managed-csi-premium")).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;

    let report = lab.restore("target", "p", "--volume-mode without-data").await;
    report.expect_clean();
    assert_eq!(read(&lab.target, ns, "data").await, "", "a claim that was to be empty is not");
    lab.target.delete_and_wait(&Key::new("v1", "Namespace", "", ns)).await;

    let mapped = "--storage-class-mapping managed-csi-premium=managed-csi-immediate";
    let report = lab.restore("target", "p", mapped).await;
    report.expect_clean();
    assert_eq!(
        lab.target.must_get(&claim_key(ns, "data")).await["spec"]["storageClassName"],
        "managed-csi-immediate"
    );
    assert_eq!(read(&lab.target, ns, "data").await, "full");
    let again = lab.restore("target", "p", mapped).await;
    assert_eq!(
        again.item(&claim_key(ns, "data")).outcome(),
        "Identical",
        "{}",
        again.item(&claim_key(ns, "data"))
    );
    lab.target.delete_and_wait(&Key::new("v1", "Namespace", "", ns)).await;

    for (class, why) in [("azurefile-csi", "file.csi.azure.com"), ("none-such", "none-such")] {
        let words = format!("--storage-class-mapping managed-csi-premium={class}");
        let report = lab.restore("target", "p", &words).await;
        let item = report.item(&claim_key(ns, "data"));
        assert_eq!(item.outcome(), "Blocked", "{item}");
        assert!(item.reason().contains(why), "{item}");
        assert!(lab.target.get(&claim_key(ns, "data")).await.is_none());
        lab.target.delete_and_wait(&Key::new("v1", "Namespace", "", ns)).await;
    }
    lab.delete_points("source").await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_is_gone_or_in_another_region_blocks_before_anything_is_written() {
    // The region is that of the node, which all tests have.
    let lab = Lab::alone("rs-gone").await;
    let ns = &lab.namespace("a").await;
    lab.source.create(&ledger::stateful_set(ns, "db", 1)).await;
    pods::ready(&lab.source, ns, "db-0").await;
    written(&lab.source, ns, "data", "there", None).await;
    let result = lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let set = Key::new("apps/v1", "StatefulSet", ns, "db");

    let node = Key::new("v1", "Node", "", "target-node");
    let label = |region: &str| json!({"metadata": {"labels": {"topology.kubernetes.io/region": region}}});
    lab.target.patch(&node, label("northeurope")).await;
    let report = lab.restore("target", "p", "--plan").await;
    for key in [&claim_key(ns, "data-db-0"), &claim_key(ns, "data"), &set] {
        assert_eq!(report.item(key).action(), "Blocked", "{}", report.item(key));
    }
    assert!(
        report.item(&claim_key(ns, "data")).reason().contains("Vault tier"),
        "{}",
        report.item(&claim_key(ns, "data"))
    );
    lab.target.patch(&node, label("westeurope")).await;

    let volumes = result["volumes"].as_array().unwrap();
    let gone = volumes.iter().find(|volume| volume["claim"] == "data-db-0").unwrap();
    let gone = lab.disks.by_handle(gone["snapshot"]["handle"].as_str().unwrap()).unwrap();
    gone.remove();
    let report = lab.restore("target", "p", "").await;
    for key in [&claim_key(ns, "data-db-0"), &set] {
        assert_eq!(report.item(key).outcome(), "Blocked", "{}", report.item(key));
        assert!(lab.target.get(key).await.is_none(), "{key} was made all the same");
    }
    assert!(
        report.item(&claim_key(ns, "data-db-0")).reason().contains("not find"),
        "{}",
        report.item(&claim_key(ns, "data-db-0"))
    );
    assert_eq!(report.item(&claim_key(ns, "data")).outcome(), "Created");
    assert_eq!(read(&lab.target, ns, "data").await, "there");
    assert_eq!(lab.snapshot_objects(&lab.target).await, [""; 0]);
    // Deleting the point does not stumble over what is gone already.
    let deleted = lab.run("points delete p --yes --cluster source -o json").await.expect(0).json();
    assert_eq!(deleted["snapshots"], json!({"deleted": 1, "gone": 1, "kept": 0}));
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_that_velero_wrote_restores_its_volumes_from_their_snapshot_handles() {
    let lab = Lab::from_env("rs-velero").await;
    let ns = &lab.namespace("a").await;
    written(&lab.source, ns, "data", "by velero", None).await;
    let result = lab.backup("ours", &format!("--include-namespaces {ns}")).await;
    let handle = result["volumes"][0]["snapshot"]["handle"].as_str().unwrap();
    let mut live = lab.source.must_get(&claim_key(ns, "data")).await;
    let volume = live["spec"]["volumeName"].as_str().unwrap().to_owned();
    let volume = lab.source.must_get(&Key::new("v1", "PersistentVolume", "", &volume)).await;
    let namespace = lab.source.must_get(&Key::new("v1", "Namespace", "", ns)).await;
    live["metadata"]["annotations"]["velero.io/volume-snapshot-name"] = json!("velero-data-x7f2k");
    live["metadata"]["labels"] =
        json!({"velero.io/backup-name": "nightly", "velero.io/volume-snapshot-name": "velero-data-x7f2k"});
    let snapshot = json!({"apiVersion": SNAPSHOTS, "kind": "VolumeSnapshot",
        "metadata": {"namespace": ns, "name": "velero-data-x7f2k", "labels": {"velero.io/backup-name": "nightly"},
            "annotations": {"velero.io/csi-vsc-deletion-policy": "Retain"}},
        "spec": {"source": {"persistentVolumeClaimName": "data"}, "volumeSnapshotClassName": "csi-azuredisk-vsc"},
        "status": {"boundVolumeSnapshotContentName": "snapcontent-1", "creationTime": "2026-01-02T03:04:06Z", "readyToUse": true, "restoreSize": "1Gi"}});
    let content = json!({"apiVersion": SNAPSHOTS, "kind": "VolumeSnapshotContent",
        "metadata": {"name": "snapcontent-1", "labels": {"velero.io/backup-name": "nightly"}},
        "spec": {"deletionPolicy": "Retain", "driver": "disk.csi.azure.com",
            "source": {"volumeHandle": volume["spec"]["csi"]["volumeHandle"]}, "volumeSnapshotClassName": "csi-azuredisk-vsc",
            "volumeSnapshotRef": {"namespace": ns, "name": "velero-data-x7f2k"}},
        "status": {"snapshotHandle": handle, "creationTime": 1_767_323_046_000_000_000_i64, "readyToUse": true, "restoreSize": 1 << 30}});
    let vault = lab.folder().join("velero");
    foreign::point(&vault, "nightly", |tar| {
        for (plural, object) in [
            ("namespaces", &namespace),
            ("persistentvolumeclaims", &live),
            ("persistentvolumes", &volume),
            ("volumesnapshots", &snapshot),
            ("volumesnapshotcontents", &content),
        ] {
            foreign::object(tar, plural, object);
        }
    });

    let at = format!("--vault file://{}", vault.display());
    let shown = lab.run(&format!("points show nightly -o json {at}")).await.expect(0).json();
    assert_eq!(shown["volumes"][0]["snapshot"]["handle"], handle, "{shown:#}");
    let report = lab.restore("target", "nightly", &at).await;
    assert_eq!(
        report.item(&claim_key(ns, "data")).outcome(),
        "Created",
        "{}",
        report.item(&claim_key(ns, "data"))
    );
    for key in [Key::of(&snapshot), Key::of(&content)] {
        assert!(report.find(&key).is_none(), "{}", report.item(&key));
        assert!(lab.target.get(&key).await.is_none(), "{key} was restored as an object");
    }
    lab.target.create(&pods::idle(ns, "data", &["data"])).await;
    bound(&lab.target, ns, "data").await;
    assert_eq!(read(&lab.target, ns, "data").await, "by velero");
    lab.run(&format!("cleanup --cluster target {at}")).await.expect(0);
    assert_eq!(lab.snapshot_objects(&lab.target).await, [""; 0]);
    lab.delete_points("source").await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_a_restore_removes_the_volume_and_keeps_the_snapshot() {
    let lab = Lab::from_env("rs-undo").await;
    let ns = &lab.namespace("a").await;
    ledger::start(&lab.source, ns, "ledger", &["data"], Some("managed-csi-immediate")).await;
    ledger::freeze(&lab.source, ns, "ledger", 60).await;
    let result = lab
        .backup("p", &format!("--include-namespaces {ns} --include-resources persistentvolumeclaims"))
        .await;
    ledger::thaw(&lab.source, ns, "ledger").await;
    let report = lab.restore("target", "p", "").await;
    report.expect_clean();
    assert!(matches!(ledger::check(&lab.target, ns, &["data"]).await, Check::Consistent(_)));
    let undone = lab.undo(report.job(), "--cluster target --yes").await;
    assert_eq!(
        undone.item(&claim_key(ns, "data")).outcome(),
        "Deleted",
        "{}",
        undone.item(&claim_key(ns, "data"))
    );
    lab.target
        .wait("the volume to go", async || lab.target.get(&claim_key(ns, "data")).await.is_none())
        .await;
    let handle: &Value = &result["volumes"][0]["snapshot"]["handle"];
    assert!(lab.disks.by_handle(handle.as_str().unwrap()).is_some(), "undoing deleted the snapshot");
    lab.delete_points("target").await;
    lab.finish().await;
}
