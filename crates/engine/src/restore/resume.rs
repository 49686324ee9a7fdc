//! Going on with a restore that was cancelled, killed, or did not succeed everywhere.
//!
//! The same is asked for again and planned against the cluster as it is now. What the earlier runs settled is left alone
//! and counts as done; what they failed at, had Blocked or did not come to is planned like anything else. Where a run was
//! killed before it could note all that it did, its marks on the objects and the objects it kept tell.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use holdfast_cluster::Cluster;
use holdfast_model::plan::{Action, PlanEntry};
use holdfast_model::report::Outcome;
use holdfast_store::job::{JobId, JobItem, JobState, Jobs};
use holdfast_store::{Point, Row, RowId, StoreError};

use super::journal::{Head, History, Past, PointIdentity, TargetObject, manager};
use super::plan::{RestorePlan, marked};
use crate::context::Context;
use crate::error::EngineError;

/// Kind as `Kind.group`, namespace and name in the target.
type Named = (String, String, String);

/// What is known of a restore that shall go on.
#[derive(Clone, Debug)]
pub struct Earlier {
    history: Arc<History>,
    /// What its report says; empty where the last run was killed.
    reported: HashMap<Named, Outcome>,
}

impl Earlier {
    /// Reads what a job did, and those that it went on with.
    ///
    /// # Errors
    /// Fails when there is no journal, or it cannot be read, and for a job that still runs.
    pub async fn read(jobs: &Jobs, job: &JobId) -> Result<Self, EngineError> {
        // One that cannot be shown may still have its journal.
        match jobs.get(job).await {
            Ok(found) if found.record.state == JobState::Running => {
                return Err(EngineError::StillRunning { job: job.clone() });
            }
            Ok(_) | Err(StoreError::UnknownJob { .. } | StoreError::JobUnreadable { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let history = History::read(jobs, job).await?;
        let report = if history.whole { jobs.report(job).await? } else { Vec::new() };
        let reported = report.iter().map(|item| (named(item), item.outcome)).collect();
        Ok(Self { history: Arc::new(history), reported })
    }

    pub(super) fn history(&self) -> &History {
        &self.history
    }

    /// What it began with.
    pub fn head(&self) -> &Head {
        &self.history.head
    }

    /// What the next job's journal begins with.
    pub fn next_head(&self) -> Head {
        let head = self.history.head.clone();
        match self.history.jobs.first() {
            Some(last) => head.continuing(last.clone()),
            None => head,
        }
    }
}

fn named(item: &JobItem) -> Named {
    let kind =
        if item.group.is_empty() { item.kind.clone() } else { format!("{}.{}", item.kind, item.group) };
    let name = item.target_name.as_ref().unwrap_or(&item.name).clone();
    (kind, item.target_namespace.clone(), name)
}

/// Plans what is left of an earlier restore. Writes nothing.
///
/// # Errors
/// Those of [`super::plan`], and [`EngineError::OtherCluster`].
pub async fn plan_rest(
    cluster: &Cluster,
    point: &Point,
    earlier: &Earlier,
    context: &Context,
) -> Result<RestorePlan, EngineError> {
    let head = earlier.head();
    if head.point != PointIdentity::of(point) {
        return Err(EngineError::other_point(&head.point));
    }
    let marks = earlier.history.jobs.iter().map(manager).collect();
    let (mut plan, marked) = Box::pin(marked(cluster, point, &head.request, marks, context)).await?;
    check_cluster(head, plan.cluster_uid.as_deref(), cluster)?;
    let marked: HashMap<RowId, String> = marked.into_iter().collect();
    let mut unrecorded = Vec::new();
    for at in 0..plan.entries.len() {
        let entry = &plan.entries[at];
        let row = plan.row(entry);
        let object = target_object(&row, entry);
        let past = earlier.history.objects.get(&object);
        let name = (row.ty.group_kind(), object.namespace.clone(), object.name.clone());
        let mark = marked.get(&row.id);
        let was = match (earlier.reported.get(&name), past) {
            (Some(outcome), _) => (!outcome.is_unfinished()).then_some(*outcome),
            (None, past) => found_out(entry.action, past, mark.is_some()),
        };
        let noted = past.is_some_and(|past| past.outcome.is_some());
        if let Some(mark) = mark.filter(|_| !noted) {
            let again = past.is_some_and(|past| past.kept.is_some());
            let outcome = if again { Outcome::Recreated } else { Outcome::Created };
            unrecorded.push((at, outcome, Some(mark.clone())));
        } else if let Some(outcome) = was.filter(|outcome| outcome.is_written() && !noted) {
            unrecorded.push((at, outcome, None));
        }
        plan.entries[at].earlier = was;
    }
    plan.unrecorded = unrecorded;
    make_namespaces_again(&mut plan);
    let gone = |entry: &&PlanEntry| {
        entry.earlier.is_some_and(Outcome::is_written)
            && matches!(entry.action, Action::Create | Action::Unchecked | Action::Blocked)
    };
    let gone = plan.entries.iter().filter(gone).count();
    if gone > 0 {
        plan.warnings.push(format!(
            "{gone} objects that were restored before are not there any more, and are left so; to bring them back, restore again"
        ));
    }
    Ok(plan)
}

/// A namespace that was made and is gone is made again where something shall go into it.
fn make_namespaces_again(plan: &mut RestorePlan) {
    let runs = |entry: &&PlanEntry| entry.action.writes() && entry.earlier.is_none();
    let needed: HashSet<Arc<str>> =
        plan.entries.iter().filter(runs).map(|entry| Arc::clone(&entry.target_namespace)).collect();
    for at in 0..plan.entries.len() {
        let entry = &plan.entries[at];
        let row = plan.row(entry);
        let name = entry.target_name.as_deref().unwrap_or(row.name);
        if row.ty.is("", "namespaces") && entry.action == Action::Create && needed.contains(name) {
            plan.entries[at].earlier = None;
        }
    }
}

/// What a killed run did about an object that its report says nothing of.
fn found_out(action: Action, past: Option<&Past>, is_marked: bool) -> Option<Outcome> {
    let is_there = !matches!(action, Action::Create | Action::Unchecked);
    match past {
        Some(Past { outcome: Some(outcome), .. }) if is_there => Some(*outcome),
        // It was kept, and now it says what it should: the change arrived and its note did not.
        Some(Past { outcome: None, .. }) if action == Action::Identical => {
            Some(if is_marked { Outcome::Recreated } else { Outcome::Patched })
        }
        None if is_marked && action == Action::Identical => Some(Outcome::Created),
        _ => None,
    }
}

fn target_object(row: &Row<'_>, entry: &PlanEntry) -> TargetObject {
    TargetObject {
        ty: row.ty.clone(),
        namespace: entry.target_namespace.to_string(),
        name: entry.target_name.as_deref().unwrap_or(row.name).to_owned(),
    }
}

/// Refuses to go on, or to undo, in another cluster than the one that was written to.
pub(super) fn check_cluster(head: &Head, uid: Option<&str>, cluster: &Cluster) -> Result<(), EngineError> {
    // Who could tell then and cannot now is not let through either.
    match &head.cluster_uid {
        Some(then) if uid != Some(then.as_str()) => {
            Err(EngineError::OtherCluster { then: head.cluster.clone(), now: cluster.name().to_owned() })
        }
        _ => Ok(()),
    }
}
