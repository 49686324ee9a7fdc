//! Running a plan: wave by wave, many objects at once.
//!
//! A failing object is reported and does not hold up the others. When the cluster
//! cannot be reached any more, or the run is cancelled, nothing new is begun, what
//! is under way ends, and the report says which objects were not tried.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use futures::future::{Either, select};
use futures::{StreamExt, stream};
use holdfast_cluster::{ApiError, Cluster, WriteOptions};
use holdfast_model::plan::{Action, PlanEntry};
use holdfast_model::report::{Outcome, ReportEntry, RestoreState};
use holdfast_model::resource::ResourceType;
use holdfast_model::view::ObjectView;
use holdfast_model::wave::Wave;
use holdfast_store::Row;
use holdfast_store::job::LogLevel;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::form;
use super::hooks::Hooks;
use super::journal::{Journal, TargetObject};
use super::live::Live;
use super::owners::Owners;
use super::plan::RestorePlan;
use super::ready::{is_active, is_established};
use super::report::{RestoreReport, not_yet};
use super::volumes::{Helpers, filling};
use super::write::{Job, WEBHOOK_PATIENCE, Written};
use super::{REQUESTS_AT_ONCE, RestoreRequest};
use crate::context::Context;
use crate::error::EngineError;
use crate::hooks::restore_hooks;

/// One run of a plan.
pub(super) struct Run<'a> {
    pub live: Live<'a>,
    pub owners: Owners,
    pub context: &'a Context,
    /// Where what is changed is kept before; without it nothing can be undone, and nothing is recreated.
    pub journal: Option<&'a Journal>,
    /// What is made for claims, beside them.
    pub helpers: Helpers,
    pub hooks: Hooks,
    plan: &'a RestorePlan,
    /// Cancelled with the context, and when the cluster is lost.
    stop: CancellationToken,
    lost: Mutex<Option<String>>,
}

/// Writes what `plan` says into `cluster`.
///
/// With a journal, what is changed is kept there before, so that it can be undone, and a run that was interrupted can be
/// gone on with.
///
/// # Errors
/// Fails before anything is written when the cluster cannot be worked with. Whatever
/// happens after the first write, cancellation included, is in the report.
pub async fn run(
    cluster: &Cluster,
    plan: &RestorePlan,
    journal: Option<&Journal>,
    context: &Context,
) -> Result<RestoreReport, EngineError> {
    let clock = Instant::now();
    let live = Live::look(cluster, context).await?;
    let hooks = restore_hooks(cluster, &live.discovery, &plan.request.hooks, context).await?;
    let run = Run {
        hooks: Hooks::new(hooks),
        helpers: Helpers::new(&live, plan, journal),
        live,
        owners: Owners::new(expected_owners(plan)),
        context,
        journal,
        plan,
        stop: context.cancel.child_token(),
        lost: Mutex::default(),
    };
    let mut entries: Vec<ReportEntry> = plan.entries.iter().map(settled).collect();
    context.begin_entries(&entries);
    run.note_unrecorded().await;
    let mut warnings = plan.warnings.clone();
    for warning in &warnings {
        context.warn(warning);
    }
    for (planned, entry) in plan.entries.iter().zip(&entries) {
        if entry.outcome == Outcome::Blocked {
            let reason = planned.detail.as_ref().and_then(|detail| detail.reason.as_deref());
            run.tell(LogLevel::Warning, planned, reason.unwrap_or("blocked"));
        }
    }
    let brought = Box::pin(run.bring_snapshots(&mut entries)).await;
    let mut orphans: Vec<usize> = Vec::new();
    for wave in Wave::ALL {
        if wave == Wave::Workloads && !run.stop.is_cancelled() {
            Box::pin(run.spare_sets(&mut entries)).await;
        }
        let todo: Vec<usize> = (0..plan.entries.len())
            .filter(|at| writes(&plan.entries[*at]) && entries[*at].outcome == Outcome::Planned)
            .filter(|at| Wave::of(plan.row(&plan.entries[*at]).ty) == wave)
            .collect();
        if !todo.is_empty() {
            context.phase(wave.label(), Some(todo.len() as u64));
        }
        if wave == Wave::Namespaces {
            warnings.extend(run.told(run.make_blank_namespaces().await));
        }
        let (owned, others): (Vec<usize>, Vec<usize>) =
            todo.into_iter().partition(|at| plan.row(&plan.entries[*at]).owner.is_some());
        for pass in [others, owned] {
            run.write_all(wave, pass, &mut entries, &mut orphans).await;
        }
        warnings.extend(run.told(run.settle(wave, &entries).await));
    }
    warnings.extend(run.told(run.adopt_all(orphans, &mut entries).await));
    let noted = run.noted(&entries);
    let awaits_pods = noted.iter().any(|noted| noted.expected.is_some());
    let volumes = Box::pin(run.settle_volumes(brought, &mut entries));
    // Pods are what some claims wait for, and they may be up long before the last claim is bound.
    let (unbound, hooked) = match select(volumes, Box::pin(run.run_hooks(noted))).await {
        Either::Left((unbound, hooks)) => {
            if awaits_pods {
                context.phase("hooks", None);
            }
            (unbound, hooks.await)
        }
        Either::Right((hooked, volumes)) => (volumes.await, hooked),
    };
    let all_hooks_ran = hooked.is_clean();
    for told in [unbound, hooked.notes, hooked.problems] {
        warnings.extend(run.told(told));
    }
    warnings.extend(hooked.failures);
    Box::pin(run.sweep_earlier()).await;

    let lost = run.lost.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = &lost {
        let mut untried = 0;
        for entry in entries.iter_mut().filter(|entry| entry.outcome == Outcome::Planned) {
            entry.outcome = Outcome::Failed;
            entry.reason = Some("not tried: the cluster could not be reached any more".into());
            untried += 1;
        }
        let message = format!(
            "the cluster was lost, {untried} objects were not tried; restore again to complete them: {error}"
        );
        context.warn(&message);
        warnings.push(message);
    }
    let unfinished = |entry: &ReportEntry| matches!(entry.outcome, Outcome::Failed | Outcome::Blocked);
    let state = if lost.is_none() && context.cancel.is_cancelled() {
        RestoreState::Cancelled
    } else if entries.iter().any(unfinished)
        || !plan.missing.is_empty()
        || plan.modifier_failures() > 0
        || !all_hooks_ran
    {
        RestoreState::Partial
    } else {
        RestoreState::Completed
    };
    Ok(RestoreReport { state, entries, hooks: hooked.runs, warnings, duration: clock.elapsed() })
}

