//! Hooks of backups: what runs in which pod, in what order, what is said of it, and that no pod stays held. Tests that prove a
//! sentence of Azure's page "What is Azure Kubernetes Service backup?" are called after it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::time::Duration;

use holdfast_e2e::key::Key;
use holdfast_node_tests::lab::Lab;
use holdfast_node_tests::ledger;
use holdfast_node_tests::pods::{self, exec};
use holdfast_node_tests::volumes::claim;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const API: &str = "clusterbackup.dataprotection.microsoft.com/v1alpha1";

fn hook(namespace: &str, name: &str, hooks: &Value) -> Value {
    json!({"apiVersion": API, "kind": "BackupHook", "metadata": {"namespace": namespace, "name": name},
        "spec": {"backupHook": hooks}})
}

fn command(words: &[&str]) -> Value {
    json!({"exec": {"command": words}})
}

fn shell(script: &str) -> Value {
    command(&["/bin/sh", "-c", script])
}

/// What hooks left of a run, as `phase pod: output`, in their order.
fn ran(result: &Value) -> Vec<String> {
    let runs = result["hooks"].as_array().unwrap().iter();
    runs.map(|run| {
        let text = |field: &str| run[field].as_str().unwrap_or_default().trim().to_owned();
        format!("{} {}: {}", text("phase"), text("pod"), text("output"))
    })
    .collect()
}

