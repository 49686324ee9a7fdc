//! What a selection takes, in both directions by the same words.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::collections::BTreeSet;

use holdfast_e2e::corpus::{group, object};
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use holdfast_e2e::report::Item;
use serde_json::{Value, json};

/// Everything in namespace `a` that is not asked to be left out.
const A: &str = "Namespace a|Deployment web|ConfigMap web|ConfigMap shown|Secret s|ServiceAccount web|RoleBinding bind|\
                 PersistentVolumeClaim claim|Widget w";
const B: &str = "Namespace b|ConfigMap db|Secret t";
/// What the objects of `a` refer to, directly or through one another.
const RELATED: &str = "PriorityClass used|ClusterRole bound|StorageClass used|CustomResourceDefinition widgets|\
                       ClusterRoleBinding names-account|ClusterRole bound-by-that";

const OTHERS: &str = "PriorityClass other|ClusterRole other";

/// Words, and what they take.
const TABLE: &[(&str, &[&str])] = &[
    ("--include-namespaces {a}", &[A, RELATED]),
    ("--include-namespaces {a} --include-cluster-resources false", &[A]),
    ("--include-namespaces {a} --include-cluster-resources true", &[A, RELATED, OTHERS]),
    ("--include-namespaces {all} --exclude-namespaces {b}", &[A, RELATED]),
    ("--include-namespaces {a},{b}", &[A, B, RELATED]),
    (
        "--include-namespaces {a},{b} --include-resources secrets",
        &["Namespace a|Namespace b|Secret s|Secret t"],
    ),
    (
        "--include-namespaces {a},{b} --include-resources v1/Secret,ConfigMap",
        &[B, "Namespace a|Secret s|ConfigMap web|ConfigMap shown"],
    ),
    (
        "--include-namespaces {a},{b} -l app=web",
        &["Namespace a|Deployment web|ConfigMap web|Secret s|PriorityClass used"],
    ),
    ("--include-namespaces {a},{b} -l tier,app!=db", &["Namespace a|Deployment web|PriorityClass used"]),
    (
        "--include-namespaces {a},{b} -l tier",
        &["Namespace a|Namespace b|Deployment web|ConfigMap db|PriorityClass used"],
    ),
    ("--include-namespaces {b} --exclude-secrets", &["Namespace b|ConfigMap db"]),
    ("--include-namespaces {b} --exclude-resources configmaps", &["Namespace b|Secret t"]),
    (
        "--include-namespaces {a} --exclude-resources *.{group},rbac.authorization.k8s.io/*,storageclasses",
        &["Namespace a|Deployment web|ConfigMap web|ConfigMap shown|Secret s|ServiceAccount web|\
           PersistentVolumeClaim claim|PriorityClass used"],
    ),
];

fn objects(lab: &Lab, a: &str, b: &str) -> Vec<Value> {
    let labels = |app: &str| json!({"app": app});
    let map = |ns: &str, name: &str, labels: Value| {
        object("v1", "ConfigMap", ns, name, json!({"metadata": {"labels": labels}}))
    };
    let rbac = "rbac.authorization.k8s.io/v1";
    let role = |name: &str| object(rbac, "ClusterRole", "", &lab.name(name), json!({"rules": []}));
    let bound = |name: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": lab.name(name)});
    let subjects = json!([{"kind": "ServiceAccount", "name": "web", "namespace": a}]);
    let priority = |name: &str| {
        object("scheduling.k8s.io/v1", "PriorityClass", "", &lab.name(name), json!({"value": 1}))
    };
    vec![
        object(
            "apps/v1",
            "Deployment",
            a,
            "web",
            json!({"metadata": {"labels": {"app": "web", "tier": "front"}}, "spec": {
            "replicas": 0, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}},
                "spec": {"priorityClassName": lab.name("used"), "containers": [{"name": "c", "image": "i"}]}}}}),
        ),
        map(a, "web", labels("web")),
        map(a, "hidden", json!({"app": "web", "velero.io/exclude-from-backup": "true"})),
        map(a, "shown", json!({"velero.io/exclude-from-backup": "false"})),
        map(b, "db", json!({"app": "db", "tier": "back"})),
        object("v1", "Secret", a, "s", json!({"metadata": {"labels": labels("web")}})),
        object("v1", "Secret", b, "t", json!({})),
        object("v1", "ServiceAccount", a, "web", json!({})),
        object(rbac, "RoleBinding", a, "bind", json!({"roleRef": bound("bound"), "subjects": []})),
        object(
            rbac,
            "ClusterRoleBinding",
            "",
            &lab.name("names-account"),
            json!({
            "roleRef": bound("bound-by-that"), "subjects": subjects}),
        ),
        role("bound"),
        role("bound-by-that"),
        role("other"),
        priority("used"),
        priority("other"),
        object(
            "storage.k8s.io/v1",
            "StorageClass",
            "",
            &lab.name("used"),
            json!({
            "provisioner": "example.org/none", "volumeBindingMode": "WaitForFirstConsumer"}),
        ),
        object(
            "v1",
            "PersistentVolumeClaim",
            a,
            "claim",
            json!({"spec": {"storageClassName": lab.name("used"),
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}),
        ),
        object(&format!("{}/v1", group(lab.prefix())), "Widget", a, "w", json!({})),
    ]
}

