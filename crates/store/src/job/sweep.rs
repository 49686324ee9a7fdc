//! What the end of a job does for others: marks jobs whose process died, and removes old ones.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tokio::task::spawn_blocking;

use super::document::{folder, number};
use super::id::JobId;
use super::live::{Signs, is_silent};
use super::record::{JobRecord, JobState};
use super::{JOBS_REMOVED_AT_ONCE, Jobs, KEPT_DAYS, KEPT_JOBS};
use crate::blobs::last_modified;
use crate::claim::delete_all;
use crate::error::StoreError;
use crate::layout::jobs;
use crate::process::ProcessIdentity;

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweptJobs {
    /// Jobs that are marked Interrupted now.
    pub interrupted: Vec<JobId>,
    /// Jobs that are removed.
    pub removed: Vec<JobId>,
}

impl Jobs {
    /// Marks jobs whose process died without saying how they ended, and removes at most
    /// [`JOBS_REMOVED_AT_ONCE`] of those beyond [`KEPT_JOBS`] and [`KEPT_DAYS`].
    ///
    /// Two LISTs where there is nothing to do. The time is the last sign of life of `own`, a job of this process
    /// that still runs, by the store's clock; without one nothing counts as silent or old.
    pub async fn sweep(&self, own: &JobId) -> Result<SweptJobs, StoreError> {
        self.vault.check_writable()?;
        let folder = jobs();
        let (signs, names) = tokio::try_join!(self.signs(), self.vault.blobs().folders(&folder))?;
        let now = Self::seen(signs.get(own), None);
        let mut swept = SweptJobs::default();
        for (id, sign) in signs.iter().filter(|(id, _)| *id != own) {
            if self.bury(id, sign, now).await? {
                swept.interrupted.push(id.clone());
            }
        }
        for id in expired(&names, now, &signs) {
            self.remove(&id).await?;
            swept.removed.push(id);
        }
        // On disk, what killed processes left in `live/`.
        self.vault.sweep_staging(None).await?;
        Ok(swept)
    }

    /// Marks a job if its process is dead, and clears what stands in `live/` about it; whether it was marked.
    async fn bury(&self, id: &JobId, sign: &Signs, now: Option<Timestamp>) -> Result<bool, StoreError> {
        let Some(seen) = Self::seen(Some(sign), sign.cancel.as_ref()) else { return Ok(false) };
        let live = self.live(id).await?;
        let gone = live.as_ref().and_then(|live| live.process.as_ref()).is_some_and(ProcessIdentity::is_gone);
        if !gone && !now.is_some_and(|now| is_silent(seen, now)) {
            return Ok(false);
        }
        let ended = sign.beat.as_ref().map_or(seen, last_modified);
        let phases = live.map(|live| live.phases).unwrap_or_default();
        let interrupt = |record: JobRecord| {
            (!record.state.is_ended()).then(|| JobRecord {
                state: JobState::Interrupted,
                ended: Some(ended),
                phases: phases.clone(),
                ..record
            })
        };
        let marked = match self.change(id, interrupt).await {
            Ok(marked) => marked.is_some(),
            // It died before its first document was there, or that document is of no use.
            Err(StoreError::UnknownJob { .. } | StoreError::JobUnreadable { .. }) => false,
            Err(error) => return Err(error),
        };
        self.quiet(id).await?;
        Ok(marked)
    }

    /// Removes a job. Its newest document goes last: what an interrupted removal leaves still says how it ended.
    async fn remove(&self, id: &JobId) -> Result<(), StoreError> {
        let folder = folder(id);
        let mut blobs = self.vault.blobs().list(&folder).await?;
        blobs.sort_by_key(|blob| number(&blob.location));
        let newest = blobs.pop();
        delete_all(self.vault.blobs(), blobs).await?;
        self.remove_journal(id).await?;
        delete_all(self.vault.blobs(), newest).await?;
        if let Some(on_disk) = self.vault.folder().cloned() {
            spawn_blocking(move || on_disk.remove_empty(&folder)).await.map_err(StoreError::Task)?;
        }
        Ok(())
    }
}

/// The oldest jobs that need not be kept. One that may be running is kept.
fn expired(names: &[String], now: Option<Timestamp>, signs: &BTreeMap<JobId, Signs>) -> Vec<JobId> {
    let mut ids: Vec<JobId> = names.iter().filter_map(|name| name.parse().ok()).collect();
    ids.sort_unstable();
    let surplus = ids.len().saturating_sub(KEPT_JOBS);
    let oldest = now.and_then(|now| now.checked_sub(SignedDuration::from_hours(KEPT_DAYS * 24)).ok());
    let is_old = |id: &JobId| oldest.is_some_and(|oldest| id.time() < oldest);
    ids.into_iter()
        .enumerate()
        .filter(|(position, id)| (*position < surplus || is_old(id)) && !signs.contains_key(id))
        .map(|(_, id)| id)
        .take(JOBS_REMOVED_AT_ONCE)
        .collect()
}