fn warnings(result: &Value) -> String {
    let warnings = result["warnings"].as_array().unwrap().iter();
    warnings.map(|warning| warning["message"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

fn state<'a>(result: &'a Value, claim: &str) -> &'a str {
    let volumes = result["volumes"].as_array().unwrap();
    volumes.iter().find(|volume| volume["claim"] == claim).unwrap()["state"].as_str().unwrap()
}

/// Backs up whatever comes of it: 0 or 3.
async fn backup(lab: &Lab, name: &str, words: &str) -> Value {
    let run = lab.run(&format!("backup --cluster source --name {name} -o json {words}")).await;
    assert!(matches!(run.code, Some(0 | 3)), "{run}");
    run.json()
}

async fn held(lab: &Lab, ns: &str, pod: &str) -> bool {
    ledger::status(&lab.source, ns, pod).await.frozen
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_custom_resources_that_run_before_and_after_the_cut_in_the_pods_that_they_choose() {
    let lab = Lab::from_env("hk-choose").await;
    lab.install_hooks(&lab.source).await;
    let (hr, other) = (&lab.namespace("hr").await, &lab.namespace("other").await);
    for (ns, name) in [(hr, "web-0"), (hr, "web-1"), (hr, "batch"), (other, "web-0")] {
        lab.source.create(&claim(ns, name, "1Gi", None)).await;
        let mut pod = pods::idle(ns, name, &[name]);
        pod["metadata"]["labels"] = json!({"app": if name == "batch" { "batch" } else { "web" }});
        lab.source.create(&pod).await;
        pods::ready(&lab.source, ns, name).await;
    }
    let chosen = json!([
        {"name": "first", "includedNamespaces": [hr], "excludedNamespaces": null,
            "labelSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]},
            "preHooks": [shell("echo pre 1 $(hostname)"), shell("echo pre 2")],
            "postHooks": [shell("echo post 1")]},
        {"name": "second", "excludedNamespaces": [other, "kube-system"], "labelSelector": {"matchLabels": {"app": "batch"}},
            "preHooks": [{"exec": {"container": "main", "command": ["/bin/uname", "-s"], "onError": "Continue", "timeout": "10s"}}]},
    ]);
    lab.source.create(&hook(hr, "chosen", &chosen)).await;
    let words = format!("--include-namespaces {hr},{other} --hooks {hr}/chosen");
    let result = lab.backup("p", &words).await;
    let runs = ran(&result);
    for expected in [
        "pre web-0: pre 1 web-0",
        "pre web-0: pre 2",
        "post web-0: post 1",
        "pre web-1: pre 1 web-1",
        "pre batch: Linux",
    ] {
        assert_eq!(runs.iter().filter(|run| *run == expected).count(), 1, "{expected} in {runs:#?}");
    }
    assert_eq!(runs.len(), 7, "{runs:#?}");
    assert!(result["hooks"].as_array().unwrap().iter().all(|run| run["namespace"] == *hr), "{runs:#?}");
    // In the order of the object, and every pre before any post of the same pod.
    let of = |pod: &str| runs.iter().filter(|run| run.contains(pod)).cloned().collect::<Vec<_>>();
    assert_eq!(of("web-0"), ["pre web-0: pre 1 web-0", "pre web-0: pre 2", "post web-0: post 1"]);
    let freezes = result["freezes"].as_array().unwrap();
    assert_eq!(freezes.len(), 3, "{freezes:#?}");
    let log = lab.run(&format!("jobs show {} --log", result["job"].as_str().unwrap())).await.expect(0).stdout;
    assert!(log.contains(&format!("pre hook {hr}/chosen: first in {hr}/web-0 (main): done in")), "{log}");

    let missing = lab
        .run(&format!("backup --cluster source --name q {} --hooks {hr}/none", "--include-namespaces x"))
        .await;
    assert_ne!(missing.code, Some(0), "{missing}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_not_executed_in_a_shell() {
    let lab = Lab::from_env("hk-shell").await;
    let ns = &lab.namespace("a").await;
    let mut pod = pods::idle(ns, "echo", &[]);
    pod["metadata"]["annotations"] = json!({
        "pre.hook.backup.velero.io/command": "[\"/bin/echo\", \"$HOME\", \"&&\", \"echo\", \"x\"]",
        "post.hook.backup.velero.io/command": "/bin/pwd",
        "post.hook.backup.velero.io/container": "main",
    });
    lab.source.create(&pod).await;
    pods::ready(&lab.source, ns, "echo").await;
    let result = lab.backup("p", &format!("--include-namespaces {ns}")).await;
    assert_eq!(ran(&result), ["pre echo: $HOME && echo x", "post echo: /"]);
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_frozen_for_the_cut_only_and_released_whatever_happens() {
    let lab = Lab::alone("hk-freeze").await;
    lab.install_hooks(&lab.source).await;
    let ns = &lab.namespace("a").await;
    ledger::start(&lab.source, ns, "ledger", &["data", "log"], None).await;
    let hooks = json!([{"name": "ledger", "labelSelector": {"matchLabels": {"app": "ledger"}},
        "preHooks": [command(&["ledger", "freeze", "--for", "120s"])], "postHooks": [command(&["ledger", "thaw"])]}]);
    lab.source.create(&hook(ns, "freeze", &hooks)).await;
    let words = format!("--include-namespaces {ns} --hooks {ns}/freeze");

    // Snapshots that take long to be ready: the ledger goes on as soon as they are cut.
    let faults = lab
        .disks
        .fail(&json!({"snapshot_ready_after_ms": 4000, "only_claims": [format!("{ns}/data")]}))
        .await;
    let result = lab.backup("slow", &words).await;
    let freeze = result["freezes"][0]["millis"].as_u64().unwrap();
    assert!(freeze < 4000 && result["durationMs"].as_u64().unwrap() > 4000, "{freeze} ms");
    assert!(!held(&lab, ns, "ledger").await);

    // One that is never cut holds it no longer than was allowed.
    faults.change(&json!({"snapshot_takes_ms": 8000, "only_claims": [format!("{ns}/log")]}));
    let result = backup(&lab, "late", &format!("{words} --freeze-timeout 2s")).await;
    assert_eq!((state(&result, "data"), state(&result, "log")), ("Snapshotted", "Failed"));
    assert_eq!(result["state"], "Partial");
    let freeze = result["freezes"][0]["millis"].as_u64().unwrap();
    assert!((1000..6000).contains(&freeze), "{freeze} ms");
    assert!(!held(&lab, ns, "ledger").await);
    faults.change(&json!({}));

    // A hook that hangs is given up after its time, the claims of its pod are not cut, and post hooks run all the same.
    let hanging = json!([{"name": "hang", "labelSelector": {"matchLabels": {"app": "ledger"}},
        "preHooks": [command(&["ledger", "freeze", "--for", "120s"]),
            {"exec": {"command": ["ledger", "sleep", "60s"], "timeout": "1s", "onError": "Fail"}}],
        "postHooks": [command(&["ledger", "thaw"])]}]);
    lab.source.create(&hook(ns, "hang", &hanging)).await;
    let result = backup(&lab, "hung", &format!("--include-namespaces {ns} --hooks {ns}/hang")).await;
    assert_eq!((state(&result, "data"), state(&result, "log")), ("Failed", "Failed"));
    assert!(warnings(&result).contains("did not end within 1s"), "{}", warnings(&result));
    assert!(!held(&lab, ns, "ledger").await);

    // Cancelled while it is held.
    faults.change(&json!({"snapshot_takes_ms": 20000, "only_claims": [format!("{ns}/data")]}));
    let mut running =
        lab.command(&format!("backup --cluster source --name cancelled {words}")).spawn().unwrap();
    lab.source.wait("the ledger to be held", async || held(&lab, ns, "ledger").await).await;
    let pid = Pid::from_raw(i32::try_from(running.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(running.wait().await.unwrap().code(), Some(1));
    assert!(!held(&lab, ns, "ledger").await, "the ledger is still held after the backup was cancelled");
    assert!(!lab.point("cancelled").exists());

    // Killed while it is held: the next backup releases it first.
    let mut running = lab.command(&format!("backup --cluster source --name killed {words}")).spawn().unwrap();
    lab.source.wait("the ledger to be held", async || held(&lab, ns, "ledger").await).await;
    running.kill().await.unwrap();
    assert!(held(&lab, ns, "ledger").await, "nobody could have released it");
    faults.change(&json!({}));
    let result = lab.backup("next", &format!("--include-namespaces {ns}")).await;
    assert!(!held(&lab, ns, "ledger").await, "the ledger is still held");
    let log = lab.run(&format!("jobs show {} --log", result["job"].as_str().unwrap())).await.expect(0).stdout;
    assert!(log.contains(&format!("releasing pod {ns}/ledger, which backup killed left held")), "{log}");
    assert_eq!(
        std::fs::read_dir(lab.vault().join("frozen")).map_or(0, Iterator::count),
        0,
        "the note is still there"
    );
    assert_eq!(ledger::status(&lab.source, ns, "ledger").await.released_by_limit, 0);
    drop(faults);
    // What was being taken when it was given up goes once that has ended.
    let is_clean = async || {
        lab.run("cleanup --cluster source").await.expect(0);
        lab.snapshot_objects(&lab.source).await.is_empty()
    };
    lab.source.wait("cleanup to leave nothing", is_clean).await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_write_to_the_vault_may_not_run_commands_in_pods() {
    let lab = Lab::from_env("hk-note").await;
    let ns = &lab.namespace("a").await;
    let mut pod = pods::idle(ns, "victim", &[]);
    pod["metadata"]["annotations"] =
        json!({"post.hook.backup.velero.io/command": "[\"/bin/touch\", \"/said\"]"});
    lab.source.create(&pod).await;
    pods::ready(&lab.source, ns, "victim").await;
    lab.backup("p", &format!("--include-namespaces {ns} --snapshot-volumes false")).await;
    let live = lab.source.must_get(&Key::new("v1", "Pod", ns, "victim")).await;
    let note = |command: &[&str]| {
        json!({"cluster": "", "point": "none", "writer": "6f9619ff-8b86-4011-b42d-00c04fc964ff",
            "noted": "2026-01-01T00:00:00Z", "pods": [{"namespace": ns, "pod": "victim", "uid": live["metadata"]["uid"],
                "release": [{"hook": "annotation", "container": "main", "command": command, "timeoutMillis": 5000}]}]})
    };
    let folder = lab.vault().join("frozen");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("a.json"), note(&["/bin/touch", "/evil"]).to_string()).unwrap();
    let cleaned = lab.run("cleanup --cluster source -o json").await.expect(0).json();
    assert_eq!(cleaned["releasedPods"], 0);
    let there = async |path: &str| exec(&lab.source, ns, "victim", &["/bin/ls", path]).await.code == 0;
    assert!(!there("/evil").await, "a command ran that only the vault knows");
    assert!(folder.join("a.json").exists(), "the pod may be held, and nobody knows it any more");
    // What the pod itself says is run.
    std::fs::write(folder.join("a.json"), note(&["/bin/touch", "/said"]).to_string()).unwrap();
    let cleaned = lab.run("cleanup --cluster source -o json").await.expect(0).json();
    assert_eq!(cleaned["releasedPods"], 1);
    assert!(there("/said").await && !folder.join("a.json").exists());
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_with_a_hook_is_named_and_never_hangs() {
    let lab = Lab::from_env("hk-wrong").await;
    lab.install_hooks(&lab.source).await;
    let ns = &lab.namespace("a").await;
    lab.source.create(&claim(ns, "data", "1Gi", None)).await;
    lab.source.create(&pods::idle(ns, "main", &["data"])).await;
    pods::ready(&lab.source, ns, "main").await;
    let mut waiting = pods::idle(ns, "waiting", &[]);
    waiting["spec"]["nodeSelector"] = json!({"no": "such-node"});
    lab.source.create(&waiting).await;
    let with = async |name: &str, exec: Value| {
        let hooks = json!([{"name": "h", "includedNamespaces": [ns], "preHooks": [{"exec": exec}]}]);
        lab.source.create(&hook(ns, name, &hooks)).await;
        backup(&lab, name, &format!("--include-namespaces {ns} --hooks {ns}/{name}")).await
    };
    let of = |result: &Value, pod: &str| {
        let runs = result["hooks"].as_array().unwrap();
        let run =
            runs.iter().find(|run| run["pod"] == pod).unwrap_or_else(|| panic!("no run in {pod}: {runs:#?}"));
        (run["failure"].as_str().unwrap_or_default().to_owned(), run["output"].as_str().unwrap().to_owned())
    };

    let result = with("exit", json!({"command": ["ledger", "fail", "3"], "onError": "Continue"})).await;
    let (failure, _) = of(&result, "main");
    assert!(failure.contains("exit code 3"), "{failure}");
    assert_eq!((state(&result, "data"), &result["state"]), ("Snapshotted", &json!("Partial")));
    assert!(of(&result, "waiting").0.contains("Pending"), "{result:#}");

    let result = with("fail", json!({"command": ["ledger", "fail", "3"], "onError": "Fail"})).await;
    assert_eq!(state(&result, "data"), "Failed");
    assert!(warnings(&result).contains("exit code 3"), "{}", warnings(&result));

    let result = with("flood", json!({"command": ["ledger", "spew", "64MiB"]})).await;
    let (failure, output) = of(&result, "main");
    assert!(
        failure.is_empty() && output.len() < 40_000 && output.contains("cut off"),
        "{failure} {}",
        output.len()
    );

    let result =
        with("container", json!({"command": ["/bin/true"], "container": "none-such", "onError": "Continue"}))
            .await;
    assert!(of(&result, "main").0.contains("none-such"), "{result:#}");

    let result = with("program", json!({"command": ["/no/such/program"], "onError": "Continue"})).await;
    assert!(!of(&result, "main").0.is_empty(), "{result:#}");

    // Malformed objects are refused before anything is done: the server knows the schema, and so does the program.
    let flat = json!({"apiVersion": API, "kind": "BackupHook", "metadata": {"namespace": ns, "name": "flat"},
        "spec": {"name": "h", "includedNamespaces": [ns], "preHooks": [command(&["/bin/true"])]}});
    assert!(lab.source.try_create(&flat).await.is_err(), "the definition lets the flattened sample pass");
    let odd = json!([{"name": "h", "preHooks": [{"exec": {"command": ["/bin/true"], "timeout": "soon"}}]}]);
    if lab.source.try_create(&hook(ns, "odd", &odd)).await.is_ok() {
        let run = lab
            .run(&format!("backup --cluster source --name odd --include-namespaces {ns} --hooks {ns}/odd"))
            .await;
        assert!(run.error().contains("spec.backupHook[0].preHooks[0].exec.timeout"), "{run}");
        assert!(!lab.point("odd").exists());
    }
    let run = lab
        .run(&format!("backup --cluster source --name none --include-namespaces {ns} --hooks {ns}/none-such"))
        .await;
    assert!(run.error().contains(&format!("BackupHook {ns}/none-such")), "{run}");

    // Whoever may do everything but run commands is told so.
    let rules = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "create", "delete", "patch"]}]);
    let file = lab.restricted(&[ns], rules).await;
    let role = Key::new("rbac.authorization.k8s.io/v1", "Role", ns, "reader");
    lab.source
        .patch(&role, json!({"rules": [
            {"apiGroups": [""], "resources": ["pods", "persistentvolumeclaims", "secrets", "configmaps", "serviceaccounts"], "verbs": ["get", "list"]},
            {"apiGroups": ["clusterbackup.dataprotection.microsoft.com"], "resources": ["*"], "verbs": ["get", "list"]}]}))
        .await;
    let words = format!(
        "backup --cluster source --name denied -o json --include-namespaces {ns} --include-resources pods,persistentvolumeclaims \
         --hooks {ns}/exit --kubeconfig {}",
        file.display()
    );
    let run = lab.run(&words).await.expect(3);
    let said = warnings(&run.json());
    assert!(said.contains("pods/exec") || said.contains("pods \"main\" is forbidden"), "{said}");
    assert!(run.took < Duration::from_mins(1), "{run}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_is_deleted_between_selection_and_hook_is_named() {
    let lab = Lab::from_env("hk-gone").await;
    let ns = &lab.namespace("a").await;
    // The first pod's hook runs long enough for the second one to be deleted.
    for (name, script) in [("first", "sleep 3"), ("second", "true")] {
        let mut pod = pods::idle(ns, name, &["shared"]);
        pod["metadata"]["annotations"] = json!({
            "pre.hook.backup.velero.io/command": json!(["/bin/sh", "-c", script]).to_string(),
            "pre.hook.backup.velero.io/on-error": "Continue"});
        if name == "first" {
            lab.source.create(&claim(ns, "shared", "1Gi", None)).await;
        }
        lab.source.create(&pod).await;
        pods::ready(&lab.source, ns, name).await;
    }
    let running = tokio::spawn({
        let command =
            lab.command(&format!("backup --cluster source --name p -o json --include-namespaces {ns}"));
        async move { { command }.output().await.unwrap() }
    });
    let sleeps = async || {
        exec(&lab.source, ns, "first", &["/bin/sh", "-c", "ps | grep -c '[s]leep 3'"]).await.stdout.trim()
            != "0"
    };
    lab.source.wait("the first hook", sleeps).await;
    lab.source.delete_and_wait(&Key::new("v1", "Pod", ns, "second")).await;
    let output = running.await.unwrap();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((state(&result, "shared"), &result["state"]), ("Snapshotted", &json!("Partial")));
    let said = warnings(&result);
    assert!(said.contains(&format!("in pod {ns}/second")) && said.contains("not found"), "{said}");
    lab.finish().await;
}
