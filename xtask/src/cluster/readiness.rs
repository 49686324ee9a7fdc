//! Telling when a cluster is ready, and why it is not going to be.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use http::Request;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::Value;

use super::node::{self, Node};
use super::state::{Folder, State};
use super::storage;

/// How long a cluster may take at each of the two steps. It takes about 5 s on two idle cores.
const PATIENCE: Duration = Duration::from_mins(2);
const INTERVAL: Duration = Duration::from_millis(100);
/// How much of a log explains a failure.
const TAIL_LINES: usize = 15;

/// A component ended by itself before the cluster was ready. A port taken by somebody else meanwhile is the one cause
/// that another try, with other ports, mends.
#[derive(Debug, thiserror::Error)]
#[error("{component} ended before the cluster was ready; the end of {log}:\n{tail}")]
pub(crate) struct Ended {
    component: String,
    log: String,
    tail: String,
}

impl Ended {
    pub(crate) fn new(component: &str, folder: &Folder) -> Self {
        let log = folder.log(component);
        Self { component: component.to_owned(), tail: tail(&log), log: log.display().to_string() }
    }

    /// Whether another try may go better. A node has its ports for itself.
    pub(crate) fn may_be_a_port(&self) -> bool {
        self.component != node::COMPONENT
    }
}

/// A client for the current context of a kubeconfig file.
pub(crate) async fn client(kubeconfig: &Path) -> Result<Client> {
    let text =
        Kubeconfig::read_from(kubeconfig).with_context(|| format!("cannot read {}", kubeconfig.display()))?;
    let mut config = Config::from_custom_kubeconfig(text, &KubeConfigOptions::default())
        .await
        .with_context(|| format!("cannot use {}", kubeconfig.display()))?;
    // The cluster is on this machine, whatever HTTPS_PROXY says.
    config.proxy_url = None;
    Client::try_from(config).with_context(|| format!("cannot make a client of {}", kubeconfig.display()))
}

/// Whether the API server says that it is ready, asked once.
pub(crate) async fn is_ready(client: &Client) -> bool {
    get(client, "/readyz").await.is_ok_and(|answer| answer == "ok")
}

/// Waits until the API server is ready.
pub(crate) async fn answers(client: &Client, state: &State, folder: &Folder) -> Result<()> {
    wait(state, folder, "kube-apiserver", "its /readyz to say ok", async || is_ready(client).await).await
}

/// Waits until controllers have made what every cluster has. That is what proves that they run: the controller
/// manager itself says that it is healthy long before.
pub(crate) async fn controllers_work(client: &Client, state: &State, folder: &Folder) -> Result<()> {
    let made = async || {
        get(client, "/api/v1/namespaces/default/serviceaccounts/default").await.is_ok()
            && get(client, "/api/v1/namespaces/default/configmaps/kube-root-ca.crt").await.is_ok()
    };
    let what = "the ServiceAccount default and the ConfigMap kube-root-ca.crt in namespace default";
    wait(state, folder, "kube-controller-manager", what, made).await
}

/// Waits until the node takes pods and their volumes, and classes for those are there.
pub(crate) async fn node_works(client: &Client, node: &Node, state: &State, folder: &Folder) -> Result<()> {
    let works = async || {
        storage::offer(client).await.is_ok()
            && takes_pods(client, &node.name).await.unwrap_or(false)
            && has_drivers(client, &node.name).await.unwrap_or(false)
    };
    let what = format!("the node {} to be ready and to have its CSI drivers", node.name);
    wait(state, folder, node::COMPONENT, &what, works).await
}

async fn takes_pods(client: &Client, node: &str) -> Result<bool> {
    let node: Value = serde_json::from_str(&get(client, &format!("/api/v1/nodes/{node}")).await?)?;
    let conditions = node["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(conditions.iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True"))
}

async fn has_drivers(client: &Client, node: &str) -> Result<bool> {
    let path = format!("/apis/storage.k8s.io/v1/csinodes/{node}");
    let node: Value = serde_json::from_str(&get(client, &path).await?)?;
    let drivers = node["spec"]["drivers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let has = |name: &str| drivers.iter().any(|driver| driver["name"] == name);
    Ok(has(storage::DISK_DRIVER) && has(storage::FILE_DRIVER))
}

async fn get(client: &Client, path: &str) -> Result<String> {
    Ok(client.request_text(Request::get(path).body(Vec::new())?).await?)
}

async fn wait(
    state: &State,
    folder: &Folder,
    component: &str,
    what: &str,
    mut done: impl AsyncFnMut() -> bool,
) -> Result<()> {
    let began = Instant::now();
    loop {
        if let Some(ended) = state.ended().first() {
            return Err(Ended::new(&ended.component, folder).into());
        }
        let asked = tokio::time::timeout(PATIENCE, done());
        if asked.await.unwrap_or(false) {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            let log = folder.log(component);
            anyhow::bail!(
                "waited {} s for {what}, in vain; the end of {}:\n{}",
                PATIENCE.as_secs(),
                log.display(),
                tail(&log)
            );
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
