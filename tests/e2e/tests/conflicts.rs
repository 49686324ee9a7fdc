//! Restoring over objects that exist: Skip, Patch, what cannot change, and that a plan says what the run does.

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
use holdfast_e2e::snapshot;
use serde_json::{Value, json};

/// A Deployment of no pods, so that no controller writes while a test compares.
fn deployment(ns: &str, name: &str, app: &str, image: &str) -> Value {
    object(
        "apps/v1",
        "Deployment",
        ns,
        name,
        json!({"spec": {
        "replicas": 0, "selector": {"matchLabels": {"app": app}},
        "template": {"metadata": {"labels": {"app": app}}, "spec": {"containers": [{"name": "c", "image": image}]}}}}),
    )
}

async fn plan(lab: &Lab, words: &str) -> Report {
    let report = lab.restore("source", "p", &format!("{words} --plan")).await;
    assert_eq!(report.state(), "Planned");
    assert!(report.items().all(|item| item.outcome() == "Planned"));
    report
}

/// Ends the test unless nothing that a client or controller could have written is newer.
async fn assert_unchanged(lab: &Lab, before: &snapshot::Snapshot) {
    let after = snapshot::take(&lab.source, lab.prefix()).await;
    let versions = |all: &snapshot::Snapshot| -> Vec<(Key, Value)> {
        all.iter().map(|(key, object)| (key.clone(), object["metadata"]["resourceVersion"].clone())).collect()
    };
    assert_eq!(versions(before), versions(&after));
}

#[tokio::test(flavor = "multi_thread")]
async fn skip_leaves_what_differs_and_patch_makes_it_say_what_the_point_says() {
    let lab = Lab::new("con-patch").await;
    let ns = &lab.namespace("a").await;
    let map = config_map(ns, "settings", &json!({"a": "1", "b": "2"}));
    let web = deployment(ns, "web", "web", "web:1");
    let service = object(
        "v1",
        "Service",
        ns,
        "web",
        json!({"spec": {
        "selector": {"app": "web"}, "ports": [{"name": "http", "port": 80}, {"name": "tls", "port": 443}]}}),
    );
    let same = config_map(ns, "same", &json!({"x": "y"}));
    let gone = config_map(ns, "gone", &json!({"x": "y"}));
    lab.source.create_all(&[map.clone(), web.clone(), service.clone(), same.clone(), gone.clone()]).await;
    let (map, web, service) = (Key::of(&map), Key::of(&web), Key::of(&service));
    lab.backup("p", &format!("--include-namespaces {ns}")).await;

    let marks = json!({"labels": {"live": "only"}, "annotations": {"live/only": "too"}});
    lab.source
        .patch(&map, json!({"metadata": marks, "data": {"a": "changed", "b": null, "c": "added"}}))
        .await;
    lab.source
        .patch(
            &web,
            json!({"metadata": marks, "spec": {"replicas": 2, "template": {"spec": {
        "containers": [{"name": "c", "image": "web:2"}, {"name": "sidecar", "image": "s"}]}}}}),
        )
        .await;
    lab.source.patch(&web, json!({"spec": {"replicas": 0}})).await;
    lab.source.patch(&web, json!({"spec": {"paused": true}})).await;
    lab.source
        .patch(&service, json!({"metadata": marks, "spec": {"ports": [{"name": "http", "port": 8080}]}}))
        .await;
    lab.source.delete_and_wait(&Key::of(&gone)).await;
    quiet(&lab, &web).await;
    let before = snapshot::take(&lab.source, lab.prefix()).await;

    let skipping = plan(&lab, "").await;
    let patching = plan(&lab, "--conflict-policy patch").await;
    assert_unchanged(&lab, &before).await;
    for report in [&skipping, &patching] {
        let item = report.item(&map);
        assert_eq!(item.changed(), ["/data/a", "/data/b"], "{item}");
        assert_eq!(item.change("/data/a"), Some((&json!("changed"), &json!("1"))));
        assert_eq!(item.change("/data/b"), Some((&Value::Null, &json!("2"))));
        assert_eq!(report.item(&web).changed(), ["/spec/template/spec/containers"], "{}", report.item(&web));
        assert_eq!(report.item(&service).changed(), ["/spec/ports"]);
        assert_eq!(report.item(&Key::of(&same)).action(), "Identical");
        assert_eq!(report.item(&Key::of(&gone)).action(), "Create");
    }
    assert!(skipping.item(&map).reason().contains("Skip"), "{}", skipping.item(&map));

    lab.source.create(&gone).await;
    let before = snapshot::take(&lab.source, lab.prefix()).await;
    let skipped = lab.restore("source", "p", "").await;
    skipped.expect_clean();
    assert_eq!(skipped.count("skipped"), 3, "{:?}", skipped.outcomes());
    assert_unchanged(&lab, &before).await;
    lab.source.delete_and_wait(&Key::of(&gone)).await;

    let patched = lab.restore("source", "p", "--conflict-policy patch").await;
    patched.expect_clean();
    assert_eq!(patched.outcomes(), patching.outcomes(), "the run did something else than the plan said");
    let live = lab.source.must_get(&map).await;
    assert_eq!(live["data"], json!({"a": "1", "b": "2", "c": "added"}));
    let live_web = lab.source.must_get(&web).await;
    assert_eq!(live_web["spec"]["template"]["spec"]["containers"][0]["image"], "web:1");
    assert_eq!(live_web["spec"]["template"]["spec"]["containers"].as_array().unwrap().len(), 1);
    let live_service = lab.source.must_get(&service).await;
    assert_eq!(live_service["spec"]["ports"][1]["port"], 443);
    for live in [live, live_web, live_service] {
        assert_eq!(live["metadata"]["labels"]["live"], "only");
        assert_eq!(live["metadata"]["annotations"]["live/only"], "too");
    }
    quiet(&lab, &web).await;
    let again = lab.restore("source", "p", "--conflict-policy patch").await;
    assert_eq!(
        again.count("patched") + again.count("skipped") + again.count("created"),
        0,
        "{:?}",
        again.outcomes()
    );
    lab.finish().await;
}

