//! Failures for the window: every error of the crates below, by its variant, never by its text.
//!
//! The message is the error's own, which already says what failed and on which object. Guidance is added where the
//! window offers something to do about it. Causes go into the details, which are folded.

mod cluster;
mod engine;
mod store;

use std::error::Error;

use crate::api::{Failure, FailureCode};

/// What a variant means at the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Meaning {
    code: FailureCode,
    guidance: &'static str,
    retryable: bool,
}

/// It stays as it is until somebody changes something.
const fn lasting(code: FailureCode, guidance: &'static str) -> Meaning {
    Meaning { code, guidance, retryable: false }
}

/// The same may succeed later by itself.
const fn passing(code: FailureCode, guidance: &'static str) -> Meaning {
    Meaning { code, guidance, retryable: true }
}

impl Failure {
    fn of(error: &dyn Error, meaning: Meaning) -> Self {
        Self {
            code: meaning.code,
            message: error.to_string(),
            guidance: meaning.guidance.to_owned(),
            retryable: meaning.retryable,
            details: causes(error),
        }
    }

    /// A failure without an error behind it.
    pub(crate) fn new(code: FailureCode, message: impl Into<String>, guidance: impl Into<String>) -> Self {
        Self { code, message: message.into(), guidance: guidance.into(), retryable: false, details: None }
    }

    /// A field that makes no sense. `error` says why, and names what was entered.
    pub(crate) fn invalid(field: &str, error: &dyn Error) -> Self {
        let message = format!("{field}: {error}");
        Self { details: causes(error), ..Self::new(FailureCode::InvalidInput, message, "") }
    }

    /// What was named is not there.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(
            FailureCode::NotFound,
            message,
            "It may have been removed meanwhile; the list shows what there is.",
        )
    }

    /// A defect of this program.
    pub(crate) fn defect(doing: &str, error: &dyn Error) -> Self {
        let message = format!("{doing} failed: {error}");
        let guidance = "This is a defect of Holdfast; please report it with the log file.";
        Self { details: causes(error), ..Self::new(FailureCode::Internal, message, guidance) }
    }

    /// A file of this program that cannot be written or read.
    pub(crate) fn file(path: &std::path::Path, error: &dyn Error) -> Self {
        let message = format!("{} cannot be used: {error}", path.display());
        Self::new(FailureCode::Internal, message, "Check the folder's permissions and its free space.")
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Failure {}

/// What the causes say, as far as it is new.
fn causes(error: &dyn Error) -> Option<String> {
    let mut told = error.to_string();
    let mut lines = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !told.contains(&words) {
            told.push_str(&words);
            lines.push(words);
        }
        next = cause.source();
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests;
