//! Back up now.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Selection, VolumeChoice};

/// A backup to start.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BackupRequest {
    /// [`super::ClusterRow::id`].
    pub cluster_id: String,
    /// [`super::VaultRow::id`].
    pub vault_id: String,
    /// Name of the recovery point: a DNS-1123 label of at most 63 characters.
    pub name: String,
    /// What to take.
    pub selection: Selection,
    /// What to do about volumes.
    pub volumes: VolumeChoice,
}

/// How many objects of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KindCount {
    /// API group; empty for core.
    pub group: String,
    /// Version.
    pub version: String,
    /// Kind, such as `Deployment`.
    pub kind: String,
    /// Plural with group, such as `deployments.apps`.
    pub resource: String,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
    /// Number of objects.
    pub objects: u64,
}

/// What a selection matches in a cluster now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MatchPreview {
    /// Number of objects.
    pub objects: u64,
    /// Number of namespaces with at least one of them.
    pub namespaces: u64,
    /// Number of persistent volume claims among them.
    pub claims: u64,
    /// By kind, most objects first.
    pub kinds: Vec<KindCount>,
    /// Kinds that cannot be listed, and why: the point will be Partial.
    pub gaps: Vec<String>,
    /// When the cluster was read.
    pub as_of: String,
}
