//! What a look at the target finds before anything is written.

use serde::{Deserialize, Serialize};

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Check {
    /// Whether the target serves the kinds, in the versions of the recovery point.
    Kinds,
    /// Whether this identity may do what the plan asks for.
    Permissions,
    /// Whether the objects fit into the quotas of their namespaces.
    Quotas,
    /// What admits, changes or refuses objects on their way.
    Webhooks,
    /// Whether the storage classes that are asked for exist.
    StorageClasses,
    /// How the Kubernetes versions of both clusters differ.
    Version,
    /// What the server said to trying each object.
    Trial,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Some objects cannot be restored as things are.
    Blocking,
    /// Something may go otherwise than expected.
    Warning,
    /// Good to know.
    Info,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What was looked at.
    pub check: Check,
    /// What was found.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guidance: Option<String>,
    /// How many objects of the plan it concerns.
    pub objects: u64,
}
