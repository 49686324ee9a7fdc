//! What the storage system does wrong, and processes that are killed: each ends in a state that says so, and nothing is left that
//! the next run, or `holdfast cleanup`, does not find.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use holdfast_e2e::key::Key;
use holdfast_e2e::lab::long;
use holdfast_e2e::random::Random;
use holdfast_node_tests::lab::Lab;
use holdfast_node_tests::ledger;
use holdfast_node_tests::pods;
use holdfast_node_tests::volumes::{bound, claim};
use serde_json::{Value, json};

/// Printed with a failure, so that it can be run again.
const SEED: u64 = 20_261_126;

fn volume<'a>(result: &'a Value, claim: &str) -> &'a Value {
    let volumes = result["volumes"].as_array().unwrap();
    volumes.iter().find(|volume| volume["claim"] == claim).unwrap_or_else(|| panic!("no {claim}: {result:#}"))
}

/// Backs up whatever comes of it: 0 or 3.
async fn backup(lab: &Lab, name: &str, words: &str) -> Value {
    let run = lab.run(&format!("backup --cluster source --name {name} -o json {words}")).await;
    assert!(matches!(run.code, Some(0 | 3)), "{run}");
    run.json()
}

/// Cleans up until nothing is left in the source cluster, as the next backups would.
async fn cleaned(lab: &Lab) {
    let is_clean = async || {
        lab.run("cleanup --cluster source").await.expect(0);
        lab.snapshot_objects(&lab.source).await.is_empty()
    };
    lab.source.wait("cleanup to leave nothing", is_clean).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_snapshots_are_told_by_claim_and_leave_nothing() {
    let lab = Lab::from_env("ft-snap").await;
    let ns = &lab.namespace("a").await;
    for name in ["good", "bad"] {
        lab.source.create(&claim(ns, name, "1Gi", Some("managed-csi-immediate"))).await;
        bound(&lab.source, ns, name).await;
    }
    let words = format!("--include-namespaces {ns} --snapshot-timeout 6s");
    let only = json!([format!("{ns}/bad")]);
    let reason = |result: &Value| volume(result, "bad")["reason"].as_str().unwrap_or_default().to_owned();

    let faults = lab.disks.fail(&json!({"snapshot_fails": "the disk is on fire", "only_claims": only})).await;
    let result = backup(&lab, "fails", &words).await;
    assert_eq!((&result["state"], &volume(&result, "bad")["state"]), (&json!("Partial"), &json!("Failed")));
    assert!(reason(&result).contains("the disk is on fire"), "{}", reason(&result));
    assert_eq!(volume(&result, "good")["state"], "Snapshotted");

    faults.change(&json!({"snapshot_fails_once": true, "only_claims": only}));
    let result = backup(&lab, "once", &words.replace("6s", "30s")).await;
    assert_eq!(
        (&result["state"], &volume(&result, "bad")["state"]),
        (&json!("Completed"), &json!("Snapshotted"))
    );

    faults.change(&json!({"snapshot_limit": 1, "only_claims": only}));
    let result = backup(&lab, "limit", &words).await;
    assert_eq!(volume(&result, "bad")["state"], "Failed");
    assert!(reason(&result).contains("SnapshotQuotaExceeded"), "{}", reason(&result));

    // Cut, but not ready in time: the handle is kept, and it is said.
    faults.change(&json!({"never_ready": true, "only_claims": only}));
    let result = backup(&lab, "never", &words).await;
    let bad = volume(&result, "bad");
    assert_eq!(
        (&result["state"], &bad["state"], &bad["snapshot"]["ready"]),
        (&json!("Partial"), &json!("Snapshotted"), &json!(false))
    );
    assert!(result["warnings"].to_string().contains("was not ready in time"), "{result:#}");

    faults.change(&json!({"unavailable": true, "only_claims": only}));
    let result = backup(&lab, "down", &words).await;
    assert_eq!(volume(&result, "bad")["state"], "Failed");
    assert!(
        reason(&result).contains("Unavailable") || reason(&result).contains("unavailable"),
        "{}",
        reason(&result)
    );

    faults.change(&json!({}));
    cleaned(&lab).await;

    // Deleting: what the storage system refuses remains, with its point, and goes the next time.
    faults.change(&json!({"delete_fails": true, "only_claims": only}));
    let run = lab.run("points delete once --yes --cluster source --snapshot-timeout 10s").await.expect(1);
    assert!(run.error().contains("1 volume snapshots of recovery point once remain"), "{run}");
    assert!(run.error().contains(&format!("{ns}/bad")), "{run}");
    assert!(lab.point("once").join("velero-backup.json").exists());
    faults.change(&json!({}));
    assert_eq!(lab.snapshot_objects(&lab.source).await, [""; 0]);
    let refused = lab.run("points delete once --yes").await.expect(1);
    assert!(refused.error().contains("--cluster"), "{refused}");
    drop(faults);
    lab.delete_points("source").await;
    assert!(lab.disks.snapshots_of(ns).is_empty(), "snapshots are left");
    assert_eq!(lab.snapshot_objects(&lab.source).await, [""; 0]);
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_deleted_under_us_is_named() {
    let lab = Lab::from_env("ft-claim").await;
    let ns = &lab.namespace("a").await;
    // One snapshot at a time, and the first waits for a hook: time to delete the other claim.
    ledger::start(&lab.source, ns, "ledger", &["a-first"], None).await;
    let key = Key::new("v1", "Pod", ns, "ledger");
    let hook = json!({"pre.hook.backup.velero.io/command": "[\"ledger\", \"sleep\", \"4s\"]"});
    lab.source.patch(&key, json!({"metadata": {"annotations": hook}})).await;
    lab.source.create(&claim(ns, "z-gone", "1Gi", Some("managed-csi-immediate"))).await;
    bound(&lab.source, ns, "z-gone").await;
    let command = lab.command(&format!(
        "backup --cluster source --name p -o json --include-namespaces {ns} --snapshot-concurrency 1"
    ));
    let running = tokio::spawn(async move { { command }.output().await.unwrap() });
    let sleeps = async || {
        let script = "ps | grep -c '[l]edger sleep'";
        pods::exec(&lab.source, ns, "ledger", &["/bin/sh", "-c", script]).await.stdout.trim() != "0"
    };
    lab.source.wait("the hook", sleeps).await;
    lab.source.delete_and_wait(&Key::new("v1", "PersistentVolumeClaim", ns, "z-gone")).await;
    let output = running.await.unwrap();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(volume(&result, "a-first")["state"], "Snapshotted");
    assert_eq!(volume(&result, "z-gone")["state"], "Failed");
    assert_eq!(volume(&result, "z-gone")["reason"], "the claim was deleted meanwhile");
    cleaned(&lab).await;
    lab.delete_points("source").await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_killed_at_any_moment_leaves_no_snapshot_and_no_pod_held() {
    let rounds = if long() { 200 } else { 12 };
    let lab = Lab::from_env("ft-kill").await;
    let ns = &lab.namespace("a").await;
    ledger::start(&lab.source, ns, "ledger", &["data", "log"], None).await;
    let key = Key::new("v1", "Pod", ns, "ledger");
    lab.source
        .patch(
            &key,
            json!({"metadata": {"annotations": {
                "pre.hook.backup.velero.io/command": "[\"ledger\", \"freeze\", \"--for\", \"600s\"]",
                "post.hook.backup.velero.io/command": "[\"ledger\", \"thaw\"]"}}}),
        )
        .await;
    let words = format!("--include-namespaces {ns}");
    let usual = lab.run(&format!("backup --cluster source --name usual {words}")).await.expect(0).took;
    let mut random = Random::new(SEED);
    let mut held = 0;
    for round in 0..rounds {
        let after = usual.mul_f64(f64::from(u32::try_from(random.below(1000)).unwrap()) / 1000.0);
        let mut running =
            lab.command(&format!("backup --cluster source --name killed-{round} {words}")).spawn().unwrap();
        tokio::time::sleep(after).await;
        running.kill().await.unwrap();
        held += u32::from(ledger::status(&lab.source, ns, "ledger").await.frozen);
        // Every other time the next backup clears up, otherwise the command for it.
        if round % 2 == 0 {
            lab.run("cleanup --cluster source").await.expect(0);
        } else {
            lab.backup(&format!("next-{round}"), &words).await;
        }
        assert!(
            !ledger::status(&lab.source, ns, "ledger").await.frozen,
            "seed {SEED}, round {round}, killed after {after:?}"
        );
    }
    println!("killed {rounds} times, {held} times while the ledger was held");
    cleaned(&lab).await;
    assert_eq!(ledger::status(&lab.source, ns, "ledger").await.released_by_limit, 0);
    let frozen = std::fs::read_dir(lab.vault().join("frozen")).map_or(0, Iterator::count);
    assert_eq!(frozen, 0, "notes of held pods are left");

    // Every snapshot that is there is one of a point.
    let points = lab.run("points list -o json").await.expect(0).json();
    let mut known = 0;
    for point in points.as_array().unwrap() {
        known += point["snapshots"].as_u64().unwrap();
    }
    lab.source
        .wait("snapshots that nobody knows to go", async || {
            u64::try_from(lab.disks.snapshots_of(ns).len()).unwrap() == known
        })
        .await;
    lab.delete_points("source").await;
    assert!(lab.disks.snapshots_of(ns).is_empty());
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_killed_or_cannot_be_filled_leaves_nothing_that_cleanup_does_not_find() {
    let lab = Lab::from_env("ft-restore").await;
    let ns = &lab.namespace("a").await;
    for name in ["one", "two"] {
        lab.source.create(&claim(ns, name, "1Gi", Some("managed-csi-immediate"))).await;
        bound(&lab.source, ns, name).await;
    }
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    let faults =
        lab.disks.fail(&json!({"provision_takes_ms": 30000, "only_claims": [format!("{ns}/two")]})).await;
    let report = lab.restore("target", "p", "--volume-timeout 8s").await;
    let item = |name: &str| report.item(&Key::new("v1", "PersistentVolumeClaim", ns, name));
    assert_eq!(item("one").outcome(), "Created", "{}", item("one"));
    assert_eq!(item("two").outcome(), "Failed", "{}", item("two"));
    assert!(item("two").reason().contains("not bound after 8 s"), "{}", item("two"));
    // Once it is bound, what filled it goes.
    faults.change(&json!({}));
    bound(&lab.target, ns, "two").await;
    lab.run("cleanup --cluster target").await.expect(0);
    assert_eq!(lab.snapshot_objects(&lab.target).await, [""; 0]);

    // Killed while it waits for a claim that is slow.
    let other = lab.name("b");
    faults.change(&json!({"provision_takes_ms": 4000, "only_claims": [format!("{other}/two")]}));
    let mut running = lab
        .command(&format!("restore --cluster target --point p --namespace-mappings {ns}:{other}"))
        .spawn()
        .unwrap();
    let made =
        async || lab.target.get(&Key::new("v1", "PersistentVolumeClaim", &other, "two")).await.is_some();
    lab.target.wait("the claim", made).await;
    running.kill().await.unwrap();
    bound(&lab.target, &other, "two").await;

    // Killed before a claim is made. While it runs nothing is taken from it; the vault knows at once that it does not.
    let third = lab.name("c");
    lab.run("cleanup --cluster target").await.expect(0);
    faults.change(&json!({"never_ready": true, "only_claims": [format!("{ns}/one"), format!("{ns}/two")]}));
    let mut running = lab
        .command(&format!("restore --cluster target --point p --namespace-mappings {ns}:{third}"))
        .spawn()
        .unwrap();
    let brought = async || lab.snapshot_objects(&lab.target).await.len() >= 2;
    lab.target.wait("the snapshots to be looked at", brought).await;
    lab.run("cleanup --cluster target").await.expect(0);
    assert_eq!(lab.snapshot_objects(&lab.target).await.len(), 2, "a running restore keeps what it has made");
    running.kill().await.unwrap();
    let cleaned = lab.run("cleanup --cluster target -o json").await.expect(0).json();
    assert_eq!(cleaned["restoredClaims"], 2, "{cleaned}");
    drop(faults);
    lab.target
        .wait("cleanup to leave nothing", async || {
            lab.run("cleanup --cluster target").await.expect(0);
            lab.snapshot_objects(&lab.target).await.is_empty()
        })
        .await;
    lab.target.create(&pods::idle(&other, "reader", &["one", "two"])).await;
    pods::ready(&lab.target, &other, "reader").await;
    lab.delete_points("target").await;
    assert!(lab.disks.snapshots_of(ns).is_empty());
    lab.finish().await;
}
