//! Trying a plan with the server before anything is written.
//!
//! Every object that would be created or patched is sent as a dry run: admission, webhooks and validation have their say,
//! and nothing is stored. What they refuse is Blocked, in their words. What a dry run cannot tell is Unchecked, with the
//! reason: it runs as planned, and running tells. A server does not add up what dry runs would use of a quota, so that is
//! done here, in the order of the plan. Around it stands the pre-flight: findings about the target as a whole.

mod access;
mod hooks;
mod quotas;
mod storage;
mod trial;
mod version;
mod webhooks;

use std::collections::{BTreeMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};
use holdfast_cluster::Cluster;
use holdfast_model::plan::{Action, PlanEntry};
use holdfast_model::preflight::{Check, Finding, Level};
use serde_json::Value;

use super::REQUESTS_AT_ONCE;
use super::live::{Live, Served};
use super::plan::RestorePlan;
use super::volumes::{filled, filling, spare_sets};
use crate::context::Context;
use crate::error::EngineError;

use trial::Trial;

/// What is known while a plan is tried.
struct Validation<'a> {
    live: Live<'a>,
    plan: &'a RestorePlan,
    /// Namespaces that only this restore makes.
    new_namespaces: HashSet<&'a str>,
    context: &'a Context,
}

/// Tries a plan with the server, and marks in it what cannot be done. Stores nothing.
///
/// # Errors
/// Fails when the cluster or the recovery point cannot be read, and on cancellation.
pub async fn validate(
    cluster: &Cluster,
    plan: &mut RestorePlan,
    context: &Context,
) -> Result<(), EngineError> {
    let live = Live::look(cluster, context).await?;
    let mut validation = Validation { live, new_namespaces: HashSet::new(), plan, context };
    validation.new_namespaces = validation.namespaces_made();
    let todo = validation.writes();
    context.phase("asking for permissions", None);
    let (denied, mut findings) = validation.permissions(&todo).await?;
    context.phase("trying with the server", Some(todo.len() as u64));
    let trying: Vec<_> = todo.iter().map(|at| validation.attempt(*at, denied.get(at))).collect();
    let mut trials: BTreeMap<usize, Trial> =
        stream::iter(trying).buffer_unordered(REQUESTS_AT_ONCE).try_collect().await?;
    findings.extend(validation.quotas(&mut trials).await?);
    findings.extend(validation.webhooks(&todo).await?);
    findings.extend(validation.storage_classes(&todo).await?);
    findings.extend(Box::pin(validation.hooks(&todo)).await?);
    findings.extend(validation.version().await?);
    findings.extend(validation.unserved());
    findings.extend(refused(&trials));
    findings.sort();
    for (at, trial) in trials {
        let entry = &mut plan.entries[at];
        let (action, reason) = match trial {
            Trial::Passed => continue,
            Trial::Pruned(reason) => (entry.action, reason),
            Trial::Refused(reason) => (Action::Blocked, reason),
            Trial::Unknown(reason) if entry.action == Action::Create => (Action::Unchecked, reason),
            Trial::Unknown(reason) => (entry.action, format!("not tried before: {reason}")),
        };
        entry.action = action;
        let detail = entry.detail.get_or_insert_default();
        detail.reason = Some(match detail.reason.take() {
            Some(before) if action != Action::Blocked => format!("{before}; {reason}"),
            _ => reason,
        });
    }
    Box::pin(spare_sets(plan, context)).await?;
    plan.forget_idle_namespaces();
    plan.findings = findings;
    plan.validated = true;
    Ok(())
}

/// One finding for all that the server refused; which, the plan says.
fn refused(trials: &BTreeMap<usize, Trial>) -> Option<Finding> {
    let objects = trials.values().filter(|trial| matches!(trial, Trial::Refused(_))).count() as u64;
    let unknown = trials.values().filter(|trial| matches!(trial, Trial::Unknown(_))).count() as u64;
    let tried = trials.len() as u64 - unknown;
    let (level, message) = if objects > 0 {
        (
            Level::Blocking,
            format!("{objects} of {tried} objects were refused when they were tried; each says why"),
        )
    } else {
        (Level::Info, format!("{tried} objects were tried with the server, which accepts them"))
    };
    let unknown = (unknown > 0).then(|| format!("{unknown} more could not be tried before; each says why."));
    (!trials.is_empty()).then_some(Finding {
        level,
        check: Check::Trial,
        message,
        guidance: unknown,
        objects,
    })
}

impl<'a> Validation<'a> {
    /// Entries that run, and are not done already.
    fn writes(&self) -> Vec<usize> {
        let runs = |entry: &PlanEntry| entry.action.writes() && entry.earlier.is_none();
        (0..self.plan.entries.len()).filter(|at| runs(&self.plan.entries[*at])).collect()
    }

    fn namespaces_made(&self) -> HashSet<&'a str> {
        let mut made: HashSet<&str> = self.plan.blank_namespaces.iter().map(String::as_str).collect();
        for entry in self.plan.entries.iter().filter(|entry| entry.action == Action::Create) {
            let row = self.plan.row(entry);
            if row.ty.is("", "namespaces") {
                made.insert(entry.target_name.as_deref().unwrap_or(row.name));
            }
        }
        made
    }

    /// The object of an entry as it will be sent.
    async fn object(&self, entry: &PlanEntry) -> Result<Value, EngineError> {
        let row = self.plan.row(entry);
        let object = super::form::of(&self.plan.point, &row, &self.plan.request, self.context).await?.object;
        // The server asks no more of a data source than its kind: what fills the claim need not be there.
        Ok(match filling(entry) {
            Some(fill) => filled(&object, fill, "holdfast"),
            None => object,
        })
    }

    /// Kinds that the target does not serve as the recovery point has them, each with its objects.
    fn unserved(&self) -> Vec<Finding> {
        let mut kinds: BTreeMap<String, (String, u64)> = BTreeMap::new();
        for entry in self.plan.entries.iter().filter(|entry| entry.action == Action::Blocked) {
            let row = self.plan.row(entry);
            if matches!(self.live.served(row.ty), Served::Yes) {
                continue;
            }
            let reason = entry.detail.as_ref().and_then(|detail| detail.reason.clone()).unwrap_or_default();
            kinds.entry(row.ty.to_string()).or_insert((reason, 0)).1 += 1;
        }
        let finding = |(_, (message, objects))| Finding {
            level: Level::Blocking,
            check: Check::Kinds,
            message,
            guidance: None,
            objects,
        };
        kinds.into_iter().map(finding).collect()
    }
}
