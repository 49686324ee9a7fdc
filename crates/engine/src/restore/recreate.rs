//! Deleting an object and creating it anew, and keeping what it was.

use std::time::Duration;

use holdfast_cluster::DeleteOptions;
use holdfast_model::plan::{Action, PlanDetail};
use holdfast_model::report::Outcome;
use serde_json::Value;
use tokio::time::Instant;

use super::form::Form;
use super::journal::TargetObject;
use super::run::Run;
use super::write::{CONFLICTS, Job, Written, version_of};
use crate::error::EngineError;

/// How long a deleted object is waited for. Pods end within 30 s unless they ask for more time.
const DELETION_PATIENCE: Duration = Duration::from_mins(2);
const NO_JOURNAL: &str = "it is deleted and created anew only where its present form can be kept, and this restore has no \
                          journal: its vault can only be read";

/// Why an object was not changed: what it was before is not in the journal.
#[derive(Debug)]
pub(super) enum NotKept {
    /// The journal cannot be written.
    Failed(String),
    /// The restore was cancelled before it was.
    Cancelled,
}

impl NotKept {
    /// The object is as it was.
    pub fn written(self, action: Action) -> Written {
        match self {
            Self::Failed(problem) => {
                let reason = format!(
                    "it was left as it is, because that could not be kept for undoing the restore: {problem}"
                );
                Written::because(Outcome::Failed, action, reason)
            }
            Self::Cancelled => Written::because(Outcome::Planned, action, "the restore was cancelled before"),
        }
    }
}

impl Run<'_> {
    /// Deletes an object that differs, waits until it is gone, and creates it anew.
    pub(super) async fn recreate(
        &self,
        job: &Job<'_>,
        form: &Form,
        mut planned: PlanDetail,
    ) -> Result<Written, EngineError> {
        let fail =
            |reason: &dyn std::fmt::Display| Written::because(Outcome::Failed, Action::Recreate, reason);
        if self.journal.is_none() {
            return Ok(fail(&NO_JOURNAL));
        }
        let mut conflicts = 0;
        loop {
            let Some(live) = self.fetch(job).await? else {
                return self.create(job, form).await;
            };
            if version_of(&live) != planned.resource_version.as_deref() {
                match self.anew(job, form, &live, &planned, Action::Recreate) {
                    Ok(detail) => planned = detail,
                    Err(left) => return Ok(left),
                }
            }
            let uid = live.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default().to_owned();
            if let Err(not_kept) = self.keep(job, live).await {
                return Ok(not_kept.written(Action::Recreate));
            }
            let options = DeleteOptions {
                uid: Some(&uid),
                resource_version: planned.resource_version.as_deref(),
                owned_first: true,
            };
            match self.live.cluster.delete(job.ty, job.path_namespace(), job.name, options).await {
                Ok(()) => {}
                Err(error) if error.is_not_found() => {}
                Err(error) if error.is_conflict() && conflicts < CONFLICTS => {
                    conflicts += 1;
                    continue;
                }
                Err(error) => return Ok(self.failed(Action::Recreate, &error)),
            }
            if let Some(reason) = self.await_gone(job, &uid).await? {
                return Ok(Written { untouched: false, ..fail(&reason) });
            }
            let mut written = self.create(job, form).await?;
            if written.report.outcome == Outcome::Created {
                written.report.outcome = Outcome::Recreated;
            } else if let Some(reason) = written.report.reason.take() {
                let reason = format!(
                    "it was deleted, and could not be created anew: {reason}. Retry the restore, or undo it: what was \
                     deleted is kept in the job's journal"
                );
                written.report.reason = Some(reason.into());
            }
            written.report.action = Action::Recreate;
            written.untouched = false;
            return Ok(written);
        }
    }

    /// Waits until an object is gone, also when the restore is cancelled: what was deleted has to be made again. Says why
    /// it is not gone.
    async fn await_gone(&self, job: &Job<'_>, uid: &str) -> Result<Option<String>, EngineError> {
        let deadline = Instant::now() + DELETION_PATIENCE;
        let mut pause = Duration::from_millis(50);
        loop {
            let Some(live) = self.fetch(job).await? else { return Ok(None) };
            if live.pointer("/metadata/uid").and_then(Value::as_str) != Some(uid) {
                return Ok(None);
            }
            if Instant::now() >= deadline {
                let finalizers = live.pointer("/metadata/finalizers").and_then(Value::as_array);
                let names: Vec<&str> = finalizers.into_iter().flatten().filter_map(Value::as_str).collect();
                let held = if names.is_empty() {
                    String::new()
                } else {
                    format!("; {} must let go of it", names.join(", "))
                };
                return Ok(Some(format!(
                    "it is being deleted and not gone yet{held}; restore it again when it is gone"
                )));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// Keeps what an object is before it is changed or deleted.
    pub(super) async fn keep(&self, job: &Job<'_>, live: Value) -> Result<(), NotKept> {
        let Some(journal) = self.journal else { return Ok(()) };
        let (namespace, name) = (job.namespace.to_owned(), job.name.to_owned());
        let keeping = journal.keep(TargetObject { ty: job.ty.clone(), namespace, name }, live);
        // A vault that does not answer must not hold up whoever cancels.
        match self.context.cancel.run_until_cancelled(keeping).await {
            Some(kept) => kept.map_err(NotKept::Failed),
            None => Err(NotKept::Cancelled),
        }
    }
}
