//! Listing jobs: one LIST of the documents, one of `live/`, and the bodies that are not known yet.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use object_store::ObjectMeta;

use super::Jobs;
use super::document::number;
use super::id::JobId;
use super::live::Signs;
use super::record::{Job, JobEntry, JobFilter, JobRecord, JobState};
use crate::error::StoreError;
use crate::layout::jobs;

/// Documents read at once.
const READS: usize = 16;

impl Jobs {
    /// The jobs, newest first, those of other processes and machines among them. A container of another program
    /// has none.
    pub async fn list(&self, filter: &JobFilter) -> Result<Vec<JobEntry>, StoreError> {
        if self.vault.is_read_only() {
            return Ok(Vec::new());
        }
        let folder = jobs();
        let (signs, blobs) = tokio::try_join!(self.signs(), self.vault.blobs().list(&folder))?;
        let mut newest: BTreeMap<JobId, (u32, ObjectMeta)> = BTreeMap::new();
        for blob in blobs {
            let Some(number) = number(&blob.location) else { continue };
            // jobs/<id>/<revision>.json and nothing deeper.
            let parts: Vec<_> = blob.location.parts().collect();
            let [_, id, _] = parts.as_slice() else { continue };
            let Ok(id) = id.as_ref().parse::<JobId>() else { continue };
            if newest.get(&id).is_none_or(|(known, _)| *known < number) {
                newest.insert(id, (number, blob));
            }
        }
        let signs = &signs;
        stream::iter(newest.into_iter().rev())
            .map(|(id, (number, blob))| async move {
                let sign = signs.get(&id);
                match self.current(&id, number, &blob, sign).await {
                    Ok(job) => Ok(Some(JobEntry::Readable(Box::new(job)))),
                    Err(error @ StoreError::JobUnreadable { .. }) => {
                        Ok(Some(JobEntry::Unreadable { id, reason: error.to_string() }))
                    }
                    // Removed meanwhile.
                    Err(StoreError::UnknownJob { .. }) => Ok(None),
                    Err(error) => Err(error),
                }
            })
            .buffered(READS)
            .try_filter_map(|entry| std::future::ready(Ok(entry.filter(|entry| filter.takes(entry)))))
            .take(filter.limit)
            .try_collect()
            .await
    }

    /// One job as it is now.
    ///
    /// # Errors
    /// [`StoreError::UnknownJob`], [`StoreError::JobUnreadable`].
    pub async fn get(&self, id: &JobId) -> Result<Job, StoreError> {
        let signs = self.signs().await?;
        let (number, blob) = self.newest_blob(id).await?.ok_or_else(|| self.unknown(id))?;
        self.current(id, number, &blob, signs.get(id)).await
    }

    async fn current(
        &self,
        id: &JobId,
        number: u32,
        blob: &ObjectMeta,
        signs: Option<&Signs>,
    ) -> Result<Job, StoreError> {
        let record = self.record(id, number).await?;
        if record.state.is_ended() {
            return Ok(ended(record));
        }
        let seen = Self::seen(signs, Some(blob));
        let now = self.store_clock().await;
        let mut record = record;
        if Self::is_dead(&record, seen.unwrap_or(now), now) {
            // It may have ended well between the LIST and now.
            let newest = self.newest(id).await?;
            if newest.record.state.is_ended() {
                return Ok(ended(newest.record));
            }
            record.state = JobState::Interrupted;
            record.ended = seen;
            if let Some(live) = self.live(id).await? {
                record.phases = live.phases;
            }
            return Ok(Job { record, progress: None, cancel_requested: false, seen });
        }
        let live = match signs.and_then(|signs| signs.beat.as_ref()) {
            Some(_) => self.live(id).await?,
            None => None,
        };
        let live = live.filter(|live| !live.progress.phase.is_empty());
        let progress = live.map(|live| {
            record.phases = live.phases;
            live.progress
        });
        let cancel_requested = signs.is_some_and(|signs| signs.cancel.is_some());
        Ok(Job { record, progress, cancel_requested, seen })
    }
}

fn ended(record: JobRecord) -> Job {
    Job { record, progress: None, cancel_requested: false, seen: None }
}

impl JobFilter {
    fn takes(&self, entry: &JobEntry) -> bool {
        match entry {
            JobEntry::Readable(job) => {
                self.kind.is_none_or(|kind| job.record.kind == kind)
                    && self.state.is_none_or(|state| job.record.state == state)
            }
            // What it was is not known, so only an unfiltered list can show it.
            JobEntry::Unreadable { .. } => self.kind.is_none() && self.state.is_none(),
        }
    }
}
