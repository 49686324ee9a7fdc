//! Who may write into a point's folder.
//!
//! Claims are numbered blobs, each created once: whoever creates the next number
//! has the name. The highest claim rules. A writer shows that it lives by
//! rewriting its heartbeat every [`HEARTBEAT_EVERY`]; silence of more than
//! [`SILENT_AFTER`] ([`ClaimTiming`]), by the store's clock, is death, and so is a process that is
//! proven to have ended on this machine. The next writer takes over with the next
//! number and removes what the dead one left. A writer that was only asleep finds
//! the higher claim before it completes anything, and stops.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use object_store::ObjectMeta;
use serde::{Deserialize, Serialize};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use crate::blobs::{Blobs, Created, last_modified};
use crate::error::StoreError;
use crate::layout::{PointFolder, claim_number, heartbeat};
use crate::limits::MAX_NOTE_BYTES;
use crate::process::ProcessIdentity;
use crate::writer::Writer;

/// How often a writer shows that it lives.
pub const HEARTBEAT_EVERY: Duration = Duration::from_mins(1);

/// Silence after which a writer counts as dead, by the store's clock.
pub const SILENT_AFTER: Duration = Duration::from_mins(15);

/// How claims are kept and judged. All writers of a vault must use the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimTiming {
    /// How often a writer shows that it lives.
    pub heartbeat_every: Duration,
    /// Silence after which a writer counts as dead, by the store's clock, which may tell whole seconds only.
    pub silent_after: Duration,
}

impl ClaimTiming {
    /// [`HEARTBEAT_EVERY`] and [`SILENT_AFTER`].
    pub const STANDARD: Self = Self { heartbeat_every: HEARTBEAT_EVERY, silent_after: SILENT_AFTER };
}

/// Deletions of one folder that are under way at once.
const DELETIONS: usize = 8;

/// How often a lost race for a claim is looked at again before it is reported.
const ATTEMPTS: u32 = 3;

/// The content of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claim {
    writer_id: Uuid,
    process: Option<ProcessIdentity>,
    started: Timestamp,
}

/// A claim that was won.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) number: u32,
    pub(crate) writer: Uuid,
}

/// What stands in the folder of a point.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) marker: Option<ObjectMeta>,
    pub(crate) claims: BTreeMap<u32, ObjectMeta>,
    pub(crate) others: Vec<ObjectMeta>,
}

impl Content {
    pub(crate) async fn read(blobs: &Blobs, folder: &PointFolder) -> Result<Self, StoreError> {
        let mut content = Self::default();
        let marker = folder.marker();
        for blob in blobs.list(&folder.path()).await? {
            if blob.location == marker {
                content.marker = Some(blob);
            } else if let Some(number) = claim_number(&blob.location) {
                content.claims.insert(number, blob);
            } else {
                content.others.push(blob);
            }
        }
        Ok(content)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.marker.is_none() && self.claims.is_empty() && self.others.is_empty()
    }

    /// The size of a blob of this folder.
    pub(crate) fn size_of(&self, path: &object_store::path::Path) -> Option<u64> {
        self.others.iter().find(|blob| blob.location == *path).map(|blob| blob.size)
    }
}

/// Reserves the folder for a writer and clears what a dead one left in it.
///
/// # Errors
/// [`StoreError::PointExists`], [`StoreError::NameInUse`], [`StoreError::FolderInUse`].
pub(crate) async fn acquire(
    blobs: &Blobs,
    folder: &PointFolder,
    writer: &Writer,
    started: Timestamp,
) -> Result<Held, StoreError> {
    let held = try_acquire(blobs, folder, writer, started).await;
    if held.is_err()
        && let Err(error) = blobs.delete(&heartbeat(writer.id)).await
    {
        tracing::debug!(%error, "the heartbeat of a backup that did not begin could not be removed");
    }
    held
}

