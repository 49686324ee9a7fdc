//! What is kept about backups, restores and deletions, as `holdfast jobs` shows it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::net::TcpListener;
use std::time::{Duration, Instant};

use holdfast_e2e::foreign;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::process::Child;

async fn populate(lab: &Lab, what: &str) -> String {
    let namespace = lab.namespace(what).await;
    for n in 0..5 {
        let meta = json!({"namespace": namespace, "name": format!("settings-{n}")});
        lab.source
            .create(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"n": n.to_string()}}))
            .await;
    }
    let certificate = Key::new("v1", "ConfigMap", &namespace, "kube-root-ca.crt");
    lab.source.wait("the certificate", async || lab.source.get(&certificate).await.is_some()).await;
    namespace
}

async fn jobs(lab: &Lab, words: &str) -> Vec<Value> {
    let list = lab.run(&format!("jobs list -o json {words}")).await.expect(0).json();
    list.as_array().unwrap().clone()
}

async fn show(lab: &Lab, id: &Value, words: &str) -> Value {
    lab.run(&format!("jobs show {} -o json {words}", id.as_str().unwrap())).await.expect(0).json()
}

/// A cluster that takes connections and never answers.
struct Mute {
    _listener: TcpListener,
    kubeconfig: std::path::PathBuf,
}

