//! The sandbox from the terminal: one process per command, no kubeconfig, no cluster.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where its expectation fails"
)]

use std::fs;

use holdfast_e2e::report::Report;
use holdfast_e2e::terminal::Terminal;
use serde_json::{Value, json};

fn restore(terminal: &Terminal) -> String {
    let vault = terminal.vault().display().to_string();
    format!("restore --cluster sandbox --vault file://{vault} --point first --conflict-policy patch -o json")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loss_between_two_processes_is_repaired_by_a_third() {
    let terminal = Terminal::new();
    let vault = terminal.vault().display().to_string();
    let backup = format!("backup --cluster sandbox --vault file://{vault} --name first -o json");
    let backup = terminal.run(&backup).await.expect(0);
    assert_eq!(backup.json()["state"], "Completed", "{backup}");
    assert!(backup.json()["objects"].as_u64().unwrap() > 200, "{backup}");

    let lost = terminal.run("sandbox lose shop -o json").await.expect(0);
    assert!(lost.json()["objects"].as_u64().unwrap() > 100, "{lost}");
    let drifted = terminal.run("sandbox drift billing").await.expect(0);
    assert_eq!(drifted.stdout, "namespace billing of the sandbox: 3 Deployments scaled to 0\n");
    let again = terminal.run("sandbox lose shop").await.expect(1);
    assert!(again.error().contains(r#"namespaces "shop" not found"#), "{again}");

    let words = restore(&terminal);
    let plan = Report(terminal.run(&format!("{words} --plan")).await.expect(0).json());
    assert!(plan.count("created") > 60 && plan.count("patched") == 3, "{:?}", plan.0["counts"]);
    let run = terminal.run(&words).await.expect(0);
    println!("backup {:?}, restore {:?}", backup.took, run.took);
    Report(run.json()).expect_clean();
    let after = Report(terminal.run(&format!("{words} --plan")).await.expect(0).json());
    assert_eq!(after.count("created") + after.count("patched") + after.count("blocked"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_is_listed_first_and_a_context_of_its_name_stays_within_reach() {
    let terminal = Terminal::new();
    let alone = terminal.run("clusters --check -o json").await.expect(0);
    assert_eq!(alone.json().as_array().unwrap().len(), 1, "{alone}");
    assert_eq!(alone.json()[0]["name"], "sandbox");
    assert_eq!(
        (&alone.json()[0]["cluster"], &alone.json()[0]["builtIn"]),
        (&json!("Sandbox (built in)"), &json!(true))
    );
    assert!(alone.json()[0]["version"].as_str().unwrap().starts_with("v1."), "{alone}");
    assert!(alone.stderr.is_empty(), "{alone}");

    let kube = terminal.home().join(".kube");
    fs::create_dir(&kube).unwrap();
    let config = json!({"contexts": [{"name": "sandbox", "context": {"cluster": "gone"}}]});
    fs::write(kube.join("config"), config.to_string()).unwrap();
    let listed = terminal.run("clusters -o json").await.expect(0);
    let built_in: Vec<Value> =
        listed.json().as_array().unwrap().iter().map(|l| l["builtIn"].clone()).collect();
    assert_eq!(built_in, [json!(true), json!(false)], "{listed}");
    assert!(listed.stderr.contains("--kubeconfig"), "{listed}");

    let vault = terminal.vault().display().to_string();
    let backup = format!("backup --vault file://{vault} --cluster sandbox");
    terminal.run(&format!("{backup} --name built-in")).await.expect(0);
    let config = kube.join("config").display().to_string();
    let context = terminal.run(&format!("{backup} --name context --kubeconfig {config}")).await.expect(1);
    assert!(context.error().contains("the cluster \"gone\""), "an explicit kubeconfig wins: {context}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_state_is_reported_and_reset() {
    let terminal = Terminal::new();
    terminal.run("sandbox lose shop").await.expect(0);
    let state = terminal.folder().join("data/sandbox/state.jsonl");
    fs::write(&state, "not a journal\n").unwrap();
    let vault = terminal.vault().display().to_string();
    let backup = format!("backup --cluster sandbox --vault file://{vault} --name first");
    let failed = terminal.run(&backup).await.expect(1);
    let words = failed.error();
    assert!(words.contains(state.to_str().unwrap()) && words.contains("holdfast sandbox reset"), "{words}");
    assert!(!terminal.vault().exists(), "no vault is made for nothing");
    let check = terminal.run("clusters --check").await.expect(0);
    assert!(check.stdout.contains("damaged"), "{check}");
    terminal.run("sandbox reset").await.expect(0);
    terminal.run("sandbox lose shop").await.expect(0);
}
