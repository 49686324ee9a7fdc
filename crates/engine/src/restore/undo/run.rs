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
use super::super::journal::TargetObject;
use super::super::live::Live;
use super::change::put_back;
use super::holds::{Created, others_in};
use super::{UndoEntry, UndoPlan, UndoReport, not_yet};
use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};

/// How often an object that somebody else keeps changing is compared anew before it counts as failed.
const CONFLICTS: usize = 5;
const UNREACHED: &str = "not tried: the cluster could not be reached any more";
const UNTRIED: &str = "not tried: what was deleted before it is not gone yet; undo again when it is";
/// How long what one stage deleted is waited for. A namespace takes a while to empty.
const DELETION_PATIENCE: Duration = Duration::from_mins(2);
/// How long a namespace is given to lose what its deleted owners leave behind.
const GARBAGE_PATIENCE: Duration = Duration::from_secs(30);
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
    let live = Live::look(cluster, context).await?;
    let mut entries: Vec<ReportEntry> = plan.entries.iter().map(settled).collect();
    context.begin_entries(&entries);
    let mut undo = Undo {
        live,
        context,
        stop: context.cancel.child_token(),
        lost: Mutex::default(),
        created: created(plan),
        unreleased: HashSet::new(),
    };
    let mut warnings = plan.warnings.clone();
    let mut at = 0;
    while at < plan.entries.len() && !undo.stop.is_cancelled() {
        let deletes = stage(&plan.entries[at]);
        let end = plan.entries[at..].iter().position(|entry| stage(entry) != deletes);
        let end = end.map_or(plan.entries.len(), |length| at + length);
        let todo: Vec<usize> = (at..end).filter(|at| plan.entries[*at].action.writes()).collect();
        at = end;
        if todo.is_empty() {
            continue;
        }
        let phase = if deletes.0 { "deleting" } else { "putting back" };
        context.phase(phase, Some(todo.len() as u64));
        undo.stage(plan, &todo, &mut entries).await;
        if deletes.0 {
            let left = undo.await_gone(plan, &todo, &entries).await;
            if !left.is_empty() && at < plan.entries.len() {
                warnings.push(
                    "what comes after was not deleted: it may be needed until these are gone".to_owned(),
                );
            }
            let stuck = !left.is_empty();
            warnings.extend(left);
            if stuck {
                break;
            }
        } else {
            for at in todo.iter().filter(|at| entries[**at].outcome == Outcome::Failed) {
                undo.unreleased.extend(plan.entries[*at].released.iter().cloned());
            }
        }
    }
    let lost = undo.lost.into_inner().unwrap_or_else(PoisonError::into_inner);
    let cancelled = lost.is_none() && context.cancel.is_cancelled();
    if let Some(error) = &lost {
        warnings.push(format!("the cluster was lost; undo again to complete it: {error}"));
    }
    if !cancelled {
        let reason = if lost.is_some() { UNREACHED } else { UNTRIED };
        for entry in entries.iter_mut().filter(|entry| entry.outcome == Outcome::Planned) {
            entry.outcome = Outcome::Failed;
            entry.reason = Some(reason.into());
        }
    }
    for warning in &warnings {
        context.warn(warning);
    }
    let state = if cancelled {
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
        Action::Blocked => Outcome::Blocked,
        _ => Outcome::Planned,
    };
    ReportEntry { outcome, ..not_yet(entry) }
}

/// What the restore created, as far as the plan knows.
fn created(plan: &UndoPlan) -> Created {
    let mut created = Created::default();
    for entry in plan.entries.iter().filter(|entry| entry.action == Action::Delete) {
        created.add(&entry.object, entry.live.as_ref().map(|(uid, _)| uid.clone()));
    }
    created
}

struct Undo<'a> {
    live: Live<'a>,
    context: &'a Context,
    stop: CancellationToken,
    lost: Mutex<Option<String>>,
    created: Created,
    /// UIDs of owners that something which was there before could not be released from.
    unreleased: HashSet<String>,
}

