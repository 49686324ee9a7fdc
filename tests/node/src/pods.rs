//! Pods on the node: with claims, ready, and with commands in them.

use std::fmt;

use holdfast_e2e::cluster::Cluster;
use holdfast_e2e::key::Key;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::AttachParams;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt};

/// A shell and what goes with it.
pub const BUSYBOX: &str = "holdfast.test/busybox:1";

/// The same with [`ledger`](crate::ledger).
pub const LEDGER: &str = "holdfast.test/ledger:1";

/// Where a pod of these functions has a claim.
pub fn mount(claim: &str) -> String {
    format!("/data/{claim}")
}

/// A pod with one container, `main`, that has these claims under [`mount`].
pub fn pod(namespace: &str, name: &str, image: &str, command: &[&str], claims: &[&str]) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": namespace, "name": name, "labels": {"app": name}},
        "spec": spec(image, command, claims),
    })
}

/// The spec of such a pod, for templates.
pub fn spec(image: &str, command: &[&str], claims: &[&str]) -> Value {
    let mounts: Vec<Value> =
        claims.iter().map(|claim| json!({"name": claim, "mountPath": mount(claim)})).collect();
    let volumes: Vec<Value> = claims
        .iter()
        .map(|claim| json!({"name": claim, "persistentVolumeClaim": {"claimName": claim}}))
        .collect();
    json!({
        "terminationGracePeriodSeconds": 1,
        "containers": [{
            "name": "main",
            "image": image,
            // Nothing can be pulled.
            "imagePullPolicy": "Never",
            "command": command,
            "volumeMounts": mounts,
        }],
        "volumes": volumes,
    })
}

/// A pod that does nothing, for commands in it.
pub fn idle(namespace: &str, name: &str, claims: &[&str]) -> Value {
    pod(namespace, name, LEDGER, &["ledger", "sleep", "24h"], claims)
}

/// Waits until a pod is ready.
pub async fn ready(cluster: &Cluster, namespace: &str, name: &str) {
    let key = Key::new("v1", "Pod", namespace, name);
    let is_ready = async || {
        // A controller may not have made it yet.
        let pod = cluster.get(&key).await.unwrap_or_default();
        let conditions = pod["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
        conditions.iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
    };
    cluster.wait(&format!("{key} to be ready"), is_ready).await;
}

/// What a command in a pod left.
#[derive(Debug)]
pub struct Output {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}\n{}{}", self.code, self.stdout, self.stderr)
    }
}

/// Runs a command in a pod's container, the first where none is named, to its end.
pub async fn exec(cluster: &Cluster, namespace: &str, pod: &str, command: &[&str]) -> Output {
    let pods: Api<Pod> = Api::namespaced(cluster.client().clone(), namespace);
    let wanted = AttachParams { stderr: true, ..AttachParams::default() };
    let running = pods.exec(pod, command.iter().copied(), &wanted).await;
    let mut running = running.unwrap_or_else(|error| panic!("no {command:?} in {namespace}/{pod}: {error}"));
    let (stdout, stderr) = (running.stdout().unwrap(), running.stderr().unwrap());
    let status = running.take_status().unwrap();
    let (stdout, stderr, status) = tokio::join!(text(stdout), text(stderr), status);
    let status = status.expect("the command's end was not reported");
    let code = if status.status.as_deref() == Some("Success") {
        Some(0)
    } else {
        let mut causes = status.details.iter().flat_map(|details| &details.causes).flatten();
        let code = causes.find(|cause| cause.reason.as_deref() == Some("ExitCode"));
        code.and_then(|code| code.message.as_ref()?.parse().ok())
    };
    let code = code.unwrap_or_else(|| panic!("{command:?} in {namespace}/{pod} did not run: {status:?}"));
    running.join().await.expect("the connection to the command broke");
    Output { code, stdout, stderr }
}

async fn text(mut from: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).await.expect("a command's output cannot be read");
    String::from_utf8_lossy(&bytes).into_owned()
}
