//! Restore: plans, which stay here under an id, and their entries.

mod diff;
mod plans;
pub(crate) mod rows;

use std::collections::BTreeSet;
use std::sync::Arc;

use holdfast_engine::restore::{self, RestorePlan};
use holdfast_model::plan::Action;

use crate::api::{ActionCounts, Failure, PlanPage, PlanQuery, PlanSummary, RestoreRequest};
use crate::{App, blocking, selection};

pub(crate) use plans::{Planned, Plans};

impl App {
    /// Plans a restore; writes nothing. The plan stays until newer ones take its place.
    pub async fn plan_restore(
        &self,
        request: RestoreRequest,
        request_id: String,
    ) -> Result<PlanSummary, Failure> {
        let wanted = selection::restore_request(&request)?;
        let command = self.restore_command(&request)?;
        let call = self.request(request_id);
        let work = async {
            let open = self.open_point(&request.point).await?;
            let cluster = self.cluster(&request.cluster_id).await?;
            cluster.version().await?;
            Ok::<_, Failure>((open, cluster))
        };
        let cancelled = || Failure::new(crate::api::FailureCode::Cancelled, "planning was cancelled", "");
        let (open, cluster) = call.context.cancel.run_until_cancelled(work).await.ok_or_else(cancelled)??;
        let as_of = self.now();
        let plan = Box::pin(restore::plan(&cluster, &open.point, &wanted, &call.context)).await?;
        let id = uuid::Uuid::new_v4().to_string();
        let summary = PlanSummary {
            id: id.clone(),
            entries: plan.entries.len() as u64,
            counts: counts(&plan),
            target_namespaces: written_namespaces(&plan),
            warnings: plan.warnings.clone(),
            command,
            as_of: as_of.to_string(),
            duration_ms: u64::try_from(plan.duration.as_millis()).unwrap_or(u64::MAX),
        };
        let planned = Planned::new(id, request, cluster, plan);
        self.inner.plans.put(Arc::new(planned));
        Ok(summary)
    }

    /// Some of a plan's entries.
    pub async fn plan_items(&self, plan_id: String, query: PlanQuery) -> Result<PlanPage, Failure> {
        let planned = self.inner.plans.get(&plan_id)?;
        blocking("looking for entries", move || planned.page(None, &query)).await?
    }
}

fn counts(plan: &RestorePlan) -> ActionCounts {
    let mut counts = ActionCounts::default();
    for entry in &plan.entries {
        *match entry.action {
            Action::Create => &mut counts.create,
            Action::Patch => &mut counts.patch,
            Action::Recreate => &mut counts.recreate,
            Action::Delete => &mut counts.delete,
            Action::Skip => &mut counts.skip,
            Action::Identical => &mut counts.identical,
            Action::Blocked => &mut counts.blocked,
            Action::Derived => &mut counts.derived,
            Action::Unchecked => &mut counts.unchecked,
        } += 1;
    }
    counts
}

/// The target namespaces that running the plan writes to.
fn written_namespaces(plan: &RestorePlan) -> Vec<String> {
    let mut names: BTreeSet<&str> = plan.blank_namespaces.iter().map(String::as_str).collect();
    for entry in plan.entries.iter().filter(|entry| entry.action.writes()) {
        if entry.target_namespace.is_empty() {
            let row = plan.row(entry);
            if row.ty.is("", "namespaces") {
                names.insert(entry.target_name.as_deref().unwrap_or(row.name));
            }
        } else {
            names.insert(&entry.target_namespace);
        }
    }
    names.into_iter().map(str::to_owned).collect()
}
