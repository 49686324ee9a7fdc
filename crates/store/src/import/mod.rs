//! Points without a usable index: those of Velero and of Azure's Backup extension, and ours whose index is lost.
//!
//! The archive is streamed once and written again, in members, into the cache of
//! this machine, together with an index. From then on it is read like any other.

mod cache;
mod objects;
mod stream;

use std::io::Read;

use jiff::Timestamp;
use object_store::path::Path;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

pub(crate) use cache::{CacheKey, Draft, load};

use crate::assembly::{Archive, Assembly};
use crate::blobs::Blobs;
use crate::error::StoreError;
use crate::hash::hex;
use crate::limits::{MAX_ARCHIVE_RAW_BYTES, MAX_OBJECT_BYTES};
use crate::spool::SpoolFile;
use crate::tarball::path::{EntryPath, parse, segments};
use crate::tarball::read::{EntryHead, TarError, TarReader};
use objects::Collector;
use stream::{BlobReader, Guarded, STEP};

/// An archive to be read from end to end.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) blobs: Blobs,
    pub(crate) path: Path,
    /// Size in bytes.
    pub(crate) size: u64,
    /// blake3 of the whole, as hex, where it is known.
    pub(crate) hash: Option<String>,
    /// Modification time of the entries written.
    pub(crate) mtime: Timestamp,
}

/// Something in an archive that was passed over, and why.
pub(crate) type Note = String;

/// Notes kept; of more, only the number is told.
const MAX_NOTES: usize = 1000;

/// Streams the archive and writes it anew into `file`.
pub(crate) async fn read_through(
    source: Source,
    file: SpoolFile,
) -> Result<(Archive, Vec<Note>), StoreError> {
    let (chunks, receiver) = mpsc::channel(2);
    let worker = {
        let source = source.clone();
        spawn_blocking(move || convert(&source, BlobReader::new(receiver), file))
    };
    let mut offset = 0;
    while offset < source.size {
        let end = source.size.min(offset + STEP);
        let chunk = source.blobs.range(&source.path, offset..end).await;
        let failed = chunk.is_err();
        // The worker hangs up when it has seen enough; what it says then counts.
        if chunks.send(chunk).await.is_err() || failed {
            break;
        }
        offset = end;
    }
    drop(chunks);
    worker.await.map_err(StoreError::Task)?
}

fn convert(
    source: &Source,
    mut reader: BlobReader,
    file: SpoolFile,
) -> Result<(Archive, Vec<Note>), StoreError> {
    let result = {
        let guarded = Guarded::new(&mut reader);
        let limit = guarded.tripped();
        walk(source, guarded, file).map_err(|error| if limit.get() { bomb(source) } else { error })
    };
    // A failure of the storage shows as a broken stream; it is the cause.
    if let Some(error) = reader.take_error() {
        return Err(error);
    }
    let result = result?;
    match &source.hash {
        Some(hash) if *hash != hex(reader.hash().as_bytes()) => {
            Err(StoreError::tampered(&source.path, "its hash is not the one in velero-backup.json"))
        }
        _ => Ok(result),
    }
}

fn bomb(source: &Source) -> StoreError {
    StoreError::TooLarge {
        what: format!("{}, unpacked,", source.path),
        limit: MAX_ARCHIVE_RAW_BYTES,
        advice: "it is far larger than what a cluster holds, or made to exhaust the reader; do not restore from it",
    }
}

fn walk(source: &Source, stream: impl Read, file: SpoolFile) -> Result<(Archive, Vec<Note>), StoreError> {
    let broken = |error: TarError| StoreError::damaged(&source.path, error.to_string());
    let hostile = |head: &EntryHead, problem: &'static str| StoreError::HostileEntry {
        blob: source.path.to_string(),
        entry: shown(&head.path),
        problem,
    };
    let mut collector =
        Collector::new(Assembly::begin(source.path.as_ref(), file, source.mtime)?, source.mtime);
    let mut tar = TarReader::new(stream);
    while let Some(head) = tar.next().map_err(broken)? {
        if !head.regular {
            segments(&head.path).map_err(|problem| hostile(&head, problem))?;
            if !head.directory {
                collector.note(format!("{} is not a regular file and was passed over", shown(&head.path)));
            }
            tar.skip(head.size).map_err(broken)?;
            continue;
        }
        match parse(&head.path).map_err(|problem| hostile(&head, problem))? {
            EntryPath::Object { resource, namespace, name } => {
                let size = usize::try_from(head.size).unwrap_or(usize::MAX);
                if size > MAX_OBJECT_BYTES {
                    return Err(StoreError::TooLarge {
                        what: format!("{} in {}", shown(&head.path), source.path),
                        limit: MAX_OBJECT_BYTES as u64,
                        advice: "no object of Kubernetes is that large; do not restore from it",
                    });
                }
                let json = tar.content(size).map_err(broken)?;
                collector.add(resource, namespace, name, &json)?;
            }
            EntryPath::Skipped => tar.skip(head.size).map_err(broken)?,
            EntryPath::Unexpected => {
                collector.note(format!("{} is no object and was passed over", shown(&head.path)));
                tar.skip(head.size).map_err(broken)?;
            }
        }
    }
    // The checksums of gzip stand at the very end.
    tar.drain().map_err(broken)?;
    collector.finish()
}

/// A path for messages: escaped and short.
fn shown(path: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(path).chars().take(120).collect();
    text.escape_debug().to_string()
}
