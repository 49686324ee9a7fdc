//! What can go wrong with a vault.

use std::io;
use std::path::PathBuf;

use object_store::path::Path;

use crate::azure::{Cause, Refusal, SignInFailed, Unreachable, find};

/// A failure of the store. Every message names what it concerns and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder does not exist.
    #[error("there is no folder {}: check the address, or whether its disk is mounted", .0.display())]
    VaultMissing(PathBuf),

    /// The path is a file.
    #[error("{} is not a folder: give the folder that holds the vault", .0.display())]
    NotAFolder(PathBuf),

    /// Neither ours nor Velero's.
    #[error(
        "{0} is not a backup vault (it has neither vault.json nor backups/): check the address, or let the first \
         backup create the vault there"
    )]
    NotAVault(String),

    /// Written by a newer version.
    #[error(
        "the vault {vault} has format {found}, and this version of Holdfast reads format {known}: update Holdfast"
    )]
    VaultFormat {
        /// The vault.
        vault: String,
        /// The format it says it has.
        found: u64,
        /// The format that is known.
        known: u64,
    },

    /// A container of Velero or of Azure's Backup extension.
    #[error(
        "{0} is written by Velero or the Azure Backup extension and is only read here: choose another folder for \
         your own vault"
    )]
    ReadOnly(String),

    /// The folder or container cannot be written to.
    #[error("{place} cannot be written to: check its permissions and whether it is mounted read-only")]
    NotWritable {
        /// The folder or blob.
        place: String,
        /// What the system said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// A blob cannot be read for lack of permission.
    #[error("{place} may not be read: check its permissions")]
    NotReadable {
        /// The folder or blob.
        place: String,
        /// What the system said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The vault's disk is full, or a quota is reached.
    #[error(
        "there is no space left for {place}: free some, delete old recovery points, or use another vault"
    )]
    NoSpace {
        /// The folder or blob.
        place: String,
        /// What the system said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// Create-if-absent on a folder is made of hard links.
    #[error(
        "the file system of {} has no hard links (exFAT and some network shares have none), and without them two \
         backups could overwrite each other: choose a folder on another file system", folder.display()
    )]
    NoHardLinks {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },

    /// The local folder for spool files and indexes cannot be used.
    #[error("the local cache folder {} cannot be used: check its permissions and its free space", folder.display())]
    Cache {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },

    /// The disk of the local cache folder is full.
    #[error(
        "the disk of the local cache folder {} is full, and the archive is spooled there: free some space, or set \
         another cache folder", folder.display()
    )]
    CacheFull {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },

    /// No folder of that name.
    #[error("there is no recovery point {name} in {vault}: list the points to see which there are")]
    UnknownPoint {
        /// Name that was asked for.
        name: String,
        /// The vault.
        vault: String,
    },

    /// A folder without marker.
    #[error(
        "recovery point {name} in {vault} was never finished (it has no velero-backup.json), so it cannot be used: \
         wait if its backup still runs, otherwise make a new one"
    )]
    HalfWritten {
        /// Name of the folder.
        name: String,
        /// The vault.
        vault: String,
    },

    /// The name is taken by a committed point.
    #[error("recovery point {0} exists already: choose another name")]
    PointExists(String),

    /// The name is taken by a writer that is alive.
    #[error(
        "recovery point {name} is being written by another process (last sign of life {silent_seconds} s ago): wait \
         for it, or choose another name; a process that died is taken over after {takeover_seconds} s of silence"
    )]
    NameInUse {
        /// Name of the point.
        name: String,
        /// Seconds since the last sign of life.
        silent_seconds: i64,
        /// Seconds of silence after which a writer counts as dead.
        takeover_seconds: u64,
    },

    /// The folder has blobs, but neither marker nor claim: somebody else's.
    #[error(
        "the folder {0} holds files that Holdfast did not write: choose another name, or look at the folder and empty it"
    )]
    FolderInUse(String),

    /// Another writer took the name over.
    #[error(
        "another backup took over recovery point {0} because this one had been silent too long (did the machine \
         sleep?): nothing was committed by this one; run it again under another name"
    )]
    Superseded(String),

    /// The answer to the last write was lost, and so was that to the question after it; or another writer took over
    /// just then.
    #[error(
        "it is unknown whether recovery point {name} was committed, because the last step was not confirmed: list the \
         points when the storage is reachable; if the point is there, it is complete"
    )]
    CommitUnknown {
        /// Name of the point.
        name: String,
        /// What the storage said.
        #[source]
        source: Box<StoreError>,
    },

    /// The marker says that the backup did not reach a usable end.
    #[error(
        "recovery point {name} is in phase \"{phase}\" and cannot be restored from: choose another point"
    )]
    UnusablePhase {
        /// Name of the point.
        name: String,
        /// Phase in its marker.
        phase: String,
    },

    /// A blob that must exist does not.
    #[error(
        "{blob} is missing: the recovery point is incomplete; restore that file from a copy, or use another point"
    )]
    BlobMissing {
        /// Path of the blob in the vault.
        blob: String,
    },

    /// A blob is shorter or longer than it was written.
    #[error(
        "{blob} has {found} bytes instead of {expected}: it was truncated or replaced; restore that file from a \
         copy, or use another point"
    )]
    Truncated {
        /// Path of the blob in the vault.
        blob: String,
        /// Its size in bytes.
        found: u64,
        /// The size it was written with, in bytes.
        expected: u64,
    },

    /// A blob does not have the bytes it was written with.
    #[error(
        "{blob} was changed after it was written ({problem}): restore that file from a copy, or use another point"
    )]
    Tampered {
        /// Path of the blob in the vault.
        blob: String,
        /// How it is known.
        problem: String,
    },

    /// A blob cannot be understood.
    #[error("{blob} cannot be read ({problem}): it is damaged or not what its name says; use another point")]
    Damaged {
        /// Path of the blob in the vault.
        blob: String,
        /// What is wrong with it.
        problem: String,
    },

    /// Something exceeds a limit of [`crate::limits`].
    #[error("{what} is larger than {limit} bytes, the most that is accepted: {advice}")]
    TooLarge {
        /// The blob or object.
        what: String,
        /// The limit, in bytes.
        limit: u64,
        /// What to do.
        advice: &'static str,
    },

    /// An archive has an entry that no honest writer makes.
    #[error(
        "{blob} has the entry \"{entry}\", {problem}: the archive was not made by a backup program as it is; do not \
         restore from it"
    )]
    HostileEntry {
        /// Path of the blob in the vault.
        blob: String,
        /// Path of the entry, shortened and escaped.
        entry: String,
        /// What is wrong with it.
        problem: &'static str,
    },

    /// An object cannot be put into a point.
    #[error("{object} cannot be backed up: {problem}")]
    InvalidObject {
        /// The object as `resource namespace/name`.
        object: String,
        /// What is wrong with it.
        problem: &'static str,
    },

    /// [`crate::Manifest::spec`] is not a JSON object.
    #[error(
        "the description of what recovery point {0} selects is not a JSON object: this is a defect, please report it"
    )]
    InvalidSpec(String),

    /// A row that the index does not have.
    #[error("the index of recovery point {name} has no row {row}: read the index again")]
    NoSuchRow {
        /// Name of the point.
        name: String,
        /// Number that was asked for.
        row: u32,
    },

    /// An earlier call on the same writer was cancelled or failed half-way.
    #[error("an earlier step of writing recovery point {0} was interrupted: start the backup again")]
    Interrupted(String),

    /// Azure Storage refused a request for good.
    #[error("{doing} {blob} was refused: {explanation}")]
    Refused {
        /// What was being done.
        doing: &'static str,
        /// Path of the blob or folder.
        blob: String,
        /// Why, and what to do about it.
        explanation: String,
        /// What Azure answered.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// No token could be had.
    #[error(
        "signing in to Azure failed: sign in with `az login`, or choose another way with --auth or HOLDFAST_AUTH"
    )]
    SignIn(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// A vault in Azure Blob Storage was opened without any sign-in.
    #[error(
        "the vault {0} is in Azure Blob Storage and needs a sign-in: choose one with --auth or HOLDFAST_AUTH"
    )]
    NoSignIn(String),

    /// The account cannot be reached.
    #[error("the storage account cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// The proxy or the certificates cannot be used.
    #[error(
        "no connection can be made with these network settings: check the proxy's address and the certificates"
    )]
    Network {
        /// What is wrong with them.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The file of extra certificates cannot be used.
    #[error("the certificates in {} cannot be used ({problem}): give a file in PEM form", file.display())]
    ExtraCa {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },

    /// The storage failed.
    #[error("{doing} {blob} failed: check that the storage is reachable, then try again")]
    Storage {
        /// What was being done.
        doing: &'static str,
        /// Path of the blob or folder.
        blob: String,
        /// What the storage said.
        #[source]
        source: object_store::Error,
    },

    /// No job of that id.
    #[error("there is no job {id} in {vault}: list the jobs to see which there are")]
    UnknownJob {
        /// Id that was asked for.
        id: String,
        /// The vault.
        vault: String,
    },

    /// A job's document, log or report is not what this version writes.
    #[error(
        "job {id} cannot be read ({problem}): what it did is not affected; look at the recovery points instead"
    )]
    JobUnreadable {
        /// Id of the job.
        id: String,
        /// What is wrong with it.
        problem: String,
    },

    /// A job that does not run cannot be cancelled.
    #[error("job {id} has ended already ({state}): there is nothing to cancel")]
    JobEnded {
        /// Id of the job.
        id: String,
        /// How it ended.
        state: String,
    },

    /// A background task of this program ended unexpectedly.
    #[error("a background task ended unexpectedly: try again, and report it if it happens twice")]
    Task(#[source] tokio::task::JoinError),
}

