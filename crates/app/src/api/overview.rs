//! The first screen.

use serde::Serialize;
use ts_rs::TS;

use super::{ClusterRow, JobRow};

/// What needs attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum AttentionKind {
    /// A cluster without any recovery point.
    NeverBackedUp,
    /// The newest point of a cluster is Partial.
    LastPartial,
    /// The newest backup of a cluster failed or was interrupted.
    LastFailed,
    /// A vault that cannot be worked with.
    VaultFailing,
    /// A recovery point that cannot be read.
    PointUnreadable,
    /// The kubeconfig cannot be read.
    KubeconfigBroken,
    /// A file of this program was damaged; it was kept aside, and the defaults hold.
    FileReset,
}

/// One thing that needs attention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Attention {
    /// What it is.
    pub kind: AttentionKind,
    /// What it is about: name of a cluster, vault or point.
    pub subject: String,
    /// In one sentence.
    pub message: String,
    /// Cluster it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cluster_id: Option<String>,
    /// Vault it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub vault_id: Option<String>,
    /// Recovery point it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub point: Option<String>,
    /// Job it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub job_id: Option<String>,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub time: Option<String>,
}

/// Backups of one day, in local time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DayCount {
    /// Such as `2026-11-25`.
    pub day: String,
    /// Recovery points taken.
    pub points: u64,
    /// Backups that failed.
    pub failed: u64,
}

/// The first screen.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// All clusters, worst state first.
    pub clusters: Vec<ClusterRow>,
    /// How many of them have a recovery point.
    pub protected: u64,
    /// Number of vaults.
    pub vaults: u64,
    /// Number of recovery points.
    pub points: u64,
    /// What needs attention, most pressing first.
    pub attention: Vec<Attention>,
    /// Running jobs, then the most recent ones; at most 8.
    pub jobs: Vec<JobRow>,
    /// The last seven days, oldest first.
    pub days: Vec<DayCount>,
    /// When this was read.
    pub as_of: String,
}
