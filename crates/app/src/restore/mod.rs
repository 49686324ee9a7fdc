//! Restore: plans, which stay here under an id, and their entries.

mod diff;
mod modifiers;
mod plans;
pub(crate) mod rows;
mod saved;
mod undo;

use std::collections::BTreeSet;
use std::sync::Arc;

use holdfast_engine::restore::{self, Earlier, RestorePlan};
use holdfast_model::plan::Action;
use holdfast_model::preflight;
use holdfast_store::job::JobId;

use crate::api::{
    ActionCounts, Failure, FailureCode, Finding, FindingCheck, FindingLevel, PlanPage, PlanQuery,
    PlanSummary, PointKey, RestoreRequest,
};
use crate::clusters::id_of;
use crate::{App, SANDBOX, blocking, selection};

pub(crate) use plans::{Planned, Plans};
pub(crate) use undo::Undos;

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
        let (open, cluster) = call.context.cancel.run_until_cancelled(work).await.ok_or_else(cancelled)??;
        let plan = Box::pin(restore::plan(&cluster, &open.point, &wanted, &call.context)).await?;
        Ok(self.keep_plan(Planned::new(request, cluster, plan, None), command))
    }

    /// Plans what is left of a restore that was cancelled, interrupted, or failed in parts. Writes nothing.
    pub async fn plan_retry(
        &self,
        vault_id: String,
        job_id: String,
        request_id: String,
    ) -> Result<PlanSummary, Failure> {
        let call = self.request(request_id);
        let work = async {
            let (jobs, id) = self.kept_job(&vault_id, &job_id).await?;
            let earlier = Earlier::read(&jobs, &id).await?;
            let point = PointKey { vault_id: vault_id.clone(), point: earlier.head().point.name.clone() };
            let cluster_id = self.cluster_id_of(&jobs, &id, &earlier).await?;
            let open = self.open_point(&point).await?;
            let cluster = self.cluster(&cluster_id).await?;
            cluster.version().await?;
            Ok::<_, Failure>((earlier, point, cluster_id, open, cluster))
        };
        let ready = Box::pin(call.context.cancel.run_until_cancelled(work)).await;
        let (earlier, point, cluster_id, open, cluster) = ready.ok_or_else(cancelled)??;
        let plan = Box::pin(restore::plan_rest(&cluster, &open.point, &earlier, &call.context)).await?;
        let request = selection::typed_request(point, cluster_id, &plan.request);
        Ok(self.keep_plan(Planned::new(request, cluster, plan, Some(earlier)), String::new()))
    }

    /// Tries a plan with the server, which stores nothing, and gives it again with what was found. It takes the place of
    /// the plan that was tried.
    pub async fn validate_plan(&self, plan_id: String, request_id: String) -> Result<PlanSummary, Failure> {
        let call = self.request(request_id);
        let planned = self.inner.plans.get(&plan_id)?;
        let mut plan = planned.plan.clone();
        Box::pin(restore::validate(&planned.cluster, &mut plan, &call.context)).await?;
        let command = if planned.earlier.is_some() {
            String::new()
        } else {
            self.restore_command(&planned.request).map(|command| format!("{command} --validate server"))?
        };
        let tried =
            Planned::new(planned.request.clone(), planned.cluster.clone(), plan, planned.earlier.clone());
        // Only now: trying that fails leaves the plan as it is.
        let _ = self.inner.plans.take(&plan_id);
        Ok(self.keep_plan(tried, command))
    }

    /// Some of a plan's entries.
    pub async fn plan_items(&self, plan_id: String, query: PlanQuery) -> Result<PlanPage, Failure> {
        let planned = self.inner.plans.get(&plan_id)?;
        blocking("looking for entries", move || planned.page(None, &query)).await?
    }

    fn keep_plan(&self, planned: Planned, command: String) -> PlanSummary {
        let plan = &planned.plan;
        let summary = PlanSummary {
            id: planned.id.clone(),
            entries: plan.entries.len() as u64,
            counts: counts(
                plan.entries.iter().filter(|entry| entry.earlier.is_none()).map(|entry| entry.action),
            ),
            target_namespaces: written_namespaces(plan),
            warnings: plan.warnings.clone(),
            request: planned.request.clone(),
            validated: plan.validated,
            findings: plan.findings.iter().map(finding).collect(),
            earlier: plan.entries.iter().filter(|entry| entry.earlier.is_some()).count() as u64,
            command,
            as_of: self.now().to_string(),
            duration_ms: u64::try_from(plan.duration.as_millis()).unwrap_or(u64::MAX),
        };
        self.inner.plans.put(Arc::new(planned));
        summary
    }

    /// The cluster that a job wrote to, among those of this program. A journal knows it by its name alone.
    async fn cluster_id_of(
        &self,
        jobs: &holdfast_store::job::Jobs,
        id: &JobId,
        earlier: &Earlier,
    ) -> Result<String, Failure> {
        let name = earlier.head().cluster.clone();
        let contexts = self.kubeconfig().await?;
        let is_context = contexts.contexts.iter().any(|context| context.name == name);
        if is_context {
            return Ok(id_of(&name));
        }
        if name == SANDBOX {
            return Ok(SANDBOX.to_owned());
        }
        let record = jobs.get(id).await.map(|job| job.record).ok();
        let host = record.and_then(|record| record.host).unwrap_or_default();
        let message =
            format!("the cluster {name}, which this restore wrote to, is not in the kubeconfig here");
        let guidance = format!("Add its context, or go on with it where it was started ({host}).");
        Err(Failure::new(FailureCode::NotFound, message, guidance))
    }
}

fn cancelled() -> Failure {
    Failure::new(FailureCode::Cancelled, "planning was cancelled", "")
}

pub(super) fn counts(actions: impl Iterator<Item = Action>) -> ActionCounts {
    let mut counts = ActionCounts::default();
    for action in actions {
        *match action {
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

fn finding(found: &preflight::Finding) -> Finding {
    Finding {
        level: match found.level {
            preflight::Level::Blocking => FindingLevel::Blocking,
            preflight::Level::Warning => FindingLevel::Warning,
            preflight::Level::Info => FindingLevel::Info,
        },
        check: match found.check {
            preflight::Check::Kinds => FindingCheck::Kinds,
            preflight::Check::Permissions => FindingCheck::Permissions,
            preflight::Check::Quotas => FindingCheck::Quotas,
            preflight::Check::Webhooks => FindingCheck::Webhooks,
            preflight::Check::StorageClasses => FindingCheck::StorageClasses,
            preflight::Check::Version => FindingCheck::Version,
            preflight::Check::Trial => FindingCheck::Trial,
        },
        message: found.message.clone(),
        guidance: found.guidance.clone().unwrap_or_default(),
        objects: found.objects,
    }
}

/// The target namespaces that running the plan writes to.
fn written_namespaces(plan: &RestorePlan) -> Vec<String> {
    let mut names: BTreeSet<&str> = plan.blank_namespaces.iter().map(String::as_str).collect();
    let runs = plan.entries.iter().filter(|entry| entry.action.writes() && entry.earlier.is_none());
    for entry in runs {
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
