//! A vault: where recovery points are listed, opened, begun and deleted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use holdfast_model::name::PointName;
use jiff::Timestamp;
use object_store::ObjectStore;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::access::Access;
use crate::azure;
use crate::blobs::{Blobs, Completion, Created};
use crate::claim::{self, Content, SILENT_AFTER, Verdict};
use crate::error::StoreError;
use crate::folder::Folder;
use crate::layout::{PointFolder, foreign_points, own_points, vault_note};
use crate::limits::{MAX_MARKER_BYTES, MAX_NOTE_BYTES};
use crate::marker;
use crate::point::Point;
use crate::summary::{PointEntry, PointSummary};
use crate::url::{BlobUrl, Place, VaultUrl};
use crate::writer::{PointWriter, Writer};

/// Format of a vault that this version writes and reads.
const FORMAT: u64 = 1;

/// Markers read at once.
const MARKERS: usize = 16;

/// A place that holds recovery points. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Vault {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    blobs: Blobs,
    /// Only for vaults in a folder.
    folder: Option<Folder>,
    cache_dir: PathBuf,
    /// For messages, and part of the key of cached points.
    place: String,
    points: object_store::path::Path,
    /// `None` for containers of other programs.
    id: Option<Uuid>,
}

/// What [`Vault::delete`] removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Number of blobs.
    pub blobs: u64,
    /// Their size, in bytes.
    pub bytes: u64,
}

/// `vault.json`.
#[derive(Debug, Serialize, Deserialize)]
struct VaultNote {
    format: u64,
    id: Uuid,
    created: Timestamp,
}

#[derive(Deserialize)]
struct AnyNote {
    format: u64,
}

/// What to do where there is no vault.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absent {
    Create,
    Refuse,
}

impl Vault {
    /// Opens a vault that exists, or a container written by Velero (read-only).
    ///
    /// `cache_dir` is a folder of this machine for spool files and for indexes of other programs' points; it is
    /// created when it is needed. It holds copies of objects, Secrets among them, for this user alone.
    pub async fn open(url: &VaultUrl, access: &Access, cache_dir: &Path) -> Result<Self, StoreError> {
        Self::open_at(url, access, cache_dir, Absent::Refuse).await
    }

    /// Opens a vault and creates it first where there is none, and the container as well.
    pub async fn open_or_create(
        url: &VaultUrl,
        access: &Access,
        cache_dir: &Path,
    ) -> Result<Self, StoreError> {
        Self::open_at(url, access, cache_dir, Absent::Create).await
    }

    async fn open_at(
        url: &VaultUrl,
        access: &Access,
        cache_dir: &Path,
        absent: Absent,
    ) -> Result<Self, StoreError> {
        let text = url.to_string();
        match url.place() {
            Place::Folder(root) => {
                let root = root.clone();
                let open = move || match absent {
                    Absent::Create => Folder::create(&root),
                    Absent::Refuse => Folder::existing(&root),
                };
                let folder = spawn_blocking(open).await.map_err(StoreError::Task)??;
                let blobs = Blobs::new(folder.store()?, Completion::Replaces);
                Self::attach(blobs, Some(folder), text, cache_dir, absent).await
            }
            Place::Blob(blob) => {
                let azure::Place { store, container } = azure::place(blob, access)?;
                let blobs = Blobs::new(store, Completion::IfAbsent);
                match Self::attach(blobs.clone(), None, text.clone(), cache_dir, absent).await {
                    Err(error) if error.is_missing_container() && absent == Absent::Create => {
                        container.create().await?;
                        Self::attach(blobs, None, text, cache_dir, absent).await
                    }
                    other => other,
                }
            }
        }
    }

    /// The store of a vault in Azure Blob Storage, for [`Vault::from_store`]. Nothing is asked of it yet.
    pub fn blob_store(url: &BlobUrl, access: &Access) -> Result<Arc<dyn ObjectStore>, StoreError> {
        Ok(azure::place(url, access)?.store)
    }

    /// Opens a vault on a given store and creates it first where there is none.
    pub async fn from_store(
        store: Arc<dyn ObjectStore>,
        completion: Completion,
        cache_dir: &Path,
    ) -> Result<Self, StoreError> {
        let place = store.to_string();
        Self::attach(Blobs::new(store, completion), None, place, cache_dir, Absent::Create).await
    }

    /// Opens what exists on a given store: a vault, or a container written by Velero (read-only).
    pub async fn from_existing_store(
        store: Arc<dyn ObjectStore>,
        completion: Completion,
        cache_dir: &Path,
    ) -> Result<Self, StoreError> {
        let place = store.to_string();
        Self::attach(Blobs::new(store, completion), None, place, cache_dir, Absent::Refuse).await
    }

