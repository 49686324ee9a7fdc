//! What can go wrong with the sandbox.

use std::io;
use std::path::PathBuf;

/// A failure of the sandbox. What its API refuses is an answer of the API instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The state file is not what this program writes.
    #[error(
        "the state of the sandbox in {} is damaged ({reason}): `holdfast sandbox reset` replaces it by the sample as \
         it was", path.display()
    )]
    Damaged {
        /// The state file.
        path: PathBuf,
        /// Which line, and what is wrong with it.
        reason: String,
    },

    /// The state file cannot be read or written.
    #[error("the state of the sandbox in {} cannot be {doing}: check the permissions and the free space", path.display())]
    Io {
        /// `read`, `written`, `locked`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },

    /// The sandbox refuses what was asked of it, in the words of its API.
    #[error("the sandbox refuses: {0}")]
    Refused(String),

    /// The sample does not load, which a test excludes.
    #[error(
        "the sample of the sandbox cannot be loaded ({0}); this is a defect of Holdfast, please report it"
    )]
    Sample(String),
}
