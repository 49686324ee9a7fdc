//! Clusters: the sandbox and the contexts of the kubeconfig.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Failure, PointState};

/// Where a cluster is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ClusterKind {
    /// Built in, in this process.
    Sandbox,
    /// A context of the kubeconfig.
    Context,
}

/// What can be done to the sandbox to have something to restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Rehearsal {
    /// Deletes a namespace with everything in it.
    Lose,
    /// Scales the Deployments of a namespace to nothing.
    Drift,
    /// Makes the whole sandbox as it was at first.
    Reset,
}

/// The newest recovery point of a cluster over all vaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LastBackup {
    /// Vault it is in.
    pub vault_id: String,
    /// Its name.
    pub point: String,
    /// When it was taken.
    pub time: String,
    /// Whether everything asked for is in it.
    pub state: PointState,
    /// Number of objects.
    pub objects: u64,
    /// Size as stored.
    pub bytes: u64,
}

/// One cluster; nothing of this needs the cluster to answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ClusterRow {
    /// `sandbox`, or the name of the context.
    pub id: String,
    /// As shown: `Sandbox (built in)`, or the name of the context.
    pub name: String,
    /// Where it is known from.
    pub kind: ClusterKind,
    /// Address of the API server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub server: Option<String>,
    /// Whether it is the kubeconfig's current context.
    pub current: bool,
    /// The newest recovery point known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub last_backup: Option<LastBackup>,
    /// Number of recovery points known.
    pub points: u64,
}

/// One namespace of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceRow {
    /// Name.
    pub name: String,
    /// `Active` or `Terminating`.
    pub phase: String,
    /// Whether backups always skip it.
    pub always_skipped: bool,
}

/// What a cluster answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ClusterStatus {
    /// Whether it can be worked with.
    pub reachable: bool,
    /// Version, such as `v1.35.4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub version: Option<String>,
    /// Its namespaces, by name.
    pub namespaces: Vec<NamespaceRow>,
    /// Why it cannot be worked with, or not wholly.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub failure: Option<Failure>,
    /// How long `/version` took.
    pub latency_ms: u64,
    /// When it was asked.
    pub as_of: String,
}
