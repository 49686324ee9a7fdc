//! What ends an export.

use std::io;
use std::path::PathBuf;

use crate::error::EngineError;

/// A failure that ends an export. Nothing is left in place then.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The recovery point cannot be read, or the work was cancelled.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The selection takes nothing, or only what is left out.
    #[error(
        "nothing of recovery point {point} is exported: {}; nothing was written",
        if *left_out == 0 { "the selection matches no object".to_owned() }
        else { format!("all {left_out} selected objects are made again by others, or cannot be applied") }
    )]
    Nothing {
        /// The point.
        point: String,
        /// Objects that were selected, and left out.
        left_out: usize,
    },
    /// The file is there already.
    #[error("{} is there already; choose another name, or replace it with --force", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds something.
    #[error(
        "folder {} is not empty: it holds {found}; choose another one, or replace with --force what an earlier \
         export wrote there (its folders 01-… to 07-… and kustomization.yaml; nothing else is touched)",
        path.display()
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
        /// The first of what it holds.
        found: String,
    },
    /// Something that is no folder stands where the folder should be, or the other way round.
    #[error("{} is {what}; choose another name", path.display())]
    WrongKind {
        /// What is in the way.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A file or folder cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// An earlier export could only partly be replaced.
    #[error(
        "the earlier export in {} could only partly be replaced: {source}; what it consisted of is kept in {}",
        path.display(),
        kept.display()
    )]
    HalfReplaced {
        /// The folder.
        path: PathBuf,
        /// Where the earlier files are.
        kept: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The YAML serialiser refused an object.
    #[error("{object} cannot be written as YAML: {source}")]
    Yaml {
        /// The object.
        object: String,
        /// What the serialiser says.
        #[source]
        source: serde_saphyr::ser::Error,
    },
    /// A thread of ours ended without an answer, which it does only when it panics.
    #[error("writing the export ended unexpectedly; this is a defect of Holdfast, please report it")]
    WorkerGone,
}

impl ExportError {
    /// An error of the system about a file or folder.
    pub(super) fn write(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Write { path, source }
    }
}
