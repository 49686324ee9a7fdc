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
        self.remove_staging(path, None);
        if let Err(error) = fs::remove_dir(self.path(path))
            && !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty)
        {
            tracing::warn!(%path, %error, "an empty folder could not be removed");
        }
    }

    /// Removes the staging files that killed uploads left in a folder (`name#N`; listings hide them). Without `before`
    /// not those of claims, which a new writer may be making just now; with it, only files not written to since.
    pub(crate) fn remove_staging(&self, path: &object_store::path::Path, before: Option<SystemTime>) {
        let Ok(entries) = fs::read_dir(self.path(path)) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_dead = match before {
                None => !is_of_claim(&name),
                Some(before) => {
                    entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|time| time < before)
                }
            };
            if is_dead && is_staging(&name) {
                remove_staging_file(&entry.path());
            }
        }
    }

    /// Removes the staging files of claims from a folder that has a claim: whoever is making one there
    /// loses anyway.
    pub(crate) fn remove_staging_of_claims(&self, path: &object_store::path::Path) {
        let Ok(entries) = fs::read_dir(self.path(path)) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if is_of_claim(&name) && is_staging(&name) {
                remove_staging_file(&entry.path());
            }
        }
    }
}

fn remove_staging_file(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "a staging file could not be removed");
    }
}

fn is_staging(name: &str) -> bool {
    name.rsplit_once('#')
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn is_of_claim(name: &str) -> bool {
    name.starts_with("holdfast-claim-")
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
    fn staging_files_of_claims_are_swept_only_when_they_are_old_or_doomed() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::existing(root.path()).unwrap();
        let at = object_store::path::Path::default();
        for name in
            ["p.tar.gz#1", "p.tar.gz#x", "p.tar.gz#", "holdfast-claim-1.json", "holdfast-claim-1.json#2"]
        {
            fs::write(root.path().join(name), "").unwrap();
        }
        let left = || fs::read_dir(root.path()).unwrap().count();
        folder.remove_staging(&at, Some(SystemTime::UNIX_EPOCH));
        assert_eq!(left(), 5, "none is that old");
        folder.remove_staging(&at, None);
        assert_eq!(left(), 4);
        folder.remove_staging_of_claims(&at);
        assert_eq!(left(), 3);
        fs::write(root.path().join("holdfast-claim-1.json#3"), "").unwrap();
        folder.remove_staging(&at, SystemTime::now().checked_add(std::time::Duration::from_hours(1)));
        assert_eq!(left(), 3, "an old one goes, and nothing else");
    }

    #[test]
    fn a_probe_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        Folder::existing(root.path()).unwrap().probe().unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }
}
