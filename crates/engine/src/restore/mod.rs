//! Restore: a plan first, then the run of that plan.
//!
//! [`plan`] reads the recovery point and the target cluster and decides about every
//! selected object; it writes nothing. [`run`] takes the plan as a value and writes
//! wave by wave, many objects at once. What it finds otherwise than planned (an
//! object that appeared, changed or went meanwhile) is decided by the same rules.
//!
//! Running a plan again, or a new plan after an interrupted run, completes what is
//! missing: objects that are there already are Identical, and children that an
//! interrupted run left without their owner references get them.

mod compare;
mod derive;
pub(crate) mod form;
mod live;
mod owners;
mod plan;
mod planner;
mod ready;
mod report;
mod run;
pub(crate) mod select;
mod shown;
mod volumes;
mod write;

use holdfast_model::plan::{ConflictPolicy, VolumeMode};
use holdfast_model::selection::{ChosenObject, Selection};
use holdfast_model::target::mapping::NamespaceMappings;
use holdfast_store::Row;

pub use plan::{RestorePlan, plan};
pub use report::{ReportItem, RestoreReport};
pub use run::run;
pub use shown::{Shown, show};

/// Requests that a plan or a run has under way at the same time.
pub const REQUESTS_AT_ONCE: usize = 32;

/// What to restore, and how.
#[derive(Clone, Debug, Default)]
pub struct RestoreRequest {
    /// What to take from the recovery point.
    pub selection: Selection,
    /// Of that, only these objects; empty for all. Their namespaces, and cluster-scoped objects that they refer to, come
    /// along: they are made where they are missing, and never changed.
    pub objects: Vec<ChosenObject>,
    /// Where namespaces go.
    pub mappings: NamespaceMappings,
    /// What to do about objects that exist.
    pub conflict_policy: ConflictPolicy,
    /// What to do about claims.
    pub volume_mode: VolumeMode,
}

impl RestoreRequest {
    /// Whether an object is asked for itself, by its names in the recovery point, rather than coming along.
    pub(crate) fn is_chosen(&self, row: &Row<'_>) -> bool {
        self.objects.is_empty()
            || self.objects.iter().any(|object| object.is(row.ty, row.namespace, row.name))
    }

    /// What to do about an object that exists.
    fn policy(&self, row: &Row<'_>) -> ConflictPolicy {
        if self.is_chosen(row) { self.conflict_policy } else { ConflictPolicy::Skip }
    }
}
