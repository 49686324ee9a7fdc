//! What errors of the engine mean at the window.

use holdfast_engine::EngineError;
use holdfast_engine::restore::journal::HistoryError;

use super::{Meaning, lasting};
use crate::api::{Failure, FailureCode as Code};

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Cluster(error) => error.into(),
            EngineError::Api(error) => error.into(),
            EngineError::Store(error) | EngineError::History(HistoryError::Store(error)) => error.into(),
            own => Self::of(&own, meaning(&own)),
        }
    }
}

fn meaning(error: &EngineError) -> Meaning {
    match error {
        EngineError::NoNamespace { .. } => lasting(Code::NotFound, ""),
        EngineError::NotAnObject { .. } => {
            lasting(Code::Damaged, "Leave this object out, or restore from another recovery point.")
        }
        EngineError::SnapshotsUnsaid { .. } | EngineError::NoSnapshotApi(_) => {
            lasting(Code::InvalidInput, "")
        }
        EngineError::SnapshotsRemain { .. } => lasting(Code::ClusterUnreachable, ""),
        EngineError::StillRunning { .. } => lasting(Code::Busy, ""),
        EngineError::Cancelled => lasting(Code::Cancelled, ""),
        EngineError::NotKept { .. } => lasting(Code::VaultUnreachable, "Check the vault, and restore again."),
        EngineError::OtherCluster { .. }
        | EngineError::OtherPoint { .. }
        | EngineError::SavedPlan(_)
        | EngineError::Hooks { .. }
        | EngineError::Modifiers { .. } => lasting(Code::InvalidInput, ""),
        EngineError::History(error) => match error {
            HistoryError::None(_) => lasting(Code::NotFound, ""),
            HistoryError::Line { .. } | HistoryError::Format { .. } | HistoryError::TooLong(_) => {
                lasting(Code::Damaged, "")
            }
            HistoryError::Store(_) => lasting(Code::Internal, ""),
        },
        EngineError::WorkerGone { .. }
        | EngineError::Cluster(_)
        | EngineError::Api(_)
        | EngineError::Store(_) => lasting(Code::Internal, ""),
    }
}
