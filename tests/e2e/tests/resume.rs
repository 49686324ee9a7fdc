//! Going on with a restore: what failed is retried, and what was killed ends as if it had not been.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use holdfast_e2e::corpus::object;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::{Lab, long};
use holdfast_e2e::objects::{config_map, deployment, secret};
use holdfast_e2e::random::Random;
use holdfast_e2e::report::Report;
use holdfast_e2e::snapshot::{self, assert_same, quiet};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// Printed with a failure, so that it can be run again.
const SEED: u64 = 20_261_125;

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
        Report(lab.run(&format!("restore --retry {} --plan -o json", failed.job())).await.expect(0).json());
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
    let undone = lab.undo(retried.job(), "").await;
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
        known.insert(report.job().to_owned());
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
        let undone = lab.undo(report.job(), "").await;
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
            let undone = lab.undo(&newest, "").await;
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
