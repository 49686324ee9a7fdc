//! Snapshots of volumes: what is bound to what, what outlives what, and what a claim can be filled from.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use holdfast_sandbox::Sandbox;
use serde_json::{Value, json};
use support::Api;

const ROOT: &str = "/apis/snapshot.storage.k8s.io/v1";
const SNAPSHOTS: &str = "/apis/snapshot.storage.k8s.io/v1/namespaces/shop/volumesnapshots";
const CONTENTS: &str = "/apis/snapshot.storage.k8s.io/v1/volumesnapshotcontents";
const CLASSES: &str = "/apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses";
const CLAIMS: &str = "/api/v1/namespaces/shop/persistentvolumeclaims";
const DRIVER: &str = "disk.csi.azure.com";

fn object(kind: &str, name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "snapshot.storage.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})
}

fn of_claim(name: &str, claim: &str) -> Value {
    let spec = json!({"volumeSnapshotClassName": "csi-azuredisk-vsc", "source": {"persistentVolumeClaimName": claim}});
    object("VolumeSnapshot", name, &spec)
}

fn of_content(name: &str, content: &str) -> Value {
    object("VolumeSnapshot", name, &json!({"source": {"volumeSnapshotContentName": content}}))
}

fn content(name: &str, handle: &str, snapshot: &str, policy: &str) -> Value {
    let spec = json!({"deletionPolicy": policy, "driver": DRIVER, "source": {"snapshotHandle": handle},
        "volumeSnapshotRef": {"namespace": "shop", "name": snapshot}});
    object("VolumeSnapshotContent", name, &spec)
}

