//! Clearing up in a cluster what killed backups and restores left, without making another backup.

use holdfast_cluster::Cluster;
use holdfast_store::Vault;

use crate::backup;
use crate::context::Context;
use crate::error::EngineError;
use crate::hooks::release_frozen;
use crate::restore::sweep_restores;
use crate::snapshots::{SnapshotApi, deletions};

/// What was cleared up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleanup {
    /// Pods that a killed backup held, and that are released.
    pub released: u64,
    /// Snapshot objects of backups.
    pub backups: u64,
    /// Snapshot objects of deletions of points.
    pub deletions: u64,
    /// Claims for which restores had left objects.
    pub restores: u64,
    /// Folders of recovery points that were never finished.
    pub unfinished: u64,
}

/// Releases held pods first, then removes what backups and restores into and from this vault left in the cluster, then what
/// dead writers left in the vault. What belongs to work that runs is left alone, so this may run at any time.
///
/// # Errors
/// Those of the cluster and the vault, and cancellation; what was done until then is done.
pub async fn cleanup(cluster: &Cluster, vault: &Vault, context: &Context) -> Result<Cleanup, EngineError> {
    context.phase("releasing pods", None);
    let mut done = Cleanup { released: release_frozen(cluster, vault, context).await?, ..Cleanup::default() };
    context.phase("clearing snapshot objects", None);
    let discovery = context.run(cluster.discover()).await?;
    if let Some(api) = SnapshotApi::of(&discovery) {
        done.backups = backup::clear(cluster, &api, vault, context).await?;
        if let Some(id) = vault.id() {
            done.deletions = deletions::sweep(cluster, &api, &id.to_string(), context).await?;
        }
    }
    done.restores = sweep_restores(cluster, vault, context).await?;
    if !vault.is_read_only() {
        context.phase("clearing the vault", None);
        done.unfinished = context.run(vault.sweep_debris()).await?.len() as u64;
    }
    Ok(done)
}