/// Waits until the Deployment's controller has seen its newest form.
async fn quiet(lab: &Lab, deployment: &Key) {
    let seen = async || {
        let live = lab.source.must_get(deployment).await;
        live["status"]["observedGeneration"] == live["metadata"]["generation"]
            && live["status"]["conditions"].as_array().is_some_and(|conditions| !conditions.is_empty())
    };
    lab.source.wait("the Deployment to be quiet", seen).await;
    let pods = async || {
        let all = snapshot::take(&lab.source, &deployment.namespace).await;
        !all.keys().any(|key| key.kind == "Pod")
    };
    lab.source.wait("pods to be gone", pods).await;
}

/// Replaces a live object by another of the same name, whatever cannot change in place.
async fn replace(lab: &Lab, object: &Value) {
    lab.source.delete_and_wait(&Key::of(object)).await;
    lab.source.create(object).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_change_is_pruned_and_named_and_the_rest_is_applied() {
    let lab = Lab::new("con-prune").await;
    let ns = &lab.namespace("a").await;
    let class = lab.name("class");
    let labelled = |mut object: Value, value: &str| {
        object["metadata"]["labels"] = json!({"version": value});
        object
    };
    let set = |service: &str, replicas: u8, size: &str| {
        object(
            "apps/v1",
            "StatefulSet",
            ns,
            "db",
            json!({"spec": {"serviceName": service, "replicas": replicas,
            "selector": {"matchLabels": {"app": "db"}}, "minReadySeconds": replicas,
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": size}}}}]}}),
        )
    };
    let binding = |role: &str, user: &str| {
        object(
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            ns,
            "bind",
            json!({
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}]}),
        )
    };
    let pod = |image: &str, node: &str| {
        object(
            "v1",
            "Pod",
            ns,
            "lone",
            json!({"spec": {"nodeSelector": {"disk": node},
            "containers": [{"name": "c", "image": image}]}}),
        )
    };
    let job = |image: &str, parallelism: u8| {
        object(
            "batch/v1",
            "Job",
            ns,
            "once",
            json!({"spec": {"suspend": true, "parallelism": parallelism,
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": image}],
                "activeDeadlineSeconds": u64::from(parallelism) + 100}}}}),
        )
    };
    let fixed = |value: &str| {
        object("v1", "ConfigMap", ns, "fixed", json!({"immutable": true, "data": {"a": value}}))
    };
    let secret = |kind: &str, value: &str| {
        object("v1", "Secret", ns, "typed", json!({"type": kind, "stringData": {"a": value}}))
    };
    let storage = |skew: &str, expand: bool| {
        object(
            "storage.k8s.io/v1",
            "StorageClass",
            "",
            &class,
            json!({"provisioner": "example.org/none",
            "parameters": {"sku": skew}, "allowVolumeExpansion": expand}),
        )
    };
    let claim = object(
        "v1",
        "PersistentVolumeClaim",
        ns,
        "uses-class",
        json!({"spec": {"storageClassName": class,
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}),
    );
    let service = |cluster_ip: Option<&str>, port: u16| {
        object(
            "v1",
            "Service",
            ns,
            "head",
            json!({"spec": {"clusterIP": cluster_ip, "selector": {"app": "web"}, "ports": [{"port": port}]}}),
        )
    };
    let web = |app: &str, image: &str, replicas: u8| {
        let mut web = deployment(ns, "web", app, image);
        web["spec"]["replicas"] = json!(replicas);
        web
    };
    let originals = [
        web("one", "web:1", 1),
        set("db", 1, "1Gi"),
        binding("view", "jane"),
        pod("i:1", "fast"),
        job("i:1", 1),
        labelled(fixed("1"), "1"),
        secret("example.org/a", "1"),
        storage("a", true),
        claim,
        service(Some("None"), 80),
    ];
    lab.source.create_all(&originals).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let changed = [
        web("two", "web:2", 0),
        set("other", 0, "2Gi"),
        binding("edit", "eve"),
        pod("i:2", "slow"),
        job("i:2", 2),
        labelled(fixed("2"), "2"),
        secret("example.org/b", "2"),
        storage("b", false),
        service(None, 81),
    ];
    for object in &changed {
        replace(&lab, object).await;
    }

    let report = lab.restore("source", "p", "--conflict-policy patch").await;
    report.expect_clean();
    let table: [(&Value, &[&str]); 9] = [
        (&changed[0], &["spec.selector.matchLabels.app", "spec.template.metadata.labels.app"]),
        (&changed[1], &["spec.serviceName", "spec.volumeClaimTemplates"]),
        (&changed[2], &["roleRef.name"]),
        (&changed[3], &["spec.nodeSelector"]),
        (&changed[4], &["spec.template"]),
        (&changed[5], &["data"]),
        (&changed[6], &["type"]),
        (&changed[7], &["parameters"]),
        (&changed[8], &["spec.clusterIP", "spec.clusterIPs"]),
    ];
    for (object, pruned) in table {
        let item = report.item(&Key::of(object));
        assert_eq!(item.outcome(), "Patched", "{item} pruned {:?}", item.pruned());
        let named = item.pruned();
        let covers = |path: &&str| {
            named.iter().any(|p| {
                p == path || path.starts_with(&format!("{p}.")) || p.starts_with(&format!("{path}."))
            })
        };
        assert!(pruned.iter().all(covers), "{item}: pruned {named:?}, expected {pruned:?}");
        assert!(named.iter().all(|path| item.reason().contains(path)), "{item} does not name {named:?}");
    }
    let live = async |at: usize| lab.source.must_get(&Key::of(&changed[at])).await;
    let applied = [
        (live(0).await["spec"]["replicas"] == 1, "replicas of the Deployment"),
        (
            live(0).await["spec"]["template"]["spec"]["containers"][0]["image"] == "web:1",
            "image of the Deployment",
        ),
        (
            live(0).await["spec"]["selector"]["matchLabels"]["app"] == "two",
            "selector of the Deployment stays",
        ),
        (live(1).await["spec"]["replicas"] == 1, "replicas of the StatefulSet"),
        (live(1).await["spec"]["minReadySeconds"] == 1, "minReadySeconds of the StatefulSet"),
        (live(1).await["spec"]["serviceName"] == "other", "serviceName stays"),
        (live(2).await["subjects"][0]["name"] == "jane", "subjects of the RoleBinding"),
        (live(2).await["roleRef"]["name"] == "edit", "roleRef stays"),
        (live(3).await["spec"]["containers"][0]["image"] == "i:1", "image of the Pod"),
        (live(3).await["spec"]["nodeSelector"]["disk"] == "slow", "nodeSelector stays"),
        (live(4).await["spec"]["parallelism"] == 1, "parallelism of the Job"),
        (live(5).await["metadata"]["labels"]["version"] == "1", "labels of the fixed ConfigMap"),
        (live(5).await["data"]["a"] == "2", "data of the fixed ConfigMap stays"),
        (live(6).await["data"]["a"] == "MQ==", "data of the Secret"),
        (live(7).await["allowVolumeExpansion"] == true, "allowVolumeExpansion of the StorageClass"),
        (live(8).await["spec"]["ports"][0]["port"] == 80, "ports of the Service"),
    ];
    let wrong: Vec<&str> = applied.iter().filter(|(holds, _)| !holds).map(|(_, what)| *what).collect();
    assert!(wrong.is_empty(), "not as it should be: {wrong:?}");

    let again = lab.restore("source", "p", "--conflict-policy patch").await;
    for (object, _) in table {
        let item = again.item(&Key::of(object));
        assert_eq!(item.outcome(), "Blocked", "only the immutable rest differs now: {item}");
        assert!(item.reason().contains("delete"), "{item} says no remedy");
    }
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_set_whose_template_changed_is_identical_after_one_patch() {
    let lab = Lab::new("con-daemon").await;
    let ns = &lab.namespace("a").await;
    let agent = object(
        "apps/v1",
        "DaemonSet",
        ns,
        "agent",
        json!({"spec": {"selector": {"matchLabels": {"app": "a"}},
        "template": {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}}}),
    );
    lab.source.create(&agent).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let containers = json!([{"name": "c", "image": "i:2"}]);
    lab.source
        .patch(&Key::of(&agent), json!({"spec": {"template": {"spec": {"containers": containers}}}}))
        .await;
    let patched = lab.restore("source", "p", "--conflict-policy patch").await;
    assert_eq!(patched.item(&Key::of(&agent)).outcome(), "Patched");
    let again = lab.restore("source", "p", "--conflict-policy patch").await;
    assert_eq!(again.item(&Key::of(&agent)).outcome(), "Identical", "{}", again.item(&Key::of(&agent)));
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_secrets_are_never_printed() {
    let lab = Lab::new("con-secret").await;
    let ns = &lab.namespace("a").await;
    let secret = |text: &str, applied: &str| {
        let applied = json!({"kubectl.kubernetes.io/last-applied-configuration": format!("{{\"stringData\":\"{applied}\"}}")});
        object(
            "v1",
            "Secret",
            ns,
            "s",
            json!({"metadata": {"annotations": applied}, "stringData": {"password": text, "user": "u"}}),
        )
    };
    lab.source.create(&secret("correct-horse", "in-the-old-manifest")).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    replace(&lab, &secret("battery-staple", "in-the-new-manifest")).await;
    for words in ["--plan", "--plan --conflict-policy patch", "", "--conflict-policy patch"] {
        for format in ["json", "table", "yaml"] {
            let run = lab.run(&format!("restore --cluster source --point p -o {format} {words}")).await;
            assert!(matches!(run.code, Some(0 | 3)), "{run}");
            // Plain, and as the API's base64: "Y29ycmVjdC1ob3JzZQ==", "YmF0dGVyeS1zdGFwbGU=".
            for value in
                ["correct-horse", "battery-staple", "Y29ycmVjdC1ob3JzZ", "YmF0dGVyeS1zdGFwbG", "in-the-"]
            {
                assert!(
                    !run.stdout.contains(value) && !run.stderr.contains(value),
                    "{value} is printed: {run}"
                );
            }
            if format == "json" && words.starts_with("--plan") {
                let report = Report(run.json());
                let item = report.item(&Key::new("v1", "Secret", ns, "s"));
                assert!(item.changed().contains(&"/data/password"), "the path is not hidden: {item}");
                assert!(!item.changed().contains(&"/data/user"));
            }
        }
    }
    lab.finish().await;
}
