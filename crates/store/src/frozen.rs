//! Pods that hooks of a backup may be holding.
//!
//! What has to be done to release a pod is written here before its first pre hook runs, and removed when its post hooks have
//! run. So whoever comes after a killed backup knows which pods still wait, and what releases them. The blobs stand outside of
//! the point's folder, because that is cleared when its name is taken over.

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use holdfast_model::name::PointName;
use jiff::Timestamp;
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::claim::{self, Content, Verdict};
use crate::error::StoreError;
use crate::layout::{PointFolder, frozen};
use crate::limits::{MAX_JOB_BYTES, MAX_MARKER_BYTES};
use crate::marker;
use crate::process::ProcessIdentity;
use crate::vault::Vault;
use crate::writer::Writer;

/// How often a folder that changes is looked at.
const ATTEMPTS: u32 = 3;

/// Notes read at once.
const AT_ONCE: usize = 16;

/// Pods that are held together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Frozen {
    /// UID of the cluster's `kube-system` namespace, by which clusters are told apart whatever a kubeconfig calls them; empty
    /// where the identity of the backup may not read it.
    pub cluster: String,
    /// The point that the backup makes.
    pub point: PointName,
    /// Its writer.
    pub writer: Uuid,
    /// The process, so that others on its machine can tell at once when it is gone.
    #[serde(default)]
    pub process: Option<ProcessIdentity>,
    /// When it was noted.
    pub noted: Timestamp,
    /// The pods.
    pub pods: Vec<FrozenPod>,
}

/// One pod, and what releases it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrozenPod {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub pod: String,
    /// Its UID: a pod of the same name that was made since was never held.
    pub uid: String,
    /// What to run in it, in this order.
    pub release: Vec<ReleaseCommand>,
}

/// A post hook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseCommand {
    /// Where it comes from, as reports say it.
    pub hook: String,
    /// The container.
    pub container: String,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// How long it may take, in milliseconds.
    pub timeout_millis: u64,
}

/// A note in a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenNote(Path);

/// What became of the writer of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// It committed the point.
    Committed,
    /// It is at it, as far as can be known.
    Alive,
    /// It is dead, or another has its place, and it committed nothing.
    Gone,
}

impl Vault {
    /// Notes pods before they are held.
    pub async fn note_frozen(&self, frozen: &Frozen) -> Result<FrozenNote, StoreError> {
        self.check_writable()?;
        let json = encode(frozen);
        if json.len() as u64 > MAX_JOB_BYTES {
            return Err(StoreError::TooLarge {
                what: "the note of what releases the pods of a backup".to_owned(),
                limit: MAX_JOB_BYTES,
                advice: "give the hooks shorter commands",
            });
        }
        let path = crate::layout::frozen().join(format!("{}.{}.json", frozen.writer, Uuid::new_v4()));
        // The name is random: where it is taken, that is by our own try whose answer was lost.
        self.blobs().create(&path, json).await?;
        Ok(FrozenNote(path))
    }

    /// Removes the note once the pods are released.
    pub async fn drop_frozen(&self, note: &FrozenNote) -> Result<(), StoreError> {
        self.blobs().delete(&note.0).await.map(drop)
    }

    /// Every note, oldest first. What cannot be read as one is passed over.
    pub async fn frozen(&self) -> Result<Vec<(FrozenNote, Frozen)>, StoreError> {
        let blobs = self.blobs();
        let paths: Vec<Path> = blobs.list(&frozen()).await?.into_iter().map(|meta| meta.location).collect();
        let mut notes: Vec<(FrozenNote, Frozen)> = futures::stream::iter(paths)
            .map(|path| async move {
                let json = match blobs.get(&path, MAX_JOB_BYTES).await {
                    Err(error) if !error.is_of_storage() => None,
                    json => json?,
                };
                Ok::<_, StoreError>(
                    json.and_then(|json| serde_json::from_slice(&json).ok()).map(|f| (FrozenNote(path), f)),
                )
            })
            .buffer_unordered(AT_ONCE)
            .try_filter_map(|note| std::future::ready(Ok(note)))
            .try_collect()
            .await?;
        notes.sort_by_key(|(_, frozen)| frozen.noted);
        Ok(notes)
    }

    /// What became of a writer of a point, which left something elsewhere that only it knows.
    ///
    /// A dead writer loses its claim here, before anybody acts on that: one that was only asleep cannot commit any more what
    /// is taken away from it. So `Gone` and `Committed` are final.
    pub async fn writing(&self, name: &PointName, writer: Uuid) -> Result<Writing, StoreError> {
        let folder = PointFolder::new(self.points_path(), name.as_str());
        for _ in 0..ATTEMPTS {
            let content = Content::read(self.blobs(), &folder).await?;
            if content.marker.is_some() {
                let Some(bytes) = self.blobs().get(&folder.marker(), MAX_MARKER_BYTES).await? else {
                    continue;
                };
                let written = marker::parse(&folder, &bytes)?.written;
                let own = written.is_some_and(|written| written.writer == writer);
                return Ok(if own { Writing::Committed } else { Writing::Gone });
            }
            let Some((number, claim)) = content.claims.last_key_value() else { return Ok(Writing::Gone) };
            if !claim::is_of(self.blobs(), &folder, *number, writer).await? {
                return Ok(Writing::Gone);
            }
            let me = Writer::new();
            if claim::judge_once(self.blobs(), &folder, *number, claim, &me).await? != Verdict::Dead {
                return Ok(Writing::Alive);
            }
            match claim::acquire(self.blobs(), &folder, &me, Timestamp::now()).await {
                Ok(held) => {
                    claim::release(self.blobs(), &folder, held).await?;
                    self.remove_empty(&folder).await?;
                    return Ok(Writing::Gone);
                }
                // It committed after all, or somebody was faster: look again.
                Err(StoreError::PointExists(_)) => {}
                Err(StoreError::NameInUse { .. }) => return Ok(Writing::Alive),
                Err(error) => return Err(error),
            }
        }
        Ok(Writing::Alive)
    }
}

fn encode(frozen: &Frozen) -> Bytes {
    #[expect(clippy::expect_used, reason = "structs of strings, numbers and times are always JSON")]
    serde_json::to_vec(frozen).expect("note as JSON").into()
}
