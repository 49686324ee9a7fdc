//! Second thoughts: undoing a restore, retrying what failed, going on with what was killed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use holdfast_e2e::cluster::Cluster;
use holdfast_e2e::corpus::object;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::{Lab, long};
use holdfast_e2e::random::Random;
use holdfast_e2e::report::Report;
use holdfast_e2e::snapshot::{self, Snapshot};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// Printed with a failure, so that it can be run again.
const SEED: u64 = 20_261_125;

fn config_map(ns: &str, name: &str, data: &Value) -> Value {
    object("v1", "ConfigMap", ns, name, json!({"data": data}))
}

fn secret(ns: &str, name: &str, value: &str) -> Value {
    object("v1", "Secret", ns, name, json!({"stringData": {"password": value}}))
}

/// A Deployment of no pods, so that no controller writes while a test compares.
fn deployment(ns: &str, name: &str, image: &str) -> Value {
    let template = json!({"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": image}]}});
    let spec = json!({"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": template});
    object("apps/v1", "Deployment", ns, name, json!({"spec": spec}))
}

/// What a person calls the state of the cluster: without what each write counts up, and what controllers note.
fn state(all: &Snapshot) -> BTreeMap<Key, Value> {
    let made =
        |key: &Key| matches!(key.kind.as_str(), "ReplicaSet" | "Pod") || key.name == "kube-root-ca.crt";
    let plain = |object: &Value| {
        let mut object = object.clone();
        for field in ["resourceVersion", "managedFields", "generation"] {
            object["metadata"].as_object_mut().unwrap().remove(field);
        }
        object.as_object_mut().unwrap().remove("status");
        let metadata = object["metadata"].as_object_mut().unwrap();
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("deployment.kubernetes.io/revision");
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
        object
    };
    all.iter().filter(|(key, _)| !made(key)).map(|(key, object)| (key.clone(), plain(object))).collect()
}

#[track_caller]
fn assert_same(before: &Snapshot, after: &Snapshot, what: &str) {
    let (before, after) = (state(before), state(after));
    for (key, object) in &before {
        assert_eq!(Some(object), after.get(key), "{what}: {key}");
    }
    let new: Vec<_> = after.keys().filter(|key| !before.contains_key(*key)).collect();
    assert!(new.is_empty(), "{what}: left over: {new:?}");
}

/// Waits until the Deployments' controller has seen their newest forms and old ReplicaSets are made.
async fn quiet(cluster: &Cluster, namespace: &str) {
    let seen = async || {
        let all = snapshot::take(cluster, namespace).await;
        all.values().filter(|object| object["kind"] == "Deployment").all(|deployment| {
            deployment["status"]["observedGeneration"] == deployment["metadata"]["generation"]
        })
    };
    cluster.wait("the Deployments to be quiet", seen).await;
}

async fn undo(lab: &Lab, job: &str, words: &str) -> Report {
    let run = lab.run(&format!("restore --undo {job} -o json {words}")).await.expect(0);
    Report(run.json())
}

