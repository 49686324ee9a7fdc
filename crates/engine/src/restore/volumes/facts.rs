//! What is known about volumes when a restore is planned: what the point holds of them, and what the target can make of it.
//!
//! Classes, drivers and nodes of the target are read once. Whoever may not read them gets a plan all the same: what is not
//! known is no reason to block anything, and a warning says what was not checked.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_cluster::ListRequest;
use holdfast_model::plan::VolumeMode;
use holdfast_model::resource::ResourceType;
use holdfast_model::target::storage_class::{ClassChange, names_storage_classes};
use holdfast_store::volumes::Volumes;
use holdfast_store::{Index, Point, RowId, StoreError};
use serde_json::Value;

use super::super::RestoreRequest;
use super::super::live::Live;
use crate::context::Context;
use crate::error::EngineError;
use crate::snapshots::region::regions;
use crate::snapshots::{SnapshotApi, objects};

/// Marks of a cluster's default class, in the order in which the API server looks at them.
const DEFAULT_CLASS: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/// The class that a claim would be made with.
pub(super) enum Class<'a> {
    /// The target has it, or this restore makes it.
    Found(&'a Value),
    /// The target has none of that name, or no default one.
    Missing,
    /// The target's classes may not be read.
    Unknown,
}

/// What is known.
#[derive(Debug, Default)]
pub(in crate::restore) struct Facts {
    /// What the point holds.
    pub(super) volumes: Volumes,
    /// Why that cannot be read.
    pub(super) unreadable: Option<String>,
    /// Whether the target serves CSI snapshots.
    pub(super) serves_snapshots: bool,
    /// The target's classes by name, and those that this restore makes.
    classes: Option<BTreeMap<String, Value>>,
    /// The target's CSI drivers.
    drivers: Option<BTreeSet<String>>,
    /// Where the target's nodes are.
    regions: BTreeSet<String>,
}