pub(super) fn writes(entry: &PlanEntry) -> bool {
    entry.action.writes() && entry.earlier.is_none()
}

/// What is settled by the plan alone.
fn settled(entry: &PlanEntry) -> ReportEntry {
    if entry.earlier.is_some() {
        return not_yet(entry);
    }
    let outcome = match entry.action {
        Action::Skip => Outcome::Skipped,
        Action::Identical => Outcome::Identical,
        Action::Blocked => Outcome::Blocked,
        Action::Derived => Outcome::Derived,
        Action::Create | Action::Patch | Action::Recreate | Action::Delete | Action::Unchecked => {
            Outcome::Planned
        }
    };
    ReportEntry { outcome, ..not_yet(entry) }
}

/// The controllers that this plan creates and that own something it creates.
fn expected_owners(plan: &RestorePlan) -> HashSet<(String, String, String)> {
    let created = plan.entries.iter().filter(|entry| writes(entry));
    let owners: HashSet<(&str, &str, &str)> = created
        .clone()
        .filter_map(|entry| plan.row(entry).owner.map(|(kind, name)| (kind, &*entry.target_namespace, name)))
        .collect();
    if owners.is_empty() {
        return HashSet::new();
    }
    created
        .filter(|entry| matches!(entry.action, Action::Create | Action::Recreate))
        .filter_map(|entry| {
            let row = plan.row(entry);
            let kind = row.ty.group_kind();
            let is_owner = |(k, ns, n): &(&str, &str, &str)| {
                *k == kind && *n == row.name && (!row.ty.namespaced || *ns == &*entry.target_namespace)
            };
            owners
                .iter()
                .any(is_owner)
                .then(|| (kind, entry.target_namespace.to_string(), row.name.to_owned()))
        })
        .collect()
}

