//! What a recovery point says of itself.

use holdfast_model::name::PointName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::volumes::Volumes;

/// Whether everything asked for is in the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PointState {
    /// Everything asked for is in it.
    Completed,
    /// Something is missing; the warnings say what.
    Partial,
}

/// Where the objects came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterFacts {
    /// Name of the cluster as the user knows it; empty if unknown.
    pub name: String,
    /// Kubernetes version as git tag, such as `v1.33.2`; empty if unknown.
    pub version: String,
    /// Major version; empty if unknown.
    pub major: String,
    /// Minor version; empty if unknown.
    pub minor: String,
}

/// Something that the point does not hold as asked, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PointWarning {
    /// The resource as `plural.group`, if it concerns one.
    pub resource: Option<String>,
    /// The namespace, if it concerns one.
    pub namespace: Option<String>,
    /// What happened.
    pub message: String,
}

/// What the writer of a point says at its end.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// When the last object was read. Kept to the second.
    pub completed: Timestamp,
    /// Whether everything asked for is in the point.
    pub state: PointState,
    /// Where the objects came from.
    pub cluster: ClusterFacts,
    /// What is missing, and why.
    pub warnings: Vec<PointWarning>,
    /// The part of a Velero `BackupSpec` that describes the selection; a JSON object.
    pub spec: serde_json::Value,
    /// The log, as lines of text.
    pub log: Vec<u8>,
    /// Kinds whose list was not one consistent snapshot.
    pub non_atomic: Vec<String>,
    /// The volumes, where they were asked for.
    pub volumes: Option<Volumes>,
}

/// A committed recovery point in a few lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PointSummary {
    /// Name.
    pub name: PointName,
    /// Whether everything asked for is in it.
    pub state: PointState,
    /// When the writer began, to the second.
    pub started: Option<Timestamp>,
    /// When the last object was read, to the second.
    pub completed: Option<Timestamp>,
    /// Number of objects. For points of other programs what they claim, zero if they claim nothing.
    pub objects: u64,
    /// Size of the archive as stored, in bytes; unknown in listings of other programs' points.
    pub archive_bytes: Option<u64>,
    /// Size of the archive uncompressed, in bytes; unknown for other programs' points.
    pub raw_bytes: Option<u64>,
    /// Where the objects came from.
    pub cluster: ClusterFacts,
    /// Number of warnings.
    pub warnings: u64,
    /// Number of volume snapshots that hold data of it; unknown in listings of other programs' points.
    #[serde(default)]
    pub snapshots: Option<u64>,
    /// Whether another program, such as Velero, wrote it. Such points are only read.
    pub foreign: bool,
}

/// One line of the list of points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum PointEntry {
    /// A committed point.
    Readable(PointSummary),
    /// A folder with a marker that does not describe a usable point.
    #[serde(rename_all = "camelCase")]
    Unreadable {
        /// Name of the folder.
        name: String,
        /// Why it cannot be used, and what to do.
        reason: String,
    },
}

impl PointEntry {
    /// The summary of a readable point.
    pub fn summary(&self) -> Option<&PointSummary> {
        match self {
            Self::Readable(summary) => Some(summary),
            Self::Unreadable { .. } => None,
        }
    }

    /// The name of the point or folder.
    pub fn name(&self) -> &str {
        match self {
            Self::Readable(summary) => summary.name.as_str(),
            Self::Unreadable { name, .. } => name,
        }
    }
}
