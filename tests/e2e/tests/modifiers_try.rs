//! Resource modifiers without a cluster: checking a file, and trying it on a recovery point.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use serde_json::{Value, json};

const RULES: &str = r#"
version: v1
resourceModifierRules:
- conditions:
    groupResource: deployments.apps
    resourceNameRegex: ^we
    namespaces: [NAMESPACE]
    labelSelector: {matchLabels: {app: web}}
    matches: [{path: /spec/replicas, value: 2}]
  patches:
  - {operation: test, path: /spec/replicas, value: "2"}
  - {operation: replace, path: /spec/replicas, value: "12"}
- conditions: {groupResource: deployments.apps}
  strategicPatches:
  - patchData: |
      spec: {template: {spec: {containers: [{name: side, image: "side:2"}]}}}
- conditions: {groupResource: secrets}
  mergePatches:
  - patchData: '{"data": {"password": "bmV3LXMzY3JldA=="}, "metadata": {"labels": {"seen": "yes"}}}'
- conditions: {groupResource: configmaps, resourceNameRegex: ^plain$}
  patches: [{operation: remove, path: /data/nothing}]
- conditions: {groupResource: services}
  patches: [{operation: test, path: /metadata/name, value: other}, {operation: remove, path: /spec}]
- conditions: {groupResource: namespaces}
  mergePatches: [{patchData: '{"metadata": {"labels": {"never": "set"}}}'}]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn modifiers_are_tried_on_a_point_without_a_cluster() {
    let lab = Lab::new("modtry").await;
    let namespace = lab.namespace("data").await;
    let meta = |name: &str| json!({"namespace": namespace, "name": name, "labels": {"app": name}});
    let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [
        {"name": "web", "image": "web:1"}, {"name": "side", "image": "side:1"}]}});
    for object in [
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta("web"),
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": meta("login"), "stringData": {"password": "0ld-s3cret"}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("plain"), "data": {"a": "b"}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": meta("web"), "spec": {"ports": [{"port": 80}]}}),
    ] {
        lab.source.create(&object).await;
    }
    lab.backup("point", &format!("--include-namespaces {namespace}")).await;
    let rules = RULES.replace("NAMESPACE", &namespace);
    let file = lab.folder().join("rules.yaml");
    std::fs::write(&file, &rules).unwrap();
    let file = file.display();

    let lint = lab.run(&format!("modifiers lint {file}")).await.expect(0);
    assert_eq!(lint.stdout, "ok: 6 rules\n");
    let manifest =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"any": rules}});
    let map = lab.folder().join("map.json");
    std::fs::write(&map, manifest.to_string()).unwrap();
    let map = map.display();
    assert_eq!(lab.run(&format!("modifiers lint {map} -o json")).await.expect(0).json()["rules"], 6);

    let run = lab.run(&format!("modifiers try {file} --point point -o json")).await.expect(3);
    let result = run.json();
    let items = result["items"].as_array().unwrap();
    let item = |kind: &str| {
        let found: Vec<&Value> = items.iter().filter(|item| item["kind"] == kind).collect();
        assert!(found.len() < 2, "{kind}: {run}");
        found.first().copied()
    };
    // The point holds what the cluster gave: the stored object is the live one, up to what a controller wrote since.
    let stored =
        lab.run(&format!("points get point deployments.apps/web -n {namespace} -o json")).await.expect(0);
    let mut expected = stored.json();
    expected["spec"]["replicas"] = json!(12);
    expected["spec"]["template"]["spec"]["containers"][1]["image"] = json!("side:2");
    let deployment = item("Deployment").unwrap();
    assert_eq!(deployment["object"], expected);
    assert_eq!(deployment["outcome"], "Changed");
    assert_eq!(
        (&deployment["group"], &deployment["version"], &deployment["namespace"], &deployment["name"]),
        (&json!("apps"), &json!("v1"), &json!(namespace), &json!("web"))
    );
    assert_eq!(item("ConfigMap").unwrap()["outcome"], "Failed");
    assert!(item("ConfigMap").unwrap()["reason"].as_str().unwrap().contains("/data/nothing"), "{run}");
    assert_eq!(item("ConfigMap").unwrap()["object"]["data"], json!({"a": "b"}));
    assert_eq!(item("Service").unwrap()["outcome"], "Unchanged");
    assert!(item("Service").unwrap()["reason"].as_str().unwrap().contains("test"), "{run}");
    assert_eq!(item("Secret").unwrap()["object"]["data"]["password"], "bmV3LXMzY3JldA==");
    assert_eq!(item("Namespace"), None, "namespaces are never changed");
    assert_eq!(result["idleRules"], json!([6]));
    let same = lab.run(&format!("modifiers try {map} --point point -o json")).await.expect(3);
    assert_eq!(same.json(), result, "from a ConfigMap they are the same");

    let table = lab.run(&format!("modifiers try {file} --point point")).await.expect(3).stdout;
    assert!(table.contains("/spec/replicas 2 → 12"), "{table}");
    assert!(table.contains("2 to change, 1 unchanged, 1 failed"), "{table}");
    assert!(table.contains("rule 6 fits none"), "{table}");
    assert!(!table.contains("bmV3") && !table.contains("MGxk"), "values of Secrets are masked: {table}");
    let selected = lab
        .run(&format!("modifiers try {file} --point point -o json --include-resources secrets"))
        .await
        .expect(0)
        .json();
    assert_eq!(selected["items"].as_array().unwrap().len(), 1);

    // The cluster is as it was, and so is the point.
    let key = Key::new("apps/v1", "Deployment", &namespace, "web");
    assert_eq!(lab.source.must_get(&key).await["spec"]["replicas"], 2);
    lab.run("points show point --verify").await.expect(0);

    let bad = lab.folder().join("bad.yaml");
    std::fs::write(&bad, rules.replace("operation: remove, path: /data", "operation: erase, path: /data"))
        .unwrap();
    let bad = bad.display();
    for command in [format!("modifiers lint {bad}"), format!("modifiers try {bad} --point point")] {
        let refused = lab.run(&command).await.expect(1);
        let error = refused.error();
        assert!(
            error.contains("line 21") && error.contains("resourceModifierRules[3].patches[0].operation"),
            "{error}"
        );
    }
    assert!(lab.run("modifiers lint nowhere.yaml").await.expect(1).error().contains("nowhere.yaml"));
    lab.finish().await;
}
