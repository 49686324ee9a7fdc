//! Backup: reading a cluster into a recovery point.
//!
//! Order: namespaces, then the namespaced kinds (several at once), then the
//! cluster-scoped ones, which `auto` takes only where something selected refers to
//! them, then the Namespace objects, then volumes ([`volumes`]), whose claims come last. Each kind is one paginated LIST; its items go
//! to packing threads as they arrive and from there to the point's writer. Packing
//! and writing hold a LIST back only through a bounded number of members in flight.
//!
//! What may be lost: a kind that cannot be listed, or not to its end, is a warning
//! by name and makes the point Partial. An unreachable or unauthorised cluster, a
//! failing vault and a cancellation end the backup, and nothing of it stays.

mod kinds;
mod name;
mod namespaces;
mod pack;
mod preview;
mod read;
mod related;
mod spec;
mod volumes;

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use holdfast_cluster::{Cluster, Discovery};
use holdfast_model::name::PointName;
use holdfast_model::selection::Selection;
use holdfast_store::job::LogLevel;
use holdfast_store::volumes::Volumes;
use holdfast_store::{
    ClusterFacts, Manifest, Member, PointState, PointSummary, PointWarning, PointWriter, StoreError, Vault,
    Writer,
};
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;

pub use name::proposed_name;
pub use namespaces::namespace_type;
pub use preview::{Inventory, Matching};
pub(crate) use related::Related;
pub(crate) use volumes::clear;
pub use volumes::{MAX_SNAPSHOTS_AT_ONCE, VolumeOptions};

use crate::context::Context;
use crate::error::EngineError;
use crate::hooks;
use crate::snapshots::SnapshotApi;
use volumes::{Cut, Found, Objects, Surroundings};

/// Kinds that are listed at the same time.
pub const KINDS_AT_ONCE: usize = 4;

/// How long a cancelled backup waits for a vault that is just being written to.
const CANCEL_PATIENCE: Duration = Duration::from_secs(1);

/// What to back up, under which name.
#[derive(Clone, Debug)]
pub struct BackupRequest {
    /// Name of the recovery point.
    pub name: PointName,
    /// What to take.
    pub selection: Selection,
    /// What to do about volumes.
    pub volumes: VolumeOptions,
}

/// What a backup did.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupReport {
    /// The committed point.
    #[serde(flatten)]
    pub point: PointSummary,
    /// What is missing in it, and why.
    pub warnings: Vec<PointWarning>,
    /// Its volumes, the hooks that ran, and how long they held which pod.
    pub volumes: Volumes,
    /// How long it took.
    #[serde(skip)]
    pub duration: Duration,
}

/// Takes a recovery point of `cluster` into `vault`.
///
/// # Errors
/// Fails without leaving anything behind when the cluster or the vault cannot be
/// worked with, when no selected namespace exists, and when it is cancelled.
pub async fn run(
    cluster: &Cluster,
    vault: &Vault,
    request: &BackupRequest,
    writer: &Writer,
    context: &Context,
) -> Result<BackupReport, EngineError> {
    let clock = Instant::now();
    let started = context.now();
    context.phase("discovering", None);
    let version = context.run(cluster.version()).await?;
    let discovery = context.run(cluster.discover()).await?;
    context.log(LogLevel::Info, format!("cluster {} ({})", cluster.name(), version.git_version));

    Box::pin(clear_leftovers(cluster, vault, &discovery, context)).await?;

    let kinds = kinds::choose(&discovery, &request.selection);
    let scope = namespaces::resolve(cluster, &request.selection, context).await?;
    let scope = Arc::new(scope);
    let mut warnings = kinds.warnings;
    warnings.extend(scope.warnings.iter().cloned());
    for warning in &warnings {
        context.warn(&warning.message);
    }

    let mut point = begin(vault, &request.name, started, writer, context).await?;
    context.phase("listing", None);
    let (members, packed) = mpsc::channel(pack::MEMBERS_IN_FLIGHT);
    let reading = read::everything(
        cluster,
        read::Plan {
            namespaced: kinds.namespaced,
            cluster_scoped: kinds.cluster_scoped,
            selection: &request.selection,
            scope: Arc::clone(&scope),
            hold_claims: request.volumes.snapshots,
        },
        pack::Packers::new(members, started),
        context,
    );
    let outcome = context.run(async { tokio::try_join!(reading, write(&mut point, packed)) }).await;
    let mut read = match outcome {
        Ok((read, ())) => read,
        Err(error) => {
            abandon(point).await;
            return Err(error);
        }
    };
    warnings.append(&mut read.warnings);
    let mut incomplete = !warnings.is_empty();

    let mut cut = None;
    if request.volumes.snapshots {
        read.found.namespaces = scope.namespaces.keys().cloned().collect();
        let around = Surroundings {
            cluster,
            discovery: &discovery,
            vault,
            writer,
            point: &request.name,
            selection: &request.selection,
            options: &request.volumes,
            context,
        };
        match Box::pin(volumes(&around, read.found, &mut point, started)).await {
            Ok(made) => {
                incomplete |= made.incomplete;
                warnings.extend(made.warnings.iter().cloned());
                cut = Some(made);
            }
            Err(error) => {
                abandon(point).await;
                return Err(error);
            }
        }
    }
    context.log(LogLevel::Info, format!("{} objects", point.objects()));

    context.phase("committing", Some(point.objects()));
    let document = cut.as_ref().map(|cut| cut.document.clone());
    let manifest = Manifest {
        completed: context.now(),
        state: if incomplete { PointState::Partial } else { PointState::Completed },
        cluster: ClusterFacts {
            name: cluster.name().to_owned(),
            version: version.git_version,
            major: version.major,
            minor: version.minor,
        },
        warnings: warnings.clone(),
        spec: spec::velero_spec(request),
        log: context.log_text().0,
        non_atomic: read.non_atomic,
        volumes: document.clone(),
    };
    // Not cancelled any more: from here on it is a few small blobs, and half of them would be for nothing.
    let committed = point.commit(manifest).await;
    if let Some(cut) = &cut {
        match &committed {
            Ok(_) => Box::pin(cut.leave(cluster, context)).await,
            // Whether the point exists is not known, so its snapshots stay, and the next backup looks at it.
            Err(StoreError::CommitUnknown { .. }) => {}
            Err(_) => Box::pin(cut.discard(cluster, context)).await,
        }
    }
    let (point, volumes) = (committed?, document.unwrap_or_default());
    Ok(BackupReport { point, warnings, volumes, duration: clock.elapsed() })
}