    async fn attach(
        blobs: Blobs,
        folder: Option<Folder>,
        place: String,
        cache_dir: &Path,
        absent: Absent,
    ) -> Result<Self, StoreError> {
        let note = if let Some(bytes) = blobs.get(&vault_note(), MAX_NOTE_BYTES).await? {
            Some(parse_note(&bytes, &place)?)
        } else {
            let folders = blobs.folders(&object_store::path::Path::default()).await?;
            let foreign = folders.iter().any(|name| foreign_points().as_ref() == name);
            match (foreign, absent) {
                (true, Absent::Refuse) => None,
                (true, Absent::Create) => return Err(StoreError::ReadOnly(place)),
                (false, Absent::Refuse) => return Err(StoreError::NotAVault(place)),
                (false, Absent::Create) => {
                    probe(folder.as_ref()).await?;
                    Some(create_note(&blobs, &place).await?)
                }
            }
        };
        let id = note.map(|note| note.id);
        let points = if id.is_some() { own_points() } else { foreign_points() };
        let cache_dir = cache_dir.to_owned();
        Ok(Self { inner: Arc::new(Inner { blobs, folder, cache_dir, place, points, id }) })
    }

    /// Whether points can only be read here, because another program owns the container.
    pub fn is_read_only(&self) -> bool {
        self.inner.id.is_none()
    }

