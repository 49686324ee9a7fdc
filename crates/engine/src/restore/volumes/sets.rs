//! StatefulSets whose claims are not filled after all: their controllers would make the claims empty.
//!
//! Planning decides about both together. Afterwards a claim may be refused when the plan is tried, differ from a saved plan, or
//! fail in the run; its StatefulSet is then Blocked, too.

use std::collections::HashSet;

use holdfast_model::plan::{Action, PlanEntry};
use holdfast_model::report::{Outcome, ReportEntry};
use serde_json::Value;

use super::MAKE_IT_EMPTY;
use crate::context::Context;
use crate::error::EngineError;
use crate::restore::form;
use crate::restore::plan::RestorePlan;
use crate::restore::run::{Run, writes};

/// Claims in the target that are not filled, as namespace and name.
pub(super) type Unfilled = HashSet<(String, String)>;

/// Blocks the StatefulSets of a plan whose claims were Blocked after planning.
pub(in crate::restore) async fn spare_sets(
    plan: &mut RestorePlan,
    context: &Context,
) -> Result<(), EngineError> {
    let is_blocked = |planned: &PlanEntry| planned.action == Action::Blocked;
    let unfilled = unfilled(plan, |_, planned| is_blocked(planned));
    if unfilled.is_empty() {
        return Ok(());
    }
    for at in 0..plan.entries.len() {
        if let Some(why) = would_be_empty(plan, at, &unfilled, context).await? {
            plan.entries[at].action = Action::Blocked;
            plan.entries[at].detail.get_or_insert_default().reason = Some(why);
        }
    }
    Ok(())
}

/// The claims that were to be filled and for which `is_unfilled` holds.
fn unfilled(plan: &RestorePlan, is_unfilled: impl Fn(usize, &PlanEntry) -> bool) -> Unfilled {
    let was_to_be = |planned: &PlanEntry| planned.detail.as_ref().is_some_and(|detail| detail.fill.is_some());
    let entries = plan.entries.iter().enumerate();
    entries
        .filter(|(at, planned)| was_to_be(planned) && is_unfilled(*at, planned))
        .map(|(_, planned)| (planned.target_namespace.to_string(), plan.row(planned).name.to_owned()))
        .collect()
}

/// Why an entry must not be written, if it is a StatefulSet to be created with one of those claims.
async fn would_be_empty(
    plan: &RestorePlan,
    at: usize,
    unfilled: &Unfilled,
    context: &Context,
) -> Result<Option<String>, EngineError> {
    let planned = &plan.entries[at];
    let row = plan.row(planned);
    let makes =
        matches!(planned.action, Action::Create | Action::Patch | Action::Recreate | Action::Unchecked);
    if !row.ty.is("apps", "statefulsets") || !writes(planned) || !makes {
        return Ok(None);
    }
    let set = form::stored(&plan.point, &row, context).await?;
    let namespace = planned.target_namespace.to_string();
    let claim = claims(&set, row.name)
        .into_iter()
        .find(|claim| unfilled.contains(&(namespace.clone(), claim.clone())));
    Ok(claim.map(|claim| {
        format!("its controller would make claim {claim} empty, which is not filled from its snapshot; {MAKE_IT_EMPTY}")
    }))
}

/// The names that a StatefulSet's controller gives its claims: `template-set-ordinal`.
pub(super) fn claims(set: &Value, name: &str) -> Vec<String> {
    let number = |path: &str, default: u64| set.pointer(path).and_then(Value::as_u64).unwrap_or(default);
    let start = number("/spec/ordinals/start", 0);
    // A set cannot have more pods than a cluster has; the bound keeps a hostile count harmless.
    let replicas = number("/spec/replicas", 1).min(10_000);
    let templates = set.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
    let mut claims = Vec::new();
    for template in templates.into_iter().flatten() {
        let template = template.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        claims.extend(
            (start..start.saturating_add(replicas)).map(|ordinal| format!("{template}-{name}-{ordinal}")),
        );
    }
    claims
}

impl Run<'_> {
    /// Blocks the StatefulSets whose claims were to be filled by now and are not.
    pub(in crate::restore) async fn spare_sets(&self, entries: &mut [ReportEntry]) {
        // What an earlier run filled, and is not there any more, is not filled either.
        let is_unfilled =
            |at: usize, planned: &PlanEntry| planned.earlier.is_some() || entries[at].outcome.is_unfinished();
        let unfilled = unfilled(self.plan(), is_unfilled);
        self.block_sets(&unfilled, entries).await;
    }

    pub(super) async fn block_sets(&self, unfilled: &Unfilled, entries: &mut [ReportEntry]) {
        if unfilled.is_empty() {
            return;
        }
        for (at, entry) in entries.iter_mut().enumerate() {
            if entry.outcome != Outcome::Planned {
                continue;
            }
            match would_be_empty(self.plan(), at, unfilled, self.context).await {
                Ok(None) => {}
                Ok(Some(why)) => self.block(at, entry, why),
                Err(EngineError::Cancelled) => return,
                Err(error) => self.block(at, entry, error.to_string()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_named_by_template_set_and_ordinal() {
        let set = json!({"spec": {"replicas": 2, "ordinals": {"start": 3},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}}, {"metadata": {"name": "log"}}]}});
        assert_eq!(claims(&set, "db"), ["data-db-3", "data-db-4", "log-db-3", "log-db-4"]);
        assert_eq!(claims(&json!({"spec": {"replicas": u64::MAX}}), "db"), Vec::<String>::new());
    }
}
