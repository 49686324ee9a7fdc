//! Killed at any moment, a backup leaves nothing that counts and a restore is completed by the next one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::time::{Duration, Instant};

use holdfast_e2e::exceptions::differences;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::{Lab, long};
use holdfast_e2e::random::Random;
use holdfast_e2e::snapshot::{self, Snapshot};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

/// Printed with a failure, so that it can be run again.
const SEED: u64 = 20_261_123;

fn rounds() -> u64 {
    if long() { 500 } else { 20 }
}

/// ConfigMaps and Secrets, and children whose owners are restored in their wave and in a later one.
async fn populate(lab: &Lab, namespace: &str) {
    let meta = |name: String| json!({"namespace": namespace, "name": name, "labels": {"part": "kill"}});
    let mut owners = Vec::new();
    for n in 0..10 {
        let settings =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta(format!("owner-{n}"))});
        owners.push(lab.source.create(&settings).await);
        let pods = json!({"metadata": {"labels": {"app": format!("d{n}")}}, "spec": {"containers": [{"name": "c", "image": "x"}]}});
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(format!("owner-{n}")),
            "spec": {"replicas": 0, "selector": {"matchLabels": {"app": format!("d{n}")}}, "template": pods}});
        owners.push(lab.source.create(&deployment).await);
    }
    let mut objects = Vec::new();
    for n in 0..250 {
        let data = json!({"text": format!("{n} ").repeat(200)});
        objects.push(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta(format!("settings-{n}")), "data": data}));
    }
    for (n, owner) in owners.iter().cycle().take(100).enumerate() {
        let mut metadata = meta(format!("child-{n}"));
        metadata["ownerReferences"] = json!([{"apiVersion": owner["apiVersion"], "kind": owner["kind"],
            "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"], "controller": n % 2 == 0}]);
        objects.push(json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"n": n.to_string()}}));
    }
    lab.source.create_all(&objects).await;
    // What controllers make of it is counted too, so it must be there before anything is counted.
    lab.source
        .wait("the controllers", async || {
            let certificate = Key::new("v1", "ConfigMap", namespace, "kube-root-ca.crt");
            let mut done = lab.source.get(&certificate).await.is_some();
            for n in 0..10 {
                let deployment = Key::new("apps/v1", "Deployment", namespace, &format!("owner-{n}"));
                let seen = lab.source.must_get(&deployment).await["status"]["observedGeneration"].is_number();
                done = done && seen;
            }
            done
        })
        .await;
}

