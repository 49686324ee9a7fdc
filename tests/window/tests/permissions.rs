//! Somebody who may read one namespace, and no list of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use holdfast_e2e::lab::Lab;
use holdfast_window_tests::{Desk, ENTER, Start, in_time};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_of_one_namespace_backs_it_up() {
    in_time(async {
        let lab = Lab::new("wip").await;
        let namespace = lab.namespace("data").await;
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": "m"}});
        lab.source.create(&map).await;
        let rules = json!([{"apiGroups": [""], "resources": ["configmaps", "serviceaccounts"], "verbs": ["get", "list"]}]);
        let kubeconfig = lab.restricted(&[&namespace], rules).await;

        let desk = Desk::open(Start { kubeconfig: Some(kubeconfig), ..Start::default() }).await;
        desk.go("Clusters").await;
        desk.click_row("source").await;
        desk.click("Back up now…").await;
        desk.click("Keep them in this folder").await;
        desk.reads("Choose \"Only these\" and name the namespaces that you may read.").await;
        desk.shot("backup-forbidden").await;
        desk.is_accessible("a cluster whose namespaces may not be listed").await;
        desk.click_label("Only these").await;
        desk.fill("Add namespaces", &format!("{namespace}{ENTER}")).await;
        desk.reads("The recovery point will be Partial.").await;
        desk.reads("cannot be listed").await;
        desk.shot("backup-some-permissions").await;
        // Maps and accounts: the test's own and those that every namespace has.
        desk.click("Back up 4 objects").await;
        desk.reads("Backup of source: Partial").await;
        desk.go("Recovery points").await;
        desk.reads("source-").await;
        desk.reads("Partial").await;
        desk.close().await;
        lab.finish().await;
    })
    .await;
}