async fn try_acquire(
    blobs: &Blobs,
    folder: &PointFolder,
    writer: &Writer,
    started: Timestamp,
) -> Result<Held, StoreError> {
    for _ in 0..ATTEMPTS {
        let content = Content::read(blobs, folder).await?;
        if content.marker.is_some() {
            return Err(StoreError::PointExists(folder.name().to_owned()));
        }
        let number = match content.claims.last_key_value() {
            None if !content.others.is_empty() => {
                return Err(StoreError::FolderInUse(folder.path().to_string()));
            }
            None => 1,
            Some((number, meta)) => match judge(blobs, folder, *number, meta, writer).await? {
                Verdict::Own => {
                    let held = Held { number: *number, writer: writer.id };
                    clear(blobs, folder, held).await?;
                    return Ok(held);
                }
                Verdict::Dead => number.saturating_add(1),
                Verdict::Alive { silent_seconds } => {
                    return Err(in_use(folder, silent_seconds, writer.timing));
                }
            },
        };
        beat(blobs, writer.id).await?;
        let claim = Claim { writer_id: writer.id, process: writer.process.clone(), started };
        match blobs.create(&folder.claim(number), json(&claim)).await? {
            Created::Ours => {
                let held = Held { number, writer: writer.id };
                if number > 1 {
                    take_over(blobs, folder, held).await?;
                }
                return Ok(held);
            }
            Created::Taken => {}
        }
    }
    Err(in_use(folder, 0, writer.timing))
}

/// Clears the folder, unless the writer that was thought dead has committed before the claim that supersedes it.
/// From then on, its look at the claims after its marker tells it that it was too late.
async fn take_over(blobs: &Blobs, folder: &PointFolder, held: Held) -> Result<(), StoreError> {
    if blobs.head(&folder.marker()).await?.is_some() {
        blobs.delete(&folder.claim(held.number)).await?;
        return Err(StoreError::PointExists(folder.name().to_owned()));
    }
    clear(blobs, folder, held).await
}

fn in_use(folder: &PointFolder, silent_seconds: i64, timing: ClaimTiming) -> StoreError {
    StoreError::NameInUse {
        name: folder.name().to_owned(),
        silent_seconds,
        takeover_seconds: timing.silent_after.as_secs(),
    }
}

/// What the highest claim of a folder means for a writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is its own.
    Own,
    /// Its writer is dead.
    Dead,
    /// Its writer lives, as far as can be known.
    Alive {
        /// Since its last sign of life.
        silent_seconds: i64,
    },
}

pub(crate) async fn judge(
    blobs: &Blobs,
    folder: &PointFolder,
    number: u32,
    meta: &ObjectMeta,
    me: &Writer,
) -> Result<Verdict, StoreError> {
    // A claim that cannot be read tells no more than its age.
    let claim = read(blobs, folder, number).await?;
    if let Some(claim) = &claim {
        if claim.writer_id == me.id {
            return Ok(Verdict::Own);
        }
        if claim.process.as_ref().is_some_and(ProcessIdentity::is_gone) {
            return Ok(Verdict::Dead);
        }
    }
    let mut seen = last_modified(meta);
    if let Some(claim) = &claim
        && let Some(beat) = blobs.head(&heartbeat(claim.writer_id)).await?
    {
        seen = seen.max(last_modified(&beat));
    }
    let now = blobs.now(&heartbeat(me.id), Beat::next(me.id)).await?;
    let silent = now.duration_since(seen);
    if silent > jiff::SignedDuration::try_from(me.timing.silent_after).unwrap_or(jiff::SignedDuration::MAX) {
        Ok(Verdict::Dead)
    } else {
        Ok(Verdict::Alive { silent_seconds: silent.as_secs().max(0) })
    }
}

/// [`judge`], for one who does not go on to write: leaves no heartbeat behind.
pub(crate) async fn judge_once(
    blobs: &Blobs,
    folder: &PointFolder,
    number: u32,
    meta: &ObjectMeta,
    me: &Writer,
) -> Result<Verdict, StoreError> {
    let verdict = judge(blobs, folder, number, meta, me).await;
    blobs.delete(&heartbeat(me.id)).await?;
    verdict
}

