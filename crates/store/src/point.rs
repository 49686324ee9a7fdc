//! Reading a committed point.
//!
//! Opening reads the marker and the size of the archive. The index is read on
//! first use; a point without a usable one is imported (see [`crate::import`]).
//! Objects are cut out of members that were checked against their hash.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use object_store::ObjectMeta;
use object_store::path::Path;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

use crate::archive::ArchiveSource;
use crate::artefacts;
use crate::error::StoreError;
use crate::gzip;
use crate::import::{self, CacheKey, Draft};
use crate::index::{Index, RowId};
use crate::layout::PointFolder;
use crate::limits::{MAX_INDEX_BYTES, MAX_TEXT_BYTES};
use crate::marker::{self, Marker};
use crate::members::MemberCache;
use crate::summary::{PointSummary, PointWarning};
use crate::vault::Vault;

/// A committed recovery point, opened for reading. Cheap to clone; clones share the index and the cache.
#[derive(Clone, Debug)]
pub struct Point {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) vault: Vault,
    pub(crate) folder: PointFolder,
    pub(crate) marker: Marker,
    archive: ObjectMeta,
    loaded: OnceCell<Loaded>,
    members: MemberCache,
}

/// What objects are read through.
#[derive(Clone, Debug)]
struct Loaded {
    index: Arc<Index>,
    source: ArchiveSource,
    /// What importing passed over.
    notes: Arc<Vec<PointWarning>>,
}

