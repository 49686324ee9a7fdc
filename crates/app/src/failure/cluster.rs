//! What errors of the cluster mean at the window.

use holdfast_cluster::{ApiError, ClusterError, StatusError};
use holdfast_sandbox::SandboxError;

use super::{Meaning, lasting, passing};
use crate::api::{Failure, FailureCode as Code};

impl From<ClusterError> for Failure {
    fn from(error: ClusterError) -> Self {
        Self::of(&error, kubeconfig(&error))
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let failure = Self::of(&error, api(&error));
        let words =
            error.status().map(|status| format!("{} {}: {}", status.code, status.reason, status.message));
        Self { details: failure.details.or(words), ..failure }
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        Self::of(&error, lasting(Code::Internal, "`holdfast sandbox reset` in a terminal begins it anew."))
    }
}

fn kubeconfig(error: &ClusterError) -> Meaning {
    match error {
        ClusterError::Read { .. } | ClusterError::TooLarge { .. } => {
            lasting(Code::Kubeconfig, "Check the file, or choose other kubeconfig files in Settings.")
        }
        ClusterError::Malformed { .. } => {
            lasting(Code::Kubeconfig, "Mend the file; it is read again by itself when it changes.")
        }
        ClusterError::Context { .. } => lasting(
            Code::Kubeconfig,
            "Mend this context; the kubeconfig is read again by itself when it changes.",
        ),
        ClusterError::UnknownContext { .. } => lasting(Code::NotFound, ""),
        ClusterError::SignIn { .. } => passing(Code::ClusterUnauthorized, "Sign in again, then retry."),
    }
}

fn api(error: &ApiError) -> Meaning {
    match error {
        ApiError::Status(status) => refusal(status, error.is_retryable()),
        ApiError::Unauthorized { .. } => lasting(Code::ClusterUnauthorized, ""),
        ApiError::Credentials { .. } => passing(Code::ClusterUnauthorized, "Sign in again, then retry."),
        ApiError::Unreachable { .. } | ApiError::Timeout { .. } => passing(
            Code::ClusterUnreachable,
            "Check the network, VPN or proxy, and whether the cluster runs.",
        ),
        ApiError::Interrupted { .. } | ApiError::Expired { .. } => {
            passing(Code::ClusterUnreachable, "Try again.")
        }
        ApiError::TooLarge { .. } | ApiError::Malformed { .. } => lasting(
            Code::ClusterUnreachable,
            "Check that this address is a Kubernetes API server and not a proxy or a sign-in page.",
        ),
        ApiError::BadName { .. } => lasting(Code::InvalidInput, ""),
    }
}

/// By status code (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>).
fn refusal(status: &StatusError, retryable: bool) -> Meaning {
    let code = match status.code {
        401 => Code::ClusterUnauthorized,
        403 => {
            return lasting(
                Code::ClusterForbidden,
                "Ask for a role that allows this, or use a context with another identity.",
            );
        }
        404 => Code::NotFound,
        409 if status.reason == "AlreadyExists" => Code::AlreadyExists,
        409 => {
            return passing(Code::Busy, "Something else changed the object at the same moment; try again.");
        }
        400 | 422 => Code::InvalidInput,
        _ => Code::ClusterUnreachable,
    };
    Meaning { code, guidance: "", retryable }
}
