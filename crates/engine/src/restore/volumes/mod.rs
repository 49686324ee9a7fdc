//! Claims and volumes in a restore.
//!
//! A claim that held data is made again with that data, from the snapshot that the recovery point names, or it is Blocked:
//! nobody takes an empty claim for a restored one. So are the StatefulSets whose controllers would make such claims empty.
//! `--volume-mode without-data` asks for empty ones.
//!
//! A claim that exists is left as it is, whatever the conflict policy is (Azure: "Skip"; "delete the existing Persistent
//! Volumes, and then do the restore operation").

mod bring;
mod events;
mod facts;
mod fate;
mod fill;
mod sets;
mod settle;
mod sweep;

use holdfast_model::plan::{Action, VolumeMode};
use holdfast_model::target::storage_class::names_storage_classes;
use holdfast_model::volume::SNAPSHOT_GROUP;
use holdfast_store::Row;
use serde_json::{Map, Value};

use super::compare::Decision;
use super::form;
use super::planner::Planner;
use crate::error::EngineError;
use crate::snapshots::is_passing;

pub(super) use bring::{Helpers, filling};
pub(super) use events::failure_of;
pub(super) use facts::Facts;
pub(super) use fate::Fate;
pub(super) use fill::filled;
pub(super) use sets::spare_sets;
pub use sweep::sweep_restores;

/// What to do about a claim that would be empty.
const MAKE_IT_EMPTY: &str = "--volume-mode without-data makes it again, empty";
const HOLDS_DATA: &str = "holds the data of a claim, which is restored from it";

