//! What a vault in a folder needs beyond `object_store`: probing, and what its listings hide.
//!
//! Blocking: called from `spawn_blocking`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use uuid::Uuid;

use crate::error::StoreError;
use crate::layout::{CLAIM, claim_number};

/// The folder of a vault.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// A folder that exists.
    pub(crate) fn existing(root: &Path) -> Result<Self, StoreError> {
        match fs::metadata(root) {
            Ok(meta) if meta.is_dir() => Ok(Self { root: root.to_owned() }),
            Ok(_) => Err(StoreError::NotAFolder(root.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(StoreError::VaultMissing(root.to_owned()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                Err(StoreError::NotAFolder(root.to_owned()))
            }
            Err(source) => {
                Err(StoreError::NotReadable { place: root.display().to_string(), source: Box::new(source) })
            }
        }
    }

    /// A folder that is created if need be, for the user alone: points hold Secrets.
    pub(crate) fn create(root: &Path) -> Result<Self, StoreError> {
        create_private(root).map_err(|source| match source.kind() {
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                StoreError::NotAFolder(root.to_owned())
            }
            _ => write_failed(root, source),
        })?;
        Self::existing(root)
    }

    /// The store of this folder. Every write is on disk before it is answered.
    pub(crate) fn store(&self) -> Result<Arc<dyn ObjectStore>, StoreError> {
        let store = LocalFileSystem::new_with_prefix(&self.root).map_err(|source| StoreError::Storage {
            doing: "opening",
            blob: self.root.display().to_string(),
            source,
        })?;
        Ok(Arc::new(store.with_fsync(true)))
    }

    /// Makes sure that files can be written, and linked: create-if-absent is a hard link that fails if the name is taken.
    pub(crate) fn probe(&self) -> Result<(), StoreError> {
        let file = self.root.join(format!(".holdfast-probe-{}", Uuid::new_v4()));
        let link = file.with_extension("link");
        fs::write(&file, b"probe").map_err(|source| write_failed(&self.root, source))?;
        let linked = fs::hard_link(&file, &link);
        let refused = fs::hard_link(&file, &link);
        for path in [&link, &file] {
            if let Err(error) = fs::remove_file(path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(path = %path.display(), %error, "a probe file could not be removed");
            }
        }
        let no_links = |source| StoreError::NoHardLinks { folder: self.root.clone(), source };
        linked.map_err(no_links)?;
        match refused {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(no_links(error)),
            Ok(()) => Err(no_links(io::Error::other("a second link of the same name was not refused"))),
        }
    }

    fn path(&self, path: &object_store::path::Path) -> PathBuf {
        path.parts().fold(self.root.clone(), |path, part| path.join(part.as_ref()))
    }

    /// Makes deletions in a folder last through a power failure, before others that depend on them.
    pub(crate) fn sync(&self, path: &object_store::path::Path) {
        // Only Unix can do this, and a deletion that comes back is found by the next sweep.
        if let Err(error) = File::open(self.path(path)).and_then(|folder| folder.sync_all()) {
            tracing::debug!(%path, %error, "a folder could not be synced");
        }
    }

    /// Removes a folder and the staging files in it, if nothing else is there. A folder in use stays.
    pub(crate) fn remove_empty(&self, path: &object_store::path::Path) {
        self.remove_staging(path, Staging::OfUploads);
        if let Err(error) = fs::remove_dir(self.path(path))
            && !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty)
        {
            tracing::warn!(%path, %error, "an empty folder could not be removed");
        }
    }

    /// Removes staging files (`name#N`; listings hide them) that killed writers left in a folder.
    pub(crate) fn remove_staging(&self, path: &object_store::path::Path, which: Staging) {
        let Ok(entries) = fs::read_dir(self.path(path)) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let modified = || entry.metadata().and_then(|meta| meta.modified()).ok();
            if which.includes(&name.to_string_lossy(), modified)
                && let Err(error) = fs::remove_file(entry.path())
            {
                tracing::warn!(path = %entry.path().display(), %error, "a staging file could not be removed");
            }
        }
    }
}

/// Staging files that can be removed without taking them from a writer that lives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Staging {
    /// Those of uploads, by whoever holds the folder. A new writer may be making a claim just now.
    OfUploads,
    /// Those of uploads, and of claims up to this number, which exists: who tries to make it has lost.
    UpToClaim(u32),
    /// Those not written to since.
    Before(SystemTime),
}

impl Staging {
    fn includes(self, name: &str, modified: impl FnOnce() -> Option<SystemTime>) -> bool {
        let Some((base, _)) = name
            .rsplit_once('#')
            .filter(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        else {
            return false;
        };
        match self {
            Self::Before(time) => modified().is_some_and(|modified| modified < time),
            Self::OfUploads => !base.starts_with(CLAIM),
            Self::UpToClaim(highest) => {
                !base.starts_with(CLAIM)
                    || claim_number(&object_store::path::Path::from(base)).is_some_and(|n| n <= highest)
            }
        }
    }
}

fn write_failed(root: &Path, source: io::Error) -> StoreError {
    let place = root.display().to_string();
    let source_kind = source.kind();
    let source = Box::new(source);
    match source_kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::NoSpace { place, source },
        _ => StoreError::NotWritable { place, source },
    }
}

/// Creates a folder, and those above it, that only the user can enter.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_staging_files_of_dead_writers_go() {
        let now = SystemTime::now();
        let gone = |which: Staging, name: &str| which.includes(name, || Some(now));
        let (held, deleted, old) = (
            Staging::OfUploads,
            Staging::UpToClaim(2),
            Staging::Before(now + std::time::Duration::from_secs(1)),
        );
        for (name, expected) in [
            ("p.tar.gz#1", [true, true, true]),
            ("p.tar.gz#x", [false, false, false]),
            ("p.tar.gz#", [false, false, false]),
            ("p.tar.gz", [false, false, false]),
            ("holdfast-claim-2.json#2", [false, true, true]),
            ("holdfast-claim-3.json#1", [false, false, true]),
        ] {
            assert_eq!([held, deleted, old].map(|which| gone(which, name)), expected, "{name}");
        }
        assert!(!gone(Staging::Before(now), "p.tar.gz#1"), "it is written to just now");
    }

    #[test]
    fn a_probe_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        Folder::existing(root.path()).unwrap().probe().unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }
}
