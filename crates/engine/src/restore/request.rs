//! What to restore, and how.

use holdfast_model::choice::{PolicyChoice, may_be_recreated};
use holdfast_model::modifiers::Modifiers;
use holdfast_model::plan::{ConflictPolicy, VolumeMode};
use holdfast_model::selection::{ChosenObjects, Selection};
use holdfast_model::target::mapping::NamespaceMappings;
use holdfast_store::Row;
use serde::{Deserialize, Serialize};

/// What to restore, and how. It is a value that journals and saved plans hold, so that a restore can be gone on with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What changes objects on the way, by their original names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modifiers: Option<Modifiers>,
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
