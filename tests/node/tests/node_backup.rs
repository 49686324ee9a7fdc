//! Backups of volumes: which claims are cut, what the point says of them, and what is left in the cluster. Tests that prove a
//! sentence of Azure's page "What is Azure Kubernetes Service backup?" are called after it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::process::Command;

use holdfast_e2e::key::Key;
use holdfast_node_tests::lab::Lab;
use holdfast_node_tests::ledger;
use holdfast_node_tests::pods;
use holdfast_node_tests::volumes::{SNAPSHOTS, bound, claim, snapshot, snapshot_ready};
use serde_json::{Value, json};

fn volume<'a>(result: &'a Value, claim: &str) -> &'a Value {
    let volumes = result["volumes"].as_array().unwrap();
    volumes.iter().find(|volume| volume["claim"] == claim).unwrap_or_else(|| panic!("no {claim}: {result:#}"))
}

fn warnings(result: &Value) -> String {
    result["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w["message"].as_str().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_and_cluster_state_in_a_blob_both_combine_to_form_a_recovery_point() {
    let lab = Lab::from_env("bk-point").await;
    let ns = &lab.namespace("a").await;
    ledger::start(&lab.source, ns, "ledger", &["data"], None).await;
    // A snapshot of the user's own is none of our business.
    lab.source.create(&snapshot(ns, "mine", "data")).await;
    snapshot_ready(&lab.source, ns, "mine").await;
    let before = lab.snapshot_objects(&lab.source).await;

    let result = lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let data = volume(&result, "data");
    assert_eq!(data["state"], "Snapshotted", "{data:#}");
    assert_eq!(data["pods"], json!(["ledger"]));
    assert_eq!(data["storageClass"], "managed-csi");
    assert_eq!(data["accessModes"], json!(["ReadWriteOnce"]));
    assert_eq!(data["snapshot"]["restoreSize"], 1 << 30);
    assert_eq!(data["snapshot"]["ready"], true);
    let handle = data["snapshot"]["handle"].as_str().unwrap();
    let disk = lab.disks.by_handle(handle).expect("the storage system has no such snapshot");
    assert_eq!((disk.namespace.as_str(), disk.claim.as_str()), (ns.as_str(), "data"));
    assert_eq!(disk.source, data["volumeHandle"].as_str().unwrap());
    assert_eq!(lab.snapshot_objects(&lab.source).await, before, "objects of the backup are left");

    // The point says the same later, and vouches for it.
    let shown = lab.run("points show p --verify -o json").await.expect(0).json();
    assert_eq!(volume(&shown, "data"), data);
    assert_eq!(shown["snapshots"], 1);
    assert_eq!(shown["region"], "westeurope");
    let document = lab.point("p").join("p-holdfast-volumes.json.gz");
    let mut bytes = std::fs::read(&document).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&document, bytes).unwrap();
    let damaged = lab.run("points show p").await.expect(1);
    assert!(damaged.error().contains("p-holdfast-volumes.json.gz"), "{damaged}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_layout_is_the_one_in_which_velero_finds_the_data() {
    let lab = Lab::from_env("bk-velero").await;
    let ns = &lab.namespace("a").await;
    ledger::start(&lab.source, ns, "ledger", &["data"], None).await;
    let result = lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let handle = &volume(&result, "data")["snapshot"]["handle"];

    let archive = lab.point("p").join("p.tar.gz");
    let read = |path: String| -> Value {
        let output = Command::new("tar").arg("-xzOf").arg(&archive).arg(&path).output().unwrap();
        assert!(output.status.success(), "{path} is not in the archive");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let claim = read(format!("resources/persistentvolumeclaims/namespaces/{ns}/data.json"));
    let name = claim["metadata"]["annotations"]["velero.io/volume-snapshot-name"].as_str().unwrap();
    let snapshot =
        read(format!("resources/volumesnapshots.snapshot.storage.k8s.io/namespaces/{ns}/{name}.json"));
    assert_eq!(snapshot["metadata"]["annotations"]["velero.io/csi-volumesnapshot-handle"], *handle);
    assert_eq!(snapshot["kind"], "VolumeSnapshot");
    let content = snapshot["status"]["boundVolumeSnapshotContentName"].as_str().unwrap();
    let content =
        read(format!("resources/volumesnapshotcontents.snapshot.storage.k8s.io/cluster/{content}.json"));
    assert_eq!(content["status"]["snapshotHandle"], *handle);
    assert_eq!(content["spec"]["driver"], "disk.csi.azure.com");
    assert_eq!(content["spec"]["volumeSnapshotRef"]["name"], name);
    assert_eq!(content["metadata"]["labels"]["velero.io/backup-name"], "p");
    // What Velero makes of these objects must never be taken for what a backup of ours left.
    for object in [&snapshot, &content] {
        assert!(!object["metadata"]["labels"].to_string().contains("holdfast.dev/"), "{object:#}");
    }
    let infos = lab.point("p").join("p-volumeinfo.json.gz");
    let output = Command::new("gzip").arg("-dc").arg(infos).output().unwrap();
    let infos: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(infos[0]["backupMethod"], "CSISnapshot");
    assert_eq!(infos[0]["pvName"], claim["spec"]["volumeName"]);
    assert_eq!(infos[0]["csiSnapshotInfo"]["snapshotHandle"], *handle);
    let marker: Value =
        serde_json::from_slice(&std::fs::read(lab.point("p").join("velero-backup.json")).unwrap()).unwrap();
    assert_eq!(marker["spec"]["snapshotVolumes"], true);
    // The live claim bears nothing of it.
    let live = lab.source.must_get(&Key::new("v1", "PersistentVolumeClaim", ns, "data")).await;
    assert!(!live.to_string().contains("velero.io/"), "{live:#}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn creates_an_incremental_snapshot_in_the_snapshot_resource_group_by_the_class_that_is_chosen() {
    // Another class for the driver is in the way of all others.
    let lab = Lab::alone("bk-class").await;
    let ns = &lab.namespace("a").await;
    ledger::start(&lab.source, ns, "ledger", &["data"], None).await;
    let class = lab.name("class");
    let left = Key::new(SNAPSHOTS, "VolumeSnapshotClass", "", &class);
    lab.source.delete_and_wait(&left).await;
    lab.source
        .create(&json!({"apiVersion": SNAPSHOTS, "kind": "VolumeSnapshotClass", "metadata": {"name": class},
            "driver": "disk.csi.azure.com", "deletionPolicy": "Delete",
            "parameters": {"incremental": "true", "resourceGroup": "rg-of-snapshots"}}))
        .await;
    let class_key = Key::new(SNAPSHOTS, "VolumeSnapshotClass", "", &class);
    let words = format!("--include-namespaces {ns}");

    let result = lab.backup("asked", &format!("{words} --snapshot-class disk.csi.azure.com={class}")).await;
    let taken = &volume(&result, "data")["snapshot"];
    assert_eq!(taken["class"], *class);
    assert_eq!((&taken["incremental"], &taken["resourceGroup"]), (&json!(true), &json!("rg-of-snapshots")));
    let handle = taken["handle"].as_str().unwrap();
    assert!(handle.contains("/resourceGroups/rg-of-snapshots/"), "{handle}");
    assert_eq!(lab.disks.by_handle(handle).unwrap().parameters["incremental"], "true");

    lab.source
        .patch(&class_key, json!({"metadata": {"labels": {"velero.io/csi-volumesnapshot-class": "true"}}}))
        .await;
    let result = lab.backup("labelled", &words).await;
    assert_eq!(volume(&result, "data")["snapshot"]["class"], *class, "the labelled class is not taken");

    let run = lab.run(&format!("backup --cluster source --name missing -o json {words} --snapshot-class disk.csi.azure.com=none-such")).await.expect(3);
    let result = run.json();
    assert_eq!((&result["state"], &volume(&result, "data")["state"]), (&json!("Partial"), &json!("Failed")));
    assert!(warnings(&result).contains("none-such"), "{run}");
    lab.source.delete_and_wait(&class_key).await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_solution_skips_other_persistent_volume_types_by_name_and_reason() {
    let lab = Lab::from_env("bk-skip").await;
    let ns = &lab.namespace("a").await;
    let source = &lab.source;
    source.create(&claim(ns, "files", "1Gi", Some("azurefile-csi"))).await;
    bound(source, ns, "files").await;
    source.create(&claim(ns, "pending", "1Gi", Some("managed-csi"))).await;
    let by_hand = |name: &str, class: &str, kind: Value| {
        let volume = lab.name(name);
        let mut spec = json!({"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain", "storageClassName": class, "claimRef": {"namespace": ns, "name": name}});
        spec.as_object_mut().unwrap().extend(kind.as_object().unwrap().clone());
        let mut claim = claim(ns, name, "1Gi", Some(class));
        claim["spec"]["volumeName"] = json!(volume);
        [
            json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": volume}, "spec": spec}),
            claim,
        ]
    };
    let disk =
        json!({"csi": {"driver": "disk.csi.azure.com", "volumeHandle": "/subscriptions/x/disks/by-hand"}});
    for object in [
        by_hand("nfs", "by-hand", json!({"nfs": {"server": "nfs.example.org", "path": "/x"}})),
        by_hand("on-host", "by-hand", json!({"hostPath": {"path": "/tmp/x"}})),
        by_hand(
            "in-tree",
            "by-hand",
            json!({"azureFile": {"secretName": "s", "shareName": "x", "secretNamespace": ns}}),
        ),
        by_hand("blob", "by-hand", json!({"csi": {"driver": "blob.csi.azure.com", "volumeHandle": "x"}})),
        by_hand("without-class", "", disk),
    ]
    .concat()
    {
        source.create(&object).await;
    }
    for name in ["nfs", "on-host", "in-tree", "blob", "without-class"] {
        bound(source, ns, name).await;
    }
    // One that a selected pod uses, and that is not selected itself.
    let mut labelled = pods::idle(ns, "worker", &["left-out"]);
    labelled["metadata"]["labels"] = json!({"take": "yes"});
    source.create(&claim(ns, "left-out", "1Gi", None)).await;
    source.create(&labelled).await;
    pods::ready(source, ns, "worker").await;

    let result = lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let reasons = [
        ("files", "Azure Files (file.csi.azure.com)"),
        ("blob", "Azure Blob Storage (blob.csi.azure.com)"),
        ("pending", "not bound"),
        ("nfs", "nfs volumes"),
        ("on-host", "hostPath volumes"),
        ("in-tree", "azureFile volumes"),
        ("without-class", "no storage class"),
    ];
    for (name, reason) in reasons {
        let volume = volume(&result, name);
        assert_eq!(volume["state"], "Skipped", "{volume:#}");
        assert!(volume["reason"].as_str().unwrap().contains(reason), "{volume:#}");
        assert!(warnings(&result).contains(&format!("{ns}/{name}")), "{}", warnings(&result));
    }
    assert_eq!(volume(&result, "left-out")["state"], "Snapshotted");

    let result = lab.backup("by-label", &format!("--include-namespaces {ns} --selector take=yes")).await;
    let left_out = volume(&result, "left-out");
    assert_eq!(left_out["state"], "Skipped", "{left_out:#}");
    assert!(left_out["reason"].as_str().unwrap().contains("pod worker uses it"), "{left_out:#}");

    let result = lab.backup("without", &format!("--include-namespaces {ns} --snapshot-volumes false")).await;
    assert_eq!(result["volumes"], json!([]));
    for name in ["nfs", "on-host", "in-tree", "blob", "without-class"] {
        source.delete(&Key::new("v1", "PersistentVolumeClaim", ns, name)).await;
        source.delete_and_wait(&Key::new("v1", "PersistentVolume", "", &lab.name(name))).await;
    }
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_claims_are_cut_in_one_backup() {
    let lab = Lab::from_env("bk-many").await;
    let ns = &lab.namespace("a").await;
    let claims: Vec<Value> =
        (0..200).map(|n| claim(ns, &format!("c{n:03}"), "1Gi", Some("managed-csi-immediate"))).collect();
    lab.source.create_all(&claims).await;
    for n in 0..200 {
        bound(&lab.source, ns, &format!("c{n:03}")).await;
    }
    let result = lab.backup("p", &format!("--include-namespaces {ns}")).await;
    assert_eq!(result["volumes"].as_array().unwrap().len(), 200);
    let mut handles: Vec<&str> = (0..200)
        .map(|n| volume(&result, &format!("c{n:03}"))["snapshot"]["handle"].as_str().unwrap())
        .collect();
    handles.sort_unstable();
    handles.dedup();
    assert_eq!(handles.len(), 200);
    assert_eq!(lab.disks.snapshots_of(ns).len(), 200);
    assert!(lab.snapshot_objects(&lab.source).await.is_empty(), "objects of the backup are left");
    lab.delete_points("target").await;
    assert!(lab.disks.snapshots_of(ns).is_empty(), "snapshots are left");
    lab.finish().await;
}
