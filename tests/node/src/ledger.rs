//! The ledger: a workload that writes all the time, and whose data is consistent only while it is frozen.

use holdfast_e2e::cluster::Cluster;
use serde_json::{Value, json};

use crate::pods::{self, Output, exec, mount};
use crate::volumes::claim;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// All fits together, after that many transfers.
    Consistent(u64),
    /// What does not.
    Inconsistent(String),
}

/// What a running ledger says of itself.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Status {
    /// Whether it is frozen now.
    pub frozen: bool,
    /// For how long.
    pub frozen_for_ms: u64,
    /// How often it was frozen.
    pub freezes: u64,
    /// How often a freeze ended because its time was over.
    pub released_by_limit: u64,
    /// Transfers since the ledger was begun.
    pub transfers: u64,
}

/// A pod in which the ledger serves from these claims, spread over all of them.
pub fn pod(namespace: &str, name: &str, claims: &[&str]) -> Value {
    let command = serving(claims);
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    pods::pod(namespace, name, pods::LEDGER, &words, claims)
}

/// The command of such a pod.
pub fn serving(claims: &[&str]) -> Vec<String> {
    let mut command = vec!["ledger".to_owned(), "serve".to_owned()];
    for claim in claims {
        command.extend(["--data".to_owned(), mount(claim)]);
    }
    command
}

/// Makes claims of a class (the default one where none is given) and a pod in which a ledger serves from them; waits until
/// it has written.
pub async fn start(cluster: &Cluster, namespace: &str, name: &str, claims: &[&str], class: Option<&str>) {
    for name in claims {
        cluster.create(&claim(namespace, name, "1Gi", class)).await;
    }
    cluster.create(&pod(namespace, name, claims)).await;
    pods::ready(cluster, namespace, name).await;
    let writes =
        async || exec(cluster, namespace, name, &["ledger", "status"]).await.stdout.contains("transfers");
    cluster.wait("the ledger to serve", writes).await;
    let before = status(cluster, namespace, name).await.transfers;
    cluster.wait("transfers", async || status(cluster, namespace, name).await.transfers > before + 100).await;
}

/// Freezes a ledger for at most that many seconds.
pub async fn freeze(cluster: &Cluster, namespace: &str, pod: &str, seconds: u32) {
    let limit = format!("{seconds}s");
    succeed(exec(cluster, namespace, pod, &["ledger", "freeze", "--for", &limit]).await);
}

/// Lets it go on.
pub async fn thaw(cluster: &Cluster, namespace: &str, pod: &str) {
    succeed(exec(cluster, namespace, pod, &["ledger", "thaw"]).await);
}

/// What it says of itself.
pub async fn status(cluster: &Cluster, namespace: &str, pod: &str) -> Status {
    let output = succeed(exec(cluster, namespace, pod, &["ledger", "status"]).await);
    serde_json::from_str(&output.stdout).expect("the ledger's status is no JSON")
}

/// Checks the ledger in these claims, in a pod that has them.
pub async fn check_in(cluster: &Cluster, namespace: &str, pod: &str, claims: &[&str]) -> Check {
    let folders: Vec<String> = claims.iter().map(|claim| mount(claim)).collect();
    let mut command = vec!["ledger", "check"];
    command.extend(folders.iter().map(String::as_str));
    let output = exec(cluster, namespace, pod, &command).await;
    let said = output.stdout.trim();
    match (output.code, said.split_once(": ")) {
        (0, Some(("consistent", rest))) => {
            Check::Consistent(rest.trim_end_matches(" transfers").parse().unwrap())
        }
        (1, Some(("INCONSISTENT", why))) => Check::Inconsistent(why.to_owned()),
        _ => panic!("a check that says neither: {output}"),
    }
}

/// Checks the ledger in these claims, in a pod of its own that is removed again.
pub async fn check(cluster: &Cluster, namespace: &str, claims: &[&str]) -> Check {
    let name = format!("check-{}", claims[0]);
    let pod = cluster.create(&pods::idle(namespace, &name, claims)).await;
    pods::ready(cluster, namespace, &name).await;
    let check = check_in(cluster, namespace, &name, claims).await;
    cluster.delete_and_wait(&holdfast_e2e::key::Key::of(&pod)).await;
    check
}

/// A `StatefulSet` whose pods have a ledger each, in a claim `data-<name>-<number>`.
pub fn stateful_set(namespace: &str, name: &str, replicas: u32) -> Value {
    let mut spec = pods::spec(pods::LEDGER, &["ledger", "serve", "--data", "/data/data"], &["data"]);
    spec.as_object_mut().unwrap().remove("volumes");
    let mut template = claim(namespace, "data", "1Gi", None);
    template["metadata"] = json!({"name": "data"});
    json!({
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "serviceName": name,
            "replicas": replicas,
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": spec},
            "volumeClaimTemplates": [template],
        },
    })
}

#[track_caller]
fn succeed(output: Output) -> Output {
    assert_eq!(output.code, 0, "{output}");
    output
}
