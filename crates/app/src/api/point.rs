//! Recovery points over all vaults.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Failure, KindCount};

/// Whether everything asked for is in a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PointState {
    /// Everything.
    Completed,
    /// Something is missing; the warnings say what.
    Partial,
    /// It cannot be read; the reason says why.
    Unreadable,
}

/// Which point.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PointKey {
    /// [`super::VaultRow::id`].
    pub vault_id: String,
    /// Name of the point.
    pub point: String,
}

/// One point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PointRow {
    /// Vault it is in.
    pub vault_id: String,
    /// Name of that vault.
    pub vault_name: String,
    /// Name.
    pub name: String,
    /// Whether everything asked for is in it.
    pub state: PointState,
    /// Name of the cluster it was taken of; empty if unknown.
    pub cluster: String,
    /// Version of that cluster; empty if unknown.
    pub cluster_version: String,
    /// When it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub started: Option<String>,
    /// When its last object was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub completed: Option<String>,
    /// Number of objects.
    pub objects: u64,
    /// Size as stored.
    pub archive_bytes: u64,
    /// Size uncompressed.
    pub raw_bytes: u64,
    /// Number of volume snapshots that hold data of it; absent where it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub snapshots: Option<u64>,
    /// Number of warnings.
    pub warnings: u64,
    /// Whether another program wrote it.
    pub foreign: bool,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<String>,
}

/// Why one vault could not be listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct VaultFailure {
    /// Which vault.
    pub vault_id: String,
    /// Its name.
    pub vault_name: String,
    /// Why.
    pub failure: Failure,
}

/// The points of all vaults, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PointList {
    /// The points; those of vaults that failed are as they were seen last.
    pub points: Vec<PointRow>,
    /// Vaults that could not be listed.
    pub failures: Vec<VaultFailure>,
    /// When this was read.
    pub as_of: String,
}

/// Something that a point does not hold as asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PointWarning {
    /// Resource as `plural.group`, if it concerns one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub resource: Option<String>,
    /// Namespace, if it concerns one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub namespace: Option<String>,
    /// The claim, if it is about the data of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub claim: Option<String>,
    /// What happened.
    pub message: String,
}

/// One point, opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PointDetails {
    /// The point.
    pub row: PointRow,
    /// What is missing, and why.
    pub warnings: Vec<PointWarning>,
    /// Its kinds, by resource name.
    pub kinds: Vec<KindCount>,
    /// Its namespaces with their numbers of objects, by name; the empty name is for cluster-scoped objects.
    pub namespaces: Vec<(String, u64)>,
    /// Kinds that were listed over several moments.
    pub non_atomic: Vec<String>,
    /// What the backup was asked to take, as a Velero `BackupSpec` in YAML.
    pub spec: String,
}
