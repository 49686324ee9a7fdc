//! Why a kubeconfig cannot be used.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// A kubeconfig that cannot be read, or a context that cannot be connected. Messages never quote the file's
/// content, which may be a credential.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// A file that cannot be read.
    #[error("kubeconfig {}: cannot be read", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },

    /// A file beyond [`crate::MAX_KUBECONFIG_BYTES`].
    #[error("kubeconfig {}: is {size} bytes long; at most {limit} are read", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size, in bytes.
        size: u64,
        /// The limit, in bytes.
        limit: u64,
    },

    /// A file that is not a kubeconfig.
    #[error("kubeconfig {}{}: {reason}", .path.display(), .line.map(|n| format!(":{n}")).unwrap_or_default())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line, counted from 1, where known.
        line: Option<u64>,
        /// What is wrong there.
        reason: String,
    },

    /// A context that no file has.
    #[error("no context named {name:?} in {searched}; {suggestion}")]
    UnknownContext {
        /// What was asked for.
        name: String,
        /// The files that were read.
        searched: String,
        /// The closest names, or that there are none.
        suggestion: String,
    },

    /// A context whose entries do not add up to a connection.
    #[error("context {context:?}: {reason}")]
    Context {
        /// The context.
        context: String,
        /// Which entry, what is wrong with it, and what to do.
        reason: String,
    },

    /// The sign-in command of a context failed.
    #[error("context {context:?}: {reason}")]
    SignIn {
        /// The context.
        context: String,
        /// What failed and what to do.
        reason: String,
    },
}
