//! What an identity may not read, and what no server answers for, is named and makes the point Partial.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::time::Duration;

use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use serde_json::{Value, json};

fn messages(result: &Value) -> Vec<&str> {
    result["warnings"].as_array().unwrap().iter().map(|w| w["message"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_that_may_not_be_listed_are_named() {
    let lab = Lab::new("acc").await;
    let namespace = lab.namespace("data").await;
    let meta = |name: &str| json!({"namespace": namespace, "name": name});
    lab.source.create(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("settings")})).await;
    lab.source.create(&json!({"apiVersion": "v1", "kind": "Secret", "metadata": meta("hidden")})).await;
    let rules =
        json!([{"apiGroups": [""], "resources": ["configmaps", "services"], "verbs": ["get", "list"]}]);
    let kubeconfig = lab.restricted(&[&namespace], rules).await;

    let words = format!(
        "backup --cluster source --name some --kubeconfig {} --include-namespaces {namespace} -o json",
        kubeconfig.display()
    );
    let run = lab.run(&words).await.expect(3);
    let result = run.json();
    assert_eq!(result["state"], "Partial", "{run}");
    let messages = messages(&result);
    let about = |text: &str| messages.iter().any(|message| message.contains(text));
    assert!(about("secrets are not in this recovery point") && about("forbidden"), "{messages:#?}");
    assert!(about("Namespace object") && !about("configmaps are not"), "{messages:#?}");

    let objects = lab.run("points objects some -o json").await.expect(0).json();
    let kinds: Vec<&str> = objects.as_array().unwrap().iter().map(|o| o["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"ConfigMap") && !kinds.contains(&"Secret"), "{kinds:?}");
    let shown = lab.run("points show some -o json").await.expect(0).json();
    assert_eq!(shown["state"], "Partial");
    assert_eq!(
        shown["warnings"].as_array().unwrap().len(),
        messages.len(),
        "the point itself says what it lacks"
    );

    // Without the Namespace object the namespace is made blank, and said so.
    let report = lab.restore("target", "some", "").await;
    report.expect_clean();
    assert!(report.0["warnings"][0].as_str().unwrap().contains(&namespace), "{}", report.0["warnings"]);
    lab.target.must_get(&Key::new("v1", "ConfigMap", &namespace, "settings")).await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_api_is_named_and_holds_nothing_up() {
    // Alone: every other backup of the cluster would find the dead API too.
    let lab = Lab::alone("dea").await;
    let namespace = lab.namespace("data").await;
    let group = format!("{}dead.example.org", lab.prefix());
    let name = format!("v1.{group}");
    let dead = Key::new("apiregistration.k8s.io/v1", "APIService", "", &name);
    lab.source
        .create(&json!({"apiVersion": dead.api_version, "kind": dead.kind, "metadata": {"name": name},
            "spec": {"group": group, "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 10,
                "insecureSkipTLSVerify": true, "service": {"namespace": namespace, "name": "nobody"}}}))
        .await;
    let run = lab
        .run(&format!("backup --cluster source --name some --include-namespaces {namespace} -o json"))
        .await;
    lab.source.delete_and_wait(&dead).await;
    let run = run.expect(3);
    assert!(run.took < Duration::from_secs(20), "{run}");
    let result = run.json();
    assert_eq!(result["state"], "Partial");
    assert!(messages(&result).iter().any(|message| message.contains(&group)), "{run}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_that_are_not_there_are_named() {
    let lab = Lab::new("acn").await;
    let namespace = lab.namespace("data").await;
    let backup =
        |names: &str| format!("backup --cluster source --name some --include-namespaces {names} -o json");
    let none = lab.run(&backup("acn-nowhere,acn-neither")).await.expect(1);
    assert!(none.error().contains("acn-nowhere") && none.error().contains("acn-neither"), "{none}");
    assert_eq!(none.json()["state"], "Failed");
    assert!(!lab.point("some").exists(), "a backup of nothing left something");
    let some = lab.run(&backup(&format!("{namespace},acn-nowhere"))).await.expect(3).json();
    assert_eq!(some["state"], "Partial");
    assert!(messages(&some)[0].contains("acn-nowhere"), "{some}");
    let skipped =
        lab.run(&format!("{} --name other", backup("kube-system").replace("--name some ", ""))).await;
    assert_ne!(skipped.code, Some(0), "an always-skipped namespace that was asked for is said: {skipped}");
    lab.finish().await;
}
