//! A vault in Azure Blob Storage, worked with from the window: signed in as a person, and with a signature that may
//! only read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::time::{Duration, Instant};

use holdfast_e2e::azure;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use holdfast_window_tests::{Desk, ENTER, Gate, Start, in_time};
use serde_json::json;

/// Not what any other text of the window says.
const PASSWORD: &str = "correct-horse-battery";

#[tokio::test(flavor = "multi_thread")]
async fn a_container_is_a_vault_and_one_that_may_only_be_read_still_restores() {
    in_time(story()).await;
}

async fn story() {
    let lab = Lab::new("wia").await;
    let namespace = lab.namespace("shop").await;
    let settings = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"level": "info"},
        "metadata": {"namespace": namespace, "name": "settings"}});
    lab.source.create(&settings).await;
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": namespace, "name": "db"},
        "stringData": {"password": PASSWORD}});
    lab.source.create(&secret).await;
    let key = Key::of(&settings);
    let container = format!("win-{}", std::process::id());
    let address = format!("{}/{container}/prod", azure::account());

    let desk = Desk::open(Start {
        kubeconfig: Some(lab.kubeconfig().into()),
        settings: Some(json!({"caFile": azure::authority()})),
        environment: vec![("PATH".into(), azure::signed_in(lab.folder()))],
        ..Start::default()
    })
    .await;
    desk.go("Vaults").await;
    desk.reads("No vault yet").await;
    desk.shot("vaults-none").await;
    desk.is_accessible("no vault").await;
    desk.click("Add a vault").await;
    desk.click_label("Azure blob container").await;
    desk.fill("Address", &address).await;
    desk.click("Test access").await;
    desk.reads("A new vault can be created here.").await;
    desk.shot("vault-add-blob").await;
    desk.is_accessible("adding a container").await;
    desk.click("Add vault").await;
    desk.reads("1 vault, all can be worked with.").await;

    desk.go("Clusters").await;
    desk.click_row("source").await;
    desk.click("Back up now…").await;
    desk.click_label("Only these").await;
    desk.fill("Add namespaces", &format!("{namespace}{ENTER}")).await;
    desk.reads("--include-namespaces").await;
    desk.shot("backup-pane").await;
    desk.is_accessible("the pane of a backup").await;
    desk.click_counting("Back up ", "object").await;
    desk.reads("Completed").await;

    desk.go("Recovery points").await;
    desk.click_row("source-").await;
    desk.click("Open").await;
    desk.fill("Filter objects", "kind:Secret name:db").await;
    desk.click_row("db").await;
    desk.click("Reveal password").await;
    desk.reads(PASSWORD).await;
    desk.click("Hide").await;

    lab.source.patch(&key, json!({"data": {"level": "debug"}})).await;
    restore(&desk, "Patch", "patch").await;
    assert_eq!(lab.source.get(&key).await.unwrap()["data"]["level"], "info");

    // The same container, by somebody who may only read it.
    desk.go("Vaults").await;
    desk.click_row("prod").await;
    desk.click("Forget…").await;
    desk.click("Forget vault").await;
    desk.reads("No vault yet").await;
    desk.click("Add a vault").await;
    desk.click_label("Azure blob container").await;
    desk.fill("Address", &address).await;
    desk.choose("Sign in with", "SAS").await;
    let signature = azure::signature(&container, "rl", Duration::from_hours(1));
    desk.fill("SAS", &signature).await;
    desk.click("Test access").await;
    desk.reads("It can only be read: recovery points can be restored, none can be added.").await;
    desk.shot("vault-add-read-only").await;
    desk.click("Add vault").await;
    desk.reads("Read-only").await;
    desk.shot("vault-read-only").await;

    lab.source.delete_and_wait(&key).await;
    restore(&desk, "Skip", "create").await;
    assert_eq!(lab.source.get(&key).await.unwrap()["data"]["level"], "info");
    desk.go("Clusters").await;
    desk.click_row("source").await;
    desk.click("Back up now…").await;
    desk.reads("read-only").await;
    desk.reads("Choose where to keep it first.").await;
    desk.shot("backup-no-vault-to-write").await;
    desk.is_accessible("a backup without a vault to write to").await;
    assert!(!desk.log().contains("sig="), "the log tells a signature");
    desk.close().await;
    lab.finish().await;
}

/// Long enough to add the vault with it on a slow machine.
const SIGNATURE_LASTS: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_expires_under_a_backup_is_named_and_nothing_half_is_left() {
    in_time(async {
        let lab = Lab::new("wie").await;
        let namespace = lab.namespace("shop").await;
        let container = format!("wie-{}", std::process::id());
        let address = format!("{}/{container}/prod", azure::account());
        let (path, ca) = (azure::signed_in(lab.folder()), azure::authority());
        let signed_in = [("PATH", path.as_str()), ("HOLDFAST_CA_FILE", ca.as_str())];
        let backup = format!(
            "backup --cluster source --name first --include-namespaces {namespace} --vault {address}"
        );
        lab.run_with(&backup, &signed_in).await.expect(0);

        let gate = Gate::before("source", lab.kubeconfig(), lab.folder()).await;
        let desk = Desk::open(Start {
            kubeconfig: Some(gate.kubeconfig.clone()),
            settings: Some(json!({"caFile": ca})),
            ..Start::default()
        })
        .await;
        desk.go("Vaults").await;
        desk.click("Add a vault").await;
        desk.click_label("Azure blob container").await;
        desk.fill("Address", &address).await;
        desk.choose("Sign in with", "SAS").await;
        let (made, signature) = (Instant::now(), azure::signature(&container, "racwdl", SIGNATURE_LASTS));
        desk.fill("SAS", &signature).await;
        desk.click("Add vault").await;
        desk.reads("1 vault, all can be worked with.").await;
        desk.go("Clusters").await;
        desk.click_row("source").await;
        desk.click("Back up now…").await;
        desk.reads("Equivalent command").await;
        desk.fill("Name", "second").await;
        // What it asks the cluster for by itself comes first.
        desk.counts("Back up ", "object").await;
        gate.stall_after(1);
        desk.click_counting("Back up ", "object").await;
        gate.stalled().await;
        tokio::time::sleep((SIGNATURE_LASTS + Duration::from_secs(2)).saturating_sub(made.elapsed())).await;
        gate.open();
        desk.reads("Backup of source: Failed").await;
        desk.go("Jobs").await;
        desk.click_row("Failed").await;
        desk.reads("expired").await;
        desk.shot("job-signature-expired").await;
        desk.is_accessible("a job whose signature expired").await;
        assert!(!desk.log().contains("sig="), "the log tells a signature");
        let points = lab
            .run_with(&format!("points list -o json --vault {address}"), &signed_in)
            .await
            .expect(0)
            .json();
        assert_eq!(points.as_array().unwrap().len(), 1, "{points:#}");
        assert_eq!(points[0]["name"], "first");
        desk.close().await;
        lab.finish().await;
    })
    .await;
}

/// From the list of points to a report that says that the one object was written.
async fn restore(desk: &Desk, policy: &str, action: &str) {
    desk.go("Recovery points").await;
    desk.click_row("source-").await;
    desk.click("Restore…").await;
    desk.choose("Cluster", "source").await;
    desk.click_label(policy).await;
    desk.click("Plan the restore").await;
    desk.reads(&format!("1 to {action}")).await;
    desk.click_counting("Restore ", "object").await;
    desk.reads(&format!("1 {}", if action == "patch" { "patched" } else { "created" })).await;
    desk.reads("Completed").await;
}
