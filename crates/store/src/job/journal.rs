//! The journal of a job: what it is about to change, and what it changed, while it runs.
//!
//! A journal is a folder `journals/<id>/` of segments `<number>.jsonl.gz`, each created once and never overwritten, by
//! the job's own process only. A segment is whole or it is not there, so a process that is killed loses at most what it
//! had not been told was kept. What the lines mean is their writer's business. A journal goes with its job.

use object_store::path::Path;
use tokio::task::spawn_blocking;

use super::document::unreadable;
use super::id::JobId;
use super::{Jobs, Packed};
use crate::blobs::Created;
use crate::claim::delete_all;
use crate::error::StoreError;
use crate::gzip;
use crate::layout::journals;
use crate::limits::MAX_JOURNAL_SEGMENT_BYTES;

/// Digits of a segment's number, so that names are sorted as numbers are.
const DIGITS: usize = 6;
/// What the names of segments end with.
const ENDING: &str = ".jsonl.gz";

pub(super) fn folder(id: &JobId) -> Path {
    journals().join(id.as_str())
}

fn path(id: &JobId, number: u32) -> Path {
    folder(id).join(format!("{number:0DIGITS$}{ENDING}"))
}

fn number(path: &Path) -> Option<u32> {
    path.filename()?.strip_suffix(ENDING)?.parse().ok()
}

impl Jobs {
    /// Keeps the next segment of a job's journal; `number` counts from 0. When it returns, the segment is there to stay.
    ///
    /// # Errors
    /// Those of the storage, and [`StoreError::JobUnreadable`] if another process has written this segment.
    pub async fn put_journal(&self, id: &JobId, number: u32, lines: Vec<u8>) -> Result<(), StoreError> {
        self.vault.check_writable()?;
        let packed = spawn_blocking(move || Packed::log(&lines, 0)).await.map_err(StoreError::Task)?;
        match self.vault.blobs().create(&path(id, number), packed.bytes).await? {
            Created::Ours => Ok(()),
            Created::Taken => Err(unreadable(id, "another process writes its journal")),
        }
    }

    /// The text of a job's journal, segment by segment; empty if it has none.
    ///
    /// # Errors
    /// Those of the storage, and [`StoreError::JobUnreadable`] if a segment is missing or damaged.
    pub async fn journal(&self, id: &JobId) -> Result<Vec<Vec<u8>>, StoreError> {
        let blobs = self.vault.blobs().list(&folder(id)).await?;
        let mut numbers: Vec<u32> = blobs.iter().filter_map(|blob| number(&blob.location)).collect();
        numbers.sort_unstable();
        let mut segments = Vec::with_capacity(numbers.len());
        for (expected, number) in (0..).zip(numbers) {
            if number != expected {
                return Err(unreadable(id, format!("segment {expected} of its journal is missing")));
            }
            let read = self.vault.blobs().get(&path(id, number), MAX_JOURNAL_SEGMENT_BYTES).await;
            let packed = match read {
                Ok(Some(packed)) => packed,
                Ok(None) => return Err(unreadable(id, format!("segment {number} of its journal is gone"))),
                Err(error) if error.is_bad_blob() => return Err(unreadable(id, error.to_string())),
                Err(error) => return Err(error),
            };
            let text = spawn_blocking(move || gzip::text(&packed, MAX_JOURNAL_SEGMENT_BYTES)).await;
            let text = text
                .map_err(StoreError::Task)?
                .map_err(|problem| unreadable(id, format!("segment {number} of its journal: {problem}")))?;
            segments.push(text);
        }
        Ok(segments)
    }

    /// Removes the journal of a job.
    pub(super) async fn remove_journal(&self, id: &JobId) -> Result<(), StoreError> {
        let folder = folder(id);
        let blobs = self.vault.blobs().list(&folder).await?;
        if blobs.is_empty() {
            return Ok(());
        }
        delete_all(self.vault.blobs(), blobs).await?;
        if let Some(on_disk) = self.vault.folder().cloned() {
            spawn_blocking(move || on_disk.remove_empty(&folder)).await.map_err(StoreError::Task)?;
        }
        Ok(())
    }
}