    /// The random id that the vault was created with; `None` for containers of other programs.
    pub fn id(&self) -> Option<Uuid> {
        self.inner.id
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    pub(crate) fn folder(&self) -> Option<&Folder> {
        self.inner.folder.as_ref()
    }

    pub(crate) fn cache_dir(&self) -> &Path {
        &self.inner.cache_dir
    }

    pub(crate) fn place(&self) -> &str {
        &self.inner.place
    }

    pub(crate) fn points_path(&self) -> &object_store::path::Path {
        &self.inner.points
    }

    /// The committed points, newest first. Half-written ones do not count; unusable ones come last, with the reason.
    pub async fn points(&self) -> Result<Vec<PointEntry>, StoreError> {
        let names = self.inner.blobs.folders(&self.inner.points).await?;
        let mut entries: Vec<PointEntry> = futures::stream::iter(names)
            .map(|name| self.entry(name))
            .buffer_unordered(MARKERS)
            .try_filter_map(|entry| std::future::ready(Ok(entry)))
            .try_collect()
            .await?;
        let key = |entry: &PointEntry| entry.summary().and_then(|s: &PointSummary| s.started.or(s.completed));
        entries.sort_by(|a, b| key(b).cmp(&key(a)).then_with(|| b.name().cmp(a.name())));
        Ok(entries)
    }

    async fn entry(&self, name: String) -> Result<Option<PointEntry>, StoreError> {
        let folder = PointFolder::new(&self.inner.points, &name);
        let read = match self.inner.blobs.get(&folder.marker(), MAX_MARKER_BYTES).await {
            Ok(None) => return Ok(None),
            Ok(Some(bytes)) => marker::parse(&folder, &bytes),
            Err(error) => Err(error),
        };
        match read {
            Ok(marker) => Ok(Some(PointEntry::Readable(marker.summary))),
            Err(error) if error.is_of_storage() => Err(error),
            Err(error) => Ok(Some(PointEntry::Unreadable { name, reason: error.to_string() })),
        }
    }

    /// Opens one point.
    ///
    /// # Errors
    /// [`StoreError::UnknownPoint`], [`StoreError::HalfWritten`] without a marker, and whatever is wrong with the
    /// marker or the size of the archive. The index and the members are checked when they are read.
    pub async fn point(&self, name: &PointName) -> Result<Point, StoreError> {
        let folder = PointFolder::new(&self.inner.points, name.as_str());
        if let Some(bytes) = self.inner.blobs.get(&folder.marker(), MAX_MARKER_BYTES).await? {
            return Point::open(self.clone(), folder, &bytes).await;
        }
        let content = Content::read(&self.inner.blobs, &folder).await?;
        let (name, vault) = (name.to_string(), self.inner.place.clone());
        Err(if content.is_empty() {
            StoreError::UnknownPoint { name, vault }
        } else {
            StoreError::HalfWritten { name, vault }
        })
    }

    /// Reserves a name and starts writing a point. `started` is kept to the second.
    ///
    /// # Errors
    /// [`StoreError::PointExists`], [`StoreError::NameInUse`], [`StoreError::FolderInUse`], and whatever keeps the
    /// vault or the local cache folder from being written to.
    pub async fn begin(
        &self,
        name: &PointName,
        started: Timestamp,
        writer: &Writer,
    ) -> Result<PointWriter, StoreError> {
        self.check_writable()?;
        probe(self.folder()).await?;
        let folder = PointFolder::new(&self.inner.points, name.as_str());
        PointWriter::begin(self.clone(), folder, started, writer).await
    }

    /// Deletes a point: the marker first, then everything else in its folder, the claims last.
    ///
    /// A deletion that was interrupted can be repeated. Points of other programs are refused.
    pub async fn delete(&self, name: &PointName) -> Result<Deleted, StoreError> {
        self.check_writable()?;
        let folder = PointFolder::new(&self.inner.points, name.as_str());
        let blobs = &self.inner.blobs;
        let content = Content::read(blobs, &folder).await?;
        if content.is_empty() {
            return Err(StoreError::UnknownPoint { name: name.to_string(), vault: self.inner.place.clone() });
        }
        let Some((number, claim)) = content.claims.last_key_value() else {
            // Whatever we write begins with a claim.
            return Err(StoreError::ReadOnly(folder.path().to_string()));
        };
        if content.marker.is_none() {
            let me = Writer::new();
            if let Verdict::Alive { silent_seconds } =
                claim::judge_once(blobs, &folder, *number, claim, &me).await?
            {
                let takeover_seconds = SILENT_AFTER.as_secs();
                return Err(StoreError::NameInUse {
                    name: name.to_string(),
                    silent_seconds,
                    takeover_seconds,
                });
            }
        }
        let (mut count, mut bytes) = claim::delete_all(blobs, content.marker).await?;
        if let Some(on_disk) = self.folder().cloned() {
            let path = folder.path();
            let sync = move || {
                on_disk.sync(&path);
                on_disk.remove_staging_of_claims(&path);
            };
            spawn_blocking(sync).await.map_err(StoreError::Task)?;
        }
        for group in [content.others, content.claims.into_values().collect()] {
            let (more, size) = claim::delete_all(blobs, group).await?;
            count += more;
            bytes += size;
        }
        self.remove_empty(&folder).await?;
        Ok(Deleted { blobs: count, bytes })
    }

    pub(crate) fn check_writable(&self) -> Result<(), StoreError> {
        if self.is_read_only() { Err(StoreError::ReadOnly(self.inner.place.clone())) } else { Ok(()) }
    }

    /// Removes the folder of a point from the disk, once no blob is in it. Object stores have no folders.
    pub(crate) async fn remove_empty(&self, folder: &PointFolder) -> Result<(), StoreError> {
        if let Some(on_disk) = self.folder().cloned() {
            let path = folder.path();
            spawn_blocking(move || on_disk.remove_empty(&path)).await.map_err(StoreError::Task)?;
        }
        Ok(())
    }
}

async fn probe(folder: Option<&Folder>) -> Result<(), StoreError> {
    match folder.cloned() {
        Some(folder) => spawn_blocking(move || folder.probe()).await.map_err(StoreError::Task)?,
        None => Ok(()),
    }
}

fn parse_note(bytes: &[u8], place: &str) -> Result<VaultNote, StoreError> {
    let damaged = |error: serde_json::Error| StoreError::damaged(&vault_note(), error.to_string());
    let any: AnyNote = serde_json::from_slice(bytes).map_err(damaged)?;
    if any.format != FORMAT {
        return Err(StoreError::VaultFormat { vault: place.to_owned(), found: any.format, known: FORMAT });
    }
    serde_json::from_slice(bytes).map_err(damaged)
}

async fn create_note(blobs: &Blobs, place: &str) -> Result<VaultNote, StoreError> {
    let note = VaultNote { format: FORMAT, id: Uuid::new_v4(), created: Timestamp::now() };
    #[expect(clippy::expect_used, reason = "a number, a UUID and a time are always JSON")]
    let bytes = serde_json::to_vec(&note).expect("note as JSON");
    match blobs.create(&vault_note(), bytes.into()).await? {
        Created::Ours => Ok(note),
        // Another process created the vault at the same moment.
        Created::Taken => match blobs.get(&vault_note(), MAX_NOTE_BYTES).await? {
            Some(bytes) => parse_note(&bytes, place),
            None => Err(StoreError::BlobMissing { blob: vault_note().to_string() }),
        },
    }
}
