//! What a recovery point says about volumes: which claims there were, and the snapshot that holds each one's data.
//!
//! The document stands beside the archive and is written before the marker, so a snapshot whose handle is in it is never
//! known to the cluster alone. It also keeps the hooks that ran and for how long they held each pod. Points of Velero and
//! of Azure's extension have no such document; [`foreign`] reads the same out of their archive.

mod foreign;
mod velero;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::gzip;
use crate::limits::MAX_TEXT_BYTES;
use crate::point::Point;

pub(crate) use velero::volume_info;

/// Name of the document among the JSON blobs of a point.
pub(crate) const DOCUMENT: &str = "holdfast-volumes";

/// Format of the document that this version writes and reads.
const FORMAT: u64 = 1;

/// The volumes of one recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Volumes {
    /// Format of the document.
    format: u64,
    /// The region of the cluster's nodes (`topology.kubernetes.io/region`): snapshots can be used in it alone. `None` where
    /// no node says it.
    #[serde(default)]
    pub region: Option<String>,
    /// One for each persistent volume claim, by namespace and name.
    #[serde(default)]
    pub volumes: Vec<VolumeRecord>,
    /// The commands that ran, in the order in which they ended.
    #[serde(default)]
    pub hooks: Vec<HookRun>,
    /// How long hooks held each pod, by namespace and name.
    #[serde(default)]
    pub freezes: Vec<Freeze>,
}

impl Default for Volumes {
    fn default() -> Self {
        Self { format: FORMAT, region: None, volumes: Vec::new(), hooks: Vec::new(), freezes: Vec::new() }
    }
}

/// What became of the data of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum VolumeState {
    /// A snapshot holds it.
    Snapshotted,
    /// It is of a kind that is not backed up, or was not asked for.
    Skipped,
    /// It should have been backed up and was not.
    Failed,
}

/// One claim, its volume, and the snapshot of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeRecord {
    /// Namespace of the claim.
    pub namespace: String,
    /// Name of the claim.
    pub claim: String,
    /// What became of its data.
    pub state: VolumeState,
    /// Why it was skipped, or why it failed.
    #[serde(default)]
    pub reason: Option<String>,
    /// Name of the `PersistentVolume`.
    #[serde(default)]
    pub volume: Option<String>,
    /// The CSI driver, or what stands for it in volumes of another kind, such as `nfs`.
    #[serde(default)]
    pub driver: Option<String>,
    /// The driver's name of the source volume, such as the resource id of a disk.
    #[serde(default)]
    pub volume_handle: Option<String>,
    /// Storage class of the claim.
    #[serde(default)]
    pub storage_class: Option<String>,
    /// Access modes of the claim.
    #[serde(default)]
    pub access_modes: Vec<String>,
    /// `Filesystem` or `Block`.
    #[serde(default)]
    pub volume_mode: Option<String>,
    /// File system, as the volume names it.
    #[serde(default)]
    pub filesystem: Option<String>,
    /// Capacity of the volume, as a Kubernetes quantity.
    #[serde(default)]
    pub size: Option<String>,
    /// What becomes of the volume when its claim goes: `Delete` or `Retain`.
    #[serde(default)]
    pub reclaim_policy: Option<String>,
    /// The pods that used it while it was cut, by name.
    #[serde(default)]
    pub pods: Vec<String>,
    /// The snapshot.
    #[serde(default)]
    pub snapshot: Option<Snapshot>,
}

/// A snapshot in the storage system. It is all that is needed to bring it back into any cluster that reaches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// The driver's name of it, such as its Azure resource id.
    pub handle: String,
    /// The CSI driver.
    pub driver: String,
    /// The `VolumeSnapshotClass` it was made with.
    #[serde(default)]
    pub class: Option<String>,
    /// The `VolumeSnapshot` that it had, as the archive has it.
    pub name: String,
    /// The `VolumeSnapshotContent` that it had, as the archive has it.
    pub content: String,
    /// The smallest volume that can be made of it, in bytes.
    #[serde(default)]
    pub restore_size: Option<u64>,
    /// The moment whose data it holds, by the storage system's clock.
    #[serde(default)]
    pub cut: Option<Timestamp>,
    /// Whether it was ready to be used when the point was committed. One that was not may become so.
    #[serde(default)]
    pub ready: bool,
    /// Whether the class asked for an incremental one; `None` where it did not say.
    #[serde(default)]
    pub incremental: Option<bool>,
    /// The resource group that the class asked for.
    #[serde(default)]
    pub resource_group: Option<String>,
}