/// What a request does, for messages and for telling permissions apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Reading,
    Writing,
    Deleting,
    Listing,
}

impl Doing {
    fn word(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Writing => "writing",
            Self::Deleting => "deleting",
            Self::Listing => "listing",
        }
    }
}

impl StoreError {
    /// Classifies a failure of the storage by its kind, never by its text.
    pub(crate) fn storage(doing: Doing, path: &Path, source: object_store::Error) -> Self {
        let place = path.to_string();
        let changes = matches!(doing, Doing::Writing | Doing::Deleting);
        if let Some(refusal) = find::<Refusal>(&source) {
            let blob = if place.is_empty() { "the container".to_owned() } else { place };
            let explanation = refusal.explain(changes);
            return Self::Refused {
                doing: doing.word(),
                blob,
                explanation,
                source: Box::new(refusal.clone()),
            };
        }
        if let Some(error) = find::<SignInFailed>(&source) {
            return Self::SignIn(Box::new(error.clone()));
        }
        if let Some(error) = find::<Unreachable>(&source) {
            return Self::Unreachable(Box::new(error.clone()));
        }
        let denied = matches!(
            source,
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. }
        );
        match io_kind(&source) {
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
                Self::NoSpace { place, source: Box::new(source) }
            }
            Some(io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) if changes => {
                Self::NotWritable { place, source: Box::new(source) }
            }
            Some(io::ErrorKind::PermissionDenied) => Self::NotReadable { place, source: Box::new(source) },
            _ if denied && changes => Self::NotWritable { place, source: Box::new(source) },
            _ if denied => Self::NotReadable { place, source: Box::new(source) },
            _ => Self::Storage { doing: doing.word(), blob: place, source },
        }
    }

    /// A failure of the local cache folder.
    pub(crate) fn cache(folder: impl Into<PathBuf>, source: io::Error) -> Self {
        let folder = folder.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::CacheFull { folder, source },
            _ => Self::Cache { folder, source },
        }
    }

    pub(crate) fn damaged(blob: &Path, problem: impl Into<String>) -> Self {
        Self::Damaged { blob: blob.to_string(), problem: problem.into() }
    }

    pub(crate) fn tampered(blob: &Path, problem: impl Into<String>) -> Self {
        Self::Tampered { blob: blob.to_string(), problem: problem.into() }
    }

    /// Whether the container itself is not there.
    pub fn is_missing_container(&self) -> bool {
        match self {
            Self::Refused { source, .. } => {
                find::<Refusal>(&**source).is_some_and(|refusal| refusal.cause == Cause::NoContainer)
            }
            _ => false,
        }
    }

    /// Whether it concerns the whole storage rather than one blob of it.
    pub fn is_of_storage(&self) -> bool {
        matches!(
            self,
            Self::Storage { .. }
                | Self::Task(_)
                | Self::Refused { .. }
                | Self::SignIn(_)
                | Self::Unreachable(_)
        )
    }

    /// Whether the blob itself is bad, as opposed to not being reachable.
    pub(crate) fn is_bad_blob(&self) -> bool {
        matches!(
            self,
            Self::BlobMissing { .. }
                | Self::Truncated { .. }
                | Self::Tampered { .. }
                | Self::Damaged { .. }
                | Self::TooLarge { .. }
                | Self::HostileEntry { .. }
        )
    }
}

