//! The report of a restore, and its objects as people and scripts read them.

use std::time::Duration;

use holdfast_model::plan::{Action, Change, PlanEntry};
use holdfast_model::report::{Counts, Outcome, ReportEntry, RestoreState};
use holdfast_store::job::JobItem;
use holdfast_store::volumes::HookRun;
use serde::Serialize;

use super::plan::RestorePlan;

/// What a restore did: one entry for each of the plan's, in the same order.
#[derive(Debug)]
pub struct RestoreReport {
    /// How it ended.
    pub state: RestoreState,
    /// What happened to each object.
    pub entries: Vec<ReportEntry>,
    /// What was run in restored pods, or was to be.
    pub hooks: Vec<HookRun>,
    /// What concerns the restore as a whole.
    pub warnings: Vec<String>,
    /// How long it took, without planning.
    pub duration: Duration,
}

impl RestoreReport {
    /// The report of a plan that was not run.
    pub fn planned(plan: &RestorePlan) -> Self {
        Self {
            state: RestoreState::Planned,
            entries: plan.entries.iter().map(not_yet).collect(),
            hooks: Vec::new(),
            warnings: plan.warnings.clone(),
            duration: plan.duration,
        }
    }

    /// How many objects ended in each way.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for entry in &self.entries {
            if self.state == RestoreState::Planned && entry.outcome == Outcome::Planned {
                counts.add_planned(entry.action);
            } else {
                counts.add(entry.outcome);
            }
        }
        counts
    }

    /// The objects, in the order of the plan.
    pub fn items<'a>(&'a self, plan: &'a RestorePlan) -> impl Iterator<Item = ReportItem<'a>> {
        plan.entries.iter().zip(&self.entries).map(|(planned, entry)| ReportItem::new(plan, planned, entry))
    }
}

/// The entry of an object that nothing was done about yet.
pub(super) fn not_yet(entry: &PlanEntry) -> ReportEntry {
    let outcome = entry.earlier.unwrap_or(Outcome::Planned);
    ReportEntry { outcome, action: entry.action, reason: None, pruned: None }
}

/// One object of a report.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportItem<'a> {
    /// API group, empty for core.
    pub group: &'a str,
    /// Version.
    pub version: &'a str,
    /// Kind.
    pub kind: &'a str,
    /// Namespace in the recovery point, empty for cluster-scoped objects.
    pub namespace: &'a str,
    /// Name in the recovery point.
    pub name: &'a str,
    /// Namespace in the target.
    pub target_namespace: &'a str,
    /// Name in the target, where it is another (mapped Namespaces).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_name: Option<&'a str>,
    /// What was planned, or tried where running found it otherwise.
    pub action: Action,
    /// What happened.
    pub outcome: Outcome,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    /// What differs between the live object and the recovery point; values of Secrets are masked.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub diff: &'a [Change],
    /// Paths that were left as they were because they cannot change.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub pruned_paths: &'a [String],
    /// What resource modifiers did to it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub modifiers: &'a [String],
    /// Whether an earlier run did it, which this one went on with.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub earlier: bool,
}

impl From<ReportItem<'_>> for JobItem {
    fn from(item: ReportItem<'_>) -> Self {
        Self {
            group: item.group.to_owned(),
            version: item.version.to_owned(),
            kind: item.kind.to_owned(),
            namespace: item.namespace.to_owned(),
            name: item.name.to_owned(),
            target_namespace: item.target_namespace.to_owned(),
            target_name: item.target_name.map(str::to_owned),
            action: item.action,
            outcome: item.outcome,
            reason: item.reason.map(str::to_owned),
            diff: item.diff.to_vec(),
            pruned_paths: item.pruned_paths.to_vec(),
            modifiers: item.modifiers.to_vec(),
            earlier: item.earlier,
        }
    }
}

impl<'a> ReportItem<'a> {
    fn new(plan: &'a RestorePlan, planned: &'a PlanEntry, entry: &'a ReportEntry) -> Self {
        let row = plan.row(planned);
        let detail = planned.detail.as_deref();
        let planned_reason = detail.and_then(|detail| detail.reason.as_deref());
        Self {
            group: &row.ty.group,
            version: &row.ty.version,
            kind: &row.ty.kind,
            namespace: row.namespace,
            name: row.name,
            target_namespace: &planned.target_namespace,
            target_name: planned.target_name.as_deref(),
            action: entry.action,
            outcome: entry.outcome,
            reason: entry.reason.as_deref().or(planned_reason),
            diff: detail.map_or(&[], |detail| &detail.changes),
            pruned_paths: entry.pruned.as_deref().unwrap_or_default(),
            modifiers: detail.map_or(&[], |detail| &detail.modifiers),
            earlier: planned.earlier.is_some(),
        }
    }
}
