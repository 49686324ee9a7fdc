//! Where the bytes of an archive come from.

use std::ops::Range;

use bytes::Bytes;
use object_store::path::Path;
use tokio::task::spawn_blocking;

use crate::blobs::Blobs;
use crate::error::StoreError;
use crate::gzip;
use crate::hash::hash128;
use crate::index::MemberInfo;
use crate::spool::SpoolFile;

/// An archive that can be read by ranges.
#[derive(Clone, Debug)]
pub(crate) enum ArchiveSource {
    /// In the vault.
    Blob(Blobs, Path),
    /// A copy in the cache of this machine, made of the blob named.
    Cached(SpoolFile, Path),
}

impl ArchiveSource {
    /// The blob, for messages.
    pub(crate) fn blob(&self) -> &Path {
        match self {
            Self::Blob(_, path) | Self::Cached(_, path) => path,
        }
    }

    pub(crate) async fn range(&self, range: Range<u64>) -> Result<Bytes, StoreError> {
        match self {
            Self::Blob(blobs, path) => blobs.range(path, range).await,
            Self::Cached(file, _) => {
                let file = file.clone();
                // Both ends come from an index that was checked against the size of the file.
                let length = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
                spawn_blocking(move || file.read_at(range.start, length)).await.map_err(StoreError::Task)?
            }
        }
    }

    /// One member, checked and uncompressed.
    pub(crate) async fn member(&self, number: u32, info: MemberInfo) -> Result<Bytes, StoreError> {
        let compressed = self.range(info.offset..info.offset + u64::from(info.length)).await?;
        let raw = spawn_blocking(move || unpack(&compressed, info)).await.map_err(StoreError::Task)?;
        raw.map(Bytes::from).map_err(|problem| {
            StoreError::tampered(self.blob(), format!("member {number} at byte {}: {problem}", info.offset))
        })
    }
}

/// Checks and uncompresses one member.
pub(crate) fn unpack(compressed: &[u8], info: MemberInfo) -> Result<Vec<u8>, &'static str> {
    if hash128(compressed) != info.hash {
        return Err("its hash is not the one in the index");
    }
    gzip::member(compressed, info.raw_len as usize)
}
