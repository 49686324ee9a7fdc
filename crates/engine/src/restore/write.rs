//! Writing one object, and what to do when the target is not as planned.
//!
//! Creating what exists by now, and patching what changed since, are decided by the
//! same rules as in planning. Fields that the server names as immutable are pruned
//! and the rest is applied. Retries of a single request are the cluster's.

use std::time::Duration;

use bytes::Bytes;
use holdfast_cluster::{ApiError, WriteOptions};
use holdfast_model::patch::{Cause, prune_refused};
use holdfast_model::plan::{Action, ConflictPolicy, PlanDetail};
use holdfast_model::report::{Outcome, ReportEntry};
use holdfast_model::resource::ResourceType;
use holdfast_model::wave::Wave;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::compare::{Decision, existing};
use super::form::Form;
use super::journal::Journal;
use super::owners::{Asking, Resolved, merged};
use super::recreate::NotKept;
use super::run::Run;
use crate::error::{EngineError, is_cluster_lost};

/// How often an object that somebody else keeps changing is compared anew before it counts as failed.
pub(super) const CONFLICTS: usize = 5;
const CHANGED_MEANWHILE: &str = "it changed while the saved plan ran, and was left alone; plan it again";
const DELETED_MEANWHILE: &str = "it was deleted meanwhile; restore it again";
/// How long custom resources wait for the webhooks that convert or admit them.
pub(super) const WEBHOOK_PATIENCE: Duration = Duration::from_mins(2);

/// One object to write.
pub(super) struct Job<'a> {
    pub ty: &'a ResourceType,
    pub namespace: &'a str,
    pub name: &'a str,
    pub wave: Wave,
    /// What to do about it where it exists.
    pub policy: ConflictPolicy,
    /// Whether it is asked for itself. What comes along gets no owners where it exists, either.
    pub chosen: bool,
    /// When waiting for webhooks ends.
    pub deadline: Instant,
}

impl<'a> Job<'a> {
    /// The namespace as URLs have it.
    pub(super) fn path_namespace(&self) -> Option<&'a str> {
        Some(self.namespace).filter(|_| self.ty.namespaced)
    }
}

/// What came of it.
pub(super) struct Written {
    pub report: ReportEntry,
    /// Whether owners are missing that may come later in this run.
    pub orphan: bool,
    /// Where it was not written: whether that is certain.
    pub untouched: bool,
}

/// What came of giving an object its owners.
pub(super) struct Adopted {
    /// Whether it has all that it had.
    pub complete: bool,
    /// Whether it was changed for that.
    pub written: bool,
}

impl Written {
    fn new(outcome: Outcome, action: Action) -> Self {
        Self {
            report: ReportEntry { outcome, action, reason: None, pruned: None },
            orphan: false,
            untouched: true,
        }
    }

    /// An object that was found otherwise than planned, and that is left as it is now.
    fn left(decision: Decision, did: &str) -> Self {
        let outcome = match decision.action {
            Action::Identical => Outcome::Identical,
            Action::Derived => Outcome::Derived,
            _ => Outcome::Skipped,
        };
        let mut written = Self::new(outcome, decision.action);
        let reason = decision.detail.and_then(|detail| detail.reason);
        written.report.reason = reason.map(|reason| format!("{reason} (it {did} after planning)").into());
        written
    }

    pub(super) fn because(outcome: Outcome, action: Action, reason: impl std::fmt::Display) -> Self {
        let mut written = Self::new(outcome, action);
        written.report.reason = Some(reason.to_string().into());
        written
    }
}