/// Releases what killed backups of this vault hold in the cluster, and clears what they left.
async fn clear_leftovers(
    cluster: &Cluster,
    vault: &Vault,
    discovery: &Discovery,
    context: &Context,
) -> Result<(), EngineError> {
    hooks::release_frozen(cluster, vault, context).await?;
    if let Some(api) = SnapshotApi::of(discovery) {
        volumes::clear(cluster, &api, vault, context).await?;
    }
    Ok(())
}

/// Cuts the volumes, and writes their objects and claims into the point.
async fn volumes(
    around: &Surroundings<'_>,
    found: Found,
    point: &mut PointWriter,
    started: Timestamp,
) -> Result<Cut, EngineError> {
    let mut cut = volumes::cut(around, found).await?;
    let (members, packed) = mpsc::channel(pack::MEMBERS_IN_FLIGHT);
    let packers = pack::Packers::new(members, started);
    let objects = std::mem::take(&mut cut.objects);
    let packing = async {
        for Objects { ty, items } in objects {
            let mut batch = pack::Batch::new(ty);
            for item in items {
                if batch.push(item) {
                    packers.pack(&mut batch).await?;
                }
            }
            packers.pack(&mut batch).await?;
        }
        drop(packers);
        Ok(())
    };
    let packed = around.context.run(async { tokio::try_join!(packing, write(point, packed)) }).await;
    if let Err(error) = packed {
        cut.discard(around.cluster, around.context).await;
        return Err(error);
    }
    Ok(cut)
}

/// Writes members as they come, until there are no more.
async fn write(
    point: &mut PointWriter,
    mut packed: mpsc::Receiver<Result<Member, StoreError>>,
) -> Result<(), EngineError> {
    while let Some(member) = packed.recv().await {
        point.append(member?).await?;
    }
    Ok(())
}

/// Begins the point. A cancellation lets it come to its end, so that what it wrote can be removed.
async fn begin(
    vault: &Vault,
    name: &PointName,
    started: Timestamp,
    writer: &Writer,
    context: &Context,
) -> Result<PointWriter, EngineError> {
    let mut beginning = pin!(vault.begin(name, started, writer));
    if let Some(begun) = context.cancel.run_until_cancelled(&mut beginning).await {
        return Ok(begun?);
    }
    // A vault that does not answer in time keeps a claim that its next writer takes over.
    if let Ok(Ok(point)) = tokio::time::timeout(CANCEL_PATIENCE, beginning).await {
        abandon(point).await;
    }
    Err(EngineError::Cancelled)
}

async fn abandon(point: PointWriter) {
    let name = point.name().to_owned();
    if let Err(left) = point.abandon().await {
        // What cannot be removed now is debris for a later sweep.
        tracing::warn!(point = name, error = %left, "could not remove an abandoned point");
    }
}
