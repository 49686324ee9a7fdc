//! Application-consistent backups of a database under write load: with hooks every one of them is consistent, in another
//! namespace and in another cluster; without, at least one is not, which shows that the check can fail.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use futures::future::join_all;
use holdfast_e2e::cluster::Cluster;
use holdfast_node_tests::lab::Lab;
use holdfast_node_tests::ledger::{self, Check};
use holdfast_node_tests::pods;
use serde_json::json;

const BACKUPS: usize = 20;
/// Without hooks this many are tried until one is not consistent.
const LIVE: usize = 10;
const CLAIMS: [&str; 2] = ["data", "log"];

/// Restores the claims of a point into a namespace of its own, without waiting for pods that come later.
async fn restore(lab: &Lab, cluster: &str, point: &str, from: &str, to: &str) {
    let words = format!(
        "--namespace-mappings {from}:{to} --include-resources persistentvolumeclaims --volume-timeout 0s"
    );
    let report = lab.restore(cluster, point, &words).await;
    assert_eq!(report.count("failed") + report.count("blocked"), 0, "{:#}", report.0);
}

/// What the ledgers in these namespaces are like.
async fn checked(cluster: &Cluster, namespaces: &[String]) -> Vec<Check> {
    join_all(namespaces.iter().map(async |ns| {
        cluster.create(&pods::idle(ns, "check", &CLAIMS)).await;
        pods::ready(cluster, ns, "check").await;
        ledger::check_in(cluster, ns, "check", &CLAIMS).await
    }))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn application_consistent_snapshots_of_volumes_that_are_used_for_databases() {
    let lab = Lab::from_env("consistent").await;
    let ns = &lab.namespace("bank").await;
    ledger::start(&lab.source, ns, "ledger", &CLAIMS, None).await;
    let key = holdfast_e2e::key::Key::new("v1", "Pod", ns, "ledger");
    let words = format!("--include-namespaces {ns} --include-resources persistentvolumeclaims,pods");

    // Without hooks.
    let mut live = Vec::new();
    for n in 0..LIVE {
        lab.backup(&format!("live-{n}"), &words).await;
        let to = lab.name(&format!("live-{n}"));
        restore(&lab, "source", &format!("live-{n}"), ns, &to).await;
        let check = checked(&lab.source, &[to]).await.remove(0);
        let is_inconsistent = matches!(check, Check::Inconsistent(_));
        live.push(check);
        if is_inconsistent {
            break;
        }
    }
    assert!(matches!(live.last(), Some(Check::Inconsistent(_))), "the check cannot fail: {live:?}");

    // With hooks, in annotations as Velero has them: both volumes are cut while the ledger is frozen.
    lab.source
        .patch(
            &key,
            json!({"metadata": {"annotations": {
                "pre.hook.backup.velero.io/command": "[\"ledger\", \"freeze\", \"--for\", \"60s\"]",
                "post.hook.backup.velero.io/command": "[\"ledger\", \"thaw\"]"}}}),
        )
        .await;
    let mut transfers = Vec::new();
    let (mut there, mut elsewhere) = (Vec::new(), Vec::new());
    for n in 0..BACKUPS {
        let point = format!("frozen-{n}");
        let result = lab.backup(&point, &words).await;
        assert_eq!(result["freezes"].as_array().unwrap().len(), 1, "{result:#}");
        transfers.push(ledger::status(&lab.source, ns, "ledger").await.transfers);
        for (cluster, namespaces) in [("source", &mut there), ("target", &mut elsewhere)] {
            let to = lab.name(&point);
            restore(&lab, cluster, &point, ns, &to).await;
            namespaces.push(to);
        }
    }
    assert!(
        transfers.windows(2).all(|pair| pair[0] < pair[1]),
        "the ledger wrote nothing in between: {transfers:?}"
    );
    let (there, elsewhere) = tokio::join!(checked(&lab.source, &there), checked(&lab.target, &elsewhere));
    for (n, (there, elsewhere)) in there.iter().zip(&elsewhere).enumerate() {
        let Check::Consistent(found) = there else { panic!("restore {n} into another namespace: {there:?}") };
        assert_eq!(there, elsewhere, "restore {n} onto the other cluster");
        assert!(*found > 0 && *found <= transfers[n], "{found} transfers of {}", transfers[n]);
    }

    // What waited for pods is cleared, and deleting the points leaves nothing in the storage system.
    for cluster in ["source", "target"] {
        lab.run(&format!("cleanup --cluster {cluster}")).await.expect(0);
    }
    assert_eq!(lab.snapshot_objects(&lab.source).await, [""; 0]);
    assert_eq!(lab.snapshot_objects(&lab.target).await, [""; 0]);
    lab.delete_points("target").await;
    assert_eq!(lab.disks.snapshots_of(ns).len(), 0, "snapshots are left");
    assert_eq!(lab.snapshot_objects(&lab.target).await, [""; 0]);
    lab.finish().await;
}
