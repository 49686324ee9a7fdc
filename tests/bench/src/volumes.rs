//! Claims and databases for a backup of volumes to be measured with, on a cluster with a node.

use std::time::Duration;

use anyhow::{Result, bail};
use futures::{StreamExt, TryStreamExt, stream};
use kube::Client;
use serde_json::{Value, json};

use crate::floor::{get, post};

pub(crate) const NAMESPACE: &str = "bench-volumes";
/// Requests under way at once.
const AT_ONCE: usize = 32;
/// How long volumes and pods may take to be there.
const PATIENCE: Duration = Duration::from_mins(5);
const POLL: Duration = Duration::from_millis(500);

/// Makes claims that are bound at once, and pods that write into the first of them and are frozen by hooks.
pub(crate) async fn create(client: &Client, claims: usize, pods: usize) -> Result<Value> {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
    send(client, "/api/v1/namespaces", &namespace).await?;
    let path = |kind: &str| format!("/api/v1/namespaces/{NAMESPACE}/{kind}");
    let objects: Vec<(String, Value)> = (0..claims)
        .map(|n| (path("persistentvolumeclaims"), claim(n)))
        .chain((0..pods.min(claims)).map(|n| (path("pods"), pod(n))))
        .collect();
    stream::iter(&objects)
        .map(|(path, object)| send(client, path, object))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    wait(client, &path("persistentvolumeclaims"), claims, "Bound").await?;
    wait(client, &path("pods"), pods.min(claims), "Running").await?;
    Ok(json!({ "claims": claims, "pods": pods.min(claims) }))
}

async fn send(client: &Client, path: &str, object: &Value) -> Result<()> {
    post(client, &(path.to_owned(), object.to_string().into())).await
}

fn claim(n: usize) -> Value {
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": format!("claim-{n:04}")},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "managed-csi-immediate",
            "resources": {"requests": {"storage": "1Gi"}}}})
}

fn pod(n: usize) -> Value {
    let hooks = json!({
        "pre.hook.backup.velero.io/command": "[\"ledger\", \"freeze\", \"--for\", \"60s\"]",
        "post.hook.backup.velero.io/command": "[\"ledger\", \"thaw\"]",
    });
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("ledger-{n:04}"), "annotations": hooks},
        "spec": {"terminationGracePeriodSeconds": 1,
            "containers": [{"name": "ledger", "image": "holdfast.test/ledger:1", "imagePullPolicy": "Never",
                "command": ["ledger", "serve", "--data", "/data"],
                "volumeMounts": [{"name": "data", "mountPath": "/data"}]}],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": format!("claim-{n:04}")}}]}})
}

/// Waits until so many objects are in a phase.
async fn wait(client: &Client, path: &str, number: usize, phase: &str) -> Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let list: Value = serde_json::from_slice(&get(client, path).await?)?;
        let items = list["items"].as_array().into_iter().flatten();
        let there = items.filter(|item| item["status"]["phase"] == phase).count();
        if there >= number {
            return Ok(());
        }
        if tokio::time::Instant::now() > deadline {
            bail!("only {there} of {number} of {path} are {phase} after {} s", PATIENCE.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}
