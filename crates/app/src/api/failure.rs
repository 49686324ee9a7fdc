//! Failures as a person reads them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What failed, for programs. The window decides by this code, never by the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum FailureCode {
    /// Something that was entered makes no sense; the message names the field.
    InvalidInput,
    /// What was named is not there (any more).
    NotFound,
    /// The name is taken.
    AlreadyExists,
    /// The cluster does not answer.
    ClusterUnreachable,
    /// The cluster refused the credentials.
    ClusterUnauthorized,
    /// The identity may not do this in the cluster.
    ClusterForbidden,
    /// A sign-in command of the kubeconfig must be allowed first; `details` is the command.
    PluginNotAllowed,
    /// The kubeconfig cannot be read.
    Kubeconfig,
    /// The vault does not answer.
    VaultUnreachable,
    /// The vault's storage refused the credentials, or a role is missing.
    VaultForbidden,
    /// The vault can only be read, or its disk is full.
    VaultReadOnly,
    /// The vault's folder or container is gone.
    VaultGone,
    /// There is no vault at this address, but one could be created.
    NotAVault,
    /// Something stored is damaged or was tampered with.
    Damaged,
    /// It was cancelled.
    Cancelled,
    /// It is being used by another job.
    Busy,
    /// The plan is not there any more, or the cluster changed since; plan again.
    PlanOutdated,
    /// A defect of Holdfast.
    Internal,
}

/// A failure at the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What failed, for programs.
    pub code: FailureCode,
    /// What failed, on which object.
    pub message: String,
    /// What to do about it; empty where nothing can be said.
    pub guidance: String,
    /// Whether the same may succeed later without anything being changed.
    pub retryable: bool,
    /// The server's words and further causes, to copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub details: Option<String>,
}
