//! Single requests to the object store, with limits, and with lost answers recognised.
//!
//! No request is repeated here: `object_store` does that where it makes sense.
//! What it cannot know is whether a write that failed took place; [`Blobs::create`]
//! and [`Blobs::delete`] look.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use jiff::Timestamp;
use object_store::path::Path;
use object_store::{
    Error, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions,
    PutOptions, PutPayload,
};

use crate::azure::IfAbsent;
use crate::error::{Doing, StoreError};

/// An object store. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
    completion: Completion,
}

/// What a store does with a multipart upload whose name is taken when it is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It replaces the blob, so it is uploaded under a name of its own, which is then linked if the right one is free.
    Replaces,
    /// It refuses if it is asked to, as the stores of [`crate::Vault::blob_store`] do.
    IfAbsent,
}

/// How a create-if-absent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Created {
    /// The blob has exactly the bytes given, by this call or by an earlier one whose answer was lost.
    Ours,
    /// Somebody else's blob is there.
    Taken,
}

impl Blobs {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, completion: Completion) -> Self {
        Self { store, completion }
    }

    pub(crate) fn completion(&self) -> Completion {
        self.completion
    }

    /// A whole blob of at most `max` bytes; `None` if there is none.
    pub(crate) async fn get(&self, path: &Path, max: u64) -> Result<Option<Bytes>, StoreError> {
        let reading = |source| StoreError::storage(Doing::Reading, path, source);
        let result = match self.store.get(path).await {
            Ok(result) => result,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(source) => return Err(reading(source)),
        };
        if result.meta.size > max {
            let advice = "it is not what its name says; use another point";
            return Err(StoreError::TooLarge { what: path.to_string(), limit: max, advice });
        }
        let expected = result.meta.size;
        let bytes = result.bytes().await.map_err(reading)?;
        check_length(path, bytes.len(), expected)?;
        Ok(Some(bytes))
    }

    /// Size and times of a blob; `None` if there is none.
    pub(crate) async fn head(&self, path: &Path) -> Result<Option<ObjectMeta>, StoreError> {
        match self.store.head(path).await {
            Ok(meta) => Ok(Some(meta)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(StoreError::storage(Doing::Reading, path, source)),
        }
    }

    /// A part of a blob, which must lie within it.
    pub(crate) async fn range(&self, path: &Path, range: Range<u64>) -> Result<Bytes, StoreError> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let end = range.end;
        let expected = end - range.start;
        match self.store.get_range(path, range).await {
            Ok(bytes) => {
                check_length(path, bytes.len(), expected)?;
                Ok(bytes)
            }
            Err(Error::NotFound { .. }) => Err(StoreError::BlobMissing { blob: path.to_string() }),
            // A range behind the end is answered with an error of its own by each store.
            Err(source) => match self.head(path).await {
                Ok(Some(meta)) if meta.size < end => {
                    Err(StoreError::Truncated { blob: path.to_string(), found: meta.size, expected: end })
                }
                _ => Err(StoreError::storage(Doing::Reading, path, source)),
            },
        }
    }

    /// Writes a blob that this program alone writes, replacing what is there. No two calls write the same bytes.
    pub(crate) async fn replace(&self, path: &Path, bytes: Bytes) -> Result<(), StoreError> {
        let Err(source) = self.store.put(path, bytes.clone().into()).await else { return Ok(()) };
        match self.get(path, bytes.len() as u64).await {
            Ok(Some(found)) if found == bytes => Ok(()),
            _ => Err(StoreError::storage(Doing::Writing, path, source)),
        }
    }

    /// Writes a blob if there is none of that name. Whatever the store answers, what stands there afterwards decides.
    pub(crate) async fn create(&self, path: &Path, bytes: Bytes) -> Result<Created, StoreError> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let put = self.store.put_opts(path, PutPayload::from(bytes.clone()), options).await;
        let Err(source) = put else { return Ok(Created::Ours) };
        let exists = matches!(source, Error::AlreadyExists { .. } | Error::Precondition { .. });
        let failed = StoreError::storage(Doing::Writing, path, source);
        let found = match self.head(path).await {
            Ok(Some(found)) => found,
            // Gone meanwhile, or parts of an upload that nobody completed, which some stores count as a blob.
            Ok(None) if exists => return Ok(Created::Taken),
            _ => return Err(failed),
        };
        let ours = found.size == bytes.len() as u64
            && matches!(self.get(path, found.size).await, Ok(Some(found)) if found == bytes);
        match (ours, exists) {
            (true, _) => Ok(Created::Ours),
            (false, true) => Ok(Created::Taken),
            (false, false) => Err(failed),
        }
    }

    /// Begins a multipart upload that, completed as [`Completion`] says, never replaces a blob.
    pub(crate) async fn upload(&self, path: &Path) -> object_store::Result<Box<dyn MultipartUpload>> {
        let mut options = PutMultipartOptions::default();
        options.extensions.insert(IfAbsent);
        self.store.put_multipart_opts(path, options).await
    }

    /// Gives a blob a second name, if that is free.
    pub(crate) async fn link(&self, from: &Path, to: &Path) -> object_store::Result<()> {
        self.store.copy_if_not_exists(from, to).await
    }

    /// Deletes a blob; `false` if there was none.
    pub(crate) async fn delete(&self, path: &Path) -> Result<bool, StoreError> {
        let source = match self.store.delete(path).await {
            Ok(()) => return Ok(true),
            Err(Error::NotFound { .. }) => return Ok(false),
            Err(source) => source,
        };
        match self.head(path).await {
            Ok(None) => Ok(true),
            _ => Err(StoreError::storage(Doing::Deleting, path, source)),
        }
    }

    /// All blobs below a folder.
    pub(crate) async fn list(&self, folder: &Path) -> Result<Vec<ObjectMeta>, StoreError> {
        self.store
            .list(Some(folder))
            .try_collect()
            .await
            .map_err(|source| StoreError::storage(Doing::Listing, folder, source))
    }

    /// Names of the folders directly below a folder.
    pub(crate) async fn folders(&self, folder: &Path) -> Result<Vec<String>, StoreError> {
        match self.store.list_with_delimiter(Some(folder)).await {
            Ok(list) => Ok(list
                .common_prefixes
                .iter()
                .filter_map(|prefix| prefix.filename())
                .map(str::to_owned)
                .collect()),
            Err(Error::NotFound { .. }) => Ok(Vec::new()),
            Err(source) => Err(StoreError::storage(Doing::Listing, folder, source)),
        }
    }

    /// The store's clock, read off a blob that this program alone writes.
    pub(crate) async fn now(&self, own: &Path, bytes: Bytes) -> Result<Timestamp, StoreError> {
        self.replace(own, bytes).await?;
        match self.head(own).await? {
            Some(meta) => Ok(last_modified(&meta)),
            None => Err(StoreError::BlobMissing { blob: own.to_string() }),
        }
    }
}

fn check_length(path: &Path, found: usize, expected: u64) -> Result<(), StoreError> {
    let found = found as u64;
    if found == expected {
        Ok(())
    } else {
        Err(StoreError::Truncated { blob: path.to_string(), found, expected })
    }
}

/// When a blob was written, by the store's clock.
pub(crate) fn last_modified(meta: &ObjectMeta) -> Timestamp {
    let nanoseconds = i32::try_from(meta.last_modified.timestamp_subsec_nanos()).unwrap_or(0);
    Timestamp::new(meta.last_modified.timestamp(), nanoseconds.min(999_999_999))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}
