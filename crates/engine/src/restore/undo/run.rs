//! Carrying the plan of an undoing out.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use holdfast_cluster::{ApiError, Cluster, DeleteOptions, WriteOptions};
use holdfast_model::plan::Action;
use holdfast_model::report::{Outcome, ReportEntry, RestoreState};
use holdfast_model::wave::Wave;
use holdfast_store::job::LogLevel;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::super::REQUESTS_AT_ONCE;
use super::{UndoEntry, UndoPlan, UndoReport, not_yet};
use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};

/// How long what was deleted is waited for, all of it together. A namespace takes a while to empty.
const DELETION_PATIENCE: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_millis(200);

/// Undoes what `plan` says in `cluster`.
///
/// # Errors
/// None after the first write: what failed is in the report.
pub async fn run_undo(
    cluster: &Cluster,
    plan: &UndoPlan,
    context: &Context,
) -> Result<UndoReport, EngineError> {
    context.check()?;
    let clock = Instant::now();
    let mut entries: Vec<ReportEntry> = plan.entries.iter().map(settled).collect();
    context.begin_entries(&entries);
    let undo = Undo { cluster, context, stop: context.cancel.child_token(), lost: Mutex::default() };
    let mut at = 0;
    while at < plan.entries.len() {
        let stage = stage(&plan.entries[at]);
        let end = plan.entries[at..].iter().position(|entry| self::stage(entry) != stage);
        let end = end.map_or(plan.entries.len(), |length| at + length);
        let todo: Vec<usize> = (at..end).filter(|at| plan.entries[*at].action.writes()).collect();
        if !todo.is_empty() {
            let phase = if stage.0 { "deleting" } else { "putting back" };
            context.phase(phase, Some(todo.len() as u64));
            undo.stage(plan, todo, &mut entries).await;
        }
        at = end;
    }
    let mut warnings = plan.warnings.clone();
    warnings.extend(undo.await_gone(plan, &entries).await);
    let lost = undo.lost.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = &lost {
        for entry in entries.iter_mut().filter(|entry| entry.outcome == Outcome::Planned) {
            entry.outcome = Outcome::Failed;
            entry.reason = Some("not tried: the cluster could not be reached any more".into());
        }
        warnings.push(format!("the cluster was lost; undo again to complete it: {error}"));
    }
    for warning in &warnings {
        context.warn(warning);
    }
    let state = if lost.is_none() && context.cancel.is_cancelled() {
        RestoreState::Cancelled
    } else if entries.iter().any(|entry| matches!(entry.outcome, Outcome::Failed | Outcome::Blocked)) {
        RestoreState::Partial
    } else {
        RestoreState::Completed
    };
    Ok(UndoReport { state, entries, warnings, duration: clock.elapsed() })
}

/// Entries of one stage do not need each other.
fn stage(entry: &UndoEntry) -> (bool, Wave) {
    (entry.action == Action::Delete, Wave::of(&entry.object.ty))
}

fn settled(entry: &UndoEntry) -> ReportEntry {
    let outcome = match entry.action {
        Action::Skip => Outcome::Skipped,
        Action::Identical => Outcome::Identical,
        _ => Outcome::Planned,
    };
    ReportEntry { outcome, ..not_yet(entry) }
}

struct Undo<'a> {
    cluster: &'a Cluster,
    context: &'a Context,
    stop: CancellationToken,
    lost: Mutex<Option<String>>,
}

