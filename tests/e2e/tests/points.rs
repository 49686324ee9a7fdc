//! Looking into recovery points: list, show, objects, get, delete, and points of other programs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::time::Duration;

use holdfast_e2e::foreign;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use serde_json::{Value, json};

async fn populate(lab: &Lab, namespace: &str) {
    let meta =
        |name: &str| json!({"namespace": namespace, "name": name, "labels": {"app": name, "tier": "web"}});
    for object in [
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("odd"), "data": {
            "yes": "yes", "number": "1e3", "null": "null", "text": "a: b\n# c\n\ttab \u{1F600} \"'\n", "empty": ""}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("plain")}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": meta("plain"), "stringData": {"p": "s3cret"}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": meta("web"), "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}),
    ] {
        lab.source.create(&object).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_can_be_listed_looked_into_and_deleted() {
    let lab = Lab::new("pts").await;
    let namespace = lab.namespace("data").await;
    populate(&lab, &namespace).await;
    lab.backup("older", &format!("--include-namespaces {namespace}")).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let newer = lab.backup("newer", &format!("--include-namespaces {namespace} --selector tier=web")).await;

    let list = lab.run("points list -o json").await.expect(0).json();
    let names: Vec<&str> = list.as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["newer", "older"], "newest first");
    assert_eq!(list[0]["objects"], newer["objects"]);
    let table = lab.run("points list").await.expect(0);
    assert!(table.stdout.lines().next().unwrap().starts_with("NAME"), "{table}");
    assert!(table.stdout.contains("newer") && table.stderr.is_empty(), "{table}");

    let shown = lab.run("points show newer --verify -o json").await.expect(0).json();
    assert_eq!(shown["cluster"]["name"], "source");
    assert_eq!(shown["verified"]["problems"], json!([]));
    let configmaps = shown["kinds"].as_array().unwrap().iter().find(|k| k["kind"] == "configmaps").unwrap();
    assert_eq!(configmaps["objects"], 2);

    for (filter, expected) in [
        ("--kind Secret", vec!["plain"]),
        ("--kind v1/ConfigMap", vec!["odd", "plain"]),
        ("--name lai", vec!["plain", "plain"]),
        ("--selector app=web --kind services", vec!["web"]),
        ("--namespace nowhere", vec![]),
        ("--namespace pts-d*a --kind services", vec!["web"]),
    ] {
        let objects = lab.run(&format!("points objects newer -o json {filter}")).await.expect(0).json();
        let names: Vec<&str> =
            objects.as_array().unwrap().iter().map(|o| o["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{filter}");
    }

    let live = lab.source.must_get(&Key::new("v1", "ConfigMap", &namespace, "odd")).await;
    let stored =
        lab.run(&format!("points get newer configmap/odd --namespace {namespace} -o json")).await.expect(0);
    assert_eq!(stored.json(), live, "an object is stored as the server gave it");
    let yaml = lab.run("points get newer configmaps odd").await.expect(0);
    std::fs::write(lab.folder().join("odd.yaml"), &yaml.stdout).unwrap();
    let read: Value = serde_saphyr::from_str(&yaml.stdout).unwrap();
    assert_eq!(read, live, "{}", yaml.stdout);

    let ambiguous = lab.run("points get newer * plain").await.expect(2);
    assert!(ambiguous.error().contains("several objects"), "{ambiguous}");
    let missing = lab.run("points get newer secrets nothing").await.expect(1);
    assert!(missing.error().contains("nothing"), "{missing}");

    lab.run("points delete newer").await.expect(0);
    assert!(!lab.point("newer").exists());
    assert!(lab.run("points show newer").await.expect(1).error().contains("newer"));
    lab.run("points show older --verify").await.expect(0);
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_of_velero_is_read_and_restored_but_never_written() {
    let lab = Lab::new("ptv").await;
    let namespace = lab.namespace("data").await;
    populate(&lab, &namespace).await;
    let keys = [
        ("namespaces", Key::new("v1", "Namespace", "", &namespace)),
        ("configmaps", Key::new("v1", "ConfigMap", &namespace, "odd")),
        ("secrets", Key::new("v1", "Secret", &namespace, "plain")),
    ];
    let mut objects = Vec::new();
    for (plural, key) in &keys {
        objects.push((*plural, lab.source.must_get(key).await));
    }
    let folder = foreign::point(&lab.vault(), "of-velero", |tar| {
        for (plural, object) in &objects {
            foreign::object(tar, plural, object);
        }
    });
    let before = std::fs::read_dir(&folder).unwrap().count();

    let list = lab.run("points list -o json").await.expect(0).json();
    assert_eq!(
        (list[0]["name"].as_str(), list[0]["foreign"].as_bool()),
        (Some("of-velero"), Some(true)),
        "{list}"
    );
    let found = lab.run("points objects of-velero -o json").await.expect(0).json();
    assert_eq!(found.as_array().unwrap().len(), keys.len(), "both path forms are one object: {found}");
    let odd = lab.run("points get of-velero configmaps/odd -o json").await.expect(0).json();
    assert_eq!(odd, objects[1].1);

    let report = lab.restore("target", "of-velero", "").await;
    report.expect_clean();
    assert_eq!(report.count("created"), keys.len() as u64);
    let restored = lab.target.must_get(&keys[1].1).await;
    assert_eq!(restored["data"], objects[1].1["data"]);

    let refused =
        lab.run(&format!("backup --cluster source --include-namespaces {namespace}")).await.expect(1);
    assert!(refused.error().contains("Velero"), "{refused}");
    assert_eq!(
        lab.run("points delete of-velero").await.code,
        Some(1),
        "another program's point is not ours to delete"
    );
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        before,
        "another program's folder is not written to"
    );
    lab.finish().await;
}