fn claim(name: &str, size: &str, snapshot: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "shop-disk",
            "resources": {"requests": {"storage": size}},
            "dataSource": {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": snapshot}}})
}

async fn phase(api: &Api, claim: &str) -> Value {
    api.get(&format!("{CLAIMS}/{claim}")).await["status"]["phase"].clone()
}

async fn status(api: &Api, path: &str, name: &str) -> Value {
    api.get(&format!("{path}/{name}")).await["status"].clone()
}

/// Takes a snapshot of the claim `uploads`; its content's name and its handle.
async fn take(api: &Api, name: &str) -> (String, String) {
    api.post(SNAPSHOTS, &of_claim(name, "uploads")).await;
    let content = status(api, SNAPSHOTS, name).await["boundVolumeSnapshotContentName"].clone();
    let content = content.as_str().unwrap().to_owned();
    let handle = status(api, CONTENTS, &content).await["snapshotHandle"].as_str().unwrap().to_owned();
    (content, handle)
}

/// Whether the storage system has a snapshot: asked as a driver is, by a content that names it.
async fn exists(api: &Api, handle: &str) -> bool {
    api.post(CONTENTS, &content("probe", handle, "probe", "Retain")).await;
    let status = status(api, CONTENTS, "probe").await;
    api.delete(&format!("{CONTENTS}/probe")).await;
    if status["readyToUse"] == true {
        assert_eq!(status["snapshotHandle"], handle);
        return true;
    }
    let said = format!("snapshot {handle} not found");
    assert!(status["error"]["message"].as_str().unwrap().contains(&said), "{status}");
    assert_eq!(status["readyToUse"], false);
    false
}

#[tokio::test]
async fn the_types_are_announced_and_the_sample_has_a_class() {
    let api = Api::new();
    let served = api.get(ROOT).await;
    let resources = served["resources"].as_array().unwrap().iter();
    let scopes: Vec<_> = resources.map(|r| (r["kind"].as_str().unwrap(), r["namespaced"] == true)).collect();
    let expected =
        [("VolumeSnapshotClass", false), ("VolumeSnapshotContent", false), ("VolumeSnapshot", true)];
    assert_eq!(scopes, expected);
    let class = api.get(&format!("{CLASSES}/csi-azuredisk-vsc")).await;
    assert_eq!((&class["driver"], &class["deletionPolicy"]), (&json!(DRIVER), &json!("Delete")));
    let list = api.get(CLASSES).await;
    assert_eq!(
        list["items"][0]["kind"], "VolumeSnapshotClass",
        "a definition's objects tell their type in lists"
    );
    for volume in api.get("/api/v1/persistentvolumes").await["items"].as_array().unwrap() {
        assert_eq!(volume["spec"]["csi"]["driver"], DRIVER);
    }
}

#[tokio::test]
async fn a_snapshot_of_a_claim_is_bound_and_ready_at_once() {
    let api = Api::new();
    let before = jiff::Timestamp::now();
    let made = api.post(SNAPSHOTS, &of_claim("s", "uploads")).await;
    let snapshot = api.get(&format!("{SNAPSHOTS}/s")).await;
    let uid = made["metadata"]["uid"].as_str().unwrap();
    let name = format!("snapcontent-{uid}");
    let status = &snapshot["status"];
    assert_eq!(status["boundVolumeSnapshotContentName"], *name);
    assert_eq!((&status["readyToUse"], &status["restoreSize"]), (&json!(true), &json!("5Gi")));
    assert!(status.get("error").is_none(), "{status}");
    let content = api.get(&format!("{CONTENTS}/{name}")).await;
    let volume = api.get(&format!("{CLAIMS}/uploads")).await["spec"]["volumeName"].clone();
    let volume = api.get(&format!("/api/v1/persistentvolumes/{}", volume.as_str().unwrap())).await;
    let mut spec = content["spec"].clone();
    spec["volumeSnapshotRef"].as_object_mut().unwrap().remove("resourceVersion").unwrap();
    let expected = json!({
        "deletionPolicy": "Delete", "driver": DRIVER, "sourceVolumeMode": "Filesystem",
        "source": {"volumeHandle": volume["spec"]["csi"]["volumeHandle"]},
        "volumeSnapshotClassName": "csi-azuredisk-vsc",
        "volumeSnapshotRef": {"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot",
            "namespace": "shop", "name": "s", "uid": uid},
    });
    assert_eq!(spec, expected);
    let taken = content["status"]["creationTime"].as_i64().unwrap();
    let expected = json!({"creationTime": taken, "readyToUse": true, "restoreSize": 5_i64 << 30,
        "snapshotHandle": format!("/sandbox/snapshots/{uid}")});
    assert_eq!(content["status"], expected);
    assert!(i128::from(taken) >= before.as_nanosecond(), "in nanoseconds");
    let told: jiff::Timestamp = status["creationTime"].as_str().unwrap().parse().unwrap();
    assert_eq!(told.as_second(), taken / 1_000_000_000);
    assert!(
        api.everything().await.iter().all(|o| o["kind"] != "StoredSnapshot"),
        "what is stored is not served"
    );
}

#[tokio::test]
async fn a_class_is_found_by_its_driver_where_none_is_named() {
    let api = Api::new();
    let mut unnamed = of_claim("a", "uploads");
    unnamed["spec"].as_object_mut().unwrap().remove("volumeSnapshotClassName");
    api.post(SNAPSHOTS, &unnamed).await;
    let said = status(&api, SNAPSHOTS, "a").await;
    let words = "Failed to set default snapshot class with error cannot find default snapshot class";
    assert_eq!((&said["error"]["message"], &said["readyToUse"]), (&json!(words), &json!(false)));
    let default =
        json!({"metadata": {"annotations": {"snapshot.storage.kubernetes.io/is-default-class": "true"}}});
    api.patch(&format!("{CLASSES}/csi-azuredisk-vsc"), &default).await;
    unnamed["metadata"]["name"] = json!("b");
    api.post(SNAPSHOTS, &unnamed).await;
    let made = api.get(&format!("{SNAPSHOTS}/b")).await;
    assert_eq!(made["spec"]["volumeSnapshotClassName"], "csi-azuredisk-vsc");
    assert_eq!(made["status"]["readyToUse"], true);
}

#[tokio::test]
async fn what_cannot_be_taken_says_why() {
    let api = Api::new();
    let mut elsewhere = of_claim("class", "uploads");
    elsewhere["spec"]["volumeSnapshotClassName"] = json!("none");
    api.post(SNAPSHOTS, &elsewhere).await;
    let said = status(&api, SNAPSHOTS, "class").await["error"]["message"].clone();
    assert!(said.as_str().unwrap().contains("failed to retrieve snapshot class none"), "{said}");

    api.post(SNAPSHOTS, &of_claim("early", "later")).await;
    let said = status(&api, SNAPSHOTS, "early").await["error"]["message"].clone();
    assert!(said.as_str().unwrap().contains("cannot get claim from snapshot"), "{said}");
    let mut later = claim("later", "1Gi", "");
    later["spec"].as_object_mut().unwrap().remove("dataSource");
    api.post(CLAIMS, &later).await;
    let now = status(&api, SNAPSHOTS, "early").await;
    assert_eq!((&now["readyToUse"], &now["error"]), (&json!(true), &json!(null)), "that is tried again");
}

#[tokio::test]
async fn what_the_definitions_do_not_allow_is_refused() {
    let api = Api::new();
    let both = json!({"source": {"persistentVolumeClaimName": "a", "volumeSnapshotContentName": "b"}});
    let mut unreferenced = content("c", "h", "s", "Delete");
    unreferenced["spec"]["volumeSnapshotRef"] = json!({"name": "s"});
    let no_policy = json!({"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass",
        "metadata": {"name": "c"}, "driver": "d"});
    for (path, body, words) in [
        (SNAPSHOTS, object("VolumeSnapshot", "s", &both), "exactly one of volumeSnapshotContentName and"),
        (SNAPSHOTS, object("VolumeSnapshot", "s", &json!({"source": {}})), "exactly one of"),
        (SNAPSHOTS, object("VolumeSnapshot", "s", &json!({"source": "x"})), "must be an object"),
        (SNAPSHOTS, object("VolumeSnapshot", "s", &json!(null)), "spec: Required value"),
        (CONTENTS, unreferenced, "both spec.volumeSnapshotRef.name and spec.volumeSnapshotRef.namespace"),
        (CONTENTS, content("c", "h", "s", "Keep"), r#"Unsupported value: "Keep""#),
        (CLASSES, no_policy, "deletionPolicy: Required value"),
    ] {
        let (code, refusal) = api.send("POST", path, Some(&body)).await;
        assert_eq!(code, 422, "{body}: {refusal}");
        assert!(refusal["message"].as_str().unwrap().contains(words), "{refusal}");
    }
    let (content, _) = take(&api, "s").await;
    for (path, patch) in [
        (format!("{SNAPSHOTS}/s"), json!({"spec": {"source": {"persistentVolumeClaimName": "other"}}})),
        (format!("{CONTENTS}/{content}"), json!({"spec": {"source": {"volumeHandle": "other"}}})),
    ] {
        let (code, refusal) = api.send("PATCH", &path, Some(&patch)).await;
        assert_eq!(code, 422);
        assert!(refusal["message"].as_str().unwrap().contains("is immutable"), "{refusal}");
    }
}

#[tokio::test]
async fn deleting_a_snapshot_takes_what_its_policy_says() {
    let api = Api::new();
    let (content, handle) = take(&api, "gone").await;
    assert!(exists(&api, &handle).await);
    api.delete(&format!("{SNAPSHOTS}/gone")).await;
    assert_eq!(api.send("GET", &format!("{CONTENTS}/{content}"), None).await.0, 404);
    assert!(!exists(&api, &handle).await);

    let (content, handle) = take(&api, "kept").await;
    let path = format!("{CONTENTS}/{content}");
    api.patch(&path, &json!({"spec": {"deletionPolicy": "Retain"}})).await;
    api.delete(&format!("{SNAPSHOTS}/kept")).await;
    let left = api.get(&path).await;
    assert_eq!(left["status"]["readyToUse"], true);
    let mark =
        &left["metadata"]["annotations"]["snapshot.storage.kubernetes.io/volumesnapshot-being-deleted"];
    assert_eq!(mark, "yes");
    api.delete(&path).await;
    assert!(exists(&api, &handle).await, "a content with the policy Retain leaves its snapshot");
}

#[tokio::test]
async fn deleting_a_content_takes_the_snapshot_where_its_policy_says_so() {
    let api = Api::new();
    let (content, handle) = take(&api, "s").await;
    api.delete(&format!("{CONTENTS}/{content}")).await;
    assert!(!exists(&api, &handle).await);
    let said = status(&api, SNAPSHOTS, "s").await;
    assert_eq!(
        (&said["error"]["message"], &said["readyToUse"]),
        (&json!("VolumeSnapshotContent is missing"), &json!(false))
    );
}

#[tokio::test]
async fn a_namespace_takes_its_snapshots_and_what_is_retained_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let api = Api(Sandbox::open(folder.path()).unwrap());
    let (kept, handle) = take(&api, "kept").await;
    let (_, lost) = take(&api, "lost").await;
    api.patch(&format!("{CONTENTS}/{kept}"), &json!({"spec": {"deletionPolicy": "Retain"}})).await;
    let before = api.everything().await.len();
    let count = api.0.lose("shop").unwrap();
    assert_eq!(api.everything().await.len(), before - count, "what is not served is not counted");
    api.delete(&format!("{CONTENTS}/{kept}")).await;

    // Another process, which knows of it from the journal alone.
    let api = Api(Sandbox::open(folder.path()).unwrap());
    assert!(!exists(&api, &lost).await);
    api.post(
        "/api/v1/namespaces",
        &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
    )
    .await;
    api.post(CLAIMS, &claim("uploads", "5Gi", "back")).await;
    assert_eq!(phase(&api, "uploads").await, "Pending");
    api.post(SNAPSHOTS, &of_content("back", "again")).await;
    let said = status(&api, SNAPSHOTS, "back").await;
    assert_eq!(said["error"]["message"], "VolumeSnapshotContent is missing");
    assert_eq!(phase(&api, "uploads").await, "Pending");
    api.post(CONTENTS, &content("again", &handle, "back", "Retain")).await;

    let snapshot = api.get(&format!("{SNAPSHOTS}/back")).await;
    let status = &snapshot["status"];
    assert_eq!((&status["readyToUse"], &status["restoreSize"]), (&json!(true), &json!("5Gi")));
    assert_eq!(
        (&status["boundVolumeSnapshotContentName"], &status["error"]),
        (&json!("again"), &json!(null))
    );
    let content = api.get(&format!("{CONTENTS}/again")).await;
    assert_eq!(content["spec"]["volumeSnapshotRef"]["uid"], snapshot["metadata"]["uid"]);
    assert_eq!(phase(&api, "uploads").await, "Bound", "the claim has waited for it");
    let source = json!({"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "back"});
    assert_eq!(api.get(&format!("{CLAIMS}/uploads")).await["spec"]["dataSourceRef"], source);
}

#[tokio::test]
async fn a_content_is_for_one_snapshot_only() {
    let api = Api::new();
    let (taken, handle) = take(&api, "s").await;
    api.post(CONTENTS, &content("fixed", &handle, "first", "Retain")).await;
    for (name, content, words) in [
        ("second", "fixed", "VolumeSnapshotContent [fixed] is bound to a different snapshot"),
        (
            "third",
            &taken,
            "VolumeSnapshotContent is dynamically provisioned while expecting a pre-provisioned one",
        ),
    ] {
        api.post(SNAPSHOTS, &of_content(name, content)).await;
        assert_eq!(status(&api, SNAPSHOTS, name).await["error"]["message"], words);
    }
    api.post(SNAPSHOTS, &of_content("first", "fixed")).await;
    assert_eq!(status(&api, SNAPSHOTS, "first").await["readyToUse"], true);
    api.delete(&format!("{SNAPSHOTS}/second")).await;
    assert_eq!(status(&api, SNAPSHOTS, "first").await["readyToUse"], true, "it was never the other's");
    let mut foreign = content("foreign", &handle, "x", "Retain");
    foreign["spec"]["driver"] = json!("file.csi.azure.com");
    api.post(CONTENTS, &foreign).await;
    assert_eq!(status(&api, CONTENTS, "foreign").await["readyToUse"], false);
}

#[tokio::test]
async fn a_claim_is_filled_only_from_what_is_ready_near_and_small_enough() {
    let api = Api::new();
    let (_, handle) = take(&api, "s").await;
    api.post(CLAIMS, &claim("fits", "6Gi", "s")).await;
    api.post(CLAIMS, &claim("small", "4Gi", "s")).await;
    api.post(CLAIMS, &claim("nothing", "6Gi", "none")).await;
    let mut reference = claim("reference", "6Gi", "s");
    let source = reference["spec"].as_object_mut().unwrap().remove("dataSource").unwrap();
    reference["spec"]["dataSourceRef"] = source.clone();
    api.post(CLAIMS, &reference).await;
    assert_eq!(api.get(&format!("{CLAIMS}/reference")).await["spec"]["dataSource"], source);
    let elsewhere = "/api/v1/namespaces/billing/persistentvolumeclaims";
    api.post(elsewhere, &claim("far", "6Gi", "s")).await;
    for (name, expected) in
        [("fits", "Bound"), ("small", "Pending"), ("nothing", "Pending"), ("reference", "Bound")]
    {
        assert_eq!(phase(&api, name).await, expected, "{name}");
    }
    assert_eq!(api.get(&format!("{elsewhere}/far")).await["status"]["phase"], "Pending");

    // The snapshot is lost in the storage system while a second content still stands for it.
    api.post(CONTENTS, &content("twin", &handle, "twin", "Retain")).await;
    api.post(SNAPSHOTS, &of_content("twin", "twin")).await;
    api.delete(&format!("{SNAPSHOTS}/s")).await;
    api.post(CLAIMS, &claim("late", "6Gi", "twin")).await;
    assert_eq!(phase(&api, "late").await, "Pending");
}

#[tokio::test]
async fn a_dry_run_takes_no_snapshot() {
    let api = Api::new();
    let before = api.everything().await;
    let (code, made) =
        api.send("POST", &format!("{SNAPSHOTS}?dryRun=All"), Some(&of_claim("s", "uploads"))).await;
    assert_eq!(code, 201);
    assert_eq!(api.everything().await, before);
    let handle = format!("/sandbox/snapshots/{}", made["metadata"]["uid"].as_str().unwrap());
    assert!(!exists(&api, &handle).await);
}

#[tokio::test]
async fn definitions_from_a_real_cluster_change_nothing() {
    let api = Api::new();
    let before = api.get(ROOT).await;
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "volumesnapshots.snapshot.storage.k8s.io"},
        "spec": {"group": "snapshot.storage.k8s.io", "scope": "Namespaced",
            "names": {"kind": "VolumeSnapshot", "plural": "volumesnapshots"},
            "versions": [{"name": "v1", "served": true, "storage": true}]}});
    api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", &definition).await;
    assert_eq!(api.get(ROOT).await, before);
    take(&api, "s").await;
}
