//! What to restore, and how.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_model::choice::{PolicyChoice, may_be_recreated};
use holdfast_model::hooks::HookReference;
use holdfast_model::modifiers::Modifiers;
use holdfast_model::plan::{ConflictPolicy, VolumeMode};
use holdfast_model::selection::{ChosenObjects, Selection};
use holdfast_model::target::mapping::NamespaceMappings;
use holdfast_store::Row;
use serde::{Deserialize, Serialize};

/// How long claims may take to be bound, unless asked otherwise (Velero's `--resource-timeout` is as long).
pub const VOLUME_TIMEOUT: Duration = Duration::from_mins(10);

/// What to restore, and how. It is a value that journals and saved plans hold, so that a restore can be gone on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct RestoreRequest {
    /// What to take from the recovery point.
    pub selection: Selection,
    /// Of that, only these objects; empty for all. Their namespaces, and cluster-scoped objects that they refer to, come
    /// along: they are made where they are missing, and never changed.
    pub objects: ChosenObjects,
    /// Objects that stay in the plan and are not written. What their controllers would make of them is not written either.
    pub exclusions: ChosenObjects,
    /// Where namespaces go.
    pub mappings: NamespaceMappings,
    /// What to do about objects that exist.
    pub conflict_policy: ConflictPolicy,
    /// What to do about single kinds or objects that exist; the last that names an object counts.
    pub policies: Vec<PolicyChoice>,
    /// What to do about claims.
    pub volume_mode: VolumeMode,
    /// The storage classes of the target that claims get, by those that they have in the recovery point; the empty name stands
    /// for none. Written only where they are given: saved plans of before are told by the hash of their request.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub storage_classes: BTreeMap<String, String>,
    /// How long the run waits for the claims that it fills from snapshots, in whole seconds.
    #[serde(with = "seconds", skip_serializing_if = "is_volume_timeout")]
    pub volume_timeout: Duration,
    /// What changes objects on the way, by their original names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modifiers: Option<Modifiers>,
    /// The `RestoreHook` objects of the target that say what is run in restored pods, in this order. Annotations of the pods
    /// count without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<HookReference>,
}

impl Default for RestoreRequest {
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            objects: ChosenObjects::default(),
            exclusions: ChosenObjects::default(),
            mappings: NamespaceMappings::default(),
            conflict_policy: ConflictPolicy::default(),
            policies: Vec::new(),
            volume_mode: VolumeMode::default(),
            storage_classes: BTreeMap::new(),
            volume_timeout: VOLUME_TIMEOUT,
            modifiers: None,
            hooks: Vec::new(),
        }
    }
}

fn is_volume_timeout(timeout: &Duration) -> bool {
    *timeout == VOLUME_TIMEOUT
}

/// Times as whole seconds, for people who read a saved plan.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(time.as_secs())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}

impl RestoreRequest {
    /// Whether an object is asked for itself, by its names in the recovery point, rather than coming along.
    pub(crate) fn is_chosen(&self, row: &Row<'_>) -> bool {
        self.objects.is_empty() || self.objects.contains(row.ty, row.namespace, row.name)
    }

    /// Whether an object is left out by name.
    pub(super) fn is_left_out(&self, row: &Row<'_>) -> bool {
        self.exclusions.contains(row.ty, row.namespace, row.name)
    }

    /// What to do about an object that exists.
    pub(super) fn policy(&self, row: &Row<'_>) -> ConflictPolicy {
        if !self.is_chosen(row) {
            return ConflictPolicy::Skip;
        }
        let choice =
            self.policies.iter().rev().find_map(|choice| choice.policy_of(row.ty, row.namespace, row.name));
        match choice.unwrap_or(self.conflict_policy) {
            // Names of kinds in a choice may be short ones that parsing does not know.
            ConflictPolicy::Recreate if !may_be_recreated(row.ty) => ConflictPolicy::Skip,
            policy => policy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_asked_for_is_not_written_so_requests_of_before_keep_their_hash() {
        let text = serde_json::to_string(&RestoreRequest::default()).unwrap();
        assert!(!text.contains("volumeTimeout") && !text.contains("storageClasses"), "{text}");
        assert!(!text.contains("hooks"), "{text}");
        let read: RestoreRequest = serde_json::from_str(&text).unwrap();
        assert_eq!(read, RestoreRequest::default());
        let asked = RestoreRequest {
            storage_classes: [("old".into(), "new".into())].into(),
            volume_timeout: Duration::from_secs(90),
            hooks: vec!["default/postgresql".parse().unwrap()],
            ..RestoreRequest::default()
        };
        let text = serde_json::to_string(&asked).unwrap();
        assert!(text.contains(r#""volumeTimeout":90"#), "{text}");
        assert_eq!(serde_json::from_str::<RestoreRequest>(&text).unwrap(), asked);
    }
}
