//! CSI snapshots in a cluster: the kinds, and the marks by which we know our own.
//!
//! Whatever we make of these kinds bears a label that says for what, so that a later run finds what a killed one left. The
//! snapshots themselves, in the storage system, outlive all of these objects: a `VolumeSnapshotContent` whose policy is
//! Retain may go, and its handle is enough to make another.

pub(crate) mod deletions;
pub(crate) mod objects;
pub(crate) mod region;
pub(crate) mod static_content;

use holdfast_cluster::Discovery;
use holdfast_model::resource::ResourceType;
use holdfast_model::volume::SNAPSHOT_GROUP;
use serde_json::Value;

/// On everything that we make: the vault that the recovery point is in, by its id.
pub(crate) const VAULT_LABEL: &str = "holdfast.dev/vault";
/// On what a backup makes: the recovery point.
pub(crate) const POINT_LABEL: &str = "holdfast.dev/recovery-point";
/// On what a backup makes: the point's writer, because names of points are used again.
pub(crate) const WRITER_LABEL: &str = "holdfast.dev/writer";
/// On what a restore makes until its claim is bound: the job.
pub(crate) const RESTORE_LABEL: &str = "holdfast.dev/restore";
/// On what a restore makes: the claim that waits for it. An annotation, because names of claims may be longer than labels.
pub(crate) const CLAIM_ANNOTATION: &str = "holdfast.dev/claim";
/// On contents whose snapshots are not wanted any more: when that was said last.
pub(crate) const DISCARDED_ANNOTATION: &str = "holdfast.dev/discarded";
/// What the names of everything begin with that a restore or a deletion makes.
pub(crate) const HELPER_PREFIX: &str = "holdfast-";
/// On what deleting a point makes.
pub(crate) const DELETION_LABEL: &str = "holdfast.dev/deletion";

/// The kinds of CSI snapshots, where a cluster serves them.
#[derive(Clone, Debug)]
pub(crate) struct SnapshotApi {
    pub snapshots: ResourceType,
    pub contents: ResourceType,
    pub classes: ResourceType,
}

impl SnapshotApi {
    /// `None` where the cluster serves no CSI snapshots of version 1.
    pub(crate) fn of(discovery: &Discovery) -> Option<Self> {
        let find = |plural: &str| {
            let served = discovery.types.iter().find(|served| served.ty.is(SNAPSHOT_GROUP, plural))?;
            (served.ty.version == "v1").then(|| served.ty.clone())
        };
        Some(Self {
            snapshots: find("volumesnapshots")?,
            contents: find("volumesnapshotcontents")?,
            classes: find("volumesnapshotclasses")?,
        })
    }
}

/// Whether an object of these kinds is one that we, or Velero, made on the way: it is no part of what a user has.
pub(crate) fn is_passing(ty: &ResourceType, label: impl Fn(&str) -> bool) -> bool {
    ty.group == SNAPSHOT_GROUP
        && [VAULT_LABEL, POINT_LABEL, RESTORE_LABEL, DELETION_LABEL, "velero.io/backup-name"]
            .into_iter()
            .any(label)
}

/// What a snapshot or a content says went wrong.
pub(crate) fn error_of(object: &Value) -> Option<&str> {
    object.pointer("/status/error/message").and_then(Value::as_str)
}
