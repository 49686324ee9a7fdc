//! What ends a backup or a restore.

use std::error::Error;
use std::fmt::Write;

use holdfast_cluster::{ApiError, ClusterError};
use holdfast_model::name::PointName;
use holdfast_store::StoreError;
use holdfast_store::job::JobId;

use crate::restore::SavedPlanError;
use crate::restore::journal::{HistoryError, PointIdentity};

/// Whether an error is about the cluster as a whole, rather than about one kind or object of it.
pub(crate) fn is_cluster_lost(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::Unreachable { .. } | ApiError::Unauthorized { .. } | ApiError::Credentials { .. }
    )
}

/// A failure that ends the whole work. What concerns single objects is in reports and warnings instead.
#[derive(Debug, thiserror::Error)]
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
    /// What an object was before could not be kept, so it was not changed.
    #[error("{object} was left as it is, because that could not be kept for undoing the restore: {problem}")]
    NotKept {
        /// Which object.
        object: String,
        /// Why not.
        problem: String,
    },
    /// The recovery point is not the one that was restored from, or planned with.
    #[error(
        "this was made from a recovery point {name} with {objects} objects; the one of that name here is another. \
         Plan again instead"
    )]
    OtherPoint {
        /// Name of both.
        name: String,
        /// Objects in the one that it was made from.
        objects: u64,
    },
    /// The cluster is not the one that was written to.
    #[error(
        "{now} is another cluster than {then}, which this restore wrote to (their namespaces kube-system have different \
         UIDs); nothing was written. Give the context of that cluster"
    )]
    OtherCluster {
        /// The cluster's name then.
        then: String,
        /// The cluster's name now.
        now: String,
    },
    /// What shall be gone on with, or undone, has not ended.
    #[error(
        "job {job} still runs: cancel it, or wait for its end. One whose process died on another machine counts as ended \
         after {} minutes of silence",
        holdfast_store::SILENT_AFTER.as_secs() / 60
    )]
    StillRunning {
        /// The job.
        job: JobId,
    },
    /// A restore cannot be undone or gone on with.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Resource modifiers cannot be used.
    #[error("the resource modifiers in {place} cannot be used: {problem}")]
    Modifiers {
        /// Where they are.
        place: String,
        /// What is wrong, with line and field.
        problem: String,
    },
    /// A hook that was asked for cannot be read.
    #[error("{object}: {problem}")]
    Hooks {
        /// Kind, namespace and name.
        object: String,
        /// What is wrong with it, with the field.
        problem: String,
    },
    /// A point with snapshots is to be deleted, and nobody said what becomes of them.
    #[error(
        "recovery point {point} has {number} volume snapshots; name a cluster that can delete them (--cluster), or keep them \
         without the point (--keep-snapshots)"
    )]
    SnapshotsUnsaid {
        /// The point.
        point: PointName,
        /// How many.
        number: u64,
    },
    /// Snapshots of a point could not be deleted, so the point was not, either.
    #[error(
        "{number} volume snapshots of recovery point {point} remain, and so does the point; delete it again once the storage \
         system answers: {named}"
    )]
    SnapshotsRemain {
        /// The point.
        point: PointName,
        /// How many.
        number: usize,
        /// The first of them, each with its claim and the reason.
        named: String,
    },
    /// Snapshots are to be deleted through a cluster that knows none.
    #[error("cluster {0} serves no CSI snapshots (snapshot.storage.k8s.io/v1), so it cannot delete any")]
    NoSnapshotApi(String),
    /// A saved plan cannot be run.
    #[error(transparent)]
    SavedPlan(#[from] SavedPlanError),
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

impl EngineError {
    pub(crate) fn other_point(then: &PointIdentity) -> Self {
        Self::OtherPoint { name: then.name.clone(), objects: then.objects() }
    }

    /// The message with its causes, as far as they say something new.
    pub fn full_message(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let words = error.to_string();
            if !text.contains(&words) {
                let _ = write!(text, ": {words}");
            }
            cause = error.source();
        }
        text
    }

    /// What to do, where the message does not say it already.
    pub fn guidance(&self) -> Option<&'static str> {
        match self {
            Self::Cluster(_) => Some("Check the kubeconfig with `holdfast clusters --check`."),
            Self::Api(
                ApiError::Unreachable { .. } | ApiError::Timeout { .. } | ApiError::Interrupted { .. },
            ) => Some("Check the network, the VPN and whether the cluster runs, then run it again."),
            Self::Api(ApiError::Unauthorized { .. } | ApiError::Credentials { .. }) => {
                Some("Sign in to the cluster again, then run it again.")
            }
            Self::Api(error) if error.is_forbidden() => {
                Some("Ask whoever administers the cluster for a role that allows this.")
            }
            _ => None,
        }
    }
}
