//! One entry of a plan in full: the live object and what it would be.
//!
//! The live object is fetched again, so what is shown is what is there now; where that is another thing than was
//! planned against, the entry is decided anew by the rules of planning and of running, and marked.

use holdfast_cluster::{ApiError, Cluster};
use holdfast_model::patch;
use holdfast_model::plan::{Action, Change, PlanDetail, PlanEntry};
use holdfast_model::target;
use serde_json::Value;

use super::compare::existing;
use super::form;
use super::plan::RestorePlan;
use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};

/// One entry, looked at again. Values of Secrets are not masked.
#[derive(Debug)]
pub struct Shown {
    /// The entry as it would be planned now.
    pub entry: PlanEntry,
    /// Whether that is another decision or another difference than the plan's.
    pub drifted: bool,
    /// The live object without what the server sets; `None` where there is none, or none can be read.
    pub live: Option<Value>,
    /// What the object would be (Create, Patch), or what the recovery point holds in its target form.
    pub after: Value,
}

/// Looks at one entry of a plan again. Writes nothing.
///
/// # Errors
/// Fails when the cluster or the recovery point cannot be read, and on cancellation.
pub async fn show(
    cluster: &Cluster,
    plan: &RestorePlan,
    entry: &PlanEntry,
    context: &Context,
) -> Result<Shown, EngineError> {
    let row = plan.row(entry);
    let form = form::of(&plan.point, &row, &plan.request, context).await?;
    let namespace = Some(&*entry.target_namespace).filter(|_| row.ty.namespaced);
    let name = entry.target_name.as_deref().unwrap_or(row.name);
    let found = match context.run(cluster.get(row.ty, namespace, name)).await {
        Ok(found) => found,
        Err(EngineError::Api(error)) if !is_cluster_lost(&error) && !lost(&error) => None,
        Err(error) => return Err(error),
    };
    let Some(json) = found else {
        // What was there when the plan was made is gone: running creates it.
        let gone = matches!(entry.action, Action::Patch | Action::Recreate | Action::Identical);
        let mut entry = entry.clone();
        if gone {
            entry.action = Action::Create;
            entry.detail = None;
        }
        return Ok(Shown { entry, drifted: gone, live: None, after: form.object });
    };
    let mut live: Value = serde_json::from_slice(&json)
        .map_err(|source| EngineError::NotAnObject { object: form::describe(&row), source })?;
    let mut entry = entry.clone();
    let mut drifted = false;
    if is_compared(&entry) {
        let adopt = entry.detail.as_ref().is_some_and(|detail| detail.adopt);
        let now = existing(row.ty, &form, &live, plan.request.policy(&row), adopt);
        drifted =
            now.action != entry.action || changes(now.detail.as_deref()) != changes(entry.detail.as_deref());
        entry.action = now.action;
        entry.detail = now.detail;
    }
    target::strip(row.ty, &mut live);
    for key in ["apiVersion", "kind"] {
        live[key] = form.object[key].clone();
    }
    let mut after = form.object;
    if let (Action::Patch, Some(detail)) = (entry.action, &entry.detail) {
        after = live.clone();
        if let Some(change) = &detail.patch {
            patch::apply(&mut after, change);
        }
    }
    Ok(Shown { entry, drifted, live: Some(live), after })
}

fn changes(detail: Option<&PlanDetail>) -> &[Change] {
    detail.map_or(&[], |detail| &detail.changes)
}

/// Whether the action follows from comparing; the others have reasons of their own.
fn is_compared(entry: &PlanEntry) -> bool {
    match entry.action {
        Action::Create | Action::Unchecked | Action::Patch | Action::Recreate | Action::Identical => true,
        Action::Skip => entry.detail.as_ref().is_some_and(|detail| detail.resource_version.is_some()),
        Action::Blocked | Action::Derived | Action::Delete => false,
    }
}

/// Whether nothing was answered, as opposed to a refusal that concerns this kind alone.
fn lost(error: &ApiError) -> bool {
    error.status().is_none()
}
