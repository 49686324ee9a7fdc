//! The volumes of a backup: held, cut, waited for, and told in the point.
//!
//! Order: volumes, classes, pods and hooks are read; groups of pods and claims are held, cut and released side by side
//! ([`group`]); then, with nobody waiting, all snapshots become ready; objects and claims go into the archive, handles into
//! the point's document; the point is committed; only then the objects leave the cluster. Until the commit whatever fails
//! takes all of it away again, and after a kill the labels of [`Marks`] tell the next run what to do ([`leftovers`]).
//!
//! What may be lost: a claim that cannot be cut is Failed by name and makes the point Partial; one of a kind that is not backed
//! up is Skipped by name. Nothing here repeats a request; snapshots are tried again by the snapshotter itself.

mod archive;
mod cut;
mod finish;
mod group;
mod groups;
mod leftovers;
mod prepare;
mod record;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{StreamExt, stream};
use holdfast_cluster::{Cluster, Discovery};
use holdfast_model::hooks::HookReference;
use holdfast_model::name::PointName;
use holdfast_model::resource::ResourceType;
use holdfast_model::selection::Selection;
use holdfast_store::volumes::Volumes;
use holdfast_store::{PointWarning, Vault, Writer};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use uuid::Uuid;

pub(super) use archive::Objects;
pub(crate) use leftovers::clear;

use super::pack::Item;
use crate::context::Context;
use crate::error::EngineError;
use crate::hooks;
use crate::snapshots::{POINT_LABEL, SnapshotApi, VAULT_LABEL, WRITER_LABEL};
use cut::{Cutter, Cutting, Taken};
use group::{Outcome, Stage};
use prepare::Prepared;

/// How long objects of snapshots may take to leave the cluster before the backup ends without waiting for them.
const LEAVING: Duration = Duration::from_secs(30);

/// Snapshot objects that are read or removed at the same time.
const OBJECTS_AT_ONCE: usize = 16;

/// Most snapshots that are taken at the same time, so that a slip of the hand does not flood API server and storage system.
pub const MAX_SNAPSHOTS_AT_ONCE: u16 = 256;

/// What a backup does about volumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeOptions {
    /// Whether volumes are cut and hooks run at all.
    pub snapshots: bool,
    /// How long a snapshot may take, to be cut and then to be ready. Velero's `csiSnapshotTimeout` has the same default.
    pub timeout: Duration,
    /// How long a pod may be held by its hooks for the cut of its volumes. What is not cut by then is Failed.
    pub freeze_timeout: Duration,
    /// Snapshots that are cut at the same time; from 1 to [`MAX_SNAPSHOTS_AT_ONCE`].
    pub at_once: usize,
    /// The snapshot class to use for a driver, by the driver's name.
    pub classes: BTreeMap<String, String>,
    /// The `BackupHook` objects to go by, in this order.
    pub hooks: Vec<HookReference>,
}

impl Default for VolumeOptions {
    fn default() -> Self {
        Self {
            snapshots: true,
            timeout: Duration::from_mins(10),
            freeze_timeout: Duration::from_mins(1),
            at_once: 16,
            classes: BTreeMap::new(),
            hooks: Vec::new(),
        }
    }
}

/// Whose the snapshot objects of a backup are.
#[derive(Clone, Debug)]
struct Marks {
    vault: Uuid,
    point: PointName,
    writer: Uuid,
}

impl Marks {
    fn labels(&self) -> Value {
        json!({
            VAULT_LABEL: self.vault.to_string(),
            POINT_LABEL: self.point.as_str(),
            WRITER_LABEL: self.writer.to_string(),
        })
    }
}

/// What the listing found for this stage.
#[derive(Default)]
pub(super) struct Found {
    /// The claims in scope, as they are to be stored.
    pub claims: Vec<Item>,
    /// Namespaces with pods that have hooks in their annotations, or mount claims.
    pub with_pods: BTreeSet<String>,
    /// Namespaces in scope.
    pub namespaces: BTreeSet<String>,
}

/// What the stage works with.
pub(super) struct Surroundings<'a> {
    pub cluster: &'a Cluster,
    pub discovery: &'a Discovery,
    pub vault: &'a Vault,
    pub writer: &'a Writer,
    pub point: &'a PointName,
    pub selection: &'a Selection,
    pub options: &'a VolumeOptions,
    pub context: &'a Context,
}

/// Volumes that are cut, until the point is committed or given up.
pub(super) struct Cut {
    pub document: Volumes,
    pub warnings: Vec<PointWarning>,
    /// Whether something is missing that was asked for.
    pub incomplete: bool,
    /// What goes into the archive.
    pub objects: Vec<Objects>,
    api: Option<SnapshotApi>,
    marks: Marks,
    /// By the number of the claim.
    taken: BTreeMap<usize, Taken>,
    /// Namespace and name of the snapshots that were not taken in time.
    given_up: Vec<(String, String)>,
}

/// The type of claims.
fn claim_type() -> ResourceType {
    ResourceType {
        group: String::new(),
        version: "v1".into(),
        plural: "persistentvolumeclaims".into(),
        kind: "PersistentVolumeClaim".into(),
        namespaced: true,
    }
}

