//! Converted archives, kept on this machine.
//!
//! An entry is a folder named by a hash of what it was made from. It is made under
//! another name and then renamed, so that it is whole or not there. Blocking.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use object_store::ObjectMeta;

use super::Note;
use crate::assembly::Archive;
use crate::error::StoreError;
use crate::folder::create_private;
use crate::hash::hex;
use crate::index::Index;
use crate::limits::MAX_INDEX_BYTES;
use crate::spool::SpoolFile;

/// Entries kept; the least recently used go first.
const ENTRIES: usize = 16;

/// Age at which a folder that was never finished counts as left over.
const UNFINISHED: Duration = Duration::from_hours(24);

/// Changes when the form of an entry does.
const FORM: &[u8] = b"holdfast-import-1";

const ARCHIVE: &str = "archive.tar.gz";
const INDEX: &str = "index.gz";
const NOTES: &str = "notes.json";

/// What an entry was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CacheKey(String);

impl CacheKey {
    pub(crate) fn new(vault: &str, archive: &ObjectMeta) -> Self {
        let mut hasher = blake3::Hasher::new();
        let modified = crate::blobs::last_modified(archive).as_nanosecond().to_string();
        let size = archive.size.to_string();
        let etag = archive.e_tag.as_deref().unwrap_or_default();
        for part in [vault, archive.location.as_ref(), etag, &size, &modified] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(FORM);
        Self(hex(&hasher.finalize().as_bytes()[..16]))
    }
}

/// An entry, opened.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) archive: SpoolFile,
    pub(crate) index: Index,
    pub(crate) notes: Vec<Note>,
}

fn entries(cache_dir: &Path) -> PathBuf {
    cache_dir.join("points")
}

/// Opens an entry; `None` if there is none, or none that can be used.
pub(crate) fn load(cache_dir: &Path, key: &CacheKey) -> Option<Imported> {
    let folder = entries(cache_dir).join(&key.0);
    let archive = SpoolFile::of(fs::File::open(folder.join(ARCHIVE)).ok()?, &folder);
    let index = read(&folder.join(INDEX))?;
    let index = Index::decode(&index, archive.len().ok()?).ok()?;
    let notes = serde_json::from_slice(&read(&folder.join(NOTES))?).ok()?;
    // Says that the entry was used; only the order of removal depends on it.
    let _ = fs::File::open(&folder).and_then(|folder| folder.set_modified(SystemTime::now()));
    Some(Imported { archive, index, notes })
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let size = fs::metadata(path).ok()?.len();
    if size > MAX_INDEX_BYTES { None } else { fs::read(path).ok() }
}

/// An entry that is being made: the archive is written into its file.
pub(crate) struct Draft {
    folder: tempfile::TempDir,
    pub(crate) archive: SpoolFile,
}

impl Draft {
    pub(crate) fn begin(cache_dir: &Path) -> Result<Self, StoreError> {
        let entries = entries(cache_dir);
        let make = || {
            create_private(&entries)?;
            let folder = tempfile::Builder::new().prefix(".unfinished-").tempdir_in(&entries)?;
            let mut options = fs::OpenOptions::new();
            options.read(true).write(true).create_new(true);
            let archive = options.open(folder.path().join(ARCHIVE))?;
            Ok(Self { archive: SpoolFile::of(archive, folder.path()), folder })
        };
        make().map_err(|source| StoreError::cache(&entries, source))
    }

    /// Completes the entry. One that cannot be kept is used all the same.
    pub(crate) fn finish(
        self,
        cache_dir: &Path,
        key: &CacheKey,
        archive: Archive,
        notes: Vec<Note>,
    ) -> Imported {
        let entries = entries(cache_dir);
        let file = archive.file.clone();
        let index = archive.into_index(Vec::new());
        let save = || -> io::Result<()> {
            fs::write(self.folder.path().join(INDEX), index.encode())?;
            fs::write(self.folder.path().join(NOTES), serde_json::to_vec(&notes)?)?;
            let target = entries.join(&key.0);
            // What is there could not be used, or this would not have been made.
            let _ = fs::remove_dir_all(&target);
            fs::rename(self.folder.path(), target)
        };
        let saved = save();
        match saved {
            Ok(()) => {
                // The folder has moved: there is nothing left to remove.
                let _ = self.folder.keep();
                prune(&entries);
            }
            Err(error) => {
                tracing::warn!(%error, "an imported recovery point could not be kept for the next time");
            }
        }
        Imported { archive: file, index, notes }
    }
}

fn prune(entries: &Path) {
    let Ok(read) = fs::read_dir(entries) else { return };
    let now = SystemTime::now();
    let mut finished = Vec::new();
    for entry in read.flatten() {
        let used = entry.metadata().and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        if entry.file_name().to_string_lossy().starts_with(".unfinished-") {
            if now.duration_since(used).is_ok_and(|age| age > UNFINISHED) {
                let _ = fs::remove_dir_all(entry.path());
            }
        } else {
            finished.push((used, entry.path()));
        }
    }
    finished.sort_unstable_by(|a, b| b.cmp(a));
    for (_, path) in finished.into_iter().skip(ENTRIES) {
        let _ = fs::remove_dir_all(path);
    }
}
