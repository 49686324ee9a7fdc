//! Claims and volumes: nobody takes an empty claim for a restored one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use holdfast_e2e::corpus::object;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use holdfast_e2e::snapshot;
use serde_json::{Value, json};

struct Bound {
    claim: Key,
    volume: Key,
    set: Key,
    other_set: Key,
}

/// A StatefulSet whose claim is bound to a volume made by hand, and one whose claim is not bound.
async fn bound(lab: &Lab, ns: &str) -> Bound {
    let name = lab.name("volume");
    let spec = json!({"accessModes": ["ReadWriteOnce"], "storageClassName": "", "volumeName": name,
        "resources": {"requests": {"storage": "1Gi"}}});
    let volume = object(
        "v1",
        "PersistentVolume",
        "",
        &name,
        json!({"spec": {
        "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "", "claimRef": {"namespace": ns, "name": "data-db-0"},
        "csi": {"driver": "disk.csi.azure.com", "volumeHandle": "x"}}}),
    );
    let claim = object("v1", "PersistentVolumeClaim", ns, "data-db-0", json!({"spec": spec}));
    let set = |name: &str, template: &str| {
        object(
            "apps/v1",
            "StatefulSet",
            ns,
            name,
            json!({"spec": {"serviceName": "s", "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
            "volumeClaimTemplates": [{"metadata": {"name": template}, "spec": {"accessModes": ["ReadWriteOnce"],
                "storageClassName": "", "resources": {"requests": {"storage": "2Gi"}}}}]}}),
        )
    };
    lab.source.create(&volume).await;
    lab.source.create(&claim).await;
    let is_bound = async || lab.source.must_get(&Key::of(&claim)).await["status"]["phase"] == "Bound";
    lab.source.wait("the claim to be bound", is_bound).await;
    let sets = [set("db", "data"), set("other", "scratch")];
    lab.source.create_all(&sets).await;
    let scratch = Key::new("v1", "PersistentVolumeClaim", ns, "scratch-other-0");
    lab.source.wait("the other claim", async || lab.source.get(&scratch).await.is_some()).await;
    Bound {
        claim: Key::of(&claim),
        volume: Key::of(&volume),
        set: Key::of(&sets[0]),
        other_set: Key::of(&sets[1]),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_held_data_is_blocked_with_its_stateful_set_or_made_empty_when_asked() {
    let lab = Lab::new("vol-bound").await;
    let ns = &lab.namespace("a").await;
    let Bound { claim, volume, set, other_set } = bound(&lab, ns).await;
    let backup = lab.backup("p", &format!("--include-namespaces {ns}")).await;
    assert!(backup["objects"].as_u64().unwrap() > 4);

    let report = lab.restore("target", "p", "").await;
    for key in [&claim, &volume, &set] {
        let item = report.item(key);
        assert_eq!(item.outcome(), "Blocked", "{item}");
        assert!(item.reason().contains("data"), "{item}");
        assert!(lab.target.get(key).await.is_none(), "{key} was made all the same");
    }
    assert!(report.item(&set).reason().contains("data-db-0"), "{}", report.item(&set));
    assert_eq!(report.item(&other_set).outcome(), "Created");
    assert_eq!(report.state(), "Partial");

    let report = lab.restore("target", "p", "--volume-mode without-data").await;
    report.expect_clean();
    assert_eq!(report.item(&set).outcome(), "Created");
    assert_eq!(report.item(&volume).outcome(), "Skipped", "{}", report.item(&volume));
    let item = report.item(&claim);
    assert_eq!(item.outcome(), "Created");
    assert!(item.reason().contains("empty"), "{item}");
    let live = lab.target.must_get(&claim).await;
    assert_eq!(live["spec"]["volumeName"], Value::Null);
    assert_eq!(live["spec"]["resources"]["requests"]["storage"], "1Gi");
    let annotations = live["metadata"]["annotations"].to_string();
    assert!(!annotations.contains("bind-completed"), "{annotations}");
    assert!(lab.target.get(&volume).await.is_none());
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_and_volumes_that_exist_are_never_changed() {
    let lab = Lab::new("vol-live").await;
    let ns = &lab.namespace("a").await;
    let Bound { claim, volume, set, .. } = bound(&lab, ns).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    for key in [&claim, &volume] {
        lab.source
            .patch(key, json!({"metadata": {"labels": {"changed": "live"}, "annotations": {"a": "live"}}}))
            .await;
    }
    let same = lab.restore("source", "p", "--conflict-policy patch").await;
    same.expect_clean();
    assert_eq!(same.item(&claim).outcome(), "Identical", "what only the live claim says is no difference");

    lab.source.patch(&volume, json!({"spec": {"capacity": {"storage": "7Gi"}}})).await;
    let before = snapshot::take(&lab.source, lab.prefix()).await;
    let report = lab.restore("source", "p", "--conflict-policy patch").await;
    report.expect_clean();
    assert_eq!(report.item(&volume).outcome(), "Skipped");
    assert_eq!(report.item(&volume).changed(), ["/spec/capacity/storage"]);
    assert!(report.item(&volume).reason().contains("delete it first"), "{}", report.item(&volume));
    assert_eq!(report.item(&claim).outcome(), "Identical");
    assert_eq!(
        report.item(&set).outcome(),
        "Identical",
        "its claim is there, so nothing would be made empty"
    );
    let after = snapshot::take(&lab.source, lab.prefix()).await;
    for key in [&claim, &volume] {
        assert_eq!(before[key]["metadata"]["resourceVersion"], after[key]["metadata"]["resourceVersion"]);
    }
    lab.finish().await;
}