/// Starts the program and sends it a signal after a while; returns whether it had ended by itself, and its output.
async fn interrupted(
    mut command: Command,
    after: Duration,
    signal: Signal,
) -> (bool, std::process::Output, Duration) {
    let mut child: Child = command.spawn().expect("the program cannot be started");
    tokio::time::sleep(after).await;
    let ended = child.try_wait().unwrap().is_some();
    let clock = Instant::now();
    if !ended {
        let pid = i32::try_from(child.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }
    let output = child.wait_with_output().await.unwrap();
    (ended, output, clock.elapsed())
}

async fn point_names(lab: &Lab) -> Vec<String> {
    let list = lab.run("points list -o json").await.expect(0).json();
    let names = list.as_array().unwrap().iter().map(|entry| {
        assert_eq!(entry["kind"], "readable", "a half-written point is listed: {entry}");
        entry["name"].as_str().unwrap().to_owned()
    });
    names.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_backup_leaves_nothing_that_counts_and_its_name_free() {
    let lab = Lab::new("kil").await;
    let namespace = lab.namespace("data").await;
    populate(&lab, &namespace).await;
    let words = format!("--include-namespaces {namespace}");
    let clock = Instant::now();
    let whole = lab.backup("whole", &words).await;
    let usual = u64::try_from(clock.elapsed().as_micros()).unwrap();
    let mut random = Random::new(SEED);
    let mut killed = 0;
    for round in 0..rounds() * 10 {
        if killed == rounds() {
            break;
        }
        let after = Duration::from_micros(random.below(usual * 11 / 10));
        let command = lab.command(&format!("backup --cluster source --name again -o json {words}"));
        let (ended, ..) = interrupted(command, after, Signal::KILL).await;
        killed += u64::from(!ended);
        let what = format!("round {round} of seed {SEED}, killed after {after:?}");

        if point_names(&lab).await.contains(&"again".to_owned()) {
            // The kill came after the commit.
            let run =
                lab.run(&format!("backup --cluster source --name again -o json {words}")).await.expect(1);
            assert!(run.error().contains("exists already"), "{what}: {run}");
        } else {
            let run = lab.run(&format!("backup --cluster source --name again -o json {words}")).await;
            assert_eq!(run.code, Some(0), "{what}: {run}");
            assert_eq!(run.json()["objects"], whole["objects"], "{what}");
        }
        lab.run("points show again --verify -o json").await.expect(0);
        lab.run("points delete again --yes").await.expect(0);
        let left: Vec<_> = std::fs::read_dir(lab.point("again")).into_iter().flatten().collect();
        assert!(!lab.point("again").exists(), "{what}: something of a deleted point is left: {left:?}");
    }
    assert_eq!(killed, rounds(), "too few runs were killed; the others had ended by then");
    lab.finish().await;
}

/// What is missing or different in `namespace` of the target, or owned by nobody.
async fn problems(lab: &Lab, before: &Snapshot, old: &str, namespace: &str) -> Vec<String> {
    let after = snapshot::take(&lab.target, namespace).await;
    let mut found = Vec::new();
    for (key, original) in before {
        let renamed = |text: &str| if text == old { namespace.to_owned() } else { text.to_owned() };
        let target = Key { namespace: renamed(&key.namespace), name: renamed(&key.name), ..key.clone() };
        if !["ConfigMap", "Secret", "Deployment", "Namespace"].contains(&key.kind.as_str())
            || key.name == "kube-root-ca.crt"
        {
            continue;
        }
        let Some(restored) = after.get(&target) else {
            found.push(format!("{target} is missing"));
            continue;
        };
        let text = original.to_string().replace(&format!("\"{old}\""), &format!("\"{namespace}\""));
        let expected: Value = serde_json::from_str(&text).unwrap();
        found.extend(differences(&expected, restored).into_iter().map(|d| format!("{target}: {d}")));
        for owner in restored["metadata"]["ownerReferences"].as_array().into_iter().flatten() {
            if !after.values().any(|object| object["metadata"]["uid"] == owner["uid"]) {
                found.push(format!("{target} is owned by nobody"));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_restore_is_completed_by_the_next_one() {
    let lab = Lab::new("kir").await;
    let namespace = lab.namespace("data").await;
    populate(&lab, &namespace).await;
    lab.backup("whole", &format!("--include-namespaces {namespace}")).await;
    let before = snapshot::take(&lab.source, &namespace).await;
    let restore = |number: u64| {
        let target = lab.name(&format!("r{number}"));
        let words = format!("--include-namespaces {namespace} --namespace-mappings {namespace}:{target}");
        (target, words)
    };
    let clock = Instant::now();
    lab.restore("target", "whole", &restore(0).1).await.expect_clean();
    let usual = u64::try_from(clock.elapsed().as_micros()).unwrap();
    assert_eq!(problems(&lab, &before, &namespace, &restore(0).0).await, Vec::<String>::new());

    let mut random = Random::new(SEED);
    let mut killed = 0;
    for round in 1..=rounds() * 10 {
        if killed == rounds() {
            break;
        }
        let (target, words) = restore(round);
        let after = Duration::from_micros(random.below(usual));
        let command = lab.command(&format!("restore --cluster target --point whole {words}"));
        let (ended, ..) = interrupted(command, after, Signal::KILL).await;
        killed += u64::from(!ended);
        let report = lab.restore("target", "whole", &words).await;
        let what = format!("round {round} of seed {SEED}, killed after {after:?}");
        assert_eq!(report.count("failed") + report.count("blocked"), 0, "{what}");
        let found = problems(&lab, &before, &namespace, &target).await;
        assert!(found.is_empty(), "{what}: {found:#?}");
        let again = lab.restore("target", "whole", &format!("{words} --plan")).await;
        assert_eq!(again.count("created") + again.count("patched") + again.count("skipped"), 0, "{what}");
    }
    assert_eq!(killed, rounds(), "too few runs were killed; the others had ended by then");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_ends_at_once_and_says_what_it_did() {
    let lab = Lab::new("kic").await;
    let namespace = lab.namespace("data").await;
    populate(&lab, &namespace).await;
    let words = format!("--include-namespaces {namespace}");
    lab.backup("whole", &words).await;
    let mut cancelled = 0;
    for step in 1..=8u64 {
        let after = Duration::from_millis(step * 40);
        let command = lab.command(&format!("backup --cluster source --name step-{step} -o json {words}"));
        let (ended, output, took) = interrupted(command, after, Signal::INT).await;
        assert!(took < Duration::from_secs(2), "cancelling a backup took {took:?}");
        let listed = point_names(&lab).await.contains(&format!("step-{step}"));
        assert_eq!(output.status.success(), listed, "after {after:?}: {output:?}");
        cancelled += u32::from(!ended && !listed);
        if !listed && !output.stdout.is_empty() {
            let result: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(result["state"], "Failed");
            assert!(!lab.point(&format!("step-{step}")).exists(), "a cancelled backup left something behind");
        }
    }
    assert!(cancelled > 0, "no backup was cancelled: all had ended by then");

    let mut reached = 0;
    for step in 1..=8u64 {
        let target = lab.name(&format!("c{step}"));
        let mapping = format!("{words} --namespace-mappings {namespace}:{target}");
        let command = lab.command(&format!("restore --cluster target --point whole -o json {mapping}"));
        let (_, output, took) = interrupted(command, Duration::from_millis(step * 40), Signal::INT).await;
        assert!(took < Duration::from_secs(2), "cancelling a restore took {took:?}");
        let Ok(report) = serde_json::from_slice::<Value>(&output.stdout) else { continue };
        let state = report["state"].as_str().unwrap();
        assert_eq!(state == "Cancelled", !output.status.success(), "{state}: {:?}", output.status);
        reached += u32::from(state == "Cancelled");
        let after = snapshot::take(&lab.target, &target).await;
        for item in report["items"].as_array().unwrap() {
            if !["ConfigMap", "Secret"].contains(&item["kind"].as_str().unwrap())
                || item["action"] != "Create"
            {
                continue;
            }
            let key = Key::new("v1", item["kind"].as_str().unwrap(), &target, item["name"].as_str().unwrap());
            assert_eq!(
                after.contains_key(&key),
                item["outcome"] == "Created",
                "{item} after {} ms",
                step * 40
            );
        }
    }
    assert!(reached > 0, "no restore was cancelled in its middle");
    lab.finish().await;
}
