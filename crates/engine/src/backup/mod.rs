//! Backup: reading a cluster into a recovery point.
//!
//! Order: namespaces, then the namespaced kinds (several at once), then the
//! cluster-scoped ones, which `auto` takes only where something selected refers to
//! them, then the Namespace objects. Each kind is one paginated LIST; its items go
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

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use holdfast_cluster::Cluster;
use holdfast_model::name::PointName;
use holdfast_model::selection::Selection;
use holdfast_store::job::LogLevel;
use holdfast_store::{
    ClusterFacts, Manifest, PointState, PointSummary, PointWarning, PointWriter, Vault, Writer,
};
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;

pub use name::proposed_name;
pub use namespaces::namespace_type;
pub use preview::{Inventory, Matching};
pub(crate) use related::Related;

use crate::context::Context;
use crate::error::EngineError;

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

    let kinds = kinds::choose(&discovery, &request.selection);
    let scope = namespaces::resolve(cluster, &request.selection, context).await?;
    let mut warnings = kinds.warnings;
    warnings.extend(scope.warnings.iter().cloned());
    for warning in &warnings {
        context.warn(&warning.message);
    }

    let mut point = begin(vault, &request.name, started, writer, context).await?;
    context.phase("listing", None);
    let (members, mut packed) = mpsc::channel(pack::MEMBERS_IN_FLIGHT);
    let reading = read::everything(
        cluster,
        read::Plan {
            namespaced: kinds.namespaced,
            cluster_scoped: kinds.cluster_scoped,
            selection: &request.selection,
            scope: Arc::new(scope),
        },
        pack::Packers::new(members, started),
        context,
    );
    let writing = async {
        while let Some(member) = packed.recv().await {
            point.append(member?).await?;
        }
        Ok::<(), EngineError>(())
    };
    let outcome = context.run(async { tokio::try_join!(reading, writing) }).await;
    let read = match outcome {
        Ok((read, ())) => read,
        Err(error) => {
            abandon(point).await;
            return Err(error);
        }
    };
    warnings.extend(read.warnings);
    context.log(LogLevel::Info, format!("{} objects", point.objects()));

    context.phase("committing", Some(point.objects()));
    let manifest = Manifest {
        completed: context.now(),
        state: if warnings.is_empty() { PointState::Completed } else { PointState::Partial },
        cluster: ClusterFacts {
            name: cluster.name().to_owned(),
            version: version.git_version,
            major: version.major,
            minor: version.minor,
        },
        warnings: warnings.clone(),
        spec: spec::velero_spec(&request.selection),
        log: context.log_text().0,
        non_atomic: read.non_atomic,
        volumes: None,
    };
    // Not cancelled any more: from here on it is a few small blobs, and half of them would be for nothing.
    let summary = point.commit(manifest).await?;
    Ok(BackupReport { point: summary, warnings, duration: clock.elapsed() })
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
