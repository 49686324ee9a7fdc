//! Plans that are tried with the server before anything is written: what it refuses, what cannot be known, what is missing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::collections::{BTreeMap, BTreeSet};

use holdfast_e2e::corpus::object;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use holdfast_e2e::report::Report;
use holdfast_e2e::snapshot::{self, Snapshot};
use holdfast_e2e::webhook::Webhook;
use serde_json::{Value, json};

/// Objects of the large restore, and how many of them are made to fail for each of three causes: 5 % together.
const OBJECTS: usize = 5000;
const REFUSED: usize = 100;
const OVER_QUOTA: usize = 75;
const FORBIDDEN: usize = 75;

fn config_map(ns: &str, name: &str, labels: &Value) -> Value {
    object(
        "v1",
        "ConfigMap",
        ns,
        name,
        json!({"metadata": {"labels": labels}, "data": {"text": name.repeat(8)}}),
    )
}

fn secret(ns: &str, name: &str) -> Value {
    object("v1", "Secret", ns, name, json!({"stringData": {"text": name}}))
}

fn versions(all: &Snapshot) -> BTreeMap<Key, Value> {
    let version = |object: &Value| json!([object["metadata"]["resourceVersion"], object["metadata"]["uid"]]);
    all.iter().map(|(key, object)| (key.clone(), version(object))).collect()
}

fn content(all: &Snapshot) -> BTreeMap<Key, Value> {
    let plain = |object: &Value| json!([object["metadata"]["labels"], object["data"], object["spec"]]);
    all.iter().map(|(key, object)| (key.clone(), plain(object))).collect()
}

fn keys(report: &Report, holds: impl Fn(&str, &str) -> bool) -> BTreeSet<Key> {
    report
        .items()
        .filter(|item| holds(item.outcome(), item.action()))
        .map(holdfast_e2e::report::Item::key)
        .collect()
}

