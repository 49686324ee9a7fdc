//! Undoing a restore: what it did is taken back, and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::time::Duration;

use holdfast_e2e::corpus::object;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use holdfast_e2e::objects::{config_map, deployment, secret};
use holdfast_e2e::report::Report;
use holdfast_e2e::snapshot::{self, assert_same, quiet};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn undo_returns_the_cluster_to_what_it_was() {
    let lab = Lab::new("und").await;
    let (ns, gone) = (&lab.namespace("a").await, &lab.namespace("gone").await);
    let mut objects =
        vec![deployment(ns, "web", "web:1"), secret(ns, "login", "old"), secret(gone, "login", "x")];
    objects.extend(
        (0..40).map(|n| config_map(ns, &format!("m{n:02}"), &json!({"n": n.to_string(), "both": "1"}))),
    );
    objects.extend((0..5).map(|n| config_map(gone, &format!("g{n}"), &json!({"n": n.to_string()}))));
    objects.push(object("v1", "ServiceAccount", ns, "robot", json!({"automountServiceAccountToken": false})));
    lab.source.create_all(&objects).await;
    // A child whose owner will be made again by the restore.
    let owner = lab.source.create(&config_map(ns, "owner", &json!({}))).await;
    let mut child = config_map(ns, "child", &json!({}));
    child["metadata"]["ownerReferences"] = json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner",
        "uid": owner["metadata"]["uid"]}]);
    lab.source.create(&child).await;
    lab.backup("p", &format!("--include-namespaces {ns},{gone}")).await;

    let map = |n: usize| Key::new("v1", "ConfigMap", ns, &format!("m{n:02}"));
    for n in 0..10 {
        lab.source.delete_and_wait(&map(n)).await;
    }
    let marks = json!({"labels": {"live": "only"}, "annotations": {"live/only": "too"}});
    for n in 10..20 {
        lab.source
            .patch(&map(n), json!({"metadata": marks, "data": {"n": "changed", "both": null, "new": "2"}}))
            .await;
    }
    lab.source.patch(&Key::of(&secret(ns, "login", "")), json!({"data": {"password": "bmV3"}})).await;
    let web = Key::of(&deployment(ns, "web", ""));
    let containers = json!([{"name": "c", "image": "web:2", "env": [{"name": "A", "value": "b"}]}, {"name": "d", "image": "e"}]);
    lab.source.patch(&web, json!({"spec": {"template": {"spec": {"containers": containers}}}})).await;
    // The child is an orphan now; the restore gives it its owner again.
    lab.source.patch(&Key::of(&child), json!({"metadata": {"ownerReferences": null}})).await;
    lab.source.delete_and_wait(&Key::new("v1", "ConfigMap", ns, "owner")).await;
    lab.source.delete_and_wait(&Key::new("v1", "Namespace", "", gone)).await;
    quiet(&lab.source, ns).await;
    let before = snapshot::take(&lab.source, lab.prefix()).await;

    let report = lab
        .restore("source", "p", "--conflict-policy patch --policy-for configmaps/und-a/m12=recreate")
        .await;
    report.expect_clean();
    assert_eq!(report.count("recreated"), 1, "{}", report.0["counts"]);
    assert_eq!(report.count("patched"), 12, "{:#?}", report.with_outcome("Patched"));
    assert!(report.count("created") > 16, "{}", report.0["counts"]);
    let recreated = lab.source.must_get(&map(12)).await;
    assert_eq!(recreated["data"], json!({"n": "12", "both": "1"}));
    assert!(recreated["metadata"]["labels"].is_null(), "recreating left something of the old object");
    assert_ne!(recreated["metadata"]["uid"], before[&map(12)]["metadata"]["uid"]);
    quiet(&lab.source, ns).await;

    let restored = snapshot::take(&lab.source, lab.prefix()).await;
    let planned = lab.undo(report.job(), "--plan").await;
    assert_eq!(planned.state(), "Planned");
    assert_eq!(planned.count("deleted"), report.count("created"), "{:#?}", planned.0);
    assert_eq!((planned.count("patched"), planned.count("recreated")), (12, 1));
    assert!(planned.0["job"].is_null());
    let login = planned.item(&Key::of(&secret(ns, "login", "")));
    assert!(!login.0.to_string().contains("bmV3"), "a value of a Secret is shown: {}", login.0);
    assert_same(
        &restored,
        &snapshot::take(&lab.source, lab.prefix()).await,
        "showing the plan wrote something",
    );

    let undone = lab.undo(report.job(), "").await;
    assert_eq!(undone.state(), "Completed", "{:#?}", undone.0);
    quiet(&lab.source, ns).await;
    let after = snapshot::take(&lab.source, lab.prefix()).await;
    // What was recreated has a new UID; everything else is the very object that it was.
    let identity = |key: &Key| (key.clone(), json!({"uid": 0, "creationTimestamp": 0}));
    let (mut left, mut right) = (before.clone(), after.clone());
    for all in [&mut left, &mut right] {
        let (key, same) = identity(&map(12));
        for (field, value) in same.as_object().unwrap() {
            all.get_mut(&key).unwrap()["metadata"][field] = value.clone();
        }
    }
    assert_same(&left, &right, "undone");
    assert_eq!(lab.undo(report.job(), "").await.count("identical"), undone.items().count() as u64);
    let kinds = lab.run("jobs list --kind undo -o json").await.expect(0).json();
    assert_eq!(kinds.as_array().unwrap().len(), 1, "an undoing that finds nothing to do is no job: {kinds}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_leaves_what_the_restore_did_not_make() {
    let lab = Lab::new("unl").await;
    let ns = &lab.namespace("a").await;
    lab.source
        .create_all(&[config_map(ns, "one", &json!({"n": "1"})), config_map(ns, "two", &json!({"n": "2"}))])
        .await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    lab.source.delete_and_wait(&Key::new("v1", "Namespace", "", ns)).await;
    let report = lab.restore("source", "p", "").await;
    report.expect_clean();

    let (one, two) = (Key::new("v1", "ConfigMap", ns, "one"), Key::new("v1", "ConfigMap", ns, "two"));
    lab.source.delete_and_wait(&one).await;
    lab.source.create(&config_map(ns, "one", &json!({"mine": "yes"}))).await;
    lab.source.create(&config_map(ns, "three", &json!({"mine": "yes"}))).await;
    let undone = lab.undo(report.job(), "").await;
    assert_eq!(undone.item(&two).outcome(), "Deleted");
    assert_eq!(undone.item(&one).outcome(), "Skipped", "{}", undone.item(&one));
    let namespace = undone.item(&Key::new("v1", "Namespace", "", ns));
    assert_eq!(namespace.outcome(), "Skipped", "{namespace}");
    assert!(
        namespace.reason().contains("configmaps one") || namespace.reason().contains("configmaps three"),
        "{namespace}"
    );
    assert_eq!(lab.source.must_get(&one).await["data"]["mine"], "yes");
    assert!(lab.source.get(&two).await.is_none());

    // Another cluster with the same names is not the one that was written to.
    let run = lab.run(&format!("restore --undo {} --cluster target", report.job())).await.expect(1);
    assert!(run.error().contains("another cluster"), "{run}");
    for (words, code, says) in [
        ("--undo 20261125-152003-2bc6d081", 1, "has no journal"),
        ("--undo nonsense", 2, "not the id of a job"),
        ("--undo 20261125-152003-2bc6d081 --retry 20261125-152003-2bc6d081", 2, "cannot be used with"),
        ("--undo 20261125-152003-2bc6d081 --point p", 2, "cannot be used with"),
    ] {
        let run = lab.run(&format!("restore {words}")).await.expect(code);
        assert!(run.stderr.contains(says), "{run}");
    }
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_leaves_what_was_refused_and_what_is_another_object_by_now() {
    let lab = Lab::new("unr").await;
    let ns = &lab.namespace("a").await;
    let fixed =
        |data: &str| object("v1", "ConfigMap", ns, "fixed", json!({"immutable": true, "data": {"n": data}}));
    lab.source
        .create_all(&[
            fixed("point"),
            config_map(ns, "again", &json!({"n": "point"})),
            config_map(ns, "owner", &json!({"n": "point"})),
        ])
        .await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let (again, owner) = (Key::new("v1", "ConfigMap", ns, "again"), Key::new("v1", "ConfigMap", ns, "owner"));
    lab.source.delete_and_wait(&Key::of(&fixed(""))).await;
    lab.source.create(&fixed("live")).await;
    lab.source.patch(&again, json!({"data": {"n": "live"}})).await;
    let uid = lab.source.patch(&owner, json!({"data": {"n": "live"}})).await["metadata"]["uid"].clone();
    let mut owned = secret(ns, "owned", "x");
    owned["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid}]);
    lab.source.create(&owned).await;

    let words = "--conflict-policy patch --policy-for configmaps/unr-a/owner=recreate";
    let report = lab.restore("source", "p", words).await;
    assert_eq!(
        report.item(&Key::of(&fixed(""))).outcome(),
        "Blocked",
        "{}",
        report.item(&Key::of(&fixed("")))
    );
    let spared = report.item(&owner);
    assert_eq!(spared.outcome(), "Blocked", "{spared}");
    assert!(spared.reason().contains("secrets owned"), "{spared}");
    assert!(lab.source.get(&Key::of(&owned)).await.is_some(), "recreating an owner took along what it owned");

    // Life goes on, and only what the restore did is taken back.
    lab.source.patch(&Key::of(&fixed("")), json!({"metadata": {"labels": {"later": "yes"}}})).await;
    lab.source.delete_and_wait(&again).await;
    lab.source.create(&config_map(ns, "again", &json!({"n": "somebody's"}))).await;
    let undone = lab.undo(report.job(), "").await;
    assert!(undone.find(&Key::of(&fixed(""))).is_none(), "what was refused is undone: {:#?}", undone.0);
    assert_eq!(undone.item(&again).outcome(), "Skipped", "{}", undone.item(&again));
    assert_eq!(lab.source.must_get(&again).await["data"]["n"], "somebody's");
    assert_eq!(lab.source.must_get(&Key::of(&fixed(""))).await["metadata"]["labels"]["later"], "yes");
    let retried = lab.run(&format!("restore --retry {} -o json", report.job())).await.expect(3).json();
    assert_eq!(Report(retried).item(&again).outcome(), "Patched", "what was done before counts as done");
    for (words, says) in [
        ("--undo 20261125-152003-2bc6d081 --save-plan x", "cannot be used with"),
        ("--undo 20261125-152003-2bc6d081 --validate server", "cannot be used with"),
        ("--retry 20261125-152003-2bc6d081 --volume-mode without-data", "cannot be used with"),
        ("--resume 20261125-152003-2bc6d081 --conflict-policy patch", "cannot be used with"),
    ] {
        let run = lab.run(&format!("restore {words}")).await.expect(2);
        assert!(run.stderr.contains(says), "{run}");
    }
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_waits_until_what_has_finalizers_is_gone() {
    let lab = Lab::new("unf").await;
    let ns = &lab.namespace("a").await;
    // Whoever lets go of it may need the settings for that.
    let mut held = deployment(ns, "held", "web:1");
    held["metadata"]["finalizers"] = json!(["example.com/hold"]);
    let (settings, release) =
        (config_map(ns, "settings", &json!({"n": "1"})), json!({"metadata": {"finalizers": null}}));
    lab.source.create_all(&[held.clone(), settings.clone()]).await;
    let (held, settings) = (Key::of(&held), Key::of(&settings));
    quiet(&lab.source, ns).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    lab.source.patch(&held, release.clone()).await;
    lab.source.delete_and_wait(&held).await;
    lab.source.delete_and_wait(&settings).await;
    let report = lab.restore("source", "p", "").await;
    report.expect_clean();

    let undoing = lab.undo(report.job(), "");
    let releasing = async {
        let asked = async || !lab.source.must_get(&held).await["metadata"]["deletionTimestamp"].is_null();
        lab.source.wait("the deletion of what is held", asked).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(lab.source.get(&settings).await.is_some(), "deleted before what may need it was gone");
        lab.source.patch(&held, release).await;
    };
    let (undone, ()) = tokio::join!(undoing, releasing);
    assert_eq!((undone.state(), undone.count("deleted")), ("Completed", 2), "{:#?}", undone.0);
    assert!(lab.source.get(&held).await.is_none() && lab.source.get(&settings).await.is_none());
    lab.finish().await;
}
