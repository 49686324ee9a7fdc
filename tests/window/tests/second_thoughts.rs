//! A restore with second thoughts, on a real API server: modifiers, tried before, changed object by object, and taken back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use holdfast_e2e::webhook::Webhook;
use holdfast_window_tests::{Desk, Start, in_time};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_tried_changed_and_undone() {
    in_time(story()).await;
}

async fn story() {
    let lab = Lab::new("wst").await;
    let namespace = lab.namespace("shop").await;
    let map = |name: &str, level: &str| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": name},
            "data": {"level": level}})
    };
    let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "web:1"}]}});
    let web = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": namespace, "name": "web"},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template}});
    let names = ["settings", "left-out", "refused", "gone"];
    let all: Vec<Value> = names.iter().map(|name| map(name, "info")).chain([web.clone()]).collect();
    lab.source.create_all(&all).await;
    lab.backup("before", &format!("--include-namespaces {namespace}")).await;
    let key = |name: &str| Key::new("v1", "ConfigMap", &namespace, name);
    for name in &names[..3] {
        lab.source.patch(&key(name), json!({"data": {"level": "debug"}})).await;
    }
    lab.source.delete_and_wait(&key("gone")).await;
    lab.source.delete_and_wait(&Key::of(&web)).await;
    let refuse = |object: &Value| {
        (object["metadata"]["name"] == "refused").then(|| "levels are frozen today".to_owned())
    };
    let webhook = Webhook::register(&lab, "frozen", &["configmaps"], "None", refuse).await;
    let own = Key::new("v1", "Namespace", "", &namespace);
    lab.source.patch(&own, json!({"metadata": {"labels": {"webhook": webhook.label()}}})).await;
    let level = async |name: &str| lab.source.get(&key(name)).await.map(|map| map["data"]["level"].clone());

    let desk = Desk::open(Start { kubeconfig: Some(lab.kubeconfig().into()), ..Start::default() }).await;
    desk.go("Vaults").await;
    desk.click("Add a vault").await;
    desk.fill("Folder", &lab.vault().display().to_string()).await;
    desk.click("Add vault").await;
    desk.reads("1 vault, all can be worked with.").await;
    desk.go("Recovery points").await;
    desk.click_row("before").await;
    desk.click("Restore…").await;
    desk.choose("Cluster", "source").await;
    desk.click_label("Patch").await;
    desk.click("Resource modifiers").await;
    desk.click("Begin with a template").await;
    desk.click("Restore workloads without starting them").await;
    desk.reads("rule").await;
    desk.click("See the effect").await;
    desk.reads("replicas").await;
    desk.shot("restore-modifiers").await;
    desk.is_accessible("resource modifiers").await;
    desk.is_whole("resource modifiers").await;

    desk.click("Plan the restore").await;
    desk.reads("3 to patch").await;
    desk.click("Try with the server").await;
    desk.reads("Tried with the server at").await;
    desk.reads("levels are frozen today").await;
    desk.shot("restore-tried").await;
    desk.is_accessible("a plan that was tried").await;
    desk.is_whole("a plan that was tried").await;
    assert_eq!(level("settings").await, Some(json!("debug")), "trying a plan wrote something");

    desk.fill("Filter planned objects", "name:left-out").await;
    // Marks are taken away when the filter takes effect.
    desk.no_longer_reads("kube-root-ca.crt").await;
    desk.tick_row("left-out").await;
    desk.reads("1 object marked").await;
    desk.shot("restore-marked").await;
    desk.click("Leave out").await;
    desk.reads("1 object left out").await;
    desk.fill("Filter planned objects", "name:left-out").await;
    desk.reads("left out of this restore by name").await;
    desk.click_counting("Restore ", "object").await;
    desk.reads("Partial").await;
    desk.shot("restore-partial").await;
    assert_eq!(level("settings").await, Some(json!("info")));
    assert_eq!(level("left-out").await, Some(json!("debug")), "what was left out was restored");
    assert_eq!(level("refused").await, Some(json!("debug")));
    assert_eq!(
        lab.source.must_get(&Key::of(&web)).await["spec"]["replicas"],
        0,
        "the modifiers were not applied"
    );

    webhook.remove(&lab).await;
    desk.click("Open the job").await;
    desk.click("Retry what failed").await;
    desk.reads("done before").await;
    desk.shot("restore-retry").await;
    desk.is_accessible("what is left of a restore").await;
    desk.click_counting("Restore ", "object").await;
    desk.reads("Completed").await;
    assert_eq!(level("refused").await, Some(json!("info")));
    assert_eq!(level("left-out").await, Some(json!("debug")));

    desk.click("Open the job").await;
    desk.click("Undo…").await;
    desk.reads("Undoing would do this in source").await;
    desk.reads("It takes back 2 jobs that belong together.").await;
    desk.shot("restore-undo").await;
    desk.is_accessible("what undoing would do").await;
    desk.is_whole("what undoing would do").await;
    assert_eq!(level("settings").await, Some(json!("info")), "looking at an undo wrote something");
    desk.click_at("//footer//button[contains(., '…') and not(@disabled)]").await;
    desk.fill("Type source to confirm", "source").await;
    desk.shot("restore-undo-asked").await;
    desk.click_at("//*[@role='dialog']//button[@type='submit' and not(@disabled)]").await;
    desk.reads("Completed").await;
    desk.shot("restore-undone").await;
    desk.is_accessible("an undo that is done").await;
    desk.until("what was restored is taken back", async || level("settings").await == Some(json!("debug")))
        .await;
    assert_eq!(level("refused").await, Some(json!("debug")));
    assert_eq!(level("gone").await, None);
    assert!(lab.source.get(&Key::of(&web)).await.is_none());
    desk.close().await;
    lab.finish().await;
}
