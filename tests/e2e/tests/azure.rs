//! A vault in Azure Blob Storage: an emulator with TLS and sign-in by what stands for the Azure CLI.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::process::Stdio;

use holdfast_e2e::azure;
use holdfast_e2e::lab::Lab;
use serde_json::json;
use tokio::io::AsyncWriteExt;

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_backed_up_into_azure_and_restored_from_it() {
    let lab = Lab::new("azu").await;
    let (path, ca) = (azure::signed_in(lab.folder()), azure::authority());
    let namespace = lab.namespace("data").await;
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": "m"},
        "data": {"k": "v"}});
    lab.source.create(&map).await;
    let container = format!("e2e-{}", std::process::id());
    let vault = format!("{}/{container}/prod", azure::account());
    let variables = [("PATH", path.as_str()), ("HOLDFAST_CA_FILE", ca.as_str())];
    let run = async |words: String| lab.run_with(&format!("{words} --vault {vault}"), &variables).await;

    let missing = run("vaults check -o json".into()).await.expect(1);
    let report = missing.json();
    assert_eq!(report["signIn"], "Azure CLI");
    assert_eq!(report["steps"][0]["outcome"], "failed");
    assert!(report["steps"][0]["message"].as_str().unwrap().contains("does not exist in storage account"));
    assert!(missing.stderr.contains("cannot be used as things are"), "{missing}");

    let backup = format!("backup --cluster source --name p --include-namespaces {namespace} -o json");
    assert_eq!(run(backup.clone()).await.expect(0).json()["state"], "Completed");
    let again = run(backup).await.expect(1);
    assert!(again.error().contains("recovery point p exists already"), "{again}");

    let checked = run("vaults check".into()).await.expect(0);
    assert!(checked.stdout.contains("Azure CLI") && !checked.stdout.contains("Failed"), "{checked}");
    let shown = run("points show p --verify -o json".into()).await.expect(0).json();
    assert_eq!(shown["verified"]["problems"], json!([]));
    let mapping = format!("{namespace}:{}", lab.name("restored"));
    let restored = run(format!("restore --cluster target --point p --namespace-mappings {mapping} -o json"))
        .await
        .expect(0)
        .json();
    assert_eq!(restored["counts"]["failed"], 0, "{restored}");
    // Its journal is in the container, so that it can be gone on with and undone from any machine.
    let job = restored["job"].as_str().unwrap();
    let again = run(format!("restore --retry {job} --plan -o json")).await.expect(0).json();
    assert!(again["items"].as_array().unwrap().iter().all(|item| item["earlier"] == true), "{again}");
    let undone = run(format!("restore --undo {job} -o json")).await.expect(0).json();
    assert_eq!(undone["counts"]["deleted"], restored["counts"]["created"], "{undone}");
    run("points delete p --yes".into()).await.expect(0);
    assert_eq!(run("points list -o json".into()).await.expect(0).json(), json!([]));
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_vault_in_azure_closed_is_said() {
    let lab = Lab::new("azc").await;
    let ca = azure::authority();
    let vault = format!("{}/contract", azure::account());
    let path = azure::signed_in(lab.folder());
    let (trusted, signed_in) = (("HOLDFAST_CA_FILE", ca.as_str()), ("PATH", path.as_str()));
    let signed_out = azure::signed_out(lab.folder());

    for (words, variables, says) in [
        ("", &[signed_in][..], "not trusted here"),
        ("", &[trusted, ("PATH", signed_out.as_str())], "Please run 'az login'"),
        ("--auth environment", &[trusted], "needs AZURE_TENANT_ID in the environment"),
        (
            "",
            &[trusted, signed_in, ("HOLDFAST_AUTH", "sas")],
            "there is no shared access signature for this vault",
        ),
        ("--ca-file /nowhere.pem", &[signed_in], "/nowhere.pem cannot be used"),
    ] {
        let run = lab.run_with(&format!("points list --vault {vault} {words}"), variables).await.expect(1);
        assert!(run.error().contains(says), "{says}: {run}");
    }
    let run = lab.run(&format!("points list --vault {vault}?sv=1&sig=secret")).await;
    assert!(run.usage_error().contains("vaults credential set"), "{run}");
    assert!(!run.stderr.replace("?sv=1&sig=secret'", "").contains("secret"), "{run}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_kept_used_and_forgotten() {
    let lab = Lab::new("azs").await;
    let ca = azure::authority();
    let vault = format!("{}/contract/{}", azure::account(), lab.name("x"));
    let keep = async |text: &str| {
        let mut command = lab.command(&format!("vaults credential set --vault {vault}"));
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).await.unwrap();
        child.wait_with_output().await.unwrap()
    };
    let refused = keep("hunter2").await;
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(2) && words.contains("not a shared access signature"), "{words}");
    assert!(!words.contains("hunter2"), "{words}");

    // Valid in form, long expired.
    let kept = keep("?sv=2022-11-02&se=2020-01-01T00%3A00%3A00Z&sr=c&sp=rl&sig=hunter2%3D\n").await;
    let words = String::from_utf8(kept.stderr).unwrap();
    assert!(kept.status.success() && words.contains("kept unencrypted in"), "{words}");
    let run =
        lab.run_with(&format!("points list --vault {vault}"), &[("HOLDFAST_CA_FILE", &ca)]).await.expect(1);
    assert!(run.error().contains("expired at 2020-01-01T00:00:00Z"), "{run}");
    assert!(!run.stderr.contains("hunter2"), "{run}");

    lab.run(&format!("vaults credential remove --vault {vault}")).await.expect(0);
    let run = lab.run(&format!("vaults credential remove --vault {vault}")).await.expect(1);
    assert!(run.error().contains("no signature is kept"), "{run}");
    lab.finish().await;
}
