//! Documents of jobs: revisions that are created, never overwritten.

use object_store::ObjectMeta;
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::id::JobId;
use super::record::JobRecord;
use super::{Jobs, json};
use crate::blobs::Created;
use crate::error::StoreError;
use crate::layout::jobs;
use crate::limits::MAX_JOB_BYTES;

/// Format of the documents that this version writes and reads.
const FORMAT: u64 = 1;

/// How often a lost race is looked at again before it is reported.
const ATTEMPTS: u32 = 5;

/// How writing a revision ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Revised {
    /// It is the newest one now, under this number.
    Ours(u32),
    /// Another process wrote a revision first: decide again from this one.
    Lost(Box<Revision>),
}

/// The newest revision of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Its number, counted from 1.
    pub number: u32,
    /// What it says.
    pub record: JobRecord,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    format: u64,
    revision: u32,
    /// Random, so that one's own write is known when its answer is lost.
    attempt: Uuid,
    #[serde(flatten)]
    record: &'a JobRecord,
}

#[derive(Deserialize)]
struct AnyDocument {
    format: u64,
}

/// The folder of one job.
pub(super) fn folder(id: &JobId) -> Path {
    jobs().join(id.as_str())
}

pub(super) fn path(id: &JobId, number: u32) -> Path {
    folder(id).join(format!("{number}.json"))
}

/// The number of a revision, if the blob is one.
pub(super) fn number(path: &Path) -> Option<u32> {
    let digits = path.filename()?.strip_suffix(".json")?;
    let number: u32 = digits.parse().ok()?;
    (number > 0 && number.to_string() == digits).then_some(number)
}

pub(super) fn unreadable(id: &JobId, problem: impl Into<String>) -> StoreError {
    StoreError::JobUnreadable { id: id.to_string(), problem: problem.into() }
}

fn parse(id: &JobId, bytes: &[u8]) -> Result<JobRecord, StoreError> {
    let any: AnyDocument =
        serde_json::from_slice(bytes).map_err(|error| unreadable(id, error.to_string()))?;
    if any.format != FORMAT {
        let problem = format!("it has format {}, and this version reads format {FORMAT}", any.format);
        return Err(unreadable(id, problem));
    }
    let record: JobRecord =
        serde_json::from_slice(bytes).map_err(|error| unreadable(id, error.to_string()))?;
    if record.id == *id { Ok(record) } else { Err(unreadable(id, "it is the document of another job")) }
}

impl Jobs {
    /// Writes the revision after `after`, the newest one known; 0 for the first.
    ///
    /// # Errors
    /// Those of the storage, and [`StoreError::JobUnreadable`] if another process wrote something unreadable first.
    pub async fn revise(&self, record: &JobRecord, after: u32) -> Result<Revised, StoreError> {
        self.vault.check_writable()?;
        let next = after.checked_add(1).ok_or_else(|| unreadable(&record.id, "it has no next revision"))?;
        let document = Document { format: FORMAT, revision: next, attempt: Uuid::new_v4(), record };
        match self.vault.blobs().create(&path(&record.id, next), json(&document).into()).await? {
            Created::Ours => Ok(Revised::Ours(next)),
            Created::Taken => Ok(Revised::Lost(Box::new(self.newest(&record.id).await?))),
        }
    }

    /// Writes what `decide` makes of the newest revision, and decides anew where another process was faster.
    /// `None` leaves the job as it is.
    pub async fn change(
        &self,
        id: &JobId,
        decide: impl Fn(JobRecord) -> Option<JobRecord>,
    ) -> Result<Option<u32>, StoreError> {
        let mut newest = self.newest(id).await?;
        for _ in 0..ATTEMPTS {
            let Some(record) = decide(newest.record) else { return Ok(None) };
            match self.revise(&record, newest.number).await? {
                Revised::Ours(number) => return Ok(Some(number)),
                Revised::Lost(other) => newest = *other,
            }
        }
        Err(unreadable(id, "other processes keep changing it: try again"))
    }

    /// The newest revision of a job.
    ///
    /// # Errors
    /// [`StoreError::UnknownJob`], [`StoreError::JobUnreadable`].
    pub async fn newest(&self, id: &JobId) -> Result<Revision, StoreError> {
        let (number, _) = self.newest_blob(id).await?.ok_or_else(|| self.unknown(id))?;
        let record = self.record(id, number).await?;
        Ok(Revision { number, record })
    }

    pub(super) fn unknown(&self, id: &JobId) -> StoreError {
        StoreError::UnknownJob { id: id.to_string(), vault: self.vault.place().to_owned() }
    }

    pub(super) async fn newest_blob(&self, id: &JobId) -> Result<Option<(u32, ObjectMeta)>, StoreError> {
        let blobs = self.vault.blobs().list(&folder(id)).await?;
        let revisions = blobs
            .into_iter()
            .filter_map(|blob| Some((number(&blob.location)?, blob)))
            .filter(|(number, blob)| blob.location == path(id, *number));
        Ok(revisions.max_by_key(|(number, _)| *number))
    }

    /// Reads one revision, which cannot change and so is remembered.
    pub(super) async fn record(&self, id: &JobId, number: u32) -> Result<JobRecord, StoreError> {
        if let Some(record) = self.bodies.get(id, number) {
            return Ok(record);
        }
        let read = self.vault.blobs().get(&path(id, number), MAX_JOB_BYTES).await;
        let bytes = match read {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(self.unknown(id)),
            Err(error) if error.is_bad_blob() => return Err(unreadable(id, error.to_string())),
            Err(error) => return Err(error),
        };
        let record = parse(id, &bytes)?;
        self.bodies.put(number, record.clone());
        Ok(record)
    }
}
