//! Bad clusters, vaults and words: one clear error each, the right exit code, and nothing half-done.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use holdfast_e2e::corpus::object;
use holdfast_e2e::lab::Lab;
use holdfast_e2e::mount::Mount;
use holdfast_e2e::run::Run;
use serde_json::{Value, json};

/// Every file below a folder, as paths relative to it.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder_now) = open.pop() {
        for entry in fs::read_dir(&folder_now).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path().strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}

/// A backup that fails: exit code 1, one line with these words, JSON that says the same, an unchanged vault.
async fn backup_fails(lab: &Lab, words: &str, needles: &[&str]) -> Run {
    let before = files(&lab.vault());
    let run = lab.run(&format!("backup --name bad -o json {words}")).await.expect(1);
    assert_failed(&run, needles);
    let mut after = files(&lab.vault());
    // That the folder is a vault now, and that it knows of the failed job, is no half-done point.
    let counts = |file: &String| file != "vault.json" && !file.starts_with("jobs/");
    after.retain(counts);
    let before: Vec<String> = before.into_iter().filter(counts).collect();
    assert_eq!(before, after, "{run} left something in the vault");
    run
}

#[track_caller]
fn assert_failed(run: &Run, needles: &[&str]) {
    let result = run.json();
    assert_eq!((&result["state"], &result["recoveryPoint"]), (&json!("Failed"), &json!("bad")), "{run}");
    let line = run.error();
    assert_eq!(
        result["error"]["message"], line,
        "standard output says something else than standard error: {run}"
    );
    for needle in needles {
        assert!(line.contains(needle), "{needle:?} is not in: {line}");
    }
}

/// A kubeconfig that differs from the tests' own in what `change` does; returns its path.
#[expect(clippy::needless_pass_by_value, reason = "callers write the user down in place")]
fn kubeconfig(lab: &Lab, name: &str, server: &str, user: Value) -> String {
    let path = lab.folder().join(name);
    let file = json!({"apiVersion": "v1", "kind": "Config", "current-context": "it",
        "clusters": [{"name": "c", "cluster": {"server": server, "insecure-skip-tls-verify": true}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "it", "context": {"cluster": "c", "user": "u"}}]});
    fs::write(&path, file.to_string()).unwrap();
    path.display().to_string()
}