/// The kind of the innermost I/O error.
fn io_kind(error: &object_store::Error) -> Option<io::ErrorKind> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut kind = None;
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            kind = Some(io.kind());
        }
        next = error.source();
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_a_folder_are_told_apart_by_kind() {
        let wrap = |kind: io::ErrorKind| object_store::Error::Generic {
            store: "LocalFileSystem",
            source: Box::new(io::Error::from(kind)),
        };
        let at = Path::from("operational/backups/p/p.tar.gz");
        let of = |doing, kind| StoreError::storage(doing, &at, wrap(kind));
        assert!(matches!(of(Doing::Writing, io::ErrorKind::StorageFull), StoreError::NoSpace { .. }));
        assert!(matches!(
            of(Doing::Writing, io::ErrorKind::ReadOnlyFilesystem),
            StoreError::NotWritable { .. }
        ));
        assert!(matches!(
            of(Doing::Deleting, io::ErrorKind::PermissionDenied),
            StoreError::NotWritable { .. }
        ));
        assert!(matches!(
            of(Doing::Reading, io::ErrorKind::PermissionDenied),
            StoreError::NotReadable { .. }
        ));
        let other = of(Doing::Listing, io::ErrorKind::TimedOut);
        assert!(other.to_string().starts_with("listing operational/backups/p/p.tar.gz failed"), "{other}");
        assert!(std::error::Error::source(&other).is_some());
    }
}