impl Run<'_> {
    /// The types of the recovery point.
    pub(super) fn types(&self) -> &[ResourceType] {
        self.plan.index.types()
    }

    pub(super) fn plan(&self) -> &RestorePlan {
        self.plan
    }

    /// Cancelled when nothing new is to be begun.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    pub(super) fn request(&self) -> &RestoreRequest {
        &self.plan.request
    }

    /// Whether what is found otherwise than planned is left alone.
    pub(super) fn is_strict(&self) -> bool {
        self.plan.strict
    }

    /// Whether this very run created an object.
    pub(super) fn is_own(&self, live: &Value) -> bool {
        let fields = live.pointer("/metadata/managedFields").and_then(Value::as_array);
        self.journal.is_some_and(|journal| {
            fields.into_iter().flatten().any(|entry| entry["manager"] == journal.manager())
        })
    }

    /// Notes that the cluster cannot be worked with any more; nothing new is begun after that.
    pub(super) fn lose(&self, error: &ApiError) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.to_string());
        self.stop.cancel();
    }

    async fn write_all(
        &self,
        wave: Wave,
        todo: Vec<usize>,
        entries: &mut [ReportEntry],
        orphans: &mut Vec<usize>,
    ) {
        let deadline = tokio::time::Instant::now() + WEBHOOK_PATIENCE;
        let writing = stream::iter(todo)
            .take_until(self.stop.cancelled())
            .map(async |at| (at, self.write(at, wave, deadline).await))
            .buffer_unordered(REQUESTS_AT_ONCE);
        let mut writing = std::pin::pin!(writing);
        while let Some((at, written)) = writing.next().await {
            match written {
                Ok(written) => {
                    if written.orphan {
                        orphans.push(at);
                    }
                    entries[at] = written.report;
                }
                Err(error) => {
                    entries[at].outcome = Outcome::Failed;
                    entries[at].reason = Some(error.to_string().into());
                }
            }
            let entry = &entries[at];
            if matches!(entry.outcome, Outcome::Failed | Outcome::Blocked) {
                let reason = entry.reason.as_deref().unwrap_or("failed");
                self.tell(LogLevel::Error, &self.plan.entries[at], reason);
            }
            self.context.settle(at, entry);
            self.context.advance(1, 0, None);
        }
    }

    /// Notes what went wrong with one object.
    pub(super) fn tell(&self, level: LogLevel, planned: &PlanEntry, reason: &str) {
        let row = self.plan.row(planned);
        let name = planned.target_name.as_deref().unwrap_or(row.name);
        self.context.warn_about(level, &row.ty.kind, &planned.target_namespace, name, reason);
    }

    fn told(&self, warnings: Vec<String>) -> Vec<String> {
        for warning in &warnings {
            self.context.warn(warning);
        }
        warnings
    }

    async fn write(
        &self,
        at: usize,
        wave: Wave,
        deadline: tokio::time::Instant,
    ) -> Result<Written, EngineError> {
        let entry = &self.plan.entries[at];
        let row = self.plan.row(entry);
        let job = self.job(&row, entry, wave, deadline);
        let form = form::of(&self.plan.point, &row, self.request(), self.context).await?;
        if entry.action != Action::Patch {
            self.hooks.note(at, row.ty, job.namespace, job.name, &form.object);
        }
        let written = match (&entry.detail, entry.action) {
            (Some(detail), Action::Patch) => self.patch(&job, &form, (**detail).clone()).await?,
            (Some(detail), Action::Recreate) => {
                Box::pin(self.recreate(&job, &form, (**detail).clone())).await?
            }
            _ => match filling(entry) {
                Some(fill) => return Box::pin(self.fill(&job, &form, fill)).await,
                None => return self.create(&job, &form).await,
            },
        };
        // What was kept and is as it was must not be undone.
        if let Some(journal) = self.journal
            && written.untouched
            && !written.report.outcome.is_written()
        {
            let (namespace, name) = (job.namespace.to_owned(), job.name.to_owned());
            journal.left(TargetObject { ty: row.ty.clone(), namespace, name }).await;
        }
        Ok(written)
    }

    /// Waits for what the next wave needs; says what did not come in time.
    async fn settle(&self, wave: Wave, entries: &[ReportEntry]) -> Vec<String> {
        let (plural, group, ready): (_, _, fn(&serde_json::Value) -> bool) = match wave {
            Wave::Definitions => ("customresourcedefinitions", "apiextensions.k8s.io", is_established),
            Wave::Namespaces => ("namespaces", "", is_active),
            _ => return Vec::new(),
        };
        let made = self.plan.entries.iter().zip(entries).filter(|(planned, entry)| {
            entry.outcome.is_written() && self.plan.row(planned).ty.is(group, plural)
        });
        let mut ty: Option<ResourceType> = None;
        let names: Vec<String> = made
            .map(|(planned, _)| {
                let row = self.plan.row(planned);
                ty.get_or_insert_with(|| row.ty.clone());
                planned.target_name.as_deref().unwrap_or(row.name).to_owned()
            })
            .collect();
        let Some(ty) = ty else { return Vec::new() };
        let late = self.wait_ready(&ty, names, ready).await;
        late.into_iter().map(|name| format!("{ty} {name} was made but is not ready yet")).collect()
    }

    async fn make_blank_namespaces(&self) -> Vec<String> {
        let ty = crate::backup::namespace_type();
        let mut warnings = Vec::new();
        for name in &self.plan.blank_namespaces {
            let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
            let options =
                WriteOptions { manager: self.journal.map(Journal::manager), ..WriteOptions::default() };
            match self.live.cluster.create(&ty, None, body.to_string().into(), options).await {
                Ok(answer) => self.note_done(&ty, "", name, Outcome::Created, &answer).await,
                Err(error) if error.is_already_exists() => {
                    // Perhaps by this very run, whose answer was lost.
                    if let Ok(Some(live)) = self.live.cluster.get(&ty, None, name).await
                        && serde_json::from_slice::<Value>(&live).is_ok_and(|object| self.is_own(&object))
                    {
                        self.note_done(&ty, "", name, Outcome::Created, &live).await;
                    }
                }
                Err(error) => warnings.push(format!("namespace {name} could not be made: {error}")),
            }
        }
        warnings
    }

    /// Gives children the owners that were made after them.
    async fn adopt_all(&self, orphans: Vec<usize>, entries: &mut [ReportEntry]) -> Vec<String> {
        let deadline = tokio::time::Instant::now();
        let outcomes: Vec<Outcome> = entries.iter().map(|entry| entry.outcome).collect();
        let outcomes = &outcomes;
        let adopting = stream::iter(orphans)
            .take_until(self.stop.cancelled())
            .map(async |at| {
                let entry = &self.plan.entries[at];
                let row = self.plan.row(entry);
                let job = self.job(&row, entry, Wave::of(row.ty), deadline);
                let fresh = outcomes[at] == Outcome::Created;
                let adopted = match form::of(&self.plan.point, &row, self.request(), self.context).await {
                    Ok(form) => self.adopt(&job, &form, fresh).await,
                    Err(error) => Err(error),
                };
                (at, adopted)
            })
            .buffer_unordered(REQUESTS_AT_ONCE);
        let mut adopting = std::pin::pin!(adopting);
        let mut warnings = Vec::new();
        while let Some((at, adopted)) = adopting.next().await {
            let name = form::describe(&self.plan.row(&self.plan.entries[at]));
            match adopted {
                Ok(adopted) => {
                    // It says what it should, and now has its owner too.
                    if adopted.written && entries[at].outcome == Outcome::Identical {
                        entries[at].outcome = Outcome::Patched;
                        entries[at].action = Action::Patch;
                    }
                    if !adopted.complete {
                        warnings.push(format!(
                            "{name} was restored without an owner it had, which is not in the target"
                        ));
                    }
                }
                Err(error) => warnings.push(format!("{name} could not be given its owner again: {error}")),
            }
        }
        warnings
    }

    /// Notes what a killed run did and could not note itself.
    async fn note_unrecorded(&self) {
        let Some(journal) = self.journal else { return };
        for (at, outcome, uid) in &self.plan.unrecorded {
            let entry = &self.plan.entries[*at];
            let row = self.plan.row(entry);
            let name = entry.target_name.as_deref().unwrap_or(row.name).to_owned();
            let namespace = entry.target_namespace.to_string();
            let object = TargetObject { ty: row.ty.clone(), namespace, name };
            journal.done(object, *outcome, uid.clone()).await;
        }
    }

    /// Notes what was done about an object, with the UID in the server's answer.
    pub(super) async fn note_done(
        &self,
        ty: &ResourceType,
        namespace: &str,
        name: &str,
        outcome: Outcome,
        answer: &[u8],
    ) {
        let Some(journal) = self.journal else { return };
        let view = serde_json::from_slice::<ObjectView<'_>>(answer);
        let uid = view.ok().and_then(|view| view.metadata.uid).map(std::borrow::Cow::into_owned);
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        journal.done(TargetObject { ty: ty.clone(), namespace, name }, outcome, uid).await;
    }

    fn job<'a>(
        &self,
        row: &Row<'a>,
        entry: &'a PlanEntry,
        wave: Wave,
        deadline: tokio::time::Instant,
    ) -> Job<'a> {
        Job {
            ty: row.ty,
            namespace: &entry.target_namespace,
            name: entry.target_name.as_deref().unwrap_or(row.name),
            wave,
            policy: self.request().policy(row),
            chosen: self.request().is_chosen(row),
            deadline,
        }
    }
}
