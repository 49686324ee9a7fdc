//! Undoing a restore: a plan of its own, and its job.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_cluster::Cluster;
use holdfast_engine::job::JobEnd;
use holdfast_engine::restore::{Earlier, UndoPlan, UndoReport, plan_undo, run_undo};

use super::{cancelled, counts};
use crate::api::{Failure, FailureCode, JobKind, PlanPage, PlanQuery, PointKey, UndoSummary};
use crate::jobs::{Ended, Report};
use crate::{App, blocking};

/// Plans that are kept.
const KEPT: usize = 3;

/// The newest plans first.
#[derive(Default)]
pub(crate) struct Undos(Mutex<VecDeque<Arc<Undo>>>);

/// What undoing a restore would do, and where.
pub(crate) struct Undo {
    id: String,
    vault_id: String,
    cluster: Cluster,
    plan: UndoPlan,
    items: Report,
}

impl Undos {
    fn with<T>(&self, change: impl FnOnce(&mut VecDeque<Arc<Undo>>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn get(&self, id: &str) -> Result<Arc<Undo>, Failure> {
        self.with(|all| all.iter().find(|undo| undo.id == id).cloned()).ok_or_else(gone)
    }

    fn put(&self, undo: Arc<Undo>) {
        self.with(|all| {
            all.push_front(undo);
            all.truncate(KEPT);
        });
    }

    fn remove(&self, id: &str) {
        self.with(|all| all.retain(|undo| undo.id != id));
    }
}

fn gone() -> Failure {
    Failure::new(
        FailureCode::PlanOutdated,
        "this plan is not kept any more",
        "Look again at what undoing would do.",
    )
}

impl App {
    /// Plans the undoing of a restore; writes nothing.
    pub async fn plan_undo(
        &self,
        vault_id: String,
        job_id: String,
        request_id: String,
    ) -> Result<UndoSummary, Failure> {
        let call = self.request(request_id);
        let work = async {
            let (jobs, id) = self.kept_job(&vault_id, &job_id).await?;
            let earlier = Earlier::read(&jobs, &id).await?;
            let cluster_id = self.cluster_id_of(&jobs, &id, &earlier).await?;
            let cluster = self.cluster(&cluster_id).await?;
            cluster.version().await?;
            let point = PointKey { vault_id: vault_id.clone(), point: earlier.head().point.name.clone() };
            // Only a killed restore needs its point; that this one is gone is then a warning of the plan.
            let open = self.open_point(&point).await.ok();
            let point = open.as_ref().map(|open| &open.point);
            let plan = plan_undo(&cluster, &earlier, point, &call.context).await?;
            Ok::<_, Failure>((cluster, plan))
        };
        let ready = Box::pin(call.context.cancel.run_until_cancelled(work)).await;
        let (cluster, plan) = ready.ok_or_else(cancelled)??;
        let report = UndoReport::planned(&plan);
        let undo = Undo {
            id: uuid::Uuid::new_v4().to_string(),
            vault_id,
            items: Report::new(report.items(&plan).collect()),
            cluster,
            plan,
        };
        let plan = &undo.plan;
        let summary = UndoSummary {
            id: undo.id.clone(),
            jobs: plan.jobs.iter().map(ToString::to_string).collect(),
            cluster: undo.cluster.name().to_owned(),
            entries: plan.entries.len() as u64,
            counts: counts(plan.entries.iter().map(|entry| entry.action)),
            warnings: plan.warnings.clone(),
            as_of: self.now().to_string(),
        };
        self.inner.undos.put(Arc::new(undo));
        Ok(summary)
    }

    /// Some of the entries of the plan of an undoing.
    pub async fn undo_items(&self, undo_id: String, query: PlanQuery) -> Result<PlanPage, Failure> {
        let undo = self.inner.undos.get(&undo_id)?;
        blocking("looking for entries", move || undo.items.page(&query, false)).await?
    }

    /// Starts the undoing of a restore, whose plan is used up by it; gives the job's id.
    pub async fn start_undo(&self, undo_id: String) -> Result<String, Failure> {
        let undo = self.inner.undos.get(&undo_id)?;
        let (known, vault) = self.vault(&undo.vault_id).await?;
        self.inner.undos.remove(&undo_id);
        let point = undo.plan.head.point.name.clone();
        let begun = self.begin(JobKind::Undo, &known, &vault, undo.cluster.name(), &point, None);
        let context = begun.context.clone();
        Ok(self.run(begun.job, begun.running, begun.progress, async move {
            match run_undo(&undo.cluster, &undo.plan, &context).await {
                Ok(report) => {
                    Ended::restored(report.state, &report.counts(), JobEnd::undo(&undo.plan, &report))
                }
                Err(error) => Ended::failed(error),
            }
        }))
    }
}
