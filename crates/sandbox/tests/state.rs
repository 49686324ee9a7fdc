//! The state on disk: several processes at once, killed writers, damage.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use holdfast_sandbox::{Sandbox, SandboxError};
use serde_json::{Value, json};
use support::Api;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn open(folder: &Path) -> Api {
    Api(Sandbox::open(folder).unwrap())
}

fn map(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"text": "x".repeat(500)}})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_writes_another_reads() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(folder.path()), open(folder.path()));
    let made = one.post(MAPS, &map("a")).await;
    assert_eq!(other.get(&format!("{MAPS}/a")).await, made);
    assert_eq!(other.send("POST", MAPS, Some(&map("a"))).await.0, 409);
    other.delete(&format!("{MAPS}/a")).await;
    one.post(MAPS, &map("a")).await;
    assert_eq!(open(folder.path()).everything().await, one.everything().await);
}

/// Two processes at once: what the file lock is for. Separate opens behave as separate processes do.
#[tokio::test(flavor = "multi_thread")]
async fn writers_do_not_lose_each_others_changes() {
    let folder = tempfile::tempdir().unwrap();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let api = open(folder.path());
            tokio::spawn(async move {
                for n in 0..50 {
                    api.post(MAPS, &map(&format!("w{writer}-{n}"))).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let all = open(folder.path()).get(MAPS).await;
    let versions: std::collections::HashSet<&str> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| o["metadata"]["resourceVersion"].as_str().unwrap())
        .collect();
    assert_eq!((support::names(&all).len(), versions.len()), (201, 201), "200 and kube-root-ca.crt");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_creates_are_quick_and_the_file_stays_in_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let api = open(folder.path());
    let clock = Instant::now();
    for n in 0..300 {
        api.post(MAPS, &map(&format!("m{n}"))).await;
    }
    let took = clock.elapsed();
    println!("300 creates on disk: {took:?}");
    assert!(took.as_secs() < 5, "{took:?}");

    let patch = json!({"data": {"text": "y".repeat(60_000)}});
    for n in 0..400 {
        api.patch(&format!("{MAPS}/m1"), &json!({"data": {"n": n.to_string()}})).await;
        api.patch(&format!("{MAPS}/m1"), &patch).await;
    }
    let bytes = fs::metadata(folder.path().join("state.jsonl")).unwrap().len();
    assert!(bytes < 12_000_000, "800 changes of 60 KB left {bytes} bytes");
    assert_eq!(open(folder.path()).get(&format!("{MAPS}/m1")).await["data"]["n"], "399");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_writer_leaves_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.jsonl");
    let api = open(folder.path());
    api.post(MAPS, &map("a")).await;
    let whole = fs::read(&file).unwrap();
    api.post(MAPS, &map("b")).await;
    let more = fs::read(&file).unwrap();
    for torn in [whole.len() + 1, usize::midpoint(whole.len(), more.len()), more.len() - 1] {
        fs::write(&file, &more[..torn]).unwrap();
        let api = open(folder.path());
        assert_eq!(api.send("GET", &format!("{MAPS}/b"), None).await.0, 404);
        api.post(MAPS, &map("c")).await;
        let again = open(folder.path());
        assert_eq!(again.names(MAPS).await, ["a", "c", "kube-root-ca.crt"], "cut at {torn}");
        again.delete(&format!("{MAPS}/c")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_named_with_its_remedy_and_a_reset_heals_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.jsonl");
    let running = open(folder.path());
    let good = fs::read(&file).unwrap();
    let header = good.iter().position(|b| *b == b'\n').unwrap() + 1;
    for bad in [
        &b"\0\0\0\0\n"[..],
        b"",
        b"{\"holdfastSandbox\":99,\"generation\":\"00000000-0000-0000-0000-000000000000\"}\n",
        &good[..header],
        &good[..200],
    ] {
        fs::write(&file, bad).unwrap();
        let error = Sandbox::open(folder.path()).unwrap_err();
        assert!(matches!(error, SandboxError::Damaged { .. }), "{error}");
        let words = error.to_string();
        assert!(words.contains("state.jsonl") && words.contains("holdfast sandbox reset"), "{words}");
    }
    fs::write(&file, &good).unwrap();
    OpenOptions::new().append(true).open(&file).unwrap().write_all(b"{\"version\":1}\n").unwrap();
    assert!(matches!(Sandbox::open(folder.path()), Err(SandboxError::Damaged { .. })));
    let (code, status) = running.send("GET", "/version", None).await;
    assert_eq!((code, &status["reason"]), (500, &json!("InternalError")));
    assert!(status["message"].as_str().unwrap().contains("holdfast sandbox reset"), "{status}");

    Sandbox::reset(folder.path()).unwrap();
    let names =
        |all: Vec<Value>| -> Vec<String> { all.iter().map(|o| o["metadata"]["name"].to_string()).collect() };
    let sample = Api::new().everything().await.len();
    assert_eq!(
        names(running.everything().await).len(),
        sample,
        "a process that runs goes on with the sample"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loss_and_a_drift_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let api = open(folder.path());
    let before = api.everything().await.len();
    let lost = api.0.lose("shop").unwrap();
    assert_eq!(api.everything().await.len(), before - lost);
    assert!(lost > 100, "{lost}");
    assert_eq!(api.0.drift("billing").unwrap(), 3);
    assert!(api.names("/api/v1/namespaces/billing/pods").await.is_empty());
    assert_eq!(api.0.drift("billing").unwrap(), 0);
    let refused = api.0.lose("shop").unwrap_err().to_string();
    assert_eq!(refused, r#"the sandbox refuses: namespaces "shop" not found"#);
    assert!(matches!(api.0.lose("default"), Err(SandboxError::Refused(_))));
}