impl Planner<'_> {
    /// Decides about an object that is not in the target.
    pub(super) async fn absent(&self, row: &Row<'_>) -> Result<Decision, EngineError> {
        let mut decision = match (row.ty.group.as_str(), row.ty.plural.as_str()) {
            ("", "persistentvolumeclaims") => self.absent_claim(row).await?,
            ("", "persistentvolumes") => self.absent_volume(row).await?,
            ("apps", "statefulsets") => self.absent_set(row).await?,
            _ => Decision::plain(Action::Create),
        };
        let mapped = !self.request.storage_classes.is_empty() && names_storage_classes(row.ty);
        if mapped && decision.action == Action::Create {
            let changes = form::of(self.point, row, self.request, self.context).await?.classes;
            if let Some(missing) = self.facts.missing_class(&changes) {
                return Ok(Decision::because(Action::Blocked, missing));
            }
            for change in changes {
                decision.add(&change.to_string());
            }
        }
        Ok(decision)
    }

    async fn absent_claim(&self, row: &Row<'_>) -> Result<Decision, EngineError> {
        if self.request.volume_mode == VolumeMode::WithoutData {
            let claim = form::stored(self.point, row, self.context).await?;
            return Ok(if is_bound(&claim) {
                Decision::because(Action::Create, "made again, empty")
            } else {
                Decision::plain(Action::Create)
            });
        }
        Ok(match &*self.fate(row).await? {
            Fate::Unbound => Decision::plain(Action::Create),
            Fate::Filled(fill, words) => {
                let mut decision = Decision::because(Action::Create, words.clone());
                decision.detail.get_or_insert_default().fill = Some(fill.clone());
                decision
            }
            Fate::Empty(why) => Decision::because(Action::Blocked, format!("{why}; {MAKE_IT_EMPTY}")),
        })
    }

    async fn absent_volume(&self, row: &Row<'_>) -> Result<Decision, EngineError> {
        let volume = form::stored(self.point, row, self.context).await?;
        let text = |path: &str| volume.pointer(path).and_then(Value::as_str).unwrap_or_default();
        // Whoever writes to such a volume writes to the very disk that the backed-up cluster may still be using.
        let handle = volume.pointer("/spec/csi/volumeHandle").and_then(Value::as_str);
        let disk = handle
            .map(|handle| format!("it points at a live disk, {handle}, which another cluster may be using"));
        let (namespace, name) = (text("/spec/claimRef/namespace"), text("/spec/claimRef/name"));
        if name.is_empty() {
            let disk = disk.map(|disk| format!(": {disk}")).unwrap_or_default();
            let reason = format!("refers to storage outside of the cluster, which is not copied{disk}");
            return Ok(Decision::because(Action::Create, reason));
        }
        if self.request.volume_mode == VolumeMode::WithoutData {
            return Ok(Decision::because(Action::Skip, "its claim is made again empty, on a new volume"));
        }
        let claim =
            self.type_id("", "persistentvolumeclaims").and_then(|id| self.index.find(id, namespace, name));
        let is_selected = claim.as_ref().is_some_and(|claim| self.is_selected(claim.id));
        if let Some(claim) = claim {
            // Filled by an earlier run, perhaps; where the claim is, a volume of its point is of no use to it.
            if self.is_live("PersistentVolumeClaim", namespace, name).await? {
                return Ok(Decision::because(
                    Action::Skip,
                    "its claim is in the target, with a volume of its own",
                ));
            }
            if matches!(&*self.fate(&claim).await?, Fate::Filled(..)) {
                return Ok(Decision::because(
                    Action::Skip,
                    "its claim is filled from a snapshot, on a new volume",
                ));
            }
        }
        let retained = text("/spec/persistentVolumeReclaimPolicy") == "Retain" && !is_selected;
        let disk = disk.filter(|_| retained).map(|disk| format!("; {disk}")).unwrap_or_default();
        let reason = format!("belongs to a claim whose data is not in the recovery point{disk}");
        Ok(Decision::because(Action::Blocked, reason))
    }

    async fn absent_set(&self, row: &Row<'_>) -> Result<Decision, EngineError> {
        let blocked = self.set_with_empty_claims(row).await?;
        Ok(blocked.unwrap_or_else(|| Decision::plain(Action::Create)))
    }

    /// Blocks a StatefulSet that is written whose controller would make a claim empty that held data: also one that exists,
    /// scaled down, and would be scaled up again.
    pub(in crate::restore) async fn set_with_empty_claims(
        &self,
        row: &Row<'_>,
    ) -> Result<Option<Decision>, EngineError> {
        if self.request.volume_mode == VolumeMode::WithoutData {
            return Ok(None);
        }
        let set = form::stored(self.point, row, self.context).await?;
        for claim in sets::claims(&set, row.name) {
            if let Some(why) = self.would_be_empty(row.namespace, &claim).await? {
                let reason = format!("its controller would make claim {claim} empty: {why}; {MAKE_IT_EMPTY}");
                return Ok(Some(Decision::because(Action::Blocked, reason)));
            }
        }
        Ok(None)
    }

    /// Why a claim that held data would be empty if somebody made it now.
    async fn would_be_empty(&self, namespace: &str, name: &str) -> Result<Option<String>, EngineError> {
        let Some(type_id) = self.type_id("", "persistentvolumeclaims") else { return Ok(None) };
        let Some(row) = self.index.find(type_id, namespace, name) else { return Ok(None) };
        let Fate::Empty(why) = &*self.fate(&row).await? else { return Ok(None) };
        let is_live = self.is_live("PersistentVolumeClaim", namespace, name).await?;
        Ok((!is_live).then(|| why.clone()))
    }

    /// Why an object of the kinds of CSI snapshots is none that a user has: a backup made it, to hold a claim's data.
    pub(super) async fn passing(&self, row: &Row<'_>) -> Result<Option<&'static str>, EngineError> {
        if row.ty.group != SNAPSHOT_GROUP {
            return Ok(None);
        }
        if is_marked(row) {
            return Ok(Some(HOLDS_DATA));
        }
        if row.ty.plural != "volumesnapshotcontents" {
            return Ok(None);
        }
        // The controller that makes contents gives them no labels.
        let content = form::stored(self.point, row, self.context).await?;
        let text = |path: &str| content.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let (namespace, name) =
            (text("/spec/volumeSnapshotRef/namespace"), text("/spec/volumeSnapshotRef/name"));
        let snapshot = self
            .type_id(SNAPSHOT_GROUP, "volumesnapshots")
            .and_then(|id| self.index.find(id, namespace, name));
        Ok(snapshot.is_some_and(|snapshot| is_marked(&snapshot)).then_some(HOLDS_DATA))
    }
}

fn is_marked(row: &Row<'_>) -> bool {
    let labels: Map<String, Value> =
        row.labels.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    is_passing(row.ty, |label| labels.contains_key(label))
}

fn is_bound(claim: &Value) -> bool {
    claim.pointer("/spec/volumeName").and_then(Value::as_str).is_some_and(|name| !name.is_empty())
}