/// Cuts the volumes of the claims found.
///
/// # Errors
/// [`EngineError::Hooks`] where hooks that were asked for cannot be read, the loss of the cluster or the vault, and
/// cancellation. Nothing stays cut then, and no pod stays held.
pub(super) async fn cut(around: &Surroundings<'_>, found: Found) -> Result<Cut, EngineError> {
    let marks = Marks {
        vault: around.vault.id().unwrap_or_default(),
        point: around.point.clone(),
        writer: around.writer.id,
    };
    let api = SnapshotApi::of(around.discovery);
    let mut prepared = prepare::prepare(around, found, api.as_ref()).await?;
    let document = Volumes::new(prepared.region.take());
    let mut cut = Cut {
        document,
        warnings: Vec::new(),
        incomplete: false,
        objects: Vec::new(),
        api,
        marks,
        taken: BTreeMap::new(),
        given_up: Vec::new(),
    };
    for outcome in cut.groups(around, &prepared).await {
        for (claim, result) in outcome.cuts {
            match result {
                Ok(taken) => {
                    cut.taken.insert(claim, taken);
                }
                Err(why) => {
                    let claim = &mut prepared.claims[claim];
                    if claim.plan.is_some() {
                        let name = claim.snapshot_name(&cut.marks);
                        cut.given_up.push((claim.record.namespace.clone(), name));
                    }
                    claim.fail(why);
                }
            }
        }
        cut.document.hooks.extend(outcome.hooks);
        cut.document.freezes.extend(outcome.freezes);
        prepared.problems.extend(outcome.problems);
    }
    cut.document.hooks.sort_by_key(|run| run.started);
    cut.document.freezes.sort_by(|a, b| (&a.namespace, &a.pod).cmp(&(&b.namespace, &b.pod)));
    match finish::finish(around, &mut cut, prepared).await {
        Ok(()) => Ok(cut),
        Err(error) => {
            cut.discard(around.cluster, around.context).await;
            Err(error)
        }
    }
}

impl Cut {
    /// Holds, cuts and releases, group by group. Never dropped half-way: a cancellation is looked at inside.
    async fn groups(&self, around: &Surroundings<'_>, prepared: &Prepared) -> Vec<Outcome> {
        let Some(api) = &self.api else { return Vec::new() };
        let planned: Vec<usize> =
            (0..prepared.claims.len()).filter(|at| prepared.claims[*at].plan.is_some()).collect();
        let names: Vec<String> =
            planned.iter().map(|at| prepared.claims[*at].snapshot_name(&self.marks)).collect();
        let cuttings: Vec<Cutting<'_>> = planned
            .iter()
            .zip(&names)
            .filter_map(|(at, name)| {
                let claim = &prepared.claims[*at];
                let class = &claim.plan.as_ref()?.class.name;
                Some(Cutting { namespace: &claim.record.namespace, claim: &claim.record.claim, name, class })
            })
            .collect();
        let keys: Vec<_> = cuttings.iter().map(|cutting| (cutting.namespace, cutting.claim)).collect();
        let has_hooks = |pod: usize| {
            let commands = &prepared.commands[pod];
            !commands.pre.is_empty() || !commands.post.is_empty()
        };
        let groups = groups::groups(&keys, &prepared.pods, has_hooks);
        if groups.is_empty() {
            return Vec::new();
        }
        around.context.phase("snapshots", Some(cuttings.len() as u64));
        let at_once = around.options.at_once.max(1);
        let stage = Stage {
            cutter: Cutter { cluster: around.cluster, api, marks: &self.marks, context: around.context },
            vault: around.vault,
            writer: around.writer,
            identity: hooks::identity(around.cluster).await,
            pods: &prepared.pods,
            commands: &prepared.commands,
            cuttings,
            timeout: around.options.timeout,
            freeze_timeout: around.options.freeze_timeout,
            at_once,
            permits: Semaphore::new(at_once),
        };
        let running: Vec<_> = groups.iter().map(|group| Box::pin(stage.group(group))).collect();
        let mut outcomes: Vec<Outcome> = stream::iter(running).buffer_unordered(at_once).collect().await;
        for outcome in &mut outcomes {
            for (claim, _) in &mut outcome.cuts {
                *claim = planned[*claim];
            }
        }
        outcomes
    }

    /// Removes all of it: the point is not committed.
    pub(super) async fn discard(&self, cluster: &Cluster, context: &Context) {
        let Some(api) = &self.api else { return };
        let cutter = Cutter { cluster, api, marks: &self.marks, context };
        let discarded: Vec<_> = self
            .taken
            .values()
            .map(|taken| Box::pin(cutter.discard(&taken.namespace, &taken.name, Some(&taken.content))))
            .collect();
        let discarding = stream::iter(discarded).buffer_unordered(OBJECTS_AT_ONCE).collect::<Vec<()>>();
        // Where the cluster is lost that would take for ever; labels tell the next run.
        let _ = tokio::time::timeout(LEAVING, discarding).await;
    }

    /// Takes the objects out of the cluster: the point has the handles. What does not go is cleared by the next backup.
    pub(super) async fn leave(&self, cluster: &Cluster, context: &Context) {
        let _ = tokio::time::timeout(LEAVING, Box::pin(self.leave_now(cluster, context))).await;
    }

    async fn leave_now(&self, cluster: &Cluster, context: &Context) {
        let Some(api) = &self.api else { return };
        let cutter = Cutter { cluster, api, marks: &self.marks, context };
        let forgotten: Vec<_> = self.taken.values().map(|taken| Box::pin(cutter.forget(taken))).collect();
        stream::iter(forgotten).buffer_unordered(OBJECTS_AT_ONCE).collect::<Vec<()>>().await;
        // Once more, because their taking may have ended only now.
        for (namespace, name) in &self.given_up {
            if matches!(cutter.get(&api.snapshots, Some(namespace), name).await, Ok(Some(_))) {
                cutter.discard(namespace, name, None).await;
            }
        }
        let taken: Vec<Taken> = self.taken.values().cloned().collect();
        cutter.wait_gone(&taken, LEAVING).await;
    }
}
