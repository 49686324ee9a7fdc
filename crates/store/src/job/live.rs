//! What changes often about a running job: its sign of life and progress, and requests to stop it.
//!
//! `live/<id>.json` is overwritten by the job's own process only. Whoever wants the
//! job to stop creates `live/<id>.cancel`, which that process looks for.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use object_store::ObjectMeta;
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::id::JobId;
use super::record::{JobPhase, JobProgress, JobRecord};
use super::{Jobs, json};
use crate::blobs::last_modified;
use crate::claim::SILENT_AFTER;
use crate::error::StoreError;
use crate::layout::{heartbeat, live};
use crate::limits::MAX_NOTE_BYTES;
use crate::process::ProcessIdentity;

/// How long the store's clock is told from this machine's before it is asked again.
const CLOCK_HOLDS: Duration = Duration::from_mins(5);

/// What a running job says about itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobLive {
    /// What it does just now.
    pub progress: JobProgress,
    /// Its phases so far.
    pub phases: Vec<JobPhase>,
    /// Its process.
    pub process: Option<ProcessIdentity>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Beat<'a> {
    /// Each differs from the one before, so that it can be told whether one arrived.
    beat: Uuid,
    #[serde(flatten)]
    live: &'a JobLive,
}

/// What stands in `live/` about one job.
#[derive(Clone, Debug, Default)]
pub(super) struct Signs {
    pub(super) beat: Option<ObjectMeta>,
    pub(super) cancel: Option<ObjectMeta>,
}

/// The store's time at one moment of this machine's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    store: Timestamp,
    asked: Instant,
}

fn beat_path(id: &JobId) -> Path {
    live().join(format!("{id}.json"))
}

fn cancel_path(id: &JobId) -> Path {
    live().join(format!("{id}.cancel"))
}

/// Whether somebody who was last seen then counts as dead now.
pub(super) fn is_silent(seen: Timestamp, now: Timestamp) -> bool {
    now.duration_since(seen) > SignedDuration::from_secs(SILENT_AFTER.as_secs().cast_signed())
}

impl Jobs {
    /// Shows that a job lives, and what it does. Only for the process that runs it.
    pub async fn beat(&self, id: &JobId, live: &JobLive) -> Result<(), StoreError> {
        self.vault.check_writable()?;
        let bytes = json(&Beat { beat: Uuid::new_v4(), live });
        self.vault.blobs().replace(&beat_path(id), bytes.into()).await
    }

    /// Removes what stands in `live/` about a job that has ended.
    pub async fn quiet(&self, id: &JobId) -> Result<(), StoreError> {
        self.vault.blobs().delete(&beat_path(id)).await?;
        self.vault.blobs().delete(&cancel_path(id)).await?;
        Ok(())
    }

    /// Asks the process that runs a job to stop it. It may take a minute to notice, and may be done by then.
    ///
    /// # Errors
    /// [`StoreError::UnknownJob`], and [`StoreError::JobEnded`] if it does not run.
    pub async fn request_cancel(&self, id: &JobId) -> Result<(), StoreError> {
        self.vault.check_writable()?;
        let job = self.get(id).await?;
        if job.record.state.is_ended() {
            return Err(StoreError::JobEnded {
                id: id.to_string(),
                state: format!("{:?}", job.record.state),
            });
        }
        let attempt = Bytes::from(format!("{{\"attempt\":\"{}\"}}", Uuid::new_v4()));
        // Whose request it is does not matter.
        self.vault.blobs().create(&cancel_path(id), attempt).await?;
        Ok(())
    }

    /// Whether somebody asked a job to stop.
    pub async fn is_cancel_requested(&self, id: &JobId) -> Result<bool, StoreError> {
        Ok(self.vault.blobs().head(&cancel_path(id)).await?.is_some())
    }

    /// All that stands in `live/` about jobs.
    pub(super) async fn signs(&self) -> Result<BTreeMap<JobId, Signs>, StoreError> {
        let mut signs: BTreeMap<JobId, Signs> = BTreeMap::new();
        for blob in self.vault.blobs().list(&live()).await? {
            let Some((id, what)) = blob.location.filename().and_then(|name| name.rsplit_once('.')) else {
                continue;
            };
            let Ok(id) = id.parse::<JobId>() else { continue };
            match what {
                "json" => signs.entry(id).or_default().beat = Some(blob),
                "cancel" => signs.entry(id).or_default().cancel = Some(blob),
                _ => {}
            }
        }
        Ok(signs)
    }

    /// What a job last said about itself; `None` if it is gone or cannot be read.
    pub(super) async fn live(&self, id: &JobId) -> Result<Option<JobLive>, StoreError> {
        match self.vault.blobs().get(&beat_path(id), MAX_NOTE_BYTES).await {
            Ok(Some(bytes)) => Ok(serde_json::from_slice(&bytes).ok()),
            Ok(None) => Ok(None),
            Err(error) if error.is_bad_blob() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the process of a job is dead, as far as can be known at `now` of the store's clock.
    pub(super) fn is_dead(record: &JobRecord, seen: Timestamp, now: Timestamp) -> bool {
        record.process.as_ref().is_some_and(ProcessIdentity::is_gone) || is_silent(seen, now)
    }

    /// The store's clock. Asked by writing a blob of one's own, and for a while counted on from there; whoever
    /// may not write goes by this machine's clock.
    pub(super) async fn store_clock(&self) -> Timestamp {
        let known = *self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Clock { store, asked }) = known
            && asked.elapsed() < CLOCK_HOLDS
        {
            return store + asked.elapsed();
        }
        let me = heartbeat(Uuid::new_v4());
        let asked = Instant::now();
        let answer = self.vault.blobs().now(&me, Uuid::new_v4().to_string().into()).await;
        if let Err(error) = self.vault.blobs().delete(&me).await {
            tracing::debug!(%error, "the blob that told the store's time could not be removed");
        }
        match answer {
            Ok(store) => {
                *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(Clock { store, asked });
                store
            }
            Err(error) => {
                tracing::debug!(%error, "the store does not tell its time");
                Timestamp::now()
            }
        }
    }

    pub(super) fn seen(signs: Option<&Signs>, document: Option<&ObjectMeta>) -> Option<Timestamp> {
        let beat = signs.and_then(|signs| signs.beat.as_ref());
        beat.into_iter().chain(document).map(last_modified).max()
    }
}