impl Facts {
    /// Reads what the selected rows need; nothing where none of them is about volumes.
    pub(in crate::restore) async fn read(
        point: &Point,
        live: &Live<'_>,
        request: &RestoreRequest,
        index: &Index,
        selected: &[RowId],
        context: &Context,
    ) -> Result<Self, EngineError> {
        let mut facts = Self::default();
        let with_data = request.volume_mode == VolumeMode::WithData;
        let mut types = selected.iter().filter_map(|id| index.row(*id)).map(|row| row.ty);
        if !types.any(names_storage_classes) || (!with_data && request.storage_classes.is_empty()) {
            return Ok(facts);
        }
        if with_data {
            match context.run(point.volumes()).await {
                Ok(volumes) => facts.volumes = volumes,
                // The rest of the point is as good as it was.
                Err(EngineError::Store(error)) if is_damage(&error) => {
                    facts.unreadable = Some(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        facts.serves_snapshots = SnapshotApi::of(&live.discovery).is_some();
        if facts.volumes.snapshots().next().is_none() && request.storage_classes.is_empty() {
            return Ok(facts);
        }
        if let Some(classes) = list(live, "StorageClass.storage.k8s.io", context).await? {
            let mut named: BTreeMap<String, Value> = made(point, request, index, selected, context).await?;
            named.extend(classes.into_iter().map(|class| (name(&class), class)));
            facts.classes = Some(named);
        }
        let drivers = list(live, "CSIDriver.storage.k8s.io", context).await?;
        facts.drivers = drivers.map(|drivers| drivers.iter().map(name).collect());
        if facts.volumes.region.is_some() {
            facts.regions = regions(live.cluster, context).await?;
        }
        Ok(facts)
    }

    /// What could not be checked.
    pub(in crate::restore) fn warnings(&self) -> Vec<String> {
        let unchecked =
            self.serves_snapshots && self.classes.is_none() && self.volumes.snapshots().next().is_some();
        unchecked
            .then(|| {
                "the target's storage classes cannot be read: whether claims can be filled from their snapshots with \
                 them was not checked"
                    .to_owned()
            })
            .into_iter()
            .collect()
    }

    /// The class of a claim in its target form.
    pub(super) fn class(&self, claim: &Value) -> Class<'_> {
        let Some(classes) = &self.classes else { return Class::Unknown };
        let found = match claim.pointer("/spec/storageClassName").and_then(Value::as_str) {
            Some(name) => classes.get(name),
            // The API server takes the newest where there are several.
            None => classes.values().filter(|class| is_default(class)).max_by_key(|class| created(class)),
        };
        found.map_or(Class::Missing, Class::Found)
    }

    /// Why an object cannot be made whose classes were mapped.
    pub(super) fn missing_class(&self, changes: &[ClassChange]) -> Option<String> {
        let classes = self.classes.as_ref()?;
        let missing = changes.iter().find(|change| !classes.contains_key(&change.to))?;
        Some(format!(
            "the target has no storage class {}, to which the storage class mapping leads: create it, or map to another",
            missing.to
        ))
    }

    /// Why snapshots of a driver cannot be used in the target at all.
    pub(super) fn unusable(&self, driver: &str) -> Option<String> {
        if !self.serves_snapshots {
            return Some(
                "the target serves no CSI snapshots (snapshot.storage.k8s.io/v1); install the snapshot controller, which \
                 AKS does with its CSI drivers"
                    .to_owned(),
            );
        }
        if self.drivers.as_ref().is_some_and(|drivers| !drivers.contains(driver)) {
            return Some(format!(
                "the target does not have the CSI driver {driver}, which its snapshot is of"
            ));
        }
        let source = self.volumes.region.as_ref()?;
        if self.regions.is_empty() || self.regions.contains(source) {
            return None;
        }
        let target: Vec<&str> = self.regions.iter().map(String::as_str).collect();
        Some(format!(
            "its snapshot is in region {source}, the target is in {}: snapshots cannot be used in another region; use the \
             Vault tier",
            target.join(", ")
        ))
    }
}

/// The classes of the point that this restore makes where they are missing.
async fn made(
    point: &Point,
    request: &RestoreRequest,
    index: &Index,
    selected: &[RowId],
    context: &Context,
) -> Result<BTreeMap<String, Value>, EngineError> {
    let mut classes = BTreeMap::new();
    for row in selected.iter().filter_map(|id| index.row(*id)) {
        if row.ty.is("storage.k8s.io", "storageclasses") && !request.is_left_out(&row) {
            let class = super::super::form::stored(point, &row, context).await?;
            classes.insert(row.name.to_owned(), class);
        }
    }
    Ok(classes)
}

/// The objects of a kind; `None` where they may not be read, or the target knows no such kind.
async fn list(live: &Live<'_>, kind: &str, context: &Context) -> Result<Option<Vec<Value>>, EngineError> {
    let Some(ty) = live.type_of_kind(kind) else { return Ok(None) };
    let request = ListRequest::all(ResourceType::clone(ty));
    Ok(objects::list(live.cluster, request, None, context).await?.ok())
}

/// Whether the point's document is at fault, rather than the way to it.
fn is_damage(error: &StoreError) -> bool {
    matches!(error, StoreError::BlobMissing { .. } | StoreError::Tampered { .. } | StoreError::Damaged { .. })
}

fn is_default(class: &Value) -> bool {
    let annotations = class.get("metadata").and_then(|metadata| metadata.get("annotations"));
    DEFAULT_CLASS.iter().any(|key| annotations.and_then(|a| a.get(*key)).is_some_and(|value| value == "true"))
}

/// By age, and by name where several are as old.
fn created(class: &Value) -> (&str, std::cmp::Reverse<String>) {
    let time = class.pointer("/metadata/creationTimestamp").and_then(Value::as_str).unwrap_or_default();
    (time, std::cmp::Reverse(name(class)))
}

fn name(object: &Value) -> String {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn class(name: &str, created: &str, default: bool) -> (String, Value) {
        let annotations = json!({DEFAULT_CLASS[0]: default.to_string()});
        let metadata = json!({"name": name, "creationTimestamp": created, "annotations": annotations});
        (name.to_owned(), json!({"metadata": metadata}))
    }

    #[test]
    fn a_claim_without_a_class_gets_the_newest_default_one_and_one_that_wants_none_gets_none() {
        let classes = [
            class("a", "2025-01-01T00:00:00Z", true),
            class("b", "2026-01-01T00:00:00Z", true),
            class("c", "2026-02-01T00:00:00Z", false),
        ];
        let facts = Facts { classes: Some(classes.into()), ..Facts::default() };
        let named = |spec: Value| match facts.class(&json!({"spec": spec})) {
            Class::Found(class) => name(class),
            Class::Missing => "missing".to_owned(),
            Class::Unknown => "unknown".to_owned(),
        };
        assert_eq!(named(json!({})), "b");
        assert_eq!(named(json!({"storageClassName": "c"})), "c");
        assert_eq!(named(json!({"storageClassName": ""})), "missing");
        assert!(matches!(Facts::default().class(&json!({})), Class::Unknown));
    }

    #[test]
    fn what_is_not_known_of_the_target_blocks_nothing() {
        let mut facts = Facts { serves_snapshots: true, ..Facts::default() };
        facts.volumes.region = Some("westeurope".into());
        assert_eq!(facts.unusable("disk.csi.azure.com"), None);
        facts.regions = ["westeurope".to_owned()].into();
        assert_eq!(facts.unusable("disk.csi.azure.com"), None);
        facts.regions = ["northeurope".to_owned()].into();
        let why = facts.unusable("disk.csi.azure.com").unwrap();
        assert!(why.contains("in region westeurope, the target is in northeurope"), "{why}");
        facts.drivers = Some(BTreeSet::new());
        assert!(facts.unusable("disk.csi.azure.com").unwrap().contains("does not have the CSI driver"));
        facts.serves_snapshots = false;
        assert!(facts.unusable("disk.csi.azure.com").unwrap().contains("serves no CSI snapshots"));
    }
}