/// When a hook ran, seen from the cut or from the restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HookPhase {
    /// Before the volumes of its pod were cut.
    Pre,
    /// After the last of them was cut.
    Post,
    /// After its pod was restored.
    Restore,
}

/// One command that ran, or could not, in one container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HookRun {
    /// Namespace of the pod.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// Where the command comes from: `namespace/name: hook`, or `annotation`.
    pub hook: String,
    /// When it ran.
    pub phase: HookPhase,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// When it began.
    pub started: Timestamp,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// Why it failed; `None` for success.
    #[serde(default)]
    pub failure: Option<String>,
    /// What it wrote, standard output before standard error, cut off at a bound.
    #[serde(default)]
    pub output: String,
}

/// How long hooks held one pod: from the beginning of its first pre hook to the end of its last post hook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Freeze {
    /// Namespace of the pod.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// How long, in milliseconds.
    pub millis: u64,
}

impl VolumeRecord {
    /// A claim that nothing is known of, and that is skipped.
    pub fn new(namespace: &str, claim: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            claim: claim.to_owned(),
            state: VolumeState::Skipped,
            reason: None,
            volume: None,
            driver: None,
            volume_handle: None,
            storage_class: None,
            access_modes: Vec::new(),
            volume_mode: None,
            filesystem: None,
            size: None,
            reclaim_policy: None,
            pods: Vec::new(),
            snapshot: None,
        }
    }
}

impl Volumes {
    /// Nothing yet, of a cluster in this region.
    pub fn new(region: Option<String>) -> Self {
        Self { region, ..Self::default() }
    }

    /// The record of a claim.
    pub fn of(&self, namespace: &str, claim: &str) -> Option<&VolumeRecord> {
        self.volumes.iter().find(|record| record.namespace == namespace && record.claim == claim)
    }

    /// How many claims ended in a state.
    pub fn count(&self, state: VolumeState) -> u64 {
        self.volumes.iter().filter(|record| record.state == state).count() as u64
    }

    /// Every snapshot, with its claim's record.
    pub fn snapshots(&self) -> impl Iterator<Item = (&VolumeRecord, &Snapshot)> {
        self.volumes.iter().filter_map(|record| Some((record, record.snapshot.as_ref()?)))
    }

    pub(crate) fn encode(&self) -> Bytes {
        #[expect(clippy::expect_used, reason = "structs of strings, numbers and times are always JSON")]
        let json = serde_json::to_vec(self).expect("volumes as JSON");
        gzip::compress(&json).into()
    }
}

impl Point {
    /// What the point says about volumes; empty where it was taken without them.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] and others where the document is not the one that the marker vouches for.
    pub async fn volumes(&self) -> Result<Volumes, StoreError> {
        let Some(written) = &self.inner.marker.written else { return foreign::volumes(self).await };
        let Some(hash) = &written.volumes_hash else { return Ok(Volumes::default()) };
        let path = self.inner.folder.json(DOCUMENT);
        let blobs = self.inner.vault.blobs();
        let blob = blobs
            .get(&path, MAX_TEXT_BYTES)
            .await?
            .ok_or_else(|| StoreError::BlobMissing { blob: path.to_string() })?;
        if blake3::hash(&blob).to_hex().as_str() != hash {
            return Err(StoreError::tampered(&path, "its hash is not the one in velero-backup.json"));
        }
        let json =
            gzip::text(&blob, MAX_TEXT_BYTES).map_err(|problem| StoreError::damaged(&path, problem))?;
        let volumes: Volumes =
            serde_json::from_slice(&json).map_err(|error| StoreError::damaged(&path, error.to_string()))?;
        if volumes.format != FORMAT {
            return Err(StoreError::damaged(&path, "a newer version of Holdfast wrote it: update Holdfast"));
        }
        Ok(volumes)
    }
}
