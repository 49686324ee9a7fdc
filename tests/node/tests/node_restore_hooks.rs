//! Hooks of restores: commands in the pods that a restore makes, once their containers are there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use holdfast_e2e::key::Key;
use holdfast_e2e::report::Report;
use holdfast_node_tests::lab::Lab;
use holdfast_node_tests::ledger;
use holdfast_node_tests::pods::{self, exec};
use serde_json::{Value, json};

const API: &str = "clusterbackup.dataprotection.microsoft.com/v1alpha1";

/// A `RestoreHook` in a namespace of its own in the target.
async fn hook(lab: &Lab, name: &str, hooks: &Value) -> String {
    lab.install_hooks(&lab.target).await;
    let ns = lab.name("hooks");
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}});
    if lab.target.get(&Key::of(&namespace)).await.is_none() {
        lab.target.create(&namespace).await;
    }
    lab.target
        .create(
            &json!({"apiVersion": API, "kind": "RestoreHook", "metadata": {"namespace": ns, "name": name},
            "spec": {"restoreHook": hooks}}),
        )
        .await;
    format!("--hooks {ns}/{name}")
}

fn shell(script: &str) -> Value {
    json!({"exec": {"command": ["/bin/sh", "-c", script]}})
}

/// `pod: output` or `pod: FAILED why` of every command, sorted.
fn ran(report: &Value) -> Vec<String> {
    let runs = report["hooks"].as_array().unwrap().iter();
    let mut ran: Vec<String> = runs
        .map(|run| match run["failure"].as_str() {
            None => format!("{}: {}", run["pod"].as_str().unwrap(), run["output"].as_str().unwrap().trim()),
            Some(why) => format!("{}: FAILED {why}", run["pod"].as_str().unwrap()),
        })
        .collect();
    ran.sort();
    ran
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_run_in_the_containers_of_restored_pods_and_in_no_others() {
    let lab = Lab::from_env("rh-run").await;
    let ns = &lab.namespace("a").await;
    lab.source.create(&ledger::stateful_set(ns, "db", 1)).await;
    pods::ready(&lab.source, ns, "db-0").await;
    let spec = pods::spec(pods::LEDGER, &["ledger", "sleep", "24h"], &[]);
    let web = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": ns, "name": "web"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": spec}}});
    lab.source.create(&web).await;
    lab.source.create(&pods::idle(ns, "alone", &[])).await;
    let mut annotated = pods::idle(ns, "annotated", &[]);
    annotated["metadata"]["annotations"] =
        json!({"post.hook.restore.velero.io/command": "[\"/bin/echo\", \"by annotation\"]"});
    lab.source.create(&annotated).await;
    for pod in ["alone", "annotated"] {
        pods::ready(&lab.source, ns, pod).await;
    }
    ledger::freeze(&lab.source, ns, "db-0", 60).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    ledger::thaw(&lab.source, ns, "db-0").await;

    let words = hook(
        &lab,
        "all",
        &json!([{"name": "note", "includedNamespaces": [ns], "postHooks": [shell("echo first > /note"), shell("echo second >> /note; cat /note")]}]),
    )
    .await;
    let report = lab.restore("target", "p", &words).await;
    report.expect_clean();
    let runs = ran(&report.0);
    assert_eq!(runs.len(), 2 * 4 + 1, "{runs:#?}");
    assert!(runs.contains(&"annotated: by annotation".to_owned()), "{runs:#?}");
    for pod in ["alone", "db-0"] {
        assert!(runs.contains(&format!("{pod}: first\nsecond")), "{runs:#?}");
        assert_eq!(exec(&lab.target, ns, pod, &["/bin/cat", "/note"]).await.stdout, "first\nsecond\n");
    }
    assert_eq!(
        runs.iter().filter(|run| run.starts_with("web-") && run.ends_with("second")).count(),
        2,
        "{runs:#?}"
    );

    let job = report.0["job"].as_str().unwrap();
    let kept = lab.run(&format!("jobs show {job} -o json")).await.expect(0).json();
    assert_eq!(kept["hookRuns"], report.0["hooks"], "what ran is kept with the job");

    // Nothing new is made, so nothing runs.
    let again = lab.restore("target", "p", &words).await;
    again.expect_clean();
    assert_eq!(ran(&again.0), [""; 0]);
    lab.delete_points("source").await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_with_a_hook_after_a_restore_is_named_and_never_hangs() {
    let lab = Lab::from_env("rh-wrong").await;
    let ns = &lab.namespace("a").await;
    for name in ["main", "other"] {
        lab.source.create(&pods::idle(ns, name, &[])).await;
        pods::ready(&lab.source, ns, name).await;
    }
    let mut stuck = pods::pod(ns, "stuck", "holdfast.test/none-such:1", &["/x"], &[]);
    stuck["metadata"]["labels"] = json!({"app": "stuck"});
    lab.source.create(&stuck).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;

    let select = |app: &str| json!({"matchLabels": {"app": app}});
    let words = hook(
        &lab,
        "wrong",
        &json!([
            {"name": "main", "labelSelector": select("main"), "postHooks": [
                {"exec": {"command": ["ledger", "fail", "3"], "onError": "Fail"}}, shell("echo never")]},
            {"name": "other", "labelSelector": select("other"), "postHooks": [
                {"exec": {"command": ["ledger", "sleep", "60s"], "execTimeout": "2s"}}, shell("echo still")]},
            {"name": "stuck", "labelSelector": select("stuck"), "postHooks": [
                {"exec": {"command": ["/bin/true"], "waitTimeout": "5s"}}]},
        ]),
    )
    .await;
    let run = lab.run(&format!("restore --cluster target --point p -o json {words}")).await.expect(3);
    let report = Report(run.json());
    assert_eq!(report.state(), "Partial");
    let runs = ran(&report.0);
    let of = |pod: &str| runs.iter().filter(|run| run.starts_with(pod)).cloned().collect::<Vec<_>>();
    assert!(matches!(of("main").as_slice(), [only] if only.contains("exit code 3")), "{runs:#?}");
    let other = of("other");
    assert!(
        other.iter().any(|run| run == "other: still") && other.iter().any(|run| run.contains("within 2s")),
        "{runs:#?}"
    );
    let said = report.0["warnings"].to_string() + &runs.join("\n");
    assert!(
        said.contains("stuck") && (said.contains("ErrImageNeverPull") || said.contains("Image")),
        "{said}"
    );

    let missing = lab.run(&format!("restore --cluster target --point p --hooks {ns}/none-such")).await;
    assert!(missing.error().contains(&format!("RestoreHook {ns}/none-such")), "{missing}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_waits_for_readiness_where_asked_and_a_cancelled_restore_waits_for_nothing_else() {
    let lab = Lab::from_env("rh-ready").await;
    let ns = &lab.namespace("a").await;
    let script = "sleep 3; echo up > /ready; exec sleep 86400";
    let slow = |name: &str| {
        let mut pod = pods::pod(ns, name, pods::BUSYBOX, &["/bin/sh", "-c", script], &[]);
        pod["spec"]["containers"][0]["readinessProbe"] =
            json!({"exec": {"command": ["/bin/cat", "/ready"]}, "periodSeconds": 1});
        pod
    };
    for name in ["patient", "hasty"] {
        lab.source.create(&slow(name)).await;
    }
    let mut stuck = pods::pod(ns, "stuck", "holdfast.test/none-such:1", &["/x"], &[]);
    stuck["metadata"]["labels"] = json!({"app": "stuck"});
    lab.source.create(&stuck).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;

    let one = |app: &str, exec: Value| json!({"name": app, "labelSelector": {"matchLabels": {"app": app}}, "postHooks": [{"exec": exec}]});
    let look = ["/bin/sh", "-c", "[ -e /ready ] && echo up || echo early"];
    let words = hook(
        &lab,
        "ready",
        &json!([
            one("patient", json!({"command": look, "waitForReady": true})),
            one("hasty", json!({"command": look})),
        ]),
    )
    .await;
    let others = "--exclude-objects pods/".to_owned() + ns + "/stuck";
    let report = lab.restore("target", "p", &format!("{words} {others}")).await;
    let runs = ran(&report.0);
    assert_eq!(runs, ["hasty: early", "patient: up"], "{}", report.0);

    let elsewhere = lab.name("b");
    let words = hook(
        &lab,
        "long",
        &json!([
            one("hasty", json!({"command": ["/bin/sh", "-c", "echo begun > /begun; sleep 3; echo whole"], "execTimeout": "20s"})),
            one("stuck", json!({"command": ["/bin/true"], "waitTimeout": "10m"})),
        ]),
    )
    .await;
    let words = format!(
        "restore --cluster target --point p -o json --namespace-mappings {ns}:{elsewhere} --volume-timeout 0s {words}"
    );
    let mut child = lab.command(&words).spawn().unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    let begun = async || {
        let hasty = Key::new("v1", "Pod", &elsewhere, "hasty");
        let pod = lab.target.get(&hasty).await.unwrap_or_default();
        pod["status"]["containerStatuses"][0]["state"]["running"].is_object()
            && exec(&lab.target, &elsewhere, "hasty", &["/bin/ls", "/"]).await.stdout.contains("begun")
    };
    lab.target.wait("the command to begin", begun).await;
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let clock = std::time::Instant::now();
    let status = child.wait().await.unwrap();
    assert!(clock.elapsed() < std::time::Duration::from_secs(15), "it waited for {:?}", clock.elapsed());
    assert!(!status.success());
    let job = lab.run("jobs list -o json").await.expect(0).json()[0]["id"].as_str().unwrap().to_owned();
    let kept = lab.run(&format!("jobs show {job} -o json")).await.expect(0).json();
    assert_eq!(kept["state"], "Cancelled", "{kept}");
    let runs: Vec<_> = kept["hookRuns"].as_array().unwrap().iter().collect();
    let of = |pod: &str| runs.iter().find(|run| run["pod"] == pod);
    assert_eq!(of("hasty").unwrap()["output"], "whole\n", "what had begun was awaited: {kept}");
    assert!(of("stuck").is_none(), "it was never begun: {kept}");
    let warned = kept["warnings"].to_string();
    assert!(warned.contains("stopped before all of its hooks were run"), "{kept}");
    lab.finish().await;
}
