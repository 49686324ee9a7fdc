//! Restores that do not come to their end: cancelled by the person, and with a cluster that goes away.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::time::Duration;

use holdfast_e2e::azure;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use holdfast_window_tests::{Desk, Gate, Start, in_time};
use serde_json::{Value, json};

/// Enough that a restore is still at it when it is interrupted.
const OBJECTS: usize = 300;
/// What a restore may send before it is interrupted: a part of its objects, each larger than a KiB.
const SOME_BYTES: u64 = 64 << 10;

/// Requests to a cluster that does not answer any more are repeated for about half a minute.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(90);

/// Where the recovery point is.
#[derive(Clone, Copy)]
enum Place {
    Folder,
    Azure,
}

/// A lab with a recovery point of lost objects, and a window before their plan, with a gate to the cluster.
async fn planned(prefix: &str, place: Place) -> (Lab, Gate, Desk) {
    let lab = Lab::new(prefix).await;
    let namespace = lab.namespace("shop").await;
    let objects: Vec<Value> = (0..OBJECTS)
        .map(|at| {
            json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"text": "x".repeat(1024)},
                "metadata": {"namespace": namespace, "name": format!("settings-{at}")}})
        })
        .collect();
    lab.source.create_all(&objects).await;
    let (path, ca) = match place {
        Place::Folder => (std::env::var("PATH").unwrap(), String::new()),
        Place::Azure => (azure::signed_in(lab.folder()), azure::authority()),
    };
    let vault = match place {
        Place::Folder => lab.vault().display().to_string(),
        Place::Azure => format!("{}/{prefix}-{}/prod", azure::account(), std::process::id()),
    };
    let words =
        format!("backup --cluster source --name before --include-namespaces {namespace} --vault {vault}");
    let variables = [("PATH", path.as_str()), ("HOLDFAST_CA_FILE", &ca)];
    lab.run_with(&words, &variables[..if ca.is_empty() { 1 } else { 2 }]).await.expect(0);
    lab.source.delete_and_wait(&Key::new("v1", "Namespace", "", &namespace)).await;

    let gate = Gate::before("source", lab.kubeconfig(), lab.folder()).await;
    let desk = Desk::open(Start {
        kubeconfig: Some(gate.kubeconfig.clone()),
        settings: Some(json!({"caFile": ca})),
        environment: vec![("PATH".into(), path)],
        ..Start::default()
    })
    .await;
    desk.go("Vaults").await;
    desk.click("Add a vault").await;
    match place {
        Place::Folder => desk.fill("Folder", &vault).await,
        Place::Azure => {
            desk.click_label("Azure blob container").await;
            desk.fill("Address", &vault).await;
        }
    }
    desk.click("Add vault").await;
    desk.reads("1 vault, all can be worked with.").await;
    desk.go("Recovery points").await;
    desk.click_row("before").await;
    desk.click("Restore…").await;
    desk.choose("Cluster", "source").await;
    desk.click("Plan the restore").await;
    desk.reads(&format!("{} to create", OBJECTS + 1)).await;
    gate.stall_after(SOME_BYTES);
    desk.click_counting("Restore ", "object").await;
    gate.stalled().await;
    (lab, gate, desk)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_cancelled_and_says_what_it_did() {
    in_time(async {
        let (lab, gate, desk) = planned("wix", Place::Azure).await;
        desk.click("Cancel restore").await;
        desk.reads("What was written stays.").await;
        desk.shot("cancel-asked").await;
        desk.is_accessible("the question before a cancellation").await;
        desk.answer("Cancel restore").await;
        gate.open();
        desk.reads("Cancelled").await;
        desk.shot("restore-cancelled").await;
        desk.is_accessible("a report of a cancelled restore").await;
        desk.go("Jobs").await;
        desk.click_row("Cancelled").await;
        desk.shot("job-cancelled").await;
        desk.reads("created").await;
        desk.close().await;
        lab.finish().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_goes_away_under_a_restore_is_named_for_each_object() {
    in_time(async {
        let (lab, gate, desk) = planned("wig", Place::Folder).await;
        gate.close();
        desk.reads("nothing new for").await;
        desk.shot("restore-stalled").await;
        desk.within(GIVEN_UP_WITHIN, "the restore ended", async || desk.text().await.contains("Partial"))
            .await;
        desk.reads("cannot be reached").await;
        desk.shot("restore-cluster-gone").await;
        desk.is_accessible("a report of a cluster that is gone").await;
        desk.fill("Filter restored objects", "tried").await;
        desk.reads("not tried: the cluster could not be reached any more").await;

        // It is back: planning again finds what is missing.
        gate.open();
        desk.click("Plan again").await;
        desk.reads("to create").await;
        desk.click_counting("Restore ", "object").await;
        desk.reads("Completed").await;
        let map = lab.source.kinds().await.into_iter().find(|served| served.kind == "ConfigMap").unwrap();
        // The one that every namespace has among them.
        assert_eq!(lab.source.list(&map, &lab.name("shop")).await.len(), OBJECTS + 1);
        desk.close().await;
        lab.finish().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_goes_on_after_the_computer_slept() {
    in_time(async {
        let (lab, gate, desk) = planned("wis", Place::Azure).await;
        desk.sleep(Duration::from_secs(5)).await;
        gate.open();
        desk.within(GIVEN_UP_WITHIN, "the restore ended", async || desk.text().await.contains("Completed"))
            .await;
        desk.reads(&format!("{} created", OBJECTS + 1)).await;
        desk.close().await;
        lab.finish().await;
    })
    .await;
}
