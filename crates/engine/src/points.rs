//! Deleting a recovery point with the snapshots that hold its data.
//!
//! Order: the snapshots, then the point. So whatever happens in between, a snapshot that is there is one that a point has the
//! handle of; a deletion that was interrupted, or that the storage system refused, is finished by the next one. Snapshots are
//! deleted through a cluster that has their driver and reaches their resource group; which one does not matter.

use std::time::Duration;

use futures::{StreamExt, stream};
use holdfast_cluster::Cluster;
use holdfast_model::name::PointName;
use holdfast_store::job::LogLevel;
use holdfast_store::volumes::Volumes;
use holdfast_store::{Deleted, StoreError, Vault};

use crate::context::Context;
use crate::error::EngineError;
use crate::snapshots::static_content::{Removed, delete_snapshot};
use crate::snapshots::{DELETION_LABEL, SnapshotApi, VAULT_LABEL};

/// Snapshots that are deleted at the same time.
const AT_ONCE: usize = 16;
/// How long the storage system may take for one, unless somebody says otherwise.
pub const SNAPSHOT_PATIENCE: Duration = Duration::from_mins(2);
/// Snapshots that an error names; the others are counted.
const NAMED: usize = 10;

/// What becomes of the snapshots of a point that is deleted.
#[derive(Clone, Copy, Debug)]
pub enum SnapshotsOf<'a> {
    /// They are deleted through this cluster, each within this time.
    DeletedBy(&'a Cluster, Duration),
    /// They stay in the storage system, where nothing of ours refers to them any more.
    Kept,
    /// Nobody said so: a point that has any is not deleted.
    Unsaid,
}

/// What a deletion removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeletedPoint {
    /// From the vault.
    pub blobs: Deleted,
    /// Snapshots that were deleted.
    pub snapshots: u64,
    /// Snapshots that were gone already.
    pub gone: u64,
    /// Snapshots that were kept.
    pub kept: u64,
}

/// Deletes a recovery point.
///
/// # Errors
/// [`EngineError::SnapshotsUnsaid`] for a point with snapshots that nobody said anything about, and
/// [`EngineError::SnapshotsRemain`] where some could not be deleted: the point is there then, with all its handles. Otherwise
/// those of [`Vault::delete`].
pub async fn delete(
    vault: &Vault,
    name: &PointName,
    snapshots: SnapshotsOf<'_>,
    context: &Context,
) -> Result<DeletedPoint, EngineError> {
    let volumes = match volumes(vault, name).await {
        Ok(volumes) => volumes,
        // Never committed, so nothing is known by it.
        Err(StoreError::UnknownPoint { .. } | StoreError::HalfWritten { .. }) => Volumes::default(),
        Err(error) if matches!(snapshots, SnapshotsOf::Kept) && !error.is_of_storage() => {
            context.log(LogLevel::Warning, format!("which snapshots the point had cannot be read: {error}"));
            Volumes::default()
        }
        Err(error) => return Err(error.into()),
    };
    let number = volumes.snapshots().count() as u64;
    let mut deleted = DeletedPoint::default();
    match snapshots {
        _ if number == 0 => {}
        SnapshotsOf::Unsaid => return Err(EngineError::SnapshotsUnsaid { point: name.clone(), number }),
        SnapshotsOf::Kept => {
            for (record, snapshot) in volumes.snapshots() {
                let claim = format!("{}/{}", record.namespace, record.claim);
                context.log(
                    LogLevel::Warning,
                    format!("the snapshot of claim {claim} is kept: {}", snapshot.handle),
                );
            }
            deleted.kept = number;
        }
        SnapshotsOf::DeletedBy(cluster, patience) => {
            let removed = remove(cluster, patience, vault, name, &volumes, context).await?;
            (deleted.snapshots, deleted.gone) = removed;
        }
    }
    deleted.blobs = vault.delete(name).await?;
    Ok(deleted)
}

async fn volumes(vault: &Vault, name: &PointName) -> Result<Volumes, StoreError> {
    if vault.is_read_only() {
        // Such a point is not deleted, whatever it has.
        return Ok(Volumes::default());
    }
    vault.point(name).await?.volumes().await
}

/// Deletes all snapshots, and says how many were deleted and how many were gone.
async fn remove(
    cluster: &Cluster,
    patience: Duration,
    vault: &Vault,
    name: &PointName,
    volumes: &Volumes,
    context: &Context,
) -> Result<(u64, u64), EngineError> {
    let discovery = context.run(cluster.discover()).await?;
    let api =
        SnapshotApi::of(&discovery).ok_or_else(|| EngineError::NoSnapshotApi(cluster.name().to_owned()))?;
    context.phase("deleting snapshots", Some(volumes.snapshots().count() as u64));
    let id = vault.id().unwrap_or_default().to_string();
    let labels = [(VAULT_LABEL, id.as_str()), (DELETION_LABEL, name.as_str())];
    let removals: Vec<_> = volumes
        .snapshots()
        .map(|(record, snapshot)| {
            let (api, labels) = (&api, &labels);
            Box::pin(async move {
                // What is under way is brought to its end, because a content must not be left that would delete later.
                let removed = if context.cancel.is_cancelled() {
                    Err("the deletion was cancelled".to_owned())
                } else {
                    delete_snapshot(cluster, api, &snapshot.handle, &snapshot.driver, labels, patience).await
                };
                context.advance(1, 0, Some(&record.claim));
                removed.map_err(|why| {
                    let remaining =
                        format!("{} of claim {}/{} ({why})", snapshot.handle, record.namespace, record.claim);
                    context.log(LogLevel::Error, format!("a snapshot remains: {remaining}"));
                    remaining
                })
            })
        })
        .collect();
    let ended: Vec<Result<Removed, String>> =
        stream::iter(removals).buffer_unordered(AT_ONCE).collect().await;
    let (mut removed, mut gone, mut remaining) = (0, 0, Vec::new());
    for end in ended {
        match end {
            Ok(Removed::Deleted) => removed += 1,
            Ok(Removed::AlreadyGone) => gone += 1,
            Err(why) => remaining.push(why),
        }
    }
    if remaining.is_empty() {
        return Ok((removed, gone));
    }
    context.check()?;
    let number = remaining.len();
    remaining.sort();
    remaining.truncate(NAMED);
    Err(EngineError::SnapshotsRemain { point: name.clone(), number, named: remaining.join("; ") })
}
