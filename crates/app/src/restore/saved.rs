//! Plans as texts: saved, passed around, and opened again.

use holdfast_engine::restore::{SavedPlan, plan_saved};

use super::{Planned, cancelled};
use crate::api::{Failure, PlanSummary, PointKey};
use crate::{App, blocking, selection};

impl App {
    /// A plan as the text of a file, which `holdfast restore --from-plan` and [`Self::open_plan`] take. Values of Secrets are
    /// masked in it.
    pub async fn plan_text(&self, plan_id: String) -> Result<String, Failure> {
        let planned = self.inner.plans.get(&plan_id)?;
        let saved = self.now();
        let text = move || SavedPlan::new(&planned.plan, planned.cluster.name(), saved).text();
        let text = blocking("writing the plan", text).await?.map_err(holdfast_engine::EngineError::from)?;
        String::from_utf8(text).map_err(|error| Failure::defect("writing the plan", &error))
    }

    /// Plans what a saved plan says, against the cluster as it is now. What changed since is Blocked, unless that is accepted.
    pub async fn open_plan(
        &self,
        vault_id: String,
        cluster_id: String,
        text: String,
        accept_drift: bool,
        request_id: String,
    ) -> Result<PlanSummary, Failure> {
        let call = self.request(request_id);
        let parsed = move || SavedPlan::parse(text.as_bytes());
        let saved =
            blocking("reading the plan", parsed).await?.map_err(holdfast_engine::EngineError::from)?;
        let point = PointKey { vault_id, point: saved.point.name.clone() };
        let work = async {
            let open = self.open_point(&point).await?;
            let cluster = self.cluster(&cluster_id).await?;
            cluster.version().await?;
            Ok::<_, Failure>((open, cluster))
        };
        let ready = call.context.cancel.run_until_cancelled(work).await;
        let (open, cluster) = ready.ok_or_else(cancelled)??;
        let plan = plan_saved(&cluster, &open.point, &saved, accept_drift, &call.context);
        let plan = Box::pin(plan).await?;
        let request = selection::typed_request(point, cluster_id, &plan.request);
        Ok(self.keep_plan(Planned::new(request, cluster, plan, None), String::new()))
    }
}