fn findings(report: &Report) -> Vec<(String, String, String)> {
    let found = report.0["findings"].as_array().cloned().unwrap_or_default();
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    found.iter().map(|f| (text(f, "level"), text(f, "check"), text(f, "message"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_percent_that_fail_are_named_before_and_after_then_retried_then_undone() {
    let lab = Lab::new("val").await;
    let refuse = |object: &Value| {
        (object["metadata"]["labels"]["refused"] == "yes").then(|| "the color must not be red".to_owned())
    };
    let webhook = Webhook::register(&lab, "hook", &["configmaps"], "None", refuse).await;
    let mut namespaces = Vec::new();
    let mut objects = Vec::new();
    for n in 0..5 {
        let ns = lab.namespace(&format!("n{n}")).await;
        for m in 0..OBJECTS / 5 - OVER_QUOTA - 25 {
            let refused = if n == 0 && m % 9 == 0 && m / 9 < REFUSED { "yes" } else { "no" };
            objects.push(config_map(&ns, &format!("m{m:04}"), &json!({"refused": refused})));
        }
        objects.extend((0..OVER_QUOTA + 25).map(|m| secret(&ns, &format!("s{m:03}"))));
        namespaces.push(ns);
    }
    assert_eq!(objects.len(), OBJECTS);
    lab.source.create_all(&objects).await;
    lab.backup("p", &format!("--include-namespaces {}", namespaces.join(","))).await;
    let selector = json!({"kind": "DeleteOptions", "apiVersion": "v1"});
    for ns in &namespaces {
        for plural in ["configmaps", "secrets"] {
            let path = format!("/api/v1/namespaces/{ns}/{plural}");
            lab.source.request(http::Method::DELETE, &path, Some(&selector)).await.unwrap();
        }
    }
    // Some are there and differ: they are patched, and undoing gives them their old form.
    let there: Vec<Value> = (0..200)
        .map(|m| {
            let mut map =
                config_map(&namespaces[3], &format!("m{m:04}"), &json!({"refused": "no", "mine": "yes"}));
            map["data"] = json!({"text": "old"});
            map
        })
        .collect();
    lab.source.create_all(&there).await;

    // The three causes: a webhook for the first namespace, a quota for the second, no right in the third.
    let first = Key::new("v1", "Namespace", "", &namespaces[0]);
    lab.source.patch(&first, json!({"metadata": {"labels": {"webhook": webhook.label()}}})).await;
    let quota = object(
        "v1",
        "ResourceQuota",
        &namespaces[1],
        "few",
        json!({"spec": {"hard": {"count/secrets": "25"}}}),
    );
    lab.source.create(&quota).await;
    let all = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]);
    let names: Vec<&str> = namespaces.iter().map(String::as_str).collect();
    let kubeconfig = lab.restricted(&names, all).await;
    let role = Key::new("rbac.authorization.k8s.io/v1", "Role", &namespaces[2], "reader");
    let less = json!([{"apiGroups": [""], "resources": ["configmaps", "serviceaccounts"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}]);
    lab.source.patch(&role, json!({"rules": less})).await;
    let reads = lab.name("reads");
    let rules = json!([{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list"]}]);
    let rbac = "rbac.authorization.k8s.io";
    lab.source
        .create_all(&[
            json!({"apiVersion": format!("{rbac}/v1"), "kind": "ClusterRole", "metadata": {"name": reads}, "rules": rules}),
            json!({"apiVersion": format!("{rbac}/v1"), "kind": "ClusterRoleBinding", "metadata": {"name": reads},
                "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": reads},
                "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": namespaces[0]}]}),
        ])
        .await;
    // Of the hundred Secrets there, 25 stay.
    let stay: Vec<Value> = (0..25).map(|m| secret(&namespaces[2], &format!("s{m:03}"))).collect();
    lab.source.create_all(&stay).await;
    let counted = async || {
        let live = lab.source.must_get(&Key::of(&quota)).await;
        live["status"]["used"]["count/secrets"] == "0"
    };
    lab.source.wait("the quota to count", counted).await;
    let before = snapshot::take(&lab.source, lab.prefix()).await;

    let mut expected: BTreeSet<Key> = BTreeSet::new();
    let is_refused = |object: &&Value| object["metadata"]["labels"]["refused"] == "yes";
    expected.extend(objects.iter().filter(is_refused).map(Key::of));
    expected.extend((25..100).map(|m| Key::of(&secret(&namespaces[2], &format!("s{m:03}")))));
    assert_eq!(expected.len(), REFUSED + FORBIDDEN);

    let words = format!(
        "--kubeconfig {} --include-namespaces {} --conflict-policy patch --exclude-resources roles,rolebindings \
         --include-cluster-resources false --validate server",
        kubeconfig.display(),
        namespaces.join(",")
    );
    let plan = lab.restore("source", "p", &format!("{words} --plan")).await;
    assert_eq!(
        versions(&before),
        versions(&snapshot::take(&lab.source, lab.prefix()).await),
        "a dry run wrote something"
    );
    let blocked = keys(&plan, |_, action| action == "Blocked");
    let over: BTreeSet<Key> = blocked.difference(&expected).cloned().collect();
    assert_eq!(over.len(), OVER_QUOTA, "{:#?}", findings(&plan));
    assert!(over.iter().all(|key| key.kind == "Secret" && key.namespace == namespaces[1]), "{over:?}");
    expected.extend(over);
    let names = |keys: Vec<&Key>| keys.into_iter().map(ToString::to_string).collect::<Vec<_>>();
    let missed = names(expected.difference(&blocked).collect());
    assert!(missed.is_empty(), "{missed:?} {:#?}", findings(&plan));
    assert_eq!(blocked.len(), expected.len());
    for key in &blocked {
        let says = match (key.kind.as_str(), key.namespace == namespaces[1]) {
            ("ConfigMap", _) => "the color must not be red",
            (_, true) => "exceeded quota: few",
            _ => "may not create secrets",
        };
        assert!(plan.item(key).reason().contains(says), "{}", plan.item(key));
    }
    let found = findings(&plan);
    for (check, says) in [
        ("permissions", "may not create secrets in val-n2"),
        ("quotas", "75 objects do not fit into quota few"),
    ] {
        assert!(found.iter().any(|f| f.0 == "blocking" && f.1 == check && f.2.contains(says)), "{found:#?}");
    }

    let run = lab.restore("source", "p", &words).await;
    assert_eq!(run.state(), "Partial");
    assert_eq!(keys(&run, |outcome, _| matches!(outcome, "Blocked" | "Failed")), expected);
    assert_eq!(
        run.count("failed"),
        0,
        "what a dry run had refused was tried: {:#?}",
        run.with_outcome("Failed")
    );
    assert_eq!(run.count("patched"), 200);

    webhook.remove(&lab).await;
    lab.source.delete_and_wait(&Key::of(&quota)).await;
    lab.source
        .patch(&role, json!({"rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}))
        .await;
    let job = run.0["job"].as_str().unwrap();
    let words = format!("restore --retry {job} --kubeconfig {} -o json", kubeconfig.display());
    let retried = Report(lab.run(&words).await.expect(0).json());
    let again = retried.items().filter(|item| item.0["earlier"] != true && item.outcome() == "Created");
    assert_eq!(again.map(holdfast_e2e::report::Item::key).collect::<BTreeSet<_>>(), expected);
    assert_eq!(retried.count("failed") + retried.count("blocked"), 0);
    let job = retried.0["job"].as_str().unwrap();
    let undone = Report(lab.run(&format!("restore --undo {job} -o json")).await.expect(0).json());
    assert_eq!(undone.state(), "Completed", "{:#?}", undone.with_outcome("Failed"));
    let mut before = content(&before);
    let mut after = content(&snapshot::take(&lab.source, lab.prefix()).await);
    // The causes are the test's own.
    for all in [&mut before, &mut after] {
        all.retain(|key, _| {
            !matches!(key.kind.as_str(), "ResourceQuota" | "Role" | "ValidatingWebhookConfiguration")
        });
    }
    let differ: Vec<_> = before.iter().filter(|(key, object)| after.get(*key) != Some(*object)).collect();
    assert!(differ.is_empty(), "{differ:#?}");
    assert_eq!(before.len(), after.len(), "something is left over");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dry_run_cannot_know_is_unchecked_and_what_is_missing_is_found() {
    let lab = Lab::new("vau").await;
    let (ns, gone) = (&lab.namespace("a").await, &lab.namespace("gone").await);
    let claim = object(
        "v1",
        "PersistentVolumeClaim",
        ns,
        "data",
        json!({"spec": {"storageClassName": "vau-fast", "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}}}}),
    );
    let deployment = |image: &str, app: &str| {
        object(
            "apps/v1",
            "Deployment",
            ns,
            "web",
            json!({"spec": {"replicas": 0, "selector": {"matchLabels": {"app": app}}, "template": {
                "metadata": {"labels": {"app": app}}, "spec": {"containers": [{"name": "c", "image": image}]}}}}),
        )
    };
    let immutable = object("v1", "ConfigMap", ns, "fixed", json!({"immutable": true, "data": {"a": "1"}}));
    lab.source
        .create_all(&[
            config_map(ns, "one", &json!({})),
            config_map(gone, "two", &json!({})),
            secret(ns, "side"),
            claim.clone(),
            deployment("web:1", "web"),
            immutable.clone(),
        ])
        .await;
    lab.backup("p", &format!("--include-namespaces {ns},{gone}")).await;
    for key in [
        Key::of(&config_map(ns, "one", &json!({}))),
        Key::of(&secret(ns, "side")),
        Key::of(&claim),
        Key::of(&immutable),
        Key::of(&deployment("", "")),
        Key::new("v1", "Namespace", "", gone),
    ] {
        lab.source.delete_and_wait(&key).await;
    }
    lab.source.create(&deployment("web:2", "other")).await;
    let mut other = immutable.clone();
    other["data"]["a"] = json!("2");
    lab.source.create(&other).await;
    let webhook = Webhook::register(&lab, "effects", &["secrets"], "None", |_| None).await;
    let name = Key::new("v1", "Namespace", "", ns);
    lab.source.patch(&name, json!({"metadata": {"labels": {"webhook": webhook.label()}}})).await;

    let plan = lab.restore("source", "p", "--validate server --plan --conflict-policy patch").await;
    let two = plan.item(&Key::of(&config_map(gone, "two", &json!({}))));
    assert_eq!(two.action(), "Unchecked", "{two}");
    assert!(two.reason().contains("namespace vau-gone is only made by this restore"), "{two}");
    assert_eq!(plan.item(&Key::of(&config_map(ns, "one", &json!({})))).action(), "Create");
    let web = plan.item(&Key::of(&deployment("", "")));
    assert_eq!(web.action(), "Patch", "{web}");
    assert!(web.reason().contains("spec.selector") && web.reason().contains("cannot change"), "{web}");
    let fixed = plan.item(&Key::of(&immutable));
    assert_eq!(fixed.action(), "Blocked", "{fixed}");
    let found = findings(&plan);
    let has = |level: &str, check: &str, says: &str| {
        found.iter().any(|f| f.0 == level && f.1 == check && f.2.contains(says))
    };
    assert!(has("warning", "storageClasses", "vau-fast"), "{found:#?}");
    assert!(has("info", "webhooks", "vau-effects.example.com may refuse 1 objects"), "{found:#?}");

    let run = lab.run("restore --cluster source --point p --validate maybe").await;
    assert!(run.usage_error().contains("use server or none"), "{run}");
    let report = lab.restore("source", "p", "--validate server --conflict-policy patch").await;
    let outcome = |key: &Key| report.item(key).outcome().to_owned();
    assert_eq!(outcome(&Key::of(&config_map(gone, "two", &json!({})))), "Created");
    assert_eq!(outcome(&Key::of(&deployment("", ""))), "Patched");
    assert_eq!(outcome(&Key::of(&immutable)), "Blocked");
    webhook.remove(&lab).await;
    lab.finish().await;
}