impl Undo<'_> {
    async fn stage(&self, plan: &UndoPlan, todo: Vec<usize>, entries: &mut [ReportEntry]) {
        let writing = stream::iter(todo)
            .take_until(self.stop.cancelled())
            .map(async |at| (at, self.write(&plan.entries[at]).await))
            .buffer_unordered(REQUESTS_AT_ONCE);
        let mut writing = std::pin::pin!(writing);
        while let Some((at, written)) = writing.next().await {
            let object = &plan.entries[at].object;
            let entry = &mut entries[at];
            match written {
                Ok(outcome) => entry.outcome = outcome,
                Err(reason) => {
                    let (kind, namespace, name) = (&object.ty.kind, &object.namespace, &object.name);
                    self.context.warn_about(LogLevel::Error, kind, namespace, name, &reason);
                    entry.outcome = Outcome::Failed;
                    entry.reason = Some(reason.into());
                }
            }
            self.context.settle(at, entry);
            self.context.advance(1, 0, None);
        }
    }

    async fn write(&self, entry: &UndoEntry) -> Result<Outcome, String> {
        let done = match entry.action {
            Action::Delete => self.delete(entry).await,
            Action::Patch => self.patch(entry).await,
            Action::Create => self.create(entry).await.map(|()| Outcome::Created),
            Action::Recreate => self.recreate(entry).await,
            _ => Ok(Outcome::Skipped),
        };
        done.map_err(|error| {
            if is_cluster_lost(&error) {
                self.lost
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get_or_insert_with(|| error.to_string());
                self.stop.cancel();
            }
            if error.is_conflict() {
                format!("it changed since this was planned; undo again: {error}")
            } else {
                error.to_string()
            }
        })
    }

    async fn delete(&self, entry: &UndoEntry) -> Result<Outcome, ApiError> {
        let uid = entry.live.as_ref().map(|(uid, _)| uid.as_str());
        let options = DeleteOptions { uid, resource_version: None, owned_first: false };
        let object = &entry.object;
        match self.cluster.delete(&object.ty, namespace(entry), &object.name, options).await {
            Ok(()) => Ok(Outcome::Deleted),
            // Deleted with its owner or its namespace.
            Err(error) if error.is_not_found() => Ok(Outcome::Deleted),
            Err(error) => Err(error),
        }
    }

    async fn patch(&self, entry: &UndoEntry) -> Result<Outcome, ApiError> {
        let mut patch = entry.patch.clone().unwrap_or_default();
        if let Some((_, version)) = &entry.live {
            patch["metadata"]["resourceVersion"] = Value::from(version.as_str());
        }
        let (object, body) = (&entry.object, patch.to_string().into());
        let options = WriteOptions::default();
        self.cluster.merge_patch(&object.ty, namespace(entry), &object.name, body, options).await?;
        Ok(Outcome::Patched)
    }

    async fn create(&self, entry: &UndoEntry) -> Result<(), ApiError> {
        let body = entry.before.as_ref().map(Value::to_string).unwrap_or_default();
        let options = WriteOptions::default();
        self.cluster.create(&entry.object.ty, namespace(entry), body.into(), options).await.map(drop)
    }

    async fn recreate(&self, entry: &UndoEntry) -> Result<Outcome, ApiError> {
        let object = &entry.object;
        let (uid, version) = entry.live.clone().unwrap_or_default();
        let options = DeleteOptions { uid: Some(&uid), resource_version: Some(&version), owned_first: true };
        match self.cluster.delete(&object.ty, namespace(entry), &object.name, options).await {
            Ok(()) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        let deadline = Instant::now() + DELETION_PATIENCE;
        while self.is_there(entry).await && Instant::now() < deadline {
            if self.context.cancel.run_until_cancelled(tokio::time::sleep(POLL)).await.is_none() {
                break;
            }
        }
        self.create(entry).await?;
        Ok(Outcome::Recreated)
    }

    async fn is_there(&self, entry: &UndoEntry) -> bool {
        let object = &entry.object;
        let found = self.cluster.get(&object.ty, namespace(entry), &object.name).await;
        let live: Option<Value> = found.ok().flatten().and_then(|json| serde_json::from_slice(&json).ok());
        live.is_some_and(|live| {
            let uid = live.pointer("/metadata/uid").and_then(Value::as_str);
            uid == entry.live.as_ref().map(|(uid, _)| uid.as_str())
        })
    }

    /// Waits for what was deleted to be gone; names what is not.
    async fn await_gone(&self, plan: &UndoPlan, entries: &[ReportEntry]) -> Vec<String> {
        let deadline = Instant::now() + DELETION_PATIENCE;
        let mut left: HashSet<usize> =
            (0..entries.len()).filter(|at| entries[*at].outcome == Outcome::Deleted).collect();
        if left.is_empty() {
            return Vec::new();
        }
        self.context.phase("waiting until all is gone", Some(left.len() as u64));
        loop {
            let gone: Vec<usize> = stream::iter(left.clone())
                .map(async |at| (at, self.is_there(&plan.entries[at]).await))
                .buffer_unordered(REQUESTS_AT_ONCE)
                .filter_map(async |(at, there)| (!there).then_some(at))
                .collect()
                .await;
            self.context.advance(gone.len() as u64, 0, None);
            for at in gone {
                left.remove(&at);
            }
            if left.is_empty() || Instant::now() >= deadline {
                break;
            }
            if self.stop.run_until_cancelled(tokio::time::sleep(POLL)).await.is_none() {
                break;
            }
        }
        let mut names: Vec<String> = left
            .into_iter()
            .map(|at| {
                let object = &plan.entries[at].object;
                format!("{} {} is being deleted and not gone yet", object.ty, object.name)
            })
            .collect();
        names.sort();
        names
    }
}

fn namespace(entry: &UndoEntry) -> Option<&str> {
    Some(entry.object.namespace.as_str()).filter(|_| entry.object.ty.namespaced)
}
