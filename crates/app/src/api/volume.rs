//! Volumes: what a recovery point holds of them, and the hooks that ran around their cut.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::PointKey;

/// What a backup does about volumes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct VolumeChoice {
    /// Whether snapshots are taken and hooks run at all.
    pub snapshots: bool,
    /// The `BackupHook` objects to go by, in this order, as `namespace/name`.
    pub hooks: Vec<String>,
    /// How long each snapshot may take, in seconds.
    pub timeout_seconds: u64,
    /// How long a pod may be held by its hooks, in seconds.
    pub freeze_seconds: u64,
    /// Snapshots that are taken at the same time.
    pub at_once: u16,
    /// The `VolumeSnapshotClass` for Azure disks; empty for the one that claims, labels and defaults lead to.
    pub snapshot_class: String,
}

/// What became of the data of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum VolumeState {
    /// A snapshot holds it.
    Snapshotted,
    /// It is of a kind that is not backed up, or was not asked for.
    Skipped,
    /// It should have been backed up and was not.
    Failed,
}

/// A snapshot in the storage system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotFacts {
    /// The driver's name of it, such as its Azure resource id.
    pub handle: String,
    /// The CSI driver.
    pub driver: String,
    /// The `VolumeSnapshotClass` it was made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub class: Option<String>,
    /// The `VolumeSnapshot` that the archive has of it.
    pub name: String,
    /// The `VolumeSnapshotContent` that the archive has of it.
    pub content: String,
    /// The smallest volume that can be made of it, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub restore_bytes: Option<u64>,
    /// The moment whose data it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cut: Option<String>,
    /// Whether it was ready to be used when the point was committed.
    pub ready: bool,
    /// Whether it is incremental, where its class says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub incremental: Option<bool>,
    /// The resource group that its class names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub resource_group: Option<String>,
}

/// One claim, and what became of its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct VolumeRow {
    /// Namespace of the claim.
    pub namespace: String,
    /// Name of the claim.
    pub claim: String,
    /// What became of its data.
    pub state: VolumeState,
    /// Why it was skipped, or why it failed; empty otherwise.
    pub reason: String,
    /// Name of the `PersistentVolume`; empty if unknown, as all texts below.
    pub volume: String,
    /// The CSI driver, or what stands for it in volumes of another kind, such as `nfs`.
    pub driver: String,
    /// The driver's name of the source volume, such as the resource id of a disk.
    pub volume_handle: String,
    /// Storage class of the claim.
    pub storage_class: String,
    /// Access modes of the claim.
    pub access_modes: Vec<String>,
    /// `Filesystem` or `Block`.
    pub volume_mode: String,
    /// File system, as the volume names it.
    pub filesystem: String,
    /// Capacity of the volume, as a Kubernetes quantity.
    pub size: String,
    /// The same in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub bytes: Option<u64>,
    /// What becomes of the volume when its claim goes: `Delete` or `Retain`.
    pub reclaim_policy: String,
    /// The pods that used it while it was cut.
    pub pods: Vec<String>,
    /// The snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub snapshot: Option<SnapshotFacts>,
}

/// When a hook ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HookRow {
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
    pub started: String,
    /// How long it took.
    pub duration_ms: u64,
    /// Why it failed; empty for success.
    pub failure: String,
    /// What it wrote; one that was too long says at its end that it is cut off.
    pub output: String,
}

/// How long hooks held one pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PodHold {
    /// Namespace of the pod.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// How long.
    pub duration_ms: u64,
}

/// What a recovery point says about volumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PointVolumes {
    /// The point.
    pub point: PointKey,
    /// Number of persistent volume claims among its objects. Where there are some and `volumes` is empty, it was taken
    /// without volumes.
    pub claims: u64,
    /// The region that its snapshots can be used in; empty if unknown.
    pub region: String,
    /// One for each claim, by namespace and name.
    pub volumes: Vec<VolumeRow>,
    /// The commands that ran, in the order in which they began.
    pub hooks: Vec<HookRow>,
    /// How long hooks held each pod, by namespace and name.
    pub holds: Vec<PodHold>,
}

/// A storage class of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StorageClassRow {
    /// Name.
    pub name: String,
    /// The driver that makes its volumes.
    pub provisioner: String,
    /// Whether claims that name none get it.
    pub default: bool,
}
