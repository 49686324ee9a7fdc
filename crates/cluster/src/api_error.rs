//! What came back instead of an answer.
//!
//! Every message says what was being done and carries the server's own words. Credentials never appear: neither
//! request headers nor what a sign-in command printed are part of any error.

use std::time::Duration;

use thiserror::Error;

/// A request that gave no answer, or an answer that is a refusal.
#[derive(Debug, Error)]
pub enum ApiError {
    /// The server refused, in its own words.
    #[error("{0}")]
    Status(Box<StatusError>),

    /// The server does not accept the credentials (401), after they were renewed where that is possible.
    #[error(
        "{attempt}: {server} does not accept these credentials: {message}. Sign in again, or renew this \
         context's entry in the kubeconfig"
    )]
    Unauthorized {
        /// What was being done.
        attempt: String,
        /// Address of the API server.
        server: String,
        /// The server's own words.
        message: String,
    },

    /// The sign-in command failed when the credentials had to be renewed.
    #[error("{attempt}: {reason}")]
    Credentials {
        /// What was being done.
        attempt: String,
        /// What failed and what to do.
        reason: String,
    },

    /// No connection could be made.
    #[error("{attempt}: {server} cannot be reached: {reason}")]
    Unreachable {
        /// What was being done.
        attempt: String,
        /// Address of the API server.
        server: String,
        /// Why, explained as far as it is known.
        reason: String,
    },

    /// The server took the request and then did not answer in time.
    #[error("{attempt}: no answer from {server} for {} s", .after.as_secs())]
    Timeout {
        /// What was being done.
        attempt: String,
        /// Address of the API server.
        server: String,
        /// How long it was waited for.
        after: Duration,
    },

    /// The connection broke before the answer was complete. A write may or may not have happened.
    #[error("{attempt}: the connection broke off: {reason}")]
    Interrupted {
        /// What was being done.
        attempt: String,
        /// Why, as far as it is known.
        reason: String,
    },

    /// The point in time a LIST was reading from is gone, and the server gave no way to go on.
    #[error(
        "{attempt}: the list took longer than the server keeps its state, and cannot be continued: {message}"
    )]
    Expired {
        /// What was being done.
        attempt: String,
        /// The server's own words.
        message: String,
    },

    /// The answer is larger than anything a cluster should send.
    #[error("{attempt}: the answer is larger than {limit} bytes")]
    TooLarge {
        /// What was being done.
        attempt: String,
        /// The limit, in bytes.
        limit: usize,
    },

    /// The answer is not what the Kubernetes API promises.
    #[error("{attempt}: the answer cannot be understood: {reason}")]
    Malformed {
        /// What was being done.
        attempt: String,
        /// What is wrong with it.
        reason: String,
    },

    /// A name that no Kubernetes object can have; no request was made.
    #[error("{attempt}: {reason}")]
    BadName {
        /// What was being done.
        attempt: String,
        /// Which name, and why not.
        reason: String,
    },
}

/// A `Status` from the API server.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{attempt}: {message} ({code} {reason})")]
pub struct StatusError {
    /// What was being done, such as `list deployments.apps`.
    pub attempt: String,
    /// HTTP status code.
    pub code: u16,
    /// Machine-readable reason, such as `AlreadyExists`; the HTTP reason phrase if the server gave none.
    pub reason: String,
    /// The server's own words, as one printable line.
    pub message: String,
    /// Which fields are to blame, for 422.
    pub causes: Vec<Cause>,
    /// How long the server asks to wait before another try.
    pub retry_after: Option<Duration>,
    /// For 410 in a LIST: goes on from the same object in a newer state of the cluster.
    pub continue_token: Option<String>,
    /// Whether the answer was a `Status` of the API server; otherwise something on the way spoke, or the path
    /// is not served at all.
    pub from_api: bool,
}

/// One field that the server objects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Path of the field, such as `spec.selector`; empty if the server named none.
    pub field: String,
    /// Machine-readable reason, such as `FieldValueInvalid`.
    pub reason: String,
    /// The server's own words.
    pub message: String,
}

impl ApiError {
    /// The server's refusal, if it is one.
    pub fn status(&self) -> Option<&StatusError> {
        match self {
            Self::Status(status) => Some(status),
            _ => None,
        }
    }

    /// 404: the object, its namespace or the whole resource does not exist.
    pub fn is_not_found(&self) -> bool {
        self.has(404, None)
    }

    /// 409 `Conflict`: the object changed since it was read.
    pub fn is_conflict(&self) -> bool {
        self.has(409, Some("Conflict"))
    }

    /// 409 `AlreadyExists`.
    pub fn is_already_exists(&self) -> bool {
        self.has(409, Some("AlreadyExists"))
    }

    /// 422: the object breaks a rule; [`StatusError::causes`] may say which field.
    pub fn is_invalid(&self) -> bool {
        self.has(422, None)
    }

    /// 403: the identity may not do this.
    pub fn is_forbidden(&self) -> bool {
        self.has(403, None)
    }

    /// 410: what was asked for is too old.
    pub fn is_expired(&self) -> bool {
        matches!(self, Self::Expired { .. }) || self.has(410, None)
    }

    /// Whether the same request may succeed later. The retries of this crate are already used up.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Interrupted { .. } => true,
            // https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#StatusReason: ServerTimeout is a 500.
            Self::Status(s) => matches!(s.code, 429 | 503 | 504) || s.reason == "ServerTimeout",
            _ => false,
        }
    }

    fn has(&self, code: u16, reason: Option<&str>) -> bool {
        self.status().is_some_and(|s| s.code == code && reason.is_none_or(|r| s.reason == r))
    }
}