/// Reads a claim; `None` if it is gone or not readable as one.
async fn read(blobs: &Blobs, folder: &PointFolder, number: u32) -> Result<Option<Claim>, StoreError> {
    match blobs.get(&folder.claim(number), MAX_NOTE_BYTES).await {
        Ok(Some(bytes)) => Ok(serde_json::from_slice(&bytes).ok()),
        Ok(None) | Err(StoreError::TooLarge { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a claim is that of a writer.
pub(crate) async fn is_of(
    blobs: &Blobs,
    folder: &PointFolder,
    number: u32,
    writer: Uuid,
) -> Result<bool, StoreError> {
    Ok(read(blobs, folder, number).await?.is_some_and(|claim| claim.writer_id == writer))
}

/// Reads the folder and makes sure that the claim still rules it.
///
/// # Errors
/// [`StoreError::Superseded`] if it does not.
pub(crate) async fn confirm(blobs: &Blobs, folder: &PointFolder, held: Held) -> Result<Content, StoreError> {
    let content = Content::read(blobs, folder).await?;
    let rules = content.claims.last_key_value().is_some_and(|(number, _)| *number == held.number);
    // The number alone could be that of a later life of the same name.
    let own = rules && is_of(blobs, folder, held.number, held.writer).await?;
    if own { Ok(content) } else { Err(StoreError::Superseded(folder.name().to_owned())) }
}

/// Removes what an earlier writer left. Its claims stay, so that a number is never given out twice.
async fn clear(blobs: &Blobs, folder: &PointFolder, held: Held) -> Result<(), StoreError> {
    let content = Content::read(blobs, folder).await?;
    for number in content.claims.keys().filter(|number| **number < held.number) {
        if let Some(claim) = read(blobs, folder, *number).await? {
            blobs.delete(&heartbeat(claim.writer_id)).await?;
        }
    }
    delete_all(blobs, content.others).await?;
    Ok(())
}

/// Removes everything from a folder whose claim is held, the claim itself last, and the heartbeat.
pub(crate) async fn release(blobs: &Blobs, folder: &PointFolder, held: Held) -> Result<(), StoreError> {
    clear(blobs, folder, held).await?;
    let content = Content::read(blobs, folder).await?;
    for (_, claim) in content.claims.range(..=held.number) {
        blobs.delete(&claim.location).await?;
    }
    stop(blobs, held).await
}

/// Removes the heartbeat of a writer that is done.
pub(crate) async fn stop(blobs: &Blobs, held: Held) -> Result<(), StoreError> {
    blobs.delete(&heartbeat(held.writer)).await?;
    Ok(())
}

/// Deletes blobs and returns how many there were, and their size.
pub(crate) async fn delete_all(
    blobs: &Blobs,
    metas: impl IntoIterator<Item = ObjectMeta>,
) -> Result<(u64, u64), StoreError> {
    futures::stream::iter(metas)
        .map(|meta| async move { Ok((blobs.delete(&meta.location).await?, meta.size)) })
        .buffer_unordered(DELETIONS)
        .try_fold((0, 0), |(count, bytes), (was_there, size)| async move {
            Ok(if was_there { (count + 1, bytes + size) } else { (count, bytes) })
        })
        .await
}

/// The content of a heartbeat. Each differs from the one before, so that it can be told whether one arrived.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Beat {
    writer_id: Uuid,
    beat: Uuid,
}

impl Beat {
    fn next(writer: Uuid) -> Bytes {
        json(&Self { writer_id: writer, beat: Uuid::new_v4() })
    }
}

async fn beat(blobs: &Blobs, writer: Uuid) -> Result<(), StoreError> {
    blobs.replace(&heartbeat(writer), Beat::next(writer)).await
}

/// Shows that a writer lives until the handle is dropped. A beat that fails is only logged: the next may
/// succeed, and a writer that was taken over finds out by its claim.
pub(crate) fn keep_alive(blobs: Blobs, writer: Uuid, every: Duration) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            tokio::time::sleep(every).await;
            if let Err(error) = beat(&blobs, writer).await {
                tracing::warn!(%writer, %error, "the heartbeat of a backup could not be written");
            }
        }
    }))
}

fn json(value: &impl Serialize) -> Bytes {
    #[expect(clippy::expect_used, reason = "plain structs of strings and numbers are always JSON")]
    serde_json::to_vec(value).expect("note as JSON").into()
}
