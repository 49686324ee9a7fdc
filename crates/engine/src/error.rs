//! What ends a backup or a restore.

use holdfast_cluster::{ApiError, ClusterError};
use holdfast_store::StoreError;

/// Whether an error is about the cluster as a whole, rather than about one kind or object of it.
pub(crate) fn is_cluster_lost(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::Unreachable { .. } | ApiError::Unauthorized { .. } | ApiError::Credentials { .. }
    )
}

/// A failure that ends the whole work. What concerns single objects is in reports and warnings instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The cluster cannot be connected to.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The API server cannot be worked with.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The vault cannot be worked with.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Every namespace that was asked for is missing.
    #[error(
        "none of the selected namespaces exists in the cluster ({names}); nothing was written. \
         Check the names with `kubectl get namespaces`"
    )]
    NoNamespace {
        /// The names, joined by commas.
        names: String,
    },
    /// An object of the recovery point is not the JSON object that it should be.
    #[error("{object} in the recovery point is not a Kubernetes object: {source}")]
    NotAnObject {
        /// Which object.
        object: String,
        /// What the parser says.
        #[source]
        source: serde_json::Error,
    },
    /// A thread of ours ended without an answer, which it does only when it panics.
    #[error("packing {what} ended unexpectedly; this is a defect of Holdfast, please report it")]
    WorkerGone {
        /// What it was packing.
        what: String,
    },
    /// The work was cancelled.
    #[error("cancelled")]
    Cancelled,
}
