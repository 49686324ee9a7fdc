//! What is known about one cluster between two commands: its folder and the `state.json` in it.
//!
//! The record is replaced as a whole after each process that starts, so that whatever was started can always be found
//! and stopped, however the starting command ended.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::certificates::Certificates;
use super::kubeconfig::Entry;
use super::node::Node;
use super::process::Process;

/// The folder beside the clusters' own with the volumes and snapshots of all of them, which are like clusters of one
/// region: a snapshot made through one can be used by another.
pub(crate) const DISKS: &str = "disks";

/// A cluster's name, which is also its folder's and its context's: a DNS label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ClusterName(String);

impl ClusterName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClusterName {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty()
            || text.len() > 63
            || !text.chars().all(inner)
            || text.starts_with('-')
            || text.ends_with('-')
        {
            bail!("{text:?} is not a cluster name: use 1 to 63 of a-z, 0-9 and '-', not at either end");
        }
        if text == DISKS {
            bail!("no cluster can be called {DISKS:?}: that is the folder of the clusters' volumes");
        }
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Display for ClusterName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// Local ports of one cluster.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Ports {
    pub(crate) etcd: u16,
    pub(crate) etcd_peer: u16,
    pub(crate) apiserver: u16,
}

/// The record of one cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) name: ClusterName,
    pub(crate) kubernetes: String,
    pub(crate) started: jiff::Timestamp,
    pub(crate) ports: Ports,
    /// In the order in which they were started.
    pub(crate) processes: Vec<Process>,
    #[serde(default)]
    pub(crate) node: Option<Node>,
    /// Whether it was ever ready; a cluster that never was is debris.
    pub(crate) ready: bool,
}

impl State {
    pub(crate) fn server(&self) -> String {
        format!("https://127.0.0.1:{}", self.ports.apiserver)
    }

    /// The processes that have ended.
    pub(crate) fn ended(&self) -> Vec<&Process> {
        self.processes.iter().filter(|process| !process.is_running()).collect()
    }

    /// Ready once, and all of its processes still run.
    pub(crate) fn is_running(&self) -> bool {
        self.ready && self.ended().is_empty()
    }

    /// Ends what still runs, the last started first.
    pub(crate) fn stop(&self) -> Result<()> {
        for process in self.processes.iter().rev() {
            process.stop()?;
        }
        self.node.as_ref().map_or(Ok(()), Node::clean)
    }
}

/// One cluster's folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) fn new(root: &Path, name: &ClusterName) -> Self {
        Self { path: root.join(name.as_str()) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn certificates(&self) -> Certificates {
        Certificates::in_folder(self.path.join("pki"))
    }

    /// The log of a component.
    pub(crate) fn log(&self, component: &str) -> PathBuf {
        self.path.join(format!("{component}.log"))
    }

    /// The kubeconfig of a client: `admin`, `kube-controller-manager`, `kube-scheduler`.
    pub(crate) fn kubeconfig(&self, client: &str) -> PathBuf {
        self.path.join(format!("{client}.kubeconfig"))
    }

    /// What the node keeps.
    pub(crate) fn node(&self) -> PathBuf {
        self.path.join("node")
    }

    /// A kubeconfig entry for a client of this cluster.
    pub(crate) fn entry<'a>(&self, state: &'a State, client: &'a str) -> Entry<'a> {
        Entry {
            context: state.name.as_str(),
            server: state.server(),
            certificates: self.certificates(),
            client,
        }
    }

    /// The record; `None` where there is no cluster.
    pub(crate) fn read(&self) -> Result<Option<State>> {
        let path = self.record();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let state = serde_json::from_slice(&text).with_context(|| {
            format!(
                "{} is not a cluster's record; end its processes and remove its folder by hand",
                path.display()
            )
        })?;
        Ok(Some(state))
    }

    /// Replaces the record.
    pub(crate) fn write(&self, state: &State) -> Result<()> {
        let path = self.record();
        let unfinished = path.with_extension("json.unfinished");
        fs::write(&unfinished, serde_json::to_vec_pretty(state)?)
            .and_then(|()| fs::rename(&unfinished, &path))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes the cluster's data, certificates and logs.
    pub(crate) fn remove(&self) -> Result<()> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.path.display()))
            }
            _ => Ok(()),
        }
    }

    fn record(&self) -> PathBuf {
        self.path.join("state.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_name_can_neither_leave_its_folder_nor_break_a_kubeconfig() {
        for good in ["source", "a", "test-2", "1"] {
            assert_eq!(good.parse::<ClusterName>().unwrap().as_str(), good);
        }
        for bad in [DISKS, "", "..", "a/b", "A", "-a", "a-", "a.b", "a\"b", "a b", &"a".repeat(64)] {
            assert!(bad.parse::<ClusterName>().is_err(), "{bad:?}");
        }
    }
}
