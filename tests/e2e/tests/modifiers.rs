//! Resource modifiers on their way into a real cluster: the examples and operations of AKS backup, and what goes wrong.

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
use holdfast_e2e::objects::config_map;
use holdfast_e2e::report::Report;
use serde_json::{Value, json};

fn deployment(ns: &str, name: &str) -> Value {
    let template = json!({"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "web:1"}]}});
    let spec = json!({"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": template});
    object("apps/v1", "Deployment", ns, name, json!({"spec": spec}))
}

fn claim(ns: &str, name: &str, labels: &Value) -> Value {
    let spec = json!({"storageClassName": "standard", "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}}});
    object("v1", "PersistentVolumeClaim", ns, name, json!({"metadata": {"labels": labels}, "spec": spec}))
}

/// The first example of "Create and apply a resource modifier configmap during restore".
const CLAIMS: &str = r#"
version: v1
resourceModifierRules:
- conditions:
    groupResource: persistentvolumeclaims
    resourceNameRegex: "^mysql.*$"
    namespaces:
    - BAR
    - FOO
    labelSelector:
      matchLabels:
        foo: bar
  patches:
  - operation: replace
    path: "/spec/storageClassName"
    value: "premium"
  - operation: remove
    path: "/metadata/labels/test"
"#;

/// "JSON patch", "JSON Merge patch" and "Strategic Merge patch" of the same page.
const EXAMPLES: &str = r#"
version: v1
resourceModifierRules:
- conditions:
    groupResource: deployments.apps
    resourceNameRegex: "^nginxdep.*$"
    namespaces:
    - FOO
    - BAR
  patches:
  - operation: replace
    path: "/spec/replicas"
    value: "12"
- conditions:
    groupResource: deployments.apps
    resourceNameRegex: "^nginxdep.*$"
    namespaces:
    - FOO
    - BAR
  mergePatches:
  - patchData: |
      {
        "metadata" : {
          "labels" : {
            "app" : "nginx1"
          }
        }
      }
- conditions:
    groupResource: pods
    resourceNameRegex: "^nginx.*$"
    namespaces:
    - BAR
  strategicPatches:
  - patchData: |
      {
        "spec": {
          "containers": [
            {
              "name": "nginx",
              "image": "mcr.microsoft.com/cbl-mariner/base/nginx:1.22"
            }
          ]
        }
      }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_aks_backup_work_as_they_are_written() {
    let lab = Lab::new("mod").await;
    let (foo, bar, rules) =
        (&lab.namespace("foo").await, &lab.namespace("bar").await, &lab.namespace("rules").await);
    let both = json!({"foo": "bar", "test": "1"});
    let pod = object(
        "v1",
        "Pod",
        bar,
        "nginx-1",
        json!({"spec": {"containers": [{"name": "side", "image": "side:1"}, {"name": "nginx", "image": "nginx:1"}]}}),
    );
    let objects = [
        claim(foo, "mysql-data", &both),
        claim(foo, "mysql-other", &json!({"test": "1"})),
        claim(foo, "postgres-data", &both),
        claim(bar, "mysql-data", &both),
        deployment(foo, "nginxdep-a"),
        deployment(foo, "other-nginxdep"),
        deployment(bar, "nginxdep-b"),
        pod.clone(),
    ];
    lab.source.create_all(&objects).await;
    for key in objects.iter().map(Key::of).filter(|key| key.kind == "Deployment") {
        let seen = async || lab.source.must_get(&key).await["status"]["observedGeneration"].is_number();
        lab.source.wait("the Deployment's controller", seen).await;
    }
    lab.backup("p", &format!("--include-namespaces {foo},{bar}")).await;
    for object in &objects {
        lab.source.delete_and_wait(&Key::of(object)).await;
    }
    let text = |rules: &str| rules.replace("FOO", foo).replace("BAR", bar);
    lab.source.create(&config_map(rules, "claims", &json!({"any-name": text(CLAIMS)}))).await;
    let words = format!("--resource-modifiers {rules}/claims --include-resources persistentvolumeclaims");
    let report = lab.restore("source", "p", &words).await;
    report.expect_clean();
    for (ns, name, class, test) in [
        (foo, "mysql-data", "premium", Value::Null),
        (foo, "mysql-other", "standard", json!("1")),
        (foo, "postgres-data", "standard", json!("1")),
        (bar, "mysql-data", "premium", Value::Null),
    ] {
        let live = lab.source.must_get(&Key::of(&claim(ns, name, &json!({})))).await;
        assert_eq!(live["spec"]["storageClassName"], class, "{ns}/{name}");
        assert_eq!(live["metadata"]["labels"]["test"], test, "{ns}/{name}");
    }
    let noted = &report.item(&Key::of(&claim(foo, "mysql-data", &json!({})))).0["modifiers"];
    assert_eq!(noted, &json!(["modifier rule 1 changed it"]));

    let file = lab.folder().join("rules.yaml");
    std::fs::write(&file, text(EXAMPLES)).unwrap();
    // Conditions name the original namespaces, wherever the objects go.
    let moved = lab.name("moved");
    let words = format!(
        "--resource-modifiers-file {} --include-resources pods,deployments.apps --namespace-mappings {bar}:{moved}",
        file.display()
    );
    let planned = lab.restore("source", "p", &format!("{words} --plan --validate server")).await;
    let report = lab.restore("source", "p", &words).await;
    report.expect_clean();
    assert_eq!(planned.count("created"), report.count("created"));
    for (ns, name, replicas, label) in [
        (foo, "nginxdep-a", 12, json!("nginx1")),
        (foo, "other-nginxdep", 0, Value::Null),
        (&moved, "nginxdep-b", 12, json!("nginx1")),
    ] {
        let live = lab.source.must_get(&Key::of(&deployment(ns, name))).await;
        assert_eq!(live["spec"]["replicas"], json!(replicas), "{ns}/{name}");
        assert_eq!(live["metadata"]["labels"]["app"], label, "{ns}/{name}");
    }
    let live = lab.source.must_get(&Key::new("v1", "Pod", &moved, "nginx-1")).await;
    let images: Vec<_> =
        live["spec"]["containers"].as_array().unwrap().iter().map(|c| c["image"].clone()).collect();
    let mut sorted = images.clone();
    sorted.sort_by_key(ToString::to_string);
    assert_eq!(
        sorted,
        [json!("mcr.microsoft.com/cbl-mariner/base/nginx:1.22"), json!("side:1")],
        "{images:?}"
    );

    // What is there is compared with what the modifiers make of the recovery point.
    let again = lab.restore("source", "p", &format!("{words} --plan --conflict-policy patch")).await;
    assert_eq!(again.item(&Key::of(&deployment(foo, "nginxdep-a"))).action(), "Identical");
    let without = format!(
        "--include-resources deployments.apps --include-namespaces {foo} --plan --conflict-policy patch"
    );
    let plain = lab.restore("source", "p", &without).await;
    assert_eq!(plain.item(&Key::of(&deployment(foo, "nginxdep-a"))).changed(), ["/spec/replicas"]);
    // Going on with such a restore goes by the same rules.
    lab.source.delete_and_wait(&Key::of(&deployment(foo, "nginxdep-a"))).await;
    let job = report.0["job"].as_str().unwrap();
    let undone = Report(lab.run(&format!("restore --undo {job} -o json")).await.json());
    assert_eq!(undone.state(), "Completed", "{:#?} {}", undone.with_outcome("Failed"), undone.0["warnings"]);
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_works_and_a_rule_that_fails_loses_nothing() {
    let lab = Lab::new("mof").await;
    let ns = &lab.namespace("a").await;
    let data = json!({"old": "1", "keep": "2", "gone": "3", "word": "say \"hi\""});
    let service = object(
        "v1",
        "Service",
        ns,
        "web",
        json!({"spec": {"type": "NodePort", "selector": {"app": "web"},
            "ports": [{"name": "http", "port": 80}, {"name": "tls", "port": 443}]}}),
    );
    let own = config_map(ns, "stays", &json!({"a": "1"}));
    let all: Vec<Value> =
        ["every", "tested", "broken"].iter().map(|name| config_map(ns, name, &data)).collect();
    lab.source.create_all(&[all.clone(), vec![service.clone(), own.clone()]].concat()).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    for object in all.iter().chain([&service]) {
        lab.source.delete_and_wait(&Key::of(object)).await;
    }
    let file = lab.folder().join("rules.yaml");
    std::fs::write(
        &file,
        r#"version: v1
resourceModifierRules:
- conditions: {groupResource: configmaps, resourceNameRegex: "^every$"}
  patches:
  - {operation: test, path: /data/old, value: "\"1\""}
  - {operation: add, path: /data/new, value: "\"12\""}
  - {operation: replace, path: /data/keep, value: two}
  - {operation: copy, from: /data/keep, path: /data/copied}
  - {operation: move, from: /data/old, path: /data/moved}
  - {operation: remove, path: /data/gone}
- conditions: {groupResource: configmaps, resourceNameRegex: "^tested$"}
  patches:
  - {operation: test, path: /data/old, value: other}
  - {operation: remove, path: /data/gone}
- conditions: {groupResource: configmaps, resourceNameRegex: "^broken$"}
  patches:
  - {operation: remove, path: /data/old}
  - {operation: remove, path: /data/missing}
- conditions: {groupResource: configmaps, resourceNameRegex: "^broken$"}
  mergePatches:
  - patchData: '{"data": {"keep": "patched"}}'
- conditions: {groupResource: services, resourceNameRegex: "^web$"}
  patches:
  - {operation: add, path: /spec/ports/0/nodePort, value: "31999"}
"#,
    )
    .unwrap();
    let words = format!("--resource-modifiers-file {}", file.display());
    let plan = lab.run(&format!("restore --cluster source --point p -o json --plan {words}")).await.expect(3);
    let plan = Report(plan.json());
    let run = lab.run(&format!("restore --cluster source --point p -o json {words}")).await.expect(3);
    let report = Report(run.json());
    assert_eq!(report.state(), "Partial");
    let live =
        async |name: &str| lab.source.must_get(&Key::new("v1", "ConfigMap", ns, name)).await["data"].clone();
    assert_eq!(
        live("every").await,
        json!({"new": "12", "keep": "two", "copied": "two", "moved": "1", "word": "say \"hi\""})
    );
    assert_eq!(live("tested").await, data);
    let mut broken = data.clone();
    broken["keep"] = json!("patched");
    assert_eq!(live("broken").await, broken);
    for report in [&plan, &report] {
        let note =
            |name: &str| report.item(&Key::new("v1", "ConfigMap", ns, name)).0["modifiers"].to_string();
        assert!(
            note("tested").contains("rule 2 was not applied because its test failed"),
            "{}",
            note("tested")
        );
        assert!(note("broken").contains("rule 3 failed and was left out"), "{}", note("broken"));
        assert!(note("broken").contains("rule 4 changed it"), "{}", note("broken"));
        assert!(
            report.0["warnings"].to_string().contains("could not be applied to 1 object"),
            "{}",
            report.0["warnings"]
        );
    }
    // What a modifier sets is kept, also where a server would assign it; what the old server assigned is not.
    let ports = lab.source.must_get(&Key::of(&service)).await["spec"]["ports"].clone();
    assert_eq!(ports[0]["nodePort"], 31999);
    assert_ne!(ports[1]["nodePort"], 31999);

    lab.source.create(&config_map(ns, "two", &json!({"a": "version: v1", "b": "x"}))).await;
    lab.source
        .create(&config_map(
            ns,
            "bad",
            &json!({"a": "version: v1\nresourceModifierRules:\n- conditions: {}\n"}),
        ))
        .await;
    for (words, says) in [
        (format!("--resource-modifiers {ns}/none"), "it is not in source; create it there first"),
        (format!("--resource-modifiers {ns}/two"), "exactly one"),
        (format!("--resource-modifiers {ns}/bad"), "groupResource"),
    ] {
        let run = lab.run(&format!("restore --cluster source --point p {words}")).await.expect(1);
        assert!(run.error().contains(says), "{run}");
    }
    std::fs::write(
        &file,
        "version: v1\nresourceModifierRules:\n- conditions:\n    groupResource: pods\n  patchs: []\n",
    )
    .unwrap();
    let run = lab.run(&format!("restore --cluster source --point p {words}")).await.expect(1);
    assert!(run.error().contains("patchs") && run.error().contains("line 5"), "{run}");
    lab.finish().await;
}