impl Run<'_> {
    /// Creates an object, with the owners known by now.
    pub(super) async fn create(&self, job: &Job<'_>, form: &Form) -> Result<Written, EngineError> {
        self.create_as(job, form, form.object.clone()).await
    }

    /// Creates what `object` says, in place of the form that one that appears meanwhile is compared with.
    pub(super) async fn create_as(
        &self,
        job: &Job<'_>,
        form: &Form,
        mut object: Value,
    ) -> Result<Written, EngineError> {
        let resolved = self.resolve(job, form, Asking::Once).await?;
        if !resolved.references.is_empty() {
            object["metadata"]["ownerReferences"] = Value::from(resolved.references);
        }
        let body = Bytes::from(object.to_string());
        let options = WriteOptions { manager: self.journal.map(Journal::manager), ..WriteOptions::default() };
        let mut pause = Duration::from_secs(1);
        let mut written = loop {
            match self.live.cluster.create(job.ty, job.path_namespace(), body.clone(), options).await {
                Ok(answer) => {
                    self.owners.created(&job.ty.group_kind(), job.namespace, job.name, &answer);
                    self.note_done(job.ty, job.namespace, job.name, Outcome::Created, &answer).await;
                    break Written::new(Outcome::Created, Action::Create);
                }
                Err(error) if error.is_already_exists() => break self.found(job, form).await?,
                Err(error) if self.may_come_up(job, &error) => {
                    if !self.pause(pause).await {
                        break Written::because(Outcome::Failed, Action::Create, error);
                    }
                    pause = (pause * 2).min(Duration::from_secs(10));
                }
                Err(error) => break self.failed(Action::Create, &error),
            }
        };
        written.orphan |= resolved.incomplete && written.report.outcome == Outcome::Created;
        Ok(written)
    }

    /// Handles an object that was not there when it was planned.
    async fn found(&self, job: &Job<'_>, form: &Form) -> Result<Written, EngineError> {
        let Some(live) = self.fetch(job).await? else {
            let reason = "it exists and yet cannot be found; it may be on its way out: restore it again";
            return Ok(Written::because(Outcome::Failed, Action::Create, reason));
        };
        if self.is_own(&live) {
            // The answer to the first try was lost, and the second found what that had made.
            let answer = live.to_string();
            self.owners.created(&job.ty.group_kind(), job.namespace, job.name, answer.as_bytes());
            self.note_done(job.ty, job.namespace, job.name, Outcome::Created, answer.as_bytes()).await;
            return Ok(Written::new(Outcome::Created, Action::Create));
        }
        // Whoever made it again right away would make it again once more.
        let policy = match job.policy {
            ConflictPolicy::Recreate => ConflictPolicy::Patch,
            policy => policy,
        };
        let decision = existing(job.ty, form, &live, policy, job.chosen && !form.references.is_empty());
        if self.is_strict() && !matches!(decision.action, Action::Identical | Action::Derived) {
            return Ok(Written::because(Outcome::Failed, Action::Create, CHANGED_MEANWHILE));
        }
        if decision.action == Action::Patch {
            return self.patch(job, form, *decision.detail.unwrap_or_default()).await;
        }
        Ok(Written::left(decision, "appeared"))
    }

    /// Patches an object as planned; an object that changed since is planned anew.
    pub(super) async fn patch(
        &self,
        job: &Job<'_>,
        form: &Form,
        mut planned: PlanDetail,
    ) -> Result<Written, EngineError> {
        let mut pruned: Vec<String> = Vec::new();
        let mut refusal: Option<String> = None;
        let mut orphan = false;
        let mut conflicts = 0;
        let mut kept = self.journal.is_none();
        loop {
            let mut patch = planned.patch.clone().unwrap_or_else(|| json!({}));
            if planned.adopt {
                let resolved = self.resolve(job, form, Asking::Once).await?;
                orphan = resolved.incomplete;
                if let Some(live) = self.fetch(job).await?
                    && let Some(references) = merged(&live, &resolved.references)
                {
                    patch["metadata"]["ownerReferences"] = Value::from(references);
                }
            }
            if patch.as_object().is_none_or(serde_json::Map::is_empty) {
                let mut written = match refusal {
                    Some(refusal) => {
                        let reason = format!(
                            "everything that differs is immutable; delete the object first to restore it: {refusal}"
                        );
                        Written::because(Outcome::Blocked, Action::Patch, reason)
                    }
                    None => Written::new(Outcome::Identical, Action::Identical),
                };
                written.report.pruned = (!pruned.is_empty()).then(|| pruned.into());
                written.orphan = orphan;
                return Ok(written);
            }
            if let Some(version) = &planned.resource_version {
                patch["metadata"]["resourceVersion"] = Value::from(version.as_str());
            }
            if !kept {
                let Some(live) = self.fetch(job).await? else {
                    return Ok(Written::because(Outcome::Failed, Action::Patch, DELETED_MEANWHILE));
                };
                if version_of(&live) != planned.resource_version.as_deref() {
                    match self.anew(job, form, &live, &planned, Action::Patch) {
                        Ok(detail) => planned = detail,
                        Err(left) => return Ok(left),
                    }
                }
                if let Err(not_kept) = self.keep(job, live).await {
                    return Ok(not_kept.written(Action::Patch));
                }
                kept = true;
                continue;
            }
            let sent = self.live.cluster.merge_patch(
                job.ty,
                job.path_namespace(),
                job.name,
                patch.to_string().into(),
                WriteOptions::default(),
            );
            match sent.await {
                Ok(answer) => {
                    self.owners.created(&job.ty.group_kind(), job.namespace, job.name, &answer);
                    self.note_done(job.ty, job.namespace, job.name, Outcome::Patched, &answer).await;
                    let mut written = Written::new(Outcome::Patched, Action::Patch);
                    written.orphan = orphan;
                    if !pruned.is_empty() {
                        let words = refusal.unwrap_or_default();
                        written.report.reason =
                            Some(format!("{} left as before: {words}", pruned.join(", ")).into());
                        written.report.pruned = Some(pruned.into());
                    }
                    return Ok(written);
                }
                Err(error) if error.is_conflict() && conflicts < CONFLICTS => {
                    conflicts += 1;
                    kept = self.journal.is_none();
                    let Some(live) = self.fetch(job).await? else {
                        return Ok(Written::because(Outcome::Failed, Action::Patch, DELETED_MEANWHILE));
                    };
                    match self.anew(job, form, &live, &planned, Action::Patch) {
                        Ok(detail) => planned = detail,
                        Err(left) => return Ok(left),
                    }
                }
                Err(error) if error.is_invalid() => {
                    let gone = self.prune(job, form, planned.patch.as_mut(), &error).await?;
                    if gone.is_empty() {
                        return Ok(self.failed(Action::Patch, &error));
                    }
                    pruned.extend(gone);
                    pruned.sort();
                    pruned.dedup();
                    refusal.get_or_insert_with(|| error.to_string());
                }
                Err(error) => return Ok(self.failed(Action::Patch, &error)),
            }
        }
    }

    /// Takes out of a patch what the server has named as immutable; returns its paths.
    async fn prune(
        &self,
        job: &Job<'_>,
        form: &Form,
        patch: Option<&mut Value>,
        refusal: &ApiError,
    ) -> Result<Vec<String>, EngineError> {
        let (Some(patch), Some(mut live)) = (patch, self.fetch(job).await?) else { return Ok(Vec::new()) };
        holdfast_model::target::strip(job.ty, &mut live);
        Ok(prune_refused(job.ty, patch, &form.object, &live, &causes(refusal)))
    }

    /// Gives an object the owners it could not have when it was written. What this run did not create is kept before.
    pub(super) async fn adopt(
        &self,
        job: &Job<'_>,
        form: &Form,
        fresh: bool,
    ) -> Result<Adopted, EngineError> {
        let resolved = self.resolve(job, form, Asking::Anew).await?;
        let mut adopted = Adopted { complete: !resolved.incomplete, written: false };
        let mut conflicts = 0;
        while let Some(live) = self.fetch(job).await?
            && let Some(references) = merged(&live, &resolved.references)
        {
            let version = live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
            if !fresh && let Err(not_kept) = self.keep(job, live).await {
                return Err(match not_kept {
                    NotKept::Failed(problem) => {
                        EngineError::NotKept { object: format!("{} {}", job.ty, job.name), problem }
                    }
                    NotKept::Cancelled => EngineError::Cancelled,
                });
            }
            let patch = json!({"metadata": {"ownerReferences": references, "resourceVersion": version}});
            let patch = Bytes::from(patch.to_string());
            let options = WriteOptions::default();
            match self.live.cluster.merge_patch(job.ty, job.path_namespace(), job.name, patch, options).await
            {
                Ok(answer) => {
                    adopted.written = true;
                    if !fresh {
                        self.note_done(job.ty, job.namespace, job.name, Outcome::Patched, &answer).await;
                    }
                    break;
                }
                // A controller wrote to it meanwhile: its other owners must not be lost.
                Err(error) if error.is_conflict() && conflicts < CONFLICTS => conflicts += 1,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(adopted)
    }

    async fn resolve(&self, job: &Job<'_>, form: &Form, asking: Asking) -> Result<Resolved, EngineError> {
        let resolved = self.owners.resolve(
            &self.live,
            self.types(),
            &form.owners,
            &form.references,
            job.namespace,
            asking,
        );
        Ok(resolved.await?)
    }

    pub(super) async fn fetch(&self, job: &Job<'_>) -> Result<Option<Value>, EngineError> {
        let found = self.live.cluster.get(job.ty, job.path_namespace(), job.name).await?;
        Ok(found.and_then(|json| serde_json::from_slice(&json).ok()))
    }

    /// Whether a refusal may pass: a webhook whose pods are starting, an API that a new definition is bringing.
    fn may_come_up(&self, job: &Job<'_>, error: &ApiError) -> bool {
        if job.wave != Wave::CustomResources || Instant::now() >= job.deadline {
            return false;
        }
        match error {
            ApiError::Status(status) => {
                matches!(status.code, 500 | 503)
                    || (status.code == 404 && self.live.type_of_kind(&job.ty.group_kind()).is_none())
            }
            _ => false,
        }
    }

    /// Sleeps; false when the run was cancelled meanwhile.
    pub(super) async fn pause(&self, pause: Duration) -> bool {
        self.context.cancel.run_until_cancelled(tokio::time::sleep(pause)).await.is_some()
    }

    pub(super) fn failed(&self, action: Action, error: &ApiError) -> Written {
        if is_cluster_lost(error) {
            self.lose(error);
        }
        let mut written = Written::because(Outcome::Failed, action, error);
        written.untouched = error.status().is_some_and(|status| status.code < 500);
        written
    }

    /// Decides anew about an object that is not as it was planned against: the same action with another detail, or it is
    /// left.
    pub(super) fn anew(
        &self,
        job: &Job<'_>,
        form: &Form,
        live: &Value,
        planned: &PlanDetail,
        wanted: Action,
    ) -> Result<PlanDetail, Written> {
        let decision = existing(job.ty, form, live, job.policy, planned.adopt);
        let detail = decision.detail.as_deref();
        let is_other = decision.action != wanted
            || detail.is_some_and(|now| now.changes != planned.changes || now.adopt != planned.adopt);
        if self.is_strict() && is_other && decision.action != Action::Identical {
            return Err(Written::because(Outcome::Failed, wanted, CHANGED_MEANWHILE));
        }
        if decision.action == wanted {
            Ok(decision.detail.map(|detail| *detail).unwrap_or_default())
        } else {
            Err(Written::left(decision, "changed"))
        }
    }
}

pub(super) fn version_of(live: &Value) -> Option<&str> {
    live.pointer("/metadata/resourceVersion").and_then(Value::as_str)
}

pub(super) fn causes(error: &ApiError) -> Vec<Cause<'_>> {
    match error {
        ApiError::Status(status) => status
            .causes
            .iter()
            .map(|cause| Cause { field: &cause.field, reason: &cause.reason, message: &cause.message })
            .collect(),
        _ => Vec::new(),
    }
}
