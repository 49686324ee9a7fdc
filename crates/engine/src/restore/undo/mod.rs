//! Undoing a restore: a plan first, then its run.
//!
//! What the restore created is deleted; what it patched, or deleted and created anew, gets the form that its journal
//! kept. Everything is compared with the cluster as it is now, so undoing twice, or undoing what somebody else has undone,
//! finds nothing to do. What would take along more than the restore made (a namespace in which other objects live by now)
//! is left, and the plan says why.
//!
//! Order: webhooks and quotas that the restore made go first, so that they refuse nothing; then objects are put back, in
//! the order of a restore; then the others are deleted, in the reverse order, each stage when the one before it is gone: what
//! has finalizers needs its controller until then. An owner is deleted only once everything that was there before it was
//! released from it. An undo that was interrupted is planned again.

mod change;
mod holds;
mod plan;
mod run;

use std::time::Duration;

use holdfast_model::plan::{Action, Change};
use holdfast_model::report::{Counts, Outcome, ReportEntry, RestoreState};
use holdfast_store::job::{JobId, JobItem};
use serde_json::Value;

use super::journal::{Head, TargetObject};

pub use plan::plan_undo;
pub use run::run_undo;

/// What undoing a restore would do, as a value.
#[derive(Debug)]
pub struct UndoPlan {
    /// The jobs that are undone, the last first.
    pub jobs: Vec<JobId>,
    /// What the last of them began with.
    pub head: Head,
    /// One entry for each object that they wrote, in the order in which they are undone.
    pub entries: Vec<UndoEntry>,
    /// What concerns the undoing as a whole.
    pub warnings: Vec<String>,
}

/// What undoing would do about one object.
#[derive(Clone, Debug)]
pub struct UndoEntry {
    /// The object.
    pub object: TargetObject,
    /// What would happen.
    pub action: Action,
    /// Why.
    pub reason: Option<String>,
    /// What differs now from what it was; values of Secrets are masked.
    pub changes: Vec<Change>,
    /// What it was, for Patch.
    kept: Option<Value>,
    /// UIDs of the owners that it is released from, for Patch.
    released: Vec<String>,
    /// What it was, in the form that is sent, for Create and Recreate.
    before: Option<Value>,
    /// The live object's UID and version.
    live: Option<(String, String)>,
}

/// What undoing did: one entry for each of the plan's, in the same order.
#[derive(Debug)]
pub struct UndoReport {
    /// How it ended.
    pub state: RestoreState,
    /// What happened to each object.
    pub entries: Vec<ReportEntry>,
    /// What concerns the undoing as a whole.
    pub warnings: Vec<String>,
    /// How long it took, without planning.
    pub duration: Duration,
}

impl UndoReport {
    /// The report of a plan that was not run.
    pub fn planned(plan: &UndoPlan) -> Self {
        Self {
            state: RestoreState::Planned,
            entries: plan.entries.iter().map(not_yet).collect(),
            warnings: plan.warnings.clone(),
            duration: Duration::ZERO,
        }
    }

    /// How many objects ended, or would end, in each way.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for entry in &self.entries {
            if self.state == RestoreState::Planned {
                counts.add_planned(entry.action);
            } else {
                counts.add(entry.outcome);
            }
        }
        counts
    }

    /// The objects, as jobs keep them.
    pub fn items<'a>(&'a self, plan: &'a UndoPlan) -> impl Iterator<Item = JobItem> + 'a {
        plan.entries.iter().zip(&self.entries).map(|(planned, entry)| {
            let ty = &planned.object.ty;
            JobItem {
                group: ty.group.clone(),
                version: ty.version.clone(),
                kind: ty.kind.clone(),
                namespace: planned.object.namespace.clone(),
                name: planned.object.name.clone(),
                target_namespace: planned.object.namespace.clone(),
                target_name: None,
                action: entry.action,
                outcome: entry.outcome,
                reason: entry.reason.as_deref().map(str::to_owned).or_else(|| planned.reason.clone()),
                diff: planned.changes.clone(),
                pruned_paths: entry.pruned.as_deref().unwrap_or_default().to_vec(),
                modifiers: Vec::new(),
                earlier: false,
            }
        })
    }
}

fn not_yet(entry: &UndoEntry) -> ReportEntry {
    ReportEntry { outcome: Outcome::Planned, action: entry.action, reason: None, pruned: None }
}
