//! The newest plans, in memory.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_cluster::Cluster;
use holdfast_engine::restore::{Earlier, RestorePlan};
use holdfast_model::report::ReportEntry;

use super::rows::{self, Listed, Listing};
use crate::api::{Failure, FailureCode, PlanPage, PlanQuery, PlanRow, RestoreRequest};

/// Plans that are kept: those of a few windows. One of 100,000 entries takes about 20 MB with its index.
const KEPT: usize = 3;

/// The newest plans first.
#[derive(Default)]
pub(crate) struct Plans(Mutex<VecDeque<Arc<Planned>>>);

/// A plan and what it was made for.
pub(crate) struct Planned {
    pub id: String,
    pub request: RestoreRequest,
    pub cluster: Cluster,
    pub plan: RestorePlan,
    /// The restore that it goes on with.
    pub earlier: Option<Earlier>,
    /// Kinds, plurals and resources, for words that name one.
    kinds: Vec<String>,
    namespaces: Vec<String>,
    /// `plural.group` of each type.
    resources: Vec<String>,
}

impl Plans {
    pub(crate) fn put(&self, planned: Arc<Planned>) {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plans.push_front(planned);
        plans.truncate(KEPT);
    }

    pub(crate) fn get(&self, id: &str) -> Result<Arc<Planned>, Failure> {
        let plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plans.iter().find(|planned| planned.id == id).cloned().ok_or_else(gone)
    }

    /// Takes a plan away: it is run once.
    pub(crate) fn take(&self, id: &str) -> Result<Arc<Planned>, Failure> {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = plans.iter().position(|planned| planned.id == id).ok_or_else(gone)?;
        plans.remove(at).ok_or_else(gone)
    }
}

fn gone() -> Failure {
    Failure::new(
        FailureCode::PlanOutdated,
        "this plan is not kept any more",
        "Plan again; planning writes nothing.",
    )
}

impl Planned {
    pub(crate) fn new(
        request: RestoreRequest,
        cluster: Cluster,
        plan: RestorePlan,
        earlier: Option<Earlier>,
    ) -> Self {
        let id = uuid::Uuid::new_v4().to_string();
        let mut namespaces = BTreeSet::new();
        for entry in &plan.entries {
            if !namespaces.contains(&*entry.target_namespace) {
                namespaces.insert(entry.target_namespace.to_string());
            }
            let own = plan.row(entry).namespace;
            if !namespaces.contains(own) {
                namespaces.insert(own.to_owned());
            }
        }
        let types = plan.index.types();
        let kinds =
            types.iter().flat_map(|ty| [ty.kind.clone(), ty.plural.clone(), ty.to_string()]).collect();
        let resources = types.iter().map(ToString::to_string).collect();
        let namespaces = namespaces.into_iter().collect();
        Self { id, request, cluster, plan, earlier, kinds, namespaces, resources }
    }

    /// Some of the entries: as planned, or with what a run reported of each.
    pub(crate) fn page(
        &self,
        report: Option<&[ReportEntry]>,
        query: &PlanQuery,
    ) -> Result<PlanPage, Failure> {
        let of = |at: usize| report.and_then(|report| report.get(at));
        let listing = Listing { kinds: &self.kinds, namespaces: &self.namespaces, report: report.is_some() };
        let items = self.plan.entries.iter().enumerate().map(|(at, entry)| {
            let row = self.plan.row(entry);
            let planned = entry.detail.as_ref().and_then(|detail| detail.reason.as_deref());
            let reported = of(at).and_then(|entry| entry.reason.as_deref());
            Listed {
                kind: &row.ty.kind,
                resource: &self.resources[usize::from(row.type_id)],
                namespace: row.namespace,
                name: row.name,
                target_namespace: &entry.target_namespace,
                labels: row.labels,
                action: rows::action(of(at).map_or(entry.action, |entry| entry.action)),
                outcome: rows::outcome(of(at)),
                reason: reported.or(planned).unwrap_or_default(),
            }
        });
        rows::page(items, &listing, query, |at| self.row(at, of(at)))
    }

    /// One entry.
    pub(crate) fn row(&self, at: usize, report: Option<&ReportEntry>) -> PlanRow {
        rows::plan_row(&self.plan, at, &self.plan.entries[at], report)
    }
}