impl Undo<'_> {
    async fn stage(&self, plan: &UndoPlan, todo: &[usize], entries: &mut [ReportEntry]) {
        let writing = stream::iter(todo.to_vec())
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
            Action::Create => self.create(entry).await.map(|()| Outcome::Created).map_err(Refused::from),
            Action::Recreate => self.recreate(entry).await,
            _ => Ok(Outcome::Skipped),
        };
        done.map_err(|refused| match refused {
            Refused::Held(reason) => reason,
            Refused::Api(error) => {
                if is_cluster_lost(&error) {
                    let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
                    lost.get_or_insert_with(|| error.to_string());
                    self.stop.cancel();
                }
                error.to_string()
            }
        })
    }

    async fn delete(&self, entry: &UndoEntry) -> Result<Outcome, Refused> {
        let uid = entry.live.as_ref().map(|(uid, _)| uid.as_str());
        let object = &entry.object;
        if uid.is_some_and(|uid| self.unreleased.contains(uid)) {
            return Err(Refused::Held(
                "something that was there before could not be released from it, and would be deleted with it"
                    .to_owned(),
            ));
        }
        self.await_emptied(object).await?;
        let options = DeleteOptions { uid, resource_version: None, owned_first: false };
        match self.live.cluster.delete(&object.ty, namespace(entry), &object.name, options).await {
            Ok(()) => Ok(Outcome::Deleted),
            // Deleted with its owner or its namespace.
            Err(error) if error.is_not_found() => Ok(Outcome::Deleted),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks again at what a namespace or a definition holds, because somebody may have moved in since it was planned. What
    /// the owners that were just deleted leave behind takes a moment to go.
    async fn await_emptied(&self, object: &TargetObject) -> Result<(), Refused> {
        let deadline = Instant::now() + GARBAGE_PATIENCE;
        loop {
            let others = match others_in(&self.live, object, &self.created, self.context).await {
                Ok(None) => return Ok(()),
                Ok(Some(others)) => others,
                Err(EngineError::Api(error)) => return Err(error.into()),
                Err(error) => return Err(Refused::Held(error.to_string())),
            };
            let slept = self.stop.run_until_cancelled(tokio::time::sleep(POLL)).await;
            if slept.is_none() || Instant::now() >= deadline {
                return Err(Refused::Held(format!("it holds what the restore did not make: {others}")));
            }
        }
    }

    async fn patch(&self, entry: &UndoEntry) -> Result<Outcome, Refused> {
        let object = &entry.object;
        for _ in 0..CONFLICTS {
            let found = self.live.cluster.get(&object.ty, namespace(entry), &object.name).await?;
            let live: Option<Value> = found.and_then(|json| serde_json::from_slice(&json).ok());
            let Some(live) = live else {
                return Err(Refused::Held("it was deleted meanwhile; undo again".to_owned()));
            };
            let uid = live.pointer("/metadata/uid").and_then(Value::as_str);
            if uid != entry.live.as_ref().map(|(uid, _)| uid.as_str()) {
                return Err(Refused::Held("another object of this name was made meanwhile".to_owned()));
            }
            let change = entry.kept.as_ref().and_then(|kept| put_back(&object.ty, kept, &live));
            let Some(change) = change else { return Ok(Outcome::Identical) };
            let mut patch = change.patch;
            patch["metadata"]["resourceVersion"] =
                live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
            let (body, options) = (patch.to_string().into(), WriteOptions::default());
            match self
                .live
                .cluster
                .merge_patch(&object.ty, namespace(entry), &object.name, body, options)
                .await
            {
                Ok(_) => return Ok(Outcome::Patched),
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refused::Held("somebody else keeps changing it; undo again".to_owned()))
    }

    async fn create(&self, entry: &UndoEntry) -> Result<(), ApiError> {
        let body = entry.before.as_ref().map(Value::to_string).unwrap_or_default();
        let options = WriteOptions::default();
        self.live.cluster.create(&entry.object.ty, namespace(entry), body.into(), options).await.map(drop)
    }

    async fn recreate(&self, entry: &UndoEntry) -> Result<Outcome, Refused> {
        let object = &entry.object;
        let (uid, version) = entry.live.clone().unwrap_or_default();
        let options = DeleteOptions { uid: Some(&uid), resource_version: Some(&version), owned_first: true };
        match self.live.cluster.delete(&object.ty, namespace(entry), &object.name, options).await {
            Ok(()) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
        let deadline = Instant::now() + DELETION_PATIENCE;
        // Also when it is cancelled: what was deleted has to be made again.
        while self.is_there(entry).await && Instant::now() < deadline {
            tokio::time::sleep(POLL).await;
        }
        self.create(entry).await?;
        Ok(Outcome::Recreated)
    }

    async fn is_there(&self, entry: &UndoEntry) -> bool {
        let object = &entry.object;
        let found = self.live.cluster.get(&object.ty, namespace(entry), &object.name).await;
        let live: Option<Value> = found.ok().flatten().and_then(|json| serde_json::from_slice(&json).ok());
        live.is_some_and(|live| {
            let uid = live.pointer("/metadata/uid").and_then(Value::as_str);
            uid == entry.live.as_ref().map(|(uid, _)| uid.as_str())
        })
    }

    /// Waits for what was deleted of `todo` to be gone; names what is not.
    async fn await_gone(&self, plan: &UndoPlan, todo: &[usize], entries: &[ReportEntry]) -> Vec<String> {
        let deadline = Instant::now() + DELETION_PATIENCE;
        let mut left: Vec<usize> =
            todo.iter().copied().filter(|at| entries[*at].outcome == Outcome::Deleted).collect();
        loop {
            let there: Vec<(usize, bool)> = stream::iter(left)
                .map(async |at| (at, self.is_there(&plan.entries[at]).await))
                .buffer_unordered(REQUESTS_AT_ONCE)
                .collect()
                .await;
            left = there.into_iter().filter(|(_, there)| *there).map(|(at, _)| at).collect();
            if left.is_empty() || Instant::now() >= deadline {
                break;
            }
            if self.stop.run_until_cancelled(tokio::time::sleep(POLL)).await.is_none() {
                break;
            }
        }
        let named = |at: usize| {
            let object = &plan.entries[at].object;
            format!("{} {} is being deleted and not gone yet", object.ty, object.name)
        };
        let mut names: Vec<String> = left.into_iter().map(named).collect();
        names.sort();
        names
    }
}

/// Why an object was not undone.
enum Refused {
    /// In the server's words.
    Api(ApiError),
    /// In ours.
    Held(String),
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

fn namespace(entry: &UndoEntry) -> Option<&str> {
    Some(entry.object.namespace.as_str()).filter(|_| entry.object.ty.namespaced)
}