fn job(report: &Report) -> String {
    report.0["job"].as_str().expect("the restore is kept as a job").to_owned()
}

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
    let planned = undo(&lab, &job(&report), "--plan").await;
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

    let undone = undo(&lab, &job(&report), "").await;
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
    assert_eq!(undo(&lab, &job(&report), "").await.count("identical"), undone.items().count() as u64);
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
    let undone = undo(&lab, &job(&report), "").await;
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
    let run = lab.run(&format!("restore --undo {} --cluster target", job(&report))).await.expect(1);
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
    let undone = undo(&lab, &job(&report), "").await;
    assert!(undone.find(&Key::of(&fixed(""))).is_none(), "what was refused is undone: {:#?}", undone.0);
    assert_eq!(undone.item(&again).outcome(), "Skipped", "{}", undone.item(&again));
    assert_eq!(lab.source.must_get(&again).await["data"]["n"], "somebody's");
    assert_eq!(lab.source.must_get(&Key::of(&fixed(""))).await["metadata"]["labels"]["later"], "yes");
    let retried = lab.run(&format!("restore --retry {} -o json", job(&report))).await.expect(3).json();
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
async fn retry_runs_only_what_failed() {
    let lab = Lab::new("ret").await;
    let ns = &lab.namespace("a").await;
    let maps: Vec<Value> =
        (0..30).map(|n| config_map(ns, &format!("m{n:02}"), &json!({"n": n.to_string()}))).collect();
    let secrets: Vec<Value> = (0..10).map(|n| secret(ns, &format!("s{n}"), "x")).collect();
    lab.source.create_all(&[maps.clone(), secrets.clone()].concat()).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    for key in maps.iter().skip(1).chain(&secrets).map(Key::of) {
        lab.source.delete_and_wait(&key).await;
    }
    let quota = object("v1", "ResourceQuota", ns, "none", json!({"spec": {"hard": {"count/secrets": "0"}}}));
    lab.source.create(&quota).await;
    let counted = async || lab.source.must_get(&Key::of(&quota)).await["status"]["used"].is_object();
    lab.source.wait("the quota to count", counted).await;

    let failed = lab.restore("source", "p", "").await;
    assert_eq!(
        (failed.count("failed"), failed.count("created")),
        (10, 29),
        "{:#?}",
        failed.with_outcome("Failed")
    );
    lab.source.delete_and_wait(&Key::of(&quota)).await;
    // None of these failed, so a retry has no business with them.
    lab.source.patch(&Key::of(&maps[0]), json!({"data": {"n": "changed"}})).await;
    lab.source.delete_and_wait(&Key::of(&maps[1])).await;
    let file = lab.folder().join("report.json");
    std::fs::write(&file, failed.0.to_string()).unwrap();
    let planned =
        Report(lab.run(&format!("restore --retry {} --plan -o json", job(&failed))).await.expect(0).json());
    assert_eq!(planned.state(), "Planned");
    let retried =
        Report(lab.run(&format!("restore --retry {} -o json", file.display())).await.expect(0).json());
    assert_eq!(retried.count("failed"), 0, "{}", retried.0["counts"]);
    let again: Vec<Key> = retried
        .items()
        .filter(|item| item.0["earlier"] != true && item.outcome() == "Created")
        .map(holdfast_e2e::report::Item::key)
        .collect();
    assert_eq!(again.len(), 10, "{again:?}");
    assert!(again.iter().all(|key| key.kind == "Secret"), "{again:?}");
    assert!(lab.source.get(&Key::of(&maps[1])).await.is_none(), "a retry made something that had not failed");
    // Undoing the retry undoes the restore that it went on with.
    let undone = undo(&lab, &job(&retried), "").await;
    assert_eq!(undone.count("deleted"), 38, "{:#?}", undone.0["counts"]);
    for key in maps.iter().skip(1).chain(&secrets).map(Key::of) {
        assert!(lab.source.get(&key).await.is_none(), "{key} is left");
    }
    for (text, says) in [
        (&failed.0.to_string()[..400], "no whole report"),
        (r#"{"job": null, "state": "Planned", "items": []}"#, "names no job"),
    ] {
        std::fs::write(&file, text).unwrap();
        let run = lab.run(&format!("restore --retry {}", file.display())).await.expect(2);
        assert!(run.error().contains(says), "{run}");
    }
    lab.finish().await;
}

/// Starts the program and kills it after a while; whether it had ended by then.
async fn killed(lab: &Lab, words: &str, after: Duration, signal: Signal) -> bool {
    let mut child = lab.command(words).spawn().expect("the program cannot be started");
    tokio::time::sleep(after).await;
    let ended = child.try_wait().unwrap().is_some();
    if !ended {
        let pid = i32::try_from(child.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }
    child.wait().await.unwrap();
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_restore_goes_on_and_accounts_for_each_object_once() {
    let lab = Lab::new("res").await;
    let ns = &lab.namespace("a").await;
    let maps: Vec<Value> =
        (0..200).map(|n| config_map(ns, &format!("m{n:03}"), &json!({"n": "x".repeat(n * 10)}))).collect();
    let mut objects = maps.clone();
    objects.extend((0..20).map(|n| deployment(ns, &format!("d{n:02}"), "web:1")));
    lab.source.create_all(&objects).await;
    quiet(&lab.source, ns).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;

    let rounds = if long() { 200 } else { 12 };
    let mut random = Random::new(SEED);
    let mut usual = 0;
    let mut interrupted = 0;
    let mut known = BTreeSet::new();
    for round in 0..rounds * 10 {
        if interrupted == rounds {
            break;
        }
        let signal = if round % 3 == 2 { Signal::INT } else { Signal::KILL };
        // Half of it is there and says something else, half of it is not.
        let target = lab.name(&format!("t{round}"));
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": target}});
        lab.target.create(&namespace).await;
        let there: Vec<Value> = (0..100)
            .map(|n| config_map(&target, &format!("m{n:03}"), &json!({"n": "old", "mine": "1"})))
            .collect();
        lab.target.create_all(&there).await;
        let before = snapshot::take(&lab.target, &target).await;
        let words = format!(
            "restore --cluster target --point p --include-namespaces {ns} --namespace-mappings {ns}:{target} \
             --conflict-policy patch"
        );
        let clock = Instant::now();
        let after =
            if usual == 0 { Duration::from_mins(1) } else { Duration::from_micros(random.below(usual)) };
        let ended = if usual == 0 {
            lab.run(&words).await.expect(0);
            true
        } else {
            killed(&lab, &words, after, signal).await
        };
        if usual == 0 {
            usual = u64::try_from(clock.elapsed().as_micros()).unwrap();
            continue;
        }
        usual = if ended { usual * 4 / 5 } else { usual * 21 / 20 };
        let what = format!("round {round} of seed {SEED}, {signal:?} after {after:?}");
        let jobs = lab.run("jobs list --kind restore --limit 1 -o json").await.expect(0).json();
        let Some(newest) = jobs[0]["id"].as_str() else { continue };
        // One that was killed before it had begun left nothing to go on with.
        let written = lab.vault().join("journals").join(newest).join("000000.jsonl.gz").exists();
        let written = written && known.insert(newest.to_owned());
        if ended || !written {
            continue;
        }
        interrupted += 1;
        let run = lab.run(&format!("restore --resume {newest} -o json")).await;
        assert_eq!(run.code, Some(0), "{what}: {run}");
        let report = Report(run.json());
        known.insert(job(&report));
        let mut seen = BTreeMap::new();
        for item in report.items() {
            *seen.entry(item.key()).or_insert(0) += 1;
            let name = item.key().name;
            let expected = match (item.key().kind.as_str(), name.as_str()) {
                ("ConfigMap", "kube-root-ca.crt") | ("ServiceAccount" | "ReplicaSet", _) => continue,
                ("ConfigMap", name) if name < "m100" => "Patched",
                ("ConfigMap" | "Deployment", _) => "Created",
                _ => continue,
            };
            assert_eq!(item.outcome(), expected, "{what}: {item}");
        }
        assert!(seen.values().all(|count| *count == 1), "{what}: {seen:?}");
        for map in &maps {
            let key = Key::new("v1", "ConfigMap", &target, map["metadata"]["name"].as_str().unwrap());
            let live = lab.target.must_get(&key).await;
            assert_eq!(live["data"]["n"], map["data"]["n"], "{what}: {key}");
        }
        let undone = undo(&lab, &job(&report), "").await;
        assert_eq!(undone.state(), "Completed", "{what}: {:#?}", undone.0);
        let after = snapshot::take(&lab.target, &target).await;
        assert_same(&before, &after, &what);
        lab.target.delete(&Key::new("v1", "Namespace", "", &target)).await;
    }
    assert_eq!(interrupted, rounds, "too few runs were interrupted in their middle");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_restore_can_be_undone_as_it_is() {
    let lab = Lab::new("unk").await;
    let ns = &lab.namespace("a").await;
    let maps: Vec<Value> =
        (0..300).map(|n| config_map(ns, &format!("m{n:03}"), &json!({"n": n.to_string()}))).collect();
    lab.source.create_all(&maps).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let target = &lab.name("t");
    let words = format!(
        "restore --cluster target --point p --include-namespaces {ns} --namespace-mappings {ns}:{target}"
    );
    let mut random = Random::new(SEED);
    let mut undone_in_the_middle = 0;
    for _ in 0..60 {
        if undone_in_the_middle == 3 {
            break;
        }
        let after = Duration::from_millis(100 + random.below(700));
        killed(&lab, &words, after, Signal::KILL).await;
        let found = snapshot::take(&lab.target, target).await;
        let jobs = lab.run("jobs list --kind restore --limit 1 -o json").await.expect(0).json();
        let newest = jobs[0]["id"].as_str().unwrap_or_default().to_owned();
        if !found.is_empty() {
            undone_in_the_middle += u32::from(found.len() < 300);
            let undone = undo(&lab, &newest, "").await;
            assert_eq!(undone.state(), "Completed", "killed after {after:?}: {:#?}", undone.0);
        }
        let left: Vec<Key> = snapshot::take(&lab.target, target).await.into_keys().collect();
        assert!(left.is_empty(), "killed after {after:?}, left over: {left:?}");
    }
    assert_eq!(undone_in_the_middle, 3, "too few runs were killed in their middle");

    // One that is only asleep still runs, and nobody else goes on with it.
    let mut child = lab.command(&words).spawn().expect("the program cannot be started");
    let started = async || {
        let jobs =
            lab.run("jobs list --kind restore --limit 1 --state running -o json").await.expect(0).json();
        let id = jobs[0]["id"].as_str()?.to_owned();
        lab.vault().join("journals").join(&id).join("000000.jsonl.gz").exists().then_some(id)
    };
    let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    let mut running = started().await;
    while running.is_none() && child.try_wait().unwrap().is_none() {
        running = started().await;
    }
    if let Some(id) = running {
        kill_process(pid, Signal::STOP).unwrap();
        let run = lab.run(&format!("restore --resume {id}")).await;
        kill_process(pid, Signal::CONT).unwrap();
        let ended = run.code == Some(0);
        assert!(ended || run.error().contains("still runs"), "{run}");
    }
    assert!(child.wait().await.unwrap().success());
    lab.finish().await;
}