fn server(lab: &Lab) -> String {
    let text = fs::read_to_string(lab.kubeconfig()).unwrap();
    text.lines().find_map(|line| line.trim().strip_prefix("server: ")).unwrap().trim_matches('"').to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_cannot_be_used_is_named_with_a_remedy() {
    let lab = Lab::new("bad-cluster").await;
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let token = json!({"token": "not-a-token-of-this-cluster"});
    let unreachable = kubeconfig(&lab, "unreachable", &format!("https://{closed}"), token.clone());
    let plain = kubeconfig(
        &lab,
        "plain",
        &format!("http://{}", server(&lab).trim_start_matches("https://")),
        json!({}),
    );
    let unauthorised = kubeconfig(&lab, "unauthorised", &server(&lab), token);
    let plugin = json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-kubelogin",
        "interactiveMode": "Never"}});
    let plugin = kubeconfig(&lab, "plugin", &server(&lab), plugin);
    let untrusted = kubeconfig(&lab, "untrusted", &server(&lab), json!({}));
    fs::write(
        &untrusted,
        fs::read_to_string(&untrusted).unwrap().replace("\"insecure-skip-tls-verify\":true", "\"x\":1"),
    )
    .unwrap();
    let malformed = lab.folder().join("malformed").display().to_string();
    fs::write(&malformed, "apiVersion: v1\nclusters: [{name: c, cluster: {server: https://x}\n").unwrap();
    let dangling = lab.folder().join("dangling").display().to_string();
    fs::write(
        &dangling,
        "contexts: [{name: it, context: {cluster: gone, user: u}}]\nusers: [{name: u, user: {}}]\n",
    )
    .unwrap();
    let own = lab.kubeconfig().display().to_string();
    let missing = lab.folder().join("missing").display().to_string();

    let address = closed.to_string();
    let rows: [(&str, &str, &[&str]); 9] = [
        (&unreachable, "it", &[&address, "cannot be reached", "refused"]),
        (&plain, "it", &["HTTP request to an HTTPS server"]),
        (&unauthorised, "it", &["does not accept these credentials", "Sign in again"]),
        (&untrusted, "it", &["certificate"]),
        (&plugin, "it", &["no-such-kubelogin", "context \"it\""]),
        (&own, "sorce", &["no context named \"sorce\"", "source", &own]),
        (&malformed, "it", &[&malformed]),
        (&dangling, "it", &["context \"it\"", "gone"]),
        (&missing, "it", &[&missing, "cannot be read"]),
    ];
    for (file, context, needles) in rows {
        let run = backup_fails(&lab, &format!("--kubeconfig {file} --cluster {context}"), needles).await;
        assert!(run.took < Duration::from_secs(20), "{run}");
        assert!(!lab.vault().exists(), "a vault was made for nothing: {run}");
        assert!(!run.stderr.contains("not-a-token") && !run.stdout.contains("not-a-token"), "{run}");
    }
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_cannot_be_used_is_named_with_a_remedy() {
    let lab = Lab::new("bad-vault").await;
    let ns = &lab.namespace("a").await;
    let take = format!("--cluster source --include-namespaces {ns}");
    let at = |name: &str| lab.folder().join(name);
    fs::write(at("file"), "x").unwrap();
    let foreign = at("velero");
    fs::create_dir_all(foreign.join("backups")).unwrap();
    let read_only = at("read-only");
    fs::create_dir(&read_only).unwrap();
    let _mount = Mount::read_only(&read_only);
    let newer = at("newer");
    fs::create_dir(&newer).unwrap();
    fs::write(newer.join("vault.json"), r#"{"format": 7, "kind": "holdfast-vault"}"#).unwrap();
    let rows: [(&str, &[&str]); 5] = [
        ("file", &["is not a folder", "give the folder"]),
        ("file/below", &["file/below"]),
        ("velero", &["Velero", "choose another folder"]),
        ("read-only", &["read-only", "cannot be written to", "check its permissions"]),
        ("newer", &["newer"]),
    ];
    for (name, needles) in rows {
        let before = files(&at(name));
        backup_fails(&lab, &format!("{take} --vault {}", at(name).display()), needles).await;
        assert_eq!(files(&at(name)), before);
    }
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_no_point_behind() {
    let lab = Lab::new("bad-full").await;
    let ns = &lab.namespace("a").await;
    let mut random = holdfast_e2e::random::Random::new(7);
    for at in 0..4 {
        let noise: String =
            (0..400_000).map(|_| char::from(b'!' + u8::try_from(random.below(90)).unwrap())).collect();
        lab.source
            .create(&object("v1", "ConfigMap", ns, &format!("noise-{at}"), json!({"data": {"x": noise}})))
            .await;
    }
    let take = format!("--cluster source --include-namespaces {ns}");
    let full = Mount::small(&lab.vault(), 1 << 20);
    backup_fails(&lab, &take, &["no space left", "free some"]).await;
    let listed = lab.run("points list -o json").await.expect(0);
    assert_eq!(listed.json(), json!([]), "{listed}");
    let files = files(&lab.vault());
    assert!(!files.iter().any(|file| file.contains("bad")), "{files:?}");
    drop(full);

    let cache = lab.folder().join("small-cache");
    let small = Mount::small(&cache, 256 << 10);
    let mut command = lab.command(&format!("backup --name bad -o json {take}"));
    let output = command.env("HOLDFAST_CACHE_DIR", &cache).output().await.unwrap();
    let run = Run {
        words: "backup with a small cache".to_owned(),
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: Duration::ZERO,
    };
    let run = run.expect(1);
    assert_failed(&run, &["small-cache", "full"]);
    drop(small);
    // With space again, the same name is free.
    lab.backup("bad", &format!("--include-namespaces {ns}")).await;
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_is_refused_and_the_point_stays_as_it_is() {
    let lab = Lab::new("bad-taken").await;
    let ns = &lab.namespace("a").await;
    lab.backup("bad", &format!("--include-namespaces {ns}")).await;
    let before = fs::read(lab.point("bad").join("bad.tar.gz")).unwrap();
    let take = format!("--cluster source --include-namespaces {ns}");
    backup_fails(&lab, &take, &["bad exists already", "choose another name"]).await;
    assert_eq!(fs::read(lab.point("bad").join("bad.tar.gz")).unwrap(), before);
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_make_no_sense_are_refused_before_anything_is_done() {
    let lab = Lab::new("bad-words").await;
    let rows: [(&str, &[&str]); 16] = [
        ("backup --cluster source --name Bad_Name", &["Bad_Name", "lower-case"]),
        ("backup --cluster source --name ../up", &["../up", "lower-case"]),
        ("backup --cluster source -l a==b==c", &["a==b==c", "key=value"]),
        ("backup --cluster source -l a^b", &["a^b", "key=value"]),
        ("backup --cluster source --include-namespaces a!b", &["a!b", "name of a namespace"]),
        ("backup --cluster source --include-resources a/b/c/d", &["a/b/c/d", "GROUP/VERSION/Kind"]),
        ("backup --cluster source --include-cluster-resources maybe", &["maybe", "auto, true or false"]),
        ("backup --cluster source --vault s3://bucket/x", &["s3", "use a folder"]),
        ("backup --cluster source --vault some/where", &["some/where", "whole path"]),
        ("backup --cluster source --vault file://server/share", &["server", "mount the share"]),
        ("restore --cluster source --point p --namespace-mappings a:B", &["a:B", "lower-case"]),
        ("restore --cluster source --point p --namespace-mappings a:b,a:c", &["mapped twice", "\"a\""]),
        ("restore --cluster source --point p --namespace-mappings ab", &["ab", "old:new"]),
        ("restore --cluster source --point p --conflict-policy overwrite", &["overwrite", "skip or patch"]),
        ("restore --cluster source --point p --volume-mode some", &["some", "without-data"]),
        ("restore --cluster source --point UP", &["UP", "lower-case"]),
    ];
    for (words, needles) in rows {
        let run = lab.run(words).await;
        let line = run.usage_error();
        for needle in needles {
            assert!(line.contains(needle), "{needle:?} is not in: {line}");
        }
    }
    assert!(!lab.vault().exists());
    lab.finish().await;
}