impl Point {
    pub(crate) async fn open(vault: Vault, folder: PointFolder, marker: &[u8]) -> Result<Self, StoreError> {
        let mut marker = marker::parse(&folder, marker)?;
        let path = folder.archive();
        let archive = vault.blobs().head(&path).await?.ok_or_else(|| missing(&path))?;
        if let Some(written) = &marker.written
            && written.archive_bytes != archive.size
        {
            let (found, expected) = (archive.size, written.archive_bytes);
            return Err(StoreError::Truncated { blob: path.to_string(), found, expected });
        }
        marker.summary.archive_bytes = Some(archive.size);
        let inner = Inner {
            vault,
            folder,
            marker,
            archive,
            loaded: OnceCell::new(),
            members: MemberCache::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What the point says of itself.
    pub fn summary(&self) -> &PointSummary {
        &self.inner.marker.summary
    }

    /// The random id of the point's vault; `None` in containers of other programs.
    pub fn vault_id(&self) -> Option<uuid::Uuid> {
        self.inner.vault.id()
    }

    /// What the backup was asked to take, as a Velero `BackupSpec`.
    pub fn spec(&self) -> &serde_json::Value {
        &self.inner.marker.spec
    }

    /// The index, read on first use.
    ///
    /// A point of another program, and one of ours whose index is lost or damaged, is streamed once for it, and
    /// copied into the local cache folder.
    pub async fn index(&self) -> Result<Arc<Index>, StoreError> {
        Ok(Arc::clone(&self.loaded().await?.index))
    }

    /// The JSON of one object, out of a member that was checked against its hash.
    pub async fn read(&self, row: RowId) -> Result<Bytes, StoreError> {
        let index = self.index().await?;
        let no_such_row = || StoreError::NoSuchRow { name: self.inner.folder.name().to_owned(), row: row.0 };
        let row = index.row(row).ok_or_else(no_such_row)?;
        let raw = self.read_member(row.member).await?;
        let (start, end) = (row.offset as usize, row.offset as usize + row.length as usize);
        // The index was checked against the length of every member.
        raw.get(start..end).map(|json| raw.slice_ref(json)).ok_or_else(no_such_row)
    }

    /// One member, uncompressed: tar entries.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRow`] if there is no such member; [`StoreError::Tampered`] if its hash is wrong.
    pub async fn read_member(&self, member: u32) -> Result<Bytes, StoreError> {
        let loaded = self.loaded().await?;
        let info = *loaded.index.members().get(member as usize).ok_or_else(|| StoreError::NoSuchRow {
            name: self.inner.folder.name().to_owned(),
            row: member,
        })?;
        self.inner.members.get(member, || loaded.source.member(member, info)).await
    }

    /// What is missing from the point, and why. Includes what importing passed over, once the index was read.
    pub async fn warnings(&self) -> Result<Vec<PointWarning>, StoreError> {
        let path = self.inner.folder.results();
        let mut warnings = match self.text(&path).await? {
            Some(json) => artefacts::parse_results(&json)
                .map_err(|error| StoreError::damaged(&path, error.to_string()))?,
            None if self.summary().foreign => Vec::new(),
            None => return Err(missing(&path)),
        };
        if let Some(loaded) = self.inner.loaded.get() {
            warnings.extend(loaded.notes.iter().cloned());
        }
        Ok(warnings)
    }

    /// The log as text; `None` where another program wrote none.
    pub async fn log(&self) -> Result<Option<Bytes>, StoreError> {
        let path = self.inner.folder.log();
        match self.text(&path).await? {
            None if !self.summary().foreign => Err(missing(&path)),
            log => Ok(log),
        }
    }

    /// A compressed text beside the archive.
    pub(crate) async fn text(&self, path: &Path) -> Result<Option<Bytes>, StoreError> {
        let Some(blob) = self.inner.vault.blobs().get(path, MAX_TEXT_BYTES).await? else { return Ok(None) };
        let text =
            spawn_blocking(move || gzip::text(&blob, MAX_TEXT_BYTES)).await.map_err(StoreError::Task)?;
        text.map(|text| Some(text.into())).map_err(|problem| StoreError::damaged(path, problem))
    }

    async fn loaded(&self) -> Result<&Loaded, StoreError> {
        self.inner.loaded.get_or_try_init(|| self.load()).await
    }

    async fn load(&self) -> Result<Loaded, StoreError> {
        if self.inner.marker.written.is_none() {
            return self.import().await;
        }
        match self.own_index().await {
            Ok(index) => Ok(Loaded {
                index: Arc::new(index),
                source: ArchiveSource::Blob(self.inner.vault.blobs().clone(), self.inner.folder.archive()),
                notes: Arc::default(),
            }),
            Err(error) if error.is_bad_blob() => {
                tracing::warn!(point = self.inner.folder.name(), %error, "reading the archive for lack of an index");
                self.import().await
            }
            Err(error) => Err(error),
        }
    }

    /// The index beside the archive, checked against the marker.
    pub(crate) async fn own_index(&self) -> Result<Index, StoreError> {
        let path = self.inner.folder.index();
        let Some(written) = &self.inner.marker.written else { return Err(missing(&path)) };
        let blob =
            self.inner.vault.blobs().get(&path, MAX_INDEX_BYTES).await?.ok_or_else(|| missing(&path))?;
        let (hash, archive_bytes) = (written.index_hash.clone(), written.archive_bytes);
        let index = {
            let path = path.clone();
            spawn_blocking(move || {
                if blake3::hash(&blob).to_hex().as_str() != hash {
                    return Err(StoreError::tampered(&path, "its hash is not the one in velero-backup.json"));
                }
                Index::decode(&blob, archive_bytes).map_err(|bad| StoreError::damaged(&path, bad.0))
            })
            .await
            .map_err(StoreError::Task)??
        };
        if index.len() as u64 == written.objects {
            Ok(index)
        } else {
            Err(StoreError::damaged(&path, "it has fewer or more objects than velero-backup.json says"))
        }
    }

    /// The archive as the import reads it.
    pub(crate) fn import_source(&self) -> import::Source {
        let marker = &self.inner.marker;
        import::Source {
            blobs: self.inner.vault.blobs().clone(),
            path: self.inner.folder.archive(),
            size: self.inner.archive.size,
            hash: marker.written.as_ref().map(|written| written.archive_hash.clone()),
            mtime: marker.summary.started.unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    async fn import(&self) -> Result<Loaded, StoreError> {
        let vault = &self.inner.vault;
        let key = CacheKey::new(vault.place(), &self.inner.archive);
        let cache_dir = vault.cache_dir().to_owned();
        let cached = {
            let (cache_dir, key) = (cache_dir.clone(), key.clone());
            spawn_blocking(move || import::load(&cache_dir, &key)).await.map_err(StoreError::Task)?
        };
        let imported = if let Some(imported) = cached {
            imported
        } else {
            let draft = {
                let cache_dir = cache_dir.clone();
                spawn_blocking(move || Draft::begin(&cache_dir)).await.map_err(StoreError::Task)??
            };
            let (archive, notes) = import::read_through(self.import_source(), draft.archive.clone()).await?;
            spawn_blocking(move || draft.finish(&cache_dir, &key, archive, notes))
                .await
                .map_err(StoreError::Task)?
        };
        let warn = |message| PointWarning { resource: None, namespace: None, message };
        Ok(Loaded {
            index: Arc::new(imported.index),
            source: ArchiveSource::Cached(imported.archive, self.inner.folder.archive()),
            notes: Arc::new(imported.notes.into_iter().map(warn).collect()),
        })
    }
}

fn missing(path: &Path) -> StoreError {
    StoreError::BlobMissing { blob: path.to_string() }
}
