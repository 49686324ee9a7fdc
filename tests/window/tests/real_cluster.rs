//! A real API server and a vault that is added by hand: look inside, reveal, take a change back; then the vault is gone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use holdfast_window_tests::{Desk, Start, in_time};
use serde_json::json;

/// Not what any other text of the window says.
const PASSWORD: &str = "correct-horse-battery";

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_added_by_hand_a_secret_revealed_and_a_change_taken_back() {
    in_time(story()).await;
}

async fn story() {
    let lab = Lab::new("win").await;
    let namespace = lab.namespace("shop").await;
    let settings = |level: &str| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": "settings"},
            "data": {"level": level, "region": "westeurope"}})
    };
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": namespace, "name": "db"},
        "stringData": {"password": PASSWORD}});
    lab.source.create(&secret).await;
    lab.source.create(&settings("info")).await;
    let mut second = settings("info");
    second["metadata"]["name"] = json!("other");
    lab.source.create(&second).await;
    lab.backup("before", &format!("--include-namespaces {namespace}")).await;
    let key = Key::new("v1", "ConfigMap", &namespace, "settings");
    let other = Key::of(&second);
    lab.source.patch(&other, json!({"data": {"level": "debug"}})).await;
    lab.source.patch(&key, json!({"data": {"level": "debug"}})).await;

    let desk = Desk::open(Start { kubeconfig: Some(lab.kubeconfig().into()), ..Start::default() }).await;
    desk.go("Vaults").await;
    desk.click("Add a vault").await;
    desk.fill("Folder", &lab.vault().display().to_string()).await;
    desk.click("Test access").await;
    desk.reads("There is a vault already; it can be used.").await;
    desk.shot("vault-add").await;
    desk.is_accessible("adding a vault").await;
    desk.click("Add vault").await;
    desk.reads("1 vault, all can be worked with.").await;

    desk.go("Recovery points").await;
    desk.click_row("before").await;
    desk.shot("point-pane").await;
    desk.click("Open").await;
    desk.fill("Filter objects", "kind:Secret name:db").await;
    desk.click_row("db").await;
    desk.reads("••••").await;
    assert!(!desk.text().await.contains(PASSWORD), "a value of a Secret is shown before it was asked for");
    desk.shot("secret-masked").await;
    desk.click("Reveal password").await;
    desk.reads(PASSWORD).await;
    desk.shot("secret-revealed").await;
    desk.is_accessible("an object").await;
    desk.click("Hide").await;
    desk.no_longer_reads(PASSWORD).await;

    // One object alone: whatever else changed stays as it is.
    desk.fill("Filter objects", "kind:ConfigMap name:settings").await;
    desk.reads("1 of").await;
    desk.tick_row("settings").await;
    desk.click("Restore 1 object…").await;
    desk.reads("Takes 1 chosen object.").await;
    desk.shot("restore-chosen").await;
    desk.choose("Cluster", "source").await;
    desk.click_label("Patch").await;
    desk.click("Plan the restore").await;
    desk.reads("1 to patch").await;
    desk.fill("Filter planned objects", "name:settings").await;
    desk.click_row("settings").await;
    desk.reads("Live now").await;
    desk.shot("restore-diff").await;
    desk.is_accessible("a difference").await;
    let level = async || lab.source.get(&key).await.unwrap()["data"]["level"].clone();
    assert_eq!(level().await, "debug", "a plan wrote something");
    desk.click_counting("Restore ", "object").await;
    desk.reads("1 patched").await;
    desk.reads("Completed").await;
    desk.shot("restore-patched").await;
    desk.is_accessible("a report").await;
    assert_eq!(level().await, "info");
    assert_eq!(
        lab.source.get(&other).await.unwrap()["data"]["level"],
        "debug",
        "another object was restored"
    );

    std::fs::rename(lab.vault(), lab.folder().join("moved")).unwrap();
    desk.go("Vaults").await;
    desk.click_row("vault").await;
    desk.click("Look again").await;
    desk.reads("1 vault, 1 cannot be worked with.").await;
    desk.shot("vault-gone").await;
    desk.is_accessible("a vault that is gone").await;
    desk.go("Recovery points").await;
    desk.reads("before").await;
    desk.shot("points-vault-gone").await;
    desk.is_accessible("points of a vault that is gone").await;
    desk.close().await;
    lab.finish().await;
}