fn definition(lab: &Lab) -> Value {
    let group = group(lab.prefix());
    object(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "",
        &format!("widgets.{group}"),
        json!({"spec": {
        "group": group, "scope": "Namespaced",
        "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
        "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}]}}),
    )
}

/// `Kind name`, without the prefix; only objects that the test made.
fn ours(lab: &Lab, keys: impl Iterator<Item = Key>, made: &BTreeSet<Key>) -> BTreeSet<String> {
    let suffix = format!(".{}", group(lab.prefix()));
    let short = |name: &str| {
        name.strip_prefix(lab.prefix()).or_else(|| name.strip_suffix(&suffix)).unwrap_or(name).to_owned()
    };
    keys.filter(|key| made.contains(key)).map(|key| format!("{} {}", key.kind, short(&key.name))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_and_restore_take_what_the_words_say() {
    let lab = Lab::new("sel").await;
    let (a, b, left_out) =
        (&lab.namespace("a").await, &lab.namespace("b").await, &lab.namespace("out").await);
    let exclude = json!({"metadata": {"labels": {"velero.io/exclude-from-backup": "true"}}});
    lab.source.patch(&Key::new("v1", "Namespace", "", left_out), exclude).await;
    lab.source.create(&definition(&lab)).await;
    let mut all = objects(&lab, a, b);
    all.push(object("v1", "ConfigMap", left_out, "never", json!({})));
    lab.source.create_all(&all).await;
    let mut made: BTreeSet<Key> = all.iter().map(Key::of).collect();
    made.insert(Key::of(&definition(&lab)));
    made.extend([a, b, left_out].map(|ns| Key::new("v1", "Namespace", "", ns)));

    lab.backup("all", &format!("--include-namespaces {}* --include-cluster-resources true", lab.prefix()))
        .await;
    for (at, (words, expected)) in TABLE.iter().enumerate() {
        let words = words.replace("{a}", a).replace("{b}", b);
        let words =
            words.replace("{group}", &group(lab.prefix())).replace("{all}", &format!("{}*", lab.prefix()));
        let expected: BTreeSet<String> =
            expected.iter().flat_map(|names| names.split('|')).map(|name| name.trim().to_owned()).collect();
        let point = format!("row-{at}");
        lab.backup(&point, &words).await;
        let listed = lab.run(&format!("points objects {point} -o json")).await.expect(0).json();
        let taken = ours(&lab, listed.as_array().unwrap().iter().map(|line| Item(line).key()), &made);
        assert_eq!(taken, expected, "backup {words}");
        // Short names and kinds without their group are known to a live cluster only.
        let planned = lab.restore("target", "all", &format!("{words} --plan")).await;
        let planned = ours(&lab, planned.items().map(Item::key), &made);
        assert_eq!(planned, expected, "restore {words}");
    }
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_referred_to_comes_along_into_an_empty_cluster() {
    let lab = Lab::new("into").await;
    let (a, b) = (&lab.namespace("a").await, &lab.namespace("b").await);
    lab.source.create(&definition(&lab)).await;
    lab.source.create_all(&objects(&lab, a, b)).await;
    lab.backup("all", &format!("--include-namespaces {}* --include-cluster-resources true", lab.prefix()))
        .await;

    let none = lab
        .restore("target", "all", &format!("--include-namespaces {a} --include-cluster-resources false"))
        .await;
    let widget = Key::new(&format!("{}/v1", group(lab.prefix())), "Widget", a, "w");
    assert_eq!(none.item(&widget).outcome(), "Blocked");
    assert!(none.item(&widget).reason().contains("definition"), "{}", none.item(&widget));

    let auto = lab.restore("target", "all", &format!("--include-namespaces {a}")).await;
    auto.expect_clean();
    for (api, kind, name) in [
        ("scheduling.k8s.io/v1", "PriorityClass", "used"),
        ("storage.k8s.io/v1", "StorageClass", "used"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", "bound"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", "bound-by-that"),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "names-account"),
    ] {
        lab.target.must_get(&Key::new(api, kind, "", &lab.name(name))).await;
    }
    lab.target.must_get(&widget).await;
    for kind in [("scheduling.k8s.io/v1", "PriorityClass"), ("rbac.authorization.k8s.io/v1", "ClusterRole")] {
        assert!(lab.target.get(&Key::new(kind.0, kind.1, "", &lab.name("other"))).await.is_none());
    }
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_objects_are_restored_and_nothing_else_is_changed() {
    let lab = Lab::new("sob").await;
    let namespace = lab.namespace("a").await;
    let map = |name: &str, value: &str| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": name},
            "data": {"k": value}})
    };
    for name in ["one", "two"] {
        lab.source.create(&map(name, "then")).await;
    }
    let itself = Key::new("v1", "Namespace", "", &namespace);
    let team =
        async |name: &str| lab.source.patch(&itself, json!({"metadata": {"labels": {"team": name}}})).await;
    team("old").await;
    lab.backup("p", &format!("--include-namespaces {namespace}")).await;
    for name in ["one", "two"] {
        lab.source.patch(&Key::of(&map(name, "")), json!({"data": {"k": "now"}})).await;
    }
    team("new").await;

    let words = format!("--include-objects configmaps/{namespace}/one --conflict-policy patch");
    let report = lab.restore("source", "p", &words).await;
    report.expect_clean();
    let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let items: BTreeSet<String> = report
        .items()
        .map(|item| ["kind", "name", "outcome"].map(|field| text(item.0, field)).join(" "))
        .collect();
    assert_eq!(
        items,
        BTreeSet::from(["ConfigMap one Patched".into(), format!("Namespace {namespace} Skipped")])
    );
    let value = async |name: &str| lab.source.must_get(&Key::of(&map(name, ""))).await["data"]["k"].clone();
    assert_eq!((value("one").await, value("two").await), (json!("then"), json!("now")));
    assert_eq!(lab.source.must_get(&itself).await["metadata"]["labels"]["team"], "new");

    // Where the namespace is missing it comes along.
    lab.restore("target", "p", &words).await.expect_clean();
    assert!(lab.target.get(&Key::of(&map("one", ""))).await.is_some());
    assert!(lab.target.get(&Key::of(&map("two", ""))).await.is_none());

    // A name that is not there is no success, however well the others went.
    let misspelt =
        format!("restore --cluster source --point p --include-objects Secret/{namespace}/none -o json");
    for more in ["", " --plan"] {
        let run = lab.run(&format!("{misspelt}{more}")).await.expect(3);
        let warning = run.json()["warnings"][0].as_str().unwrap().to_owned();
        assert!(warning.contains(&format!("Secret/{namespace}/none is not in the recovery point")), "{run}");
    }
    assert_eq!(lab.run("jobs list -o json").await.expect(0).json()[0]["state"], "Partial");

    let refused = lab.run("restore --cluster source --point p --include-objects configmaps/*/one").await;
    assert!(refused.usage_error().contains("TYPE/NAMESPACE/NAME"), "{refused}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_along_with_a_chosen_object_is_never_changed() {
    let lab = Lab::new("soc").await;
    let namespace = lab.namespace("a").await;
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": lab.name("role")}, "rules": []});
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": lab.name("binding")},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": lab.name("role")}});
    let owner = lab.source.create(&role).await;
    lab.source.create(&binding).await;
    let map =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": "one"}});
    lab.source.create(&map).await;
    // A namespace that something owns, as operators of tenants make them.
    let itself = Key::new("v1", "Namespace", "", &namespace);
    let owners = json!([{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "name": lab.name("role"), "uid": owner["metadata"]["uid"]}]);
    lab.source.patch(&itself, json!({"metadata": {"ownerReferences": owners}})).await;
    let prefix = lab.prefix().to_owned();
    lab.backup("p", &format!("--include-namespaces {prefix}* --include-cluster-resources true")).await;
    lab.source.patch(&itself, json!({"metadata": {"ownerReferences": null}})).await;

    let words = format!("--include-objects configmaps/{namespace}/one --conflict-policy patch");
    lab.restore("source", "p", &words).await.expect_clean();
    assert!(
        lab.source.must_get(&itself).await["metadata"]["ownerReferences"].is_null(),
        "the namespace has an owner again"
    );

    // A chosen cluster-scoped object brings what it refers to.
    let chosen = format!("--include-objects clusterrolebindings/{}", lab.name("binding"));
    lab.restore("target", "p", &chosen).await.expect_clean();
    for object in [&role, &binding] {
        assert!(lab.target.get(&Key::of(object)).await.is_some(), "{object}");
    }
    lab.finish().await;
}
