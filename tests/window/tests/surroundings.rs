//! What changes around a window that is open: the kubeconfig, other windows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::fs;

use holdfast_window_tests::{Desk, Start, in_time};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A kubeconfig with these contexts, each with some KiB of certificates.
fn kubeconfig(contexts: impl Iterator<Item = String>, padding: usize) -> String {
    let names: Vec<String> = contexts.collect();
    let each = |make: &dyn Fn(&str) -> Value| names.iter().map(|name| make(name)).collect::<Vec<_>>();
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": names[0],
        // Port 9 (discard) answers nowhere.
        "clusters": each(&|name| json!({"name": name, "cluster": {"server": "https://127.0.0.1:9"}})),
        "users": each(&|name| json!({"name": name, "user": {"token": "x".repeat(padding)}})),
        "contexts": each(&|name| json!({"name": name, "context": {"cluster": name, "user": name}})),
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubeconfig_is_read_again_when_it_is_edited_and_may_be_large_or_broken() {
    in_time(async {
        let folder = TempDir::with_prefix("holdfast-kubeconfig-").unwrap();
        let file = folder.path().join("config");
        fs::write(&file, kubeconfig(["alpha".to_owned()].into_iter(), 10)).unwrap();
        let desk = Desk::open(Start { kubeconfig: Some(file.clone()), ..Start::default() }).await;
        desk.go("Clusters").await;
        desk.reads("2 clusters").await;
        desk.click_row("alpha").await;
        desk.reads("Check again").await;
        desk.reads("Copy details").await;
        desk.shot("cluster-unreachable").await;
        desk.is_accessible("a cluster that does not answer").await;

        fs::write(&file, kubeconfig(["alpha", "beta"].into_iter().map(str::to_owned), 10)).unwrap();
        desk.reads("3 clusters").await;
        desk.reads("beta").await;

        // 30 MB.
        fs::write(&file, kubeconfig((0..500).map(|at| format!("cluster-{at:03}")), 60_000)).unwrap();
        desk.reads("501 clusters").await;
        desk.fill("Filter clusters", "cluster-499").await;
        desk.reads("cluster-499").await;
        desk.no_longer_reads("cluster-000").await;
        desk.shot("clusters-many").await;

        fs::write(&file, "apiVersion: v1\nclusters: [").unwrap();
        desk.go("Overview").await;
        desk.reads(&file.display().to_string()).await;
        desk.shot("kubeconfig-broken").await;
        desk.is_accessible("a kubeconfig that is broken").await;
        desk.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_leaves_one_window() {
    in_time(async {
        let desk = Desk::open(Start::default()).await;
        desk.reads("Sandbox (built in) is ready").await;
        let ended = desk.start_again().await;
        assert!(ended.success(), "{ended}");
        desk.reads("Sandbox (built in) is ready").await;
        desk.close().await;
    })
    .await;
}
