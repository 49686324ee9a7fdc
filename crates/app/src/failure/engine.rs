//! What errors of the engine mean at the window.

use holdfast_engine::EngineError;

use super::{Meaning, lasting};
use crate::api::{Failure, FailureCode as Code};

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Cluster(error) => error.into(),
            EngineError::Api(error) => error.into(),
            EngineError::Store(error) => error.into(),
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
        EngineError::Cancelled => lasting(Code::Cancelled, ""),
        EngineError::WorkerGone { .. }
        | EngineError::Cluster(_)
        | EngineError::Api(_)
        | EngineError::Store(_) => lasting(Code::Internal, ""),
    }
}
