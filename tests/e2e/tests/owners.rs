//! Owners, derived objects and colliding names.

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

fn config_map(ns: &str, name: &str) -> Value {
    object("v1", "ConfigMap", ns, name, json!({"data": {"name": name}}))
}

fn owned_by(mut object: Value, owner: &Value) -> Value {
    let key = Key::of(owner);
    object["metadata"]["ownerReferences"] = json!([{"apiVersion": key.api_version, "kind": key.kind, "name": key.name,
        "uid": owner["metadata"]["uid"], "blockOwnerDeletion": true}]);
    object
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_two_namespaces_that_go_to_the_same_name_are_blocked() {
    let lab = Lab::new("own-merge").await;
    let (a, b) = (&lab.namespace("a").await, &lab.namespace("b").await);
    let objects =
        [config_map(a, "both"), config_map(b, "both"), config_map(a, "only-a"), config_map(b, "only-b")];
    lab.source.create_all(&objects).await;
    lab.backup("p", &format!("--include-namespaces {a},{b}")).await;
    let merged = lab.name("merged");
    let mapping = format!("--namespace-mappings {a}:{merged},{b}:{merged}");
    let planned = lab.restore("target", "p", &format!("{mapping} --plan")).await;
    let report = lab.restore("target", "p", &mapping).await;
    assert_eq!(report.outcomes(), planned.outcomes());
    let both: Vec<_> = report.items().filter(|item| item.key().name == "both").collect();
    let [created, blocked] = [0, 1].map(|at| {
        let wanted = if at == 0 { "Created" } else { "Blocked" };
        *both
            .iter()
            .find(|item| item.outcome() == wanted)
            .unwrap_or_else(|| panic!("none is {wanted}: {both:?}"))
    });
    assert!(
        blocked.reason().contains(&created.key().namespace),
        "{blocked} does not say what it collides with"
    );
    for name in ["only-a", "only-b", "both"] {
        let live = lab.target.must_get(&Key::new("v1", "ConfigMap", &merged, name)).await;
        assert_eq!(live["data"]["name"], name);
    }
    assert_eq!(report.state(), "Partial");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn derived_objects_are_restored_where_nothing_would_make_them() {
    let lab = Lab::new("own-derived").await;
    let ns = &lab.namespace("a").await;
    let pods = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    let web = object(
        "apps/v1",
        "Deployment",
        ns,
        "web",
        json!({"spec": {
        "replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": pods}}),
    );
    lab.source.create(&web).await;
    let made = async || {
        let all = snapshot::take(&lab.source, ns).await;
        all.keys().filter(|key| key.kind == "Pod").count() == 2
    };
    lab.source.wait("two pods", made).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let of = |all: &snapshot::Snapshot, kind: &str| -> Vec<Value> {
        all.values().filter(|object| object["kind"] == kind).cloned().collect()
    };

    let pods_only = lab.name("pods-only");
    let words = format!("--include-resources pods --namespace-mappings {ns}:{pods_only}");
    let report = lab.restore("target", "p", &words).await;
    report.expect_clean();
    // Two pods, and the Namespace that holds them.
    assert_eq!(report.count("created"), 3, "{:?}", report.outcomes());
    for pod in of(&snapshot::take(&lab.target, &pods_only).await, "Pod") {
        assert!(pod["metadata"]["ownerReferences"].is_null(), "{pod}");
    }
    assert!(
        !report.0["warnings"].as_array().unwrap().is_empty(),
        "nobody says that the pods lost their owner"
    );

    let sets_only = lab.name("sets-only");
    let words = format!("--include-resources replicasets.apps,pods --namespace-mappings {ns}:{sets_only}");
    let report = lab.restore("target", "p", &words).await;
    report.expect_clean();
    assert_eq!((report.count("created"), report.count("derived")), (2, 2), "{:?}", report.outcomes());
    let running = async || of(&snapshot::take(&lab.target, &sets_only).await, "Pod").len() == 2;
    lab.target.wait("the pods of the restored ReplicaSet", running).await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_owner_references_are_given_back_even_with_skip() {
    let lab = Lab::new("own-repair").await;
    let ns = &lab.namespace("a").await;
    let root = lab.source.create(&config_map(ns, "root")).await;
    let child = lab.source.create(&owned_by(config_map(ns, "child"), &root)).await;
    let differing = lab.source.create(&owned_by(config_map(ns, "differing"), &root)).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    // What a restore leaves that was killed between creating a child and its owner: the child without a reference.
    for object in [&child, &differing] {
        lab.source.patch(&Key::of(object), json!({"metadata": {"ownerReferences": null}})).await;
    }
    lab.source.patch(&Key::of(&differing), json!({"data": {"name": "changed"}})).await;
    lab.source.delete_and_wait(&Key::of(&root)).await;

    let planned = lab.restore("source", "p", "--plan").await;
    let report = lab.restore("source", "p", "").await;
    report.expect_clean();
    assert_eq!(report.outcomes(), planned.outcomes());
    let owner = lab.source.must_get(&Key::of(&root)).await;
    assert_ne!(owner["metadata"]["uid"], root["metadata"]["uid"]);
    for object in [&child, &differing] {
        let live = lab.source.must_get(&Key::of(object)).await;
        let owners = live["metadata"]["ownerReferences"].as_array().expect("no owner");
        assert_eq!(owners.len(), 1);
        assert_eq!(owners[0]["uid"], owner["metadata"]["uid"]);
        assert_eq!(owners[0]["blockOwnerDeletion"], true);
    }
    let live = lab.source.must_get(&Key::of(&differing)).await;
    assert_eq!(live["data"]["name"], "changed", "Skip means that only the owner is given back");
    lab.source.delete_and_wait(&Key::of(&owner)).await;
    lab.source.wait_gone(&[Key::of(&child)]).await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_is_nowhere_is_left_out_and_named() {
    let lab = Lab::new("own-nowhere").await;
    let ns = &lab.namespace("a").await;
    let root = lab.source.create(&config_map(ns, "root")).await;
    let secret = object("v1", "Secret", ns, "child", json!({"stringData": {"a": "b"}}));
    let child = Key::of(&lab.source.create(&owned_by(secret, &root)).await);
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let report = lab.restore("target", "p", "--include-resources secrets").await;
    report.expect_clean();
    let live = lab.target.must_get(&child).await;
    assert!(live["metadata"]["ownerReferences"].is_null(), "{live}");
    let warnings = report.0["warnings"].to_string();
    assert!(warnings.contains("child") && warnings.contains("owner"), "{warnings}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_is_being_deleted_blocks_its_objects() {
    let lab = Lab::new("own-ending").await;
    let ns = &lab.namespace("a").await;
    let mut held = config_map(ns, "held");
    held["metadata"]["finalizers"] = json!(["example.org/held"]);
    lab.source.create_all(&[held, config_map(ns, "free")]).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    lab.source.delete(&Key::new("v1", "Namespace", "", ns)).await;
    let free = Key::new("v1", "ConfigMap", ns, "free");
    lab.source.wait_gone(std::slice::from_ref(&free)).await;
    let report = lab.restore("source", "p", "").await;
    let item = report.item(&free);
    assert_eq!(item.outcome(), "Blocked");
    assert!(item.reason().contains("being deleted"), "{item}");
    assert_eq!(report.count("created") + report.count("failed"), 0, "{:?}", report.outcomes());
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_had_ended_is_not_started_again() {
    let lab = Lab::new("own-ended").await;
    let ns = &lab.namespace("a").await;
    let spec = json!({"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]});
    let pod = object("v1", "Pod", ns, "ended", json!({"spec": spec}));
    let job = object(
        "batch/v1",
        "Job",
        ns,
        "ended",
        json!({"spec": {"suspend": true, "template": {"spec": spec}}}),
    );
    lab.source.create_all(&[pod.clone(), job.clone()]).await;
    lab.source.patch_status(&Key::of(&pod), json!({"status": {"phase": "Succeeded"}})).await;
    let now = "2026-01-02T03:04:05Z";
    let started = async || !lab.source.must_get(&Key::of(&job)).await["status"]["conditions"].is_null();
    lab.source.wait("the Job controller", started).await;
    let condition = |kind: &str| json!({"type": kind, "status": "True", "lastTransitionTime": now});
    lab.source.patch(&Key::of(&job), json!({"spec": {"suspend": false}})).await;
    let begun = async || !lab.source.must_get(&Key::of(&job)).await["status"]["startTime"].is_null();
    lab.source.wait("the Job to start", begun).await;
    let done = json!({"status": {"succeeded": 1, "active": 0, "ready": 0, "completionTime": "2027-01-02T03:04:05Z",
        "conditions": [condition("SuccessCriteriaMet"), condition("Complete")]}});
    lab.source.patch_status(&Key::of(&job), done).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let report = lab.restore("target", "p", "").await;
    report.expect_clean();
    for object in [&pod, &job] {
        let item = report.item(&Key::of(object));
        assert_eq!(item.outcome(), "Skipped", "{item}");
        assert!(item.reason().contains("again"), "{item}");
        assert!(lab.target.get(&Key::of(object)).await.is_none());
    }
    lab.finish().await;
}