impl Mute {
    fn new(lab: &Lab) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "mute",
            "clusters": [{"name": "mute", "cluster": {"server": server}}],
            "users": [{"name": "mute", "user": {"token": "x"}}],
            "contexts": [{"name": "mute", "context": {"cluster": "mute", "user": "mute"}}],
        });
        let kubeconfig = lab.folder().join("mute.json");
        std::fs::write(&kubeconfig, config.to_string()).unwrap();
        Self { _listener: listener, kubeconfig }
    }

    /// Starts a backup of it and waits until its job is there.
    async fn backup(&self, lab: &Lab, point: &str) -> (Child, Value) {
        let words = format!(
            "backup --cluster mute --name {point} -o json --kubeconfig {}",
            self.kubeconfig.display()
        );
        let child = lab.command(&words).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let running = jobs(lab, "--state running").await;
            if let Some(job) = running.iter().find(|job| job["point"] == point) {
                return (child, job.clone());
            }
            assert!(Instant::now() < deadline, "the job never ran");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn signal(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_backed_up_restored_and_deleted_is_kept_with_its_phases_and_objects() {
    let lab = Lab::new("job").await;
    let namespace = populate(&lab, "data").await;
    let select = format!("--include-namespaces {namespace}");
    let backup = lab.backup("first", &select).await;
    let target = lab.name("other");
    let restored =
        lab.restore("target", "first", &format!("--namespace-mappings {namespace}:{target}")).await;
    lab.restore("target", "first", "--plan").await;
    let deleted = lab.run("points delete first -o json").await.expect(0).json();

    let list = jobs(&lab, "").await;
    let seen: Vec<(&str, &str)> =
        list.iter().map(|job| (job["kind"].as_str().unwrap(), job["state"].as_str().unwrap())).collect();
    let mut sorted = seen.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [("backup", "Completed"), ("delete", "Completed"), ("restore", "Completed")],
        "a plan is no job: {list:#?}"
    );
    assert_eq!(jobs(&lab, "--kind backup").await[0]["id"], backup["job"]);
    assert_eq!(jobs(&lab, "--kind delete --state completed").await[0]["id"], deleted["job"]);
    assert_eq!(jobs(&lab, "--state failed").await.len(), 0);
    assert_eq!(jobs(&lab, "--limit 2").await.len(), 2);

    let job = show(&lab, &backup["job"], "--log").await;
    assert_eq!(job["counts"]["objects"], backup["objects"]);
    assert_eq!((&job["cluster"], &job["point"]), (&json!("source"), &json!("first")));
    let phases: Vec<&str> =
        job["phases"].as_array().unwrap().iter().map(|phase| phase["name"].as_str().unwrap()).collect();
    assert_eq!(phases, ["discovering", "listing", "committing"]);
    assert!(job["phases"].as_array().unwrap().iter().all(|phase| phase["ended"].is_string()), "{job}");
    assert_eq!(job["phases"][1]["done"], backup["objects"]);
    let lines = job["logLines"].as_array().unwrap();
    assert_eq!(job["log"]["entries"], lines.len());
    assert!(lines.iter().any(|line| line["message"].as_str().unwrap().starts_with("cluster source")));

    let report = restored.0;
    let job = show(&lab, &report["job"], "--items").await;
    assert_eq!(job["items"], report["items"], "the report is kept as it was printed");
    assert_eq!(job["counts"]["outcomes"], report["counts"]);
    let table =
        lab.run(&format!("jobs show {} --items --log", report["job"].as_str().unwrap())).await.expect(0);
    assert!(table.stdout.contains("settings-3") && table.stdout.contains("Created"), "{table}");
    let table = lab.run("jobs list").await.expect(0);
    assert_eq!(table.stdout.lines().count(), 4, "{table}");
    assert_eq!(std::fs::read_dir(lab.vault().join("live")).unwrap().count(), 0, "nothing runs any more");

    let unknown = lab.run("jobs show 20200101-000000-00000000").await.expect(1);
    assert!(unknown.error().contains("no job"), "{unknown}");
    lab.run("jobs show yesterday").await.usage_error();
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_why_and_failed_objects_are_grouped() {
    let lab = Lab::new("jof").await;
    let namespace = populate(&lab, "data").await;
    let select = format!("--include-namespaces {namespace}");
    lab.backup("first", &select).await;
    let again = lab.run(&format!("backup --cluster source --name first -o json {select}")).await.expect(1);
    let job = show(&lab, &again.json()["job"], "").await;
    assert_eq!(job["state"], "Failed");
    assert_eq!(job["error"]["message"], again.error(), "the job says what the terminal said");
    let nowhere = lab.run("backup --cluster nowhere --name second -o json").await.expect(1);
    let job = show(&lab, &nowhere.json()["job"], "").await;
    assert!(job["error"]["guidance"].as_str().unwrap().contains("kubeconfig"), "{job}");

    let target = lab.name("full");
    lab.target.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": target}})).await;
    lab.target
        .create(&json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none", "namespace": target},
            "spec": {"hard": {"count/configmaps": "0"}}}))
        .await;
    let quota = Key::new("v1", "ResourceQuota", &target, "none");
    lab.target
        .wait("the quota", async || {
            lab.target.get(&quota).await.is_some_and(|quota| quota["status"]["hard"].is_object())
        })
        .await;
    let report =
        lab.restore("target", "first", &format!("--namespace-mappings {namespace}:{target}")).await.0;
    let job = show(&lab, &report["job"], "").await;
    assert_eq!(job["state"], "Partial");
    let failed = report["counts"]["failed"].as_u64().unwrap();
    assert!(failed >= 5, "{report}");
    let warnings = job["warnings"].as_array().unwrap();
    let quota = warnings.iter().find(|w| w["message"].as_str().unwrap().contains("exceeded quota")).unwrap();
    assert_eq!(quota["count"], failed, "one cause, one group: {warnings:#?}");
    assert_eq!(quota["objects"].as_array().unwrap().len() as u64, failed.min(20));
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_seen_and_cancelled_by_another_process_and_a_killed_one_is_interrupted() {
    let lab = Lab::new("joc").await;
    let namespace = populate(&lab, "data").await;
    let select = format!("--include-namespaces {namespace}");
    lab.backup("first", &select).await;
    let mute = Mute::new(&lab);

    let (child, job) = mute.backup(&lab, "by-another").await;
    let id = job["id"].as_str().unwrap().to_owned();
    lab.run(&format!("jobs cancel {id}")).await.expect(0);
    let clock = Instant::now();
    let output = child.wait_with_output().await.unwrap();
    assert!(clock.elapsed() < Duration::from_secs(8), "{:?}", clock.elapsed());
    assert_eq!(output.status.code(), Some(1));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&result["job"], &result["error"]["message"]), (&json!(id), &json!("cancelled")));
    assert_eq!(show(&lab, &job["id"], "").await["state"], "Cancelled");
    let late = lab.run(&format!("jobs cancel {id}")).await.expect(1);
    assert!(late.error().contains("ended already"), "{late}");

    let (child, job) = mute.backup(&lab, "by-hand").await;
    signal(&child, Signal::INT);
    assert_eq!(child.wait_with_output().await.unwrap().status.code(), Some(1));
    assert_eq!(show(&lab, &job["id"], "").await["state"], "Cancelled");

    let (mut child, job) = mute.backup(&lab, "killed").await;
    signal(&child, Signal::KILL);
    child.wait().await.unwrap();
    assert_eq!(show(&lab, &job["id"], "").await["state"], "Interrupted", "it is proven that it ended");
    let folder = lab.vault().join("jobs").join(job["id"].as_str().unwrap());
    assert!(!folder.join("2.json").exists(), "looking changes nothing");
    lab.backup("second", &select).await;
    assert!(folder.join("2.json").exists(), "the next job writes it down");
    let interrupted = jobs(&lab, "--state interrupted").await;
    assert_eq!(interrupted.len(), 1);
    assert!(interrupted[0]["ended"].is_string(), "{interrupted:?}");
    assert_eq!(std::fs::read_dir(lab.vault().join("live")).unwrap().count(), 0);
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_from_a_vault_of_velero_is_done_and_says_that_it_is_not_kept() {
    let lab = Lab::new("jov").await;
    let namespace = populate(&lab, "data").await;
    let object = lab.source.must_get(&Key::new("v1", "ConfigMap", &namespace, "settings-0")).await;
    foreign::point(&lab.vault(), "of-velero", |tar| foreign::object(tar, "configmaps", &object));
    let report = lab.restore("target", "of-velero", "").await;
    assert_eq!((&report.0["job"], report.count("created")), (&Value::Null, 1));
    let table = lab.run("restore --cluster target --point of-velero").await.expect(0);
    assert!(table.stdout.contains("note: this is not kept as a job"), "{table}");
    assert!(report.0["warnings"].to_string().contains("cannot be undone"), "{}", report.0["warnings"]);
    assert!(!lab.vault().join("journals").exists());
    assert!(!lab.vault().join("jobs").exists() && !lab.vault().join("live").exists());
    assert_eq!(jobs(&lab, "").await.len(), 0);
    lab.finish().await;
}
