//! What a restore did to each object.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_store::job::JobItem;

use crate::api::{Failure, PlanPage, PlanQuery, PlanRow};
use crate::restore::rows::{self, Listed, Listing};
use crate::{App, blocking};

/// Reports that are kept for paging.
const KEPT: usize = 2;

/// The reports that were read last; one that has ended cannot change.
#[derive(Default)]
pub(crate) struct Reports(Mutex<VecDeque<(String, Arc<Report>)>>);

/// The report of one job.
pub(crate) struct Report {
    pub items: Vec<JobItem>,
    kinds: Vec<String>,
    namespaces: Vec<String>,
    /// `Kind.group` of each item.
    resources: Vec<String>,
}

impl App {
    /// Some entries of a restore's report; while it runs those of its plan, with what happened to each so far.
    pub async fn job_items(
        &self,
        vault_id: String,
        job_id: String,
        query: PlanQuery,
    ) -> Result<PlanPage, Failure> {
        if let Some(running) = self.inner.jobs.get(&vault_id, &job_id)
            && let Some(planned) = running.planned.clone()
        {
            let page = move || match running.report() {
                Some(report) => planned.page(Some(&report.entries), &query),
                // Copied: the run must not wait for somebody who looks.
                None => planned.page(Some(&running.context.with_entries(<[_]>::to_vec)), &query),
            };
            return blocking("looking for entries", page).await?;
        }
        let report = self.report(&vault_id, &job_id).await?;
        blocking("looking for entries", move || report.page(&query, true)).await?
    }

    /// The report of a job that has ended.
    pub(super) async fn report(&self, vault_id: &str, job_id: &str) -> Result<Arc<Report>, Failure> {
        if let Some(report) = self.inner.reports.get(job_id) {
            return Ok(report);
        }
        if let Some(running) = self.inner.jobs.get(vault_id, job_id)
            && let (Some(planned), Some(report)) = (&running.planned, running.report())
        {
            let planned = Arc::clone(planned);
            let items = move || report.items(&planned.plan).map(JobItem::from).collect();
            let items: Vec<JobItem> = blocking("making the report", items).await?;
            return Ok(Arc::new(Report::new(items)));
        }
        let (jobs, id) = self.kept_job(vault_id, job_id).await?;
        let report = Arc::new(Report::new(jobs.report(&id).await?));
        self.inner.reports.put(job_id, Arc::clone(&report));
        Ok(report)
    }
}

impl Reports {
    fn get(&self, job_id: &str) -> Option<Arc<Report>> {
        let reports = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reports.iter().find(|(id, _)| id == job_id).map(|(_, report)| Arc::clone(report))
    }

    fn put(&self, job_id: &str, report: Arc<Report>) {
        let mut reports = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reports.push_front((job_id.to_owned(), report));
        reports.truncate(KEPT);
    }
}

impl Report {
    pub(crate) fn new(items: Vec<JobItem>) -> Self {
        let group_kind =
            |i: &JobItem| if i.group.is_empty() { i.kind.clone() } else { format!("{}.{}", i.kind, i.group) };
        let resources: Vec<String> = items.iter().map(group_kind).collect();
        let names = items.iter().flat_map(|item| [&item.namespace, &item.target_namespace]);
        let namespaces: BTreeSet<&String> = names.collect();
        let kinds: BTreeSet<&String> = items.iter().map(|item| &item.kind).chain(&resources).collect();
        let owned = |set: BTreeSet<&String>| set.into_iter().cloned().collect();
        Self { kinds: owned(kinds), namespaces: owned(namespaces), resources, items }
    }

    /// Some of the items; `ended` says whether they are of a report rather than of a plan.
    pub(crate) fn page(&self, query: &PlanQuery, ended: bool) -> Result<PlanPage, Failure> {
        let listing = Listing { kinds: &self.kinds, namespaces: &self.namespaces, report: ended };
        let items = self.items.iter().zip(&self.resources).map(|(item, resource)| Listed {
            kind: &item.kind,
            resource,
            namespace: &item.namespace,
            name: &item.name,
            target_namespace: &item.target_namespace,
            labels: None,
            action: rows::action(item.action),
            outcome: rows::outcome_of(item.outcome),
            reason: item.reason.as_deref().unwrap_or_default(),
        });
        rows::page(items, &listing, query, |at| row(at, &self.items[at]))
    }
}

fn row(at: usize, item: &JobItem) -> PlanRow {
    PlanRow {
        entry: u32::try_from(at).unwrap_or(u32::MAX),
        group: item.group.clone(),
        version: item.version.clone(),
        kind: item.kind.clone(),
        namespace: item.namespace.clone(),
        name: item.name.clone(),
        target_namespace: item.target_namespace.clone(),
        target_name: item.target_name.clone().unwrap_or_else(|| item.name.clone()),
        action: rows::action(item.action),
        outcome: rows::outcome_of(item.outcome),
        reason: item.reason.clone().unwrap_or_default(),
        summary: rows::summary(&item.diff),
        changes: u32::try_from(item.diff.len()).unwrap_or(u32::MAX),
        pruned: item.pruned_paths.clone(),
        modifiers: item.modifiers.clone(),
        earlier: item.earlier,
    }
}
