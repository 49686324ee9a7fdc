//! The node itself: pods that run, volumes that keep what they wrote, snapshots that go from one cluster to the other, and
//! disks that fail when they are told to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::time::Duration;

use holdfast_node_tests::lab::Lab;
use holdfast_node_tests::ledger::{self, Check};
use holdfast_node_tests::pods::{self, exec};
use holdfast_node_tests::volumes::{
    bound, claim, claim_from, imported, snapshot, snapshot_error, snapshot_key, snapshot_ready,
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_snapshot_is_consistent_in_the_other_cluster_and_a_live_one_is_not() {
    let lab = Lab::from_env("node-ledger").await;
    let (source, target) = (&lab.source, &lab.target);
    let ns = lab.namespace("shop").await;
    let there = lab.name("restored");
    target.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": there}})).await;
    ledger::start(source, &ns, "ledger", &["data", "log"], None).await;

    ledger::freeze(source, &ns, "ledger", 60).await;
    let frozen = ledger::status(source, &ns, "ledger").await;
    assert!(frozen.frozen && frozen.freezes == 1, "{frozen:?}");
    let mut handles = Vec::new();
    for claim in ["data", "log"] {
        source.create(&snapshot(&ns, &format!("frozen-{claim}"), claim)).await;
        handles.push(snapshot_ready(source, &ns, &format!("frozen-{claim}")).await);
    }
    ledger::thaw(source, &ns, "ledger").await;
    assert_eq!(lab.disks.snapshots_of(&ns).len(), 2);

    for (claim, handle) in ["data", "log"].iter().zip(&handles) {
        for object in imported(&there, claim, handle) {
            target.create(&object).await;
        }
        assert_eq!(&snapshot_ready(target, &there, claim).await, handle);
        target.create(&claim_from(&there, claim, "1Gi", None, claim)).await;
    }
    let restored = ledger::check(target, &there, &["data", "log"]).await;
    assert_eq!(restored, Check::Consistent(frozen.transfers));
    assert_eq!(lab.disks.volume(&there, "data").unwrap().source, handles[0]);
    // The restored ledger goes on from there.
    target.create(&ledger::pod(&there, "ledger", &["data", "log"])).await;
    pods::ready(target, &there, "ledger").await;
    assert!(ledger::status(target, &there, "ledger").await.transfers >= frozen.transfers);

    let mut inconsistent = None;
    for attempt in 0..10 {
        let name = format!("live-{attempt}");
        source.create(&snapshot(&ns, &name, "data")).await;
        let handle = snapshot_ready(source, &ns, &name).await;
        for object in imported(&there, &name, &handle) {
            target.create(&object).await;
        }
        target.create(&claim_from(&there, &name, "1Gi", None, &name)).await;
        target.create(&pods::idle(&there, &name, &[&name])).await;
        pods::ready(target, &there, &name).await;
        if let Check::Inconsistent(why) = ledger::check_in(target, &there, &name, &[&name]).await {
            inconsistent = Some(why);
            break;
        }
    }
    // A part that is in the other claim does not count.
    let why = inconsistent.expect("ten snapshots of a live ledger are consistent");
    assert!(why.contains("is at transfer") || why.contains("checksum"), "{why}");

    lab.disks.volume(&ns, "data").expect("the volume has gone");
    let prefix = lab.prefix().to_owned();
    let disks = lab.disks.clone();
    lab.finish().await;
    let left = || async { disks.volumes_of(&prefix).is_empty() && disks.snapshots_of(&prefix).is_empty() };
    for _ in 0..100 {
        if left().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("left: {:#?} {:#?}", disks.volumes_of(&prefix), disks.snapshots_of(&prefix));
}

#[tokio::test(flavor = "multi_thread")]
async fn disks_fail_as_they_are_told_and_only_for_their_claims() {
    let lab = Lab::from_env("node-faults").await;
    let source = &lab.source;
    let ns = lab.namespace("faults").await;
    for name in ["data", "other"] {
        source.create(&claim(&ns, name, "64Mi", Some("managed-csi-immediate"))).await;
        bound(source, &ns, name).await;
    }
    assert_eq!(lab.disks.volume(&ns, "data").unwrap().size, 64 << 20, "the size as it was asked for");
    let only = json!([format!("{ns}/data")]);

    let faults = lab.disks.fail(&json!({"never_ready": true, "only_claims": only})).await;
    source.create(&snapshot(&ns, "slow", "data")).await;
    source.create(&snapshot(&ns, "at-once", "other")).await;
    snapshot_ready(source, &ns, "at-once").await;
    source.wait("the cut", async || lab.disks.snapshots_of(&ns).len() == 2).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_ne!(source.must_get(&snapshot_key(&ns, "slow")).await["status"]["readyToUse"], true);
    faults.change(&json!({}));
    snapshot_ready(source, &ns, "slow").await;

    faults.change(&json!({"snapshot_fails_once": true, "only_claims": only}));
    source.create(&snapshot(&ns, "second-try", "data")).await;
    snapshot_ready(source, &ns, "second-try").await;

    faults.change(&json!({"snapshot_fails": "the disk is on fire", "only_claims": only}));
    source.create(&snapshot(&ns, "failing", "data")).await;
    snapshot_error(source, &ns, "failing", "the disk is on fire").await;
    source.delete_and_wait(&snapshot_key(&ns, "failing")).await;

    let has = lab.disks.snapshots_of(&ns).iter().filter(|snapshot| snapshot.claim == "data").count();
    faults.change(&json!({"snapshot_limit": has, "only_claims": only}));
    source.create(&snapshot(&ns, "one-too-many", "data")).await;
    snapshot_error(source, &ns, "one-too-many", "SnapshotQuotaExceeded").await;
    source.delete_and_wait(&snapshot_key(&ns, "at-once")).await;
    source.delete_and_wait(&snapshot_key(&ns, "slow")).await;
    snapshot_ready(source, &ns, "one-too-many").await;

    faults.change(&json!({"snapshot_ready_after_ms": 1500, "only_claims": only}));
    source.create(&snapshot(&ns, "later", "data")).await;
    let handle = snapshot_ready(source, &ns, "later").await;
    let record = lab.disks.by_handle(&handle).unwrap();
    assert_eq!(record.ready_at.unwrap().duration_since(record.created).as_millis(), 1500);

    faults.change(&json!({"unavailable": true, "only_claims": only}));
    source.create(&snapshot(&ns, "down", "data")).await;
    snapshot_error(source, &ns, "down", "the driver is down").await;
    drop(faults);
    snapshot_ready(source, &ns, "down").await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_have_volumes_and_no_snapshots_and_commands_end_as_they_end() {
    let lab = Lab::from_env("node-files").await;
    let source = &lab.source;
    let ns = lab.namespace("files").await;
    source.create(&claim(&ns, "share", "1Gi", Some("azurefile-csi"))).await;
    source.create(&pods::idle(&ns, "pod", &["share"])).await;
    pods::ready(source, &ns, "pod").await;
    let volume = lab.disks.volume(&ns, "share").unwrap();
    assert_eq!(volume.driver, "file.csi.azure.com");

    let written = exec(source, &ns, "pod", &["sh", "-c", "echo hello > /data/share/file; echo done"]).await;
    assert_eq!((written.code, written.stdout.as_str()), (0, "done\n"), "{written}");
    assert_eq!(std::fs::read_to_string(volume.data.join("file")).unwrap(), "hello\n");
    let failed = exec(source, &ns, "pod", &["ledger", "fail", "3"]).await;
    assert_eq!(failed.code, 3, "{failed}");
    assert!(failed.stderr.contains("told to fail"), "{failed}");
    let much = exec(source, &ns, "pod", &["ledger", "spew", "3MiB"]).await;
    assert_eq!((much.code, much.stdout.len()), (0, 3 << 20));
    // The API server is where every pod expects it.
    let api = exec(source, &ns, "pod", &["sh", "-c", "echo | nc -w 5 10.96.0.1 443"]).await;
    assert_eq!(api.code, 0, "{api}");
    lab.finish().await;
}
