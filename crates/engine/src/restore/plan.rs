//! Planning: every selected object, with what would happen to it and why. Writes nothing.
//!
//! Kinds are compared several at once; the entries then stand in the order in which
//! a run writes them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, stream};
use holdfast_cluster::{ApiError, Cluster};
use holdfast_model::plan::PlanEntry;
use holdfast_model::preflight::Finding;
use holdfast_model::report::{Counts, Outcome};
use holdfast_model::view::ObjectView;
use holdfast_model::wave::Wave;
use holdfast_store::{Index, Point, Row, RowId};

use super::live::Live;
use super::owned::spare_the_owned;
use super::planner::Planner;
use super::volumes::Facts;
use super::{RestoreRequest, select};
use crate::backup::{KINDS_AT_ONCE, namespace_type};
use crate::context::Context;
use crate::error::EngineError;
use crate::hooks::restore_hooks;

/// What a restore would do, as a value: shown, filtered, and then run.
#[derive(Clone, Debug)]
pub struct RestorePlan {
    /// The recovery point.
    pub point: Point,
    /// Its index, which the entries' rows refer to.
    pub index: Arc<Index>,
    /// What was asked for.
    pub request: RestoreRequest,
    /// One entry per object, in the order in which they will be written.
    pub entries: Vec<PlanEntry>,
    /// What concerns the plan as a whole.
    pub warnings: Vec<String>,
    /// The objects that were asked for by name and are not in the recovery point, or that the selection leaves out. A
    /// run of a plan with such objects ends Partial.
    pub missing: Vec<String>,
    /// Namespaces to be made although the recovery point does not hold their objects.
    pub blank_namespaces: Vec<String>,
    /// What a look at the target found, once the plan was tried with it ([`super::validate`]).
    pub findings: Vec<Finding>,
    /// Whether it was.
    pub validated: bool,
    /// What identifies the target: the UID of its namespace `kube-system`; `None` where that may not be read.
    pub cluster_uid: Option<String>,
    /// Whether an object that is found otherwise than planned is left alone, rather than decided about anew.
    pub strict: bool,
    /// Entries that earlier runs settled without being able to note it, with the UIDs of the objects.
    pub(super) unrecorded: Vec<(usize, Outcome, Option<String>)>,
    /// How long planning took.
    pub duration: Duration,
}

impl RestorePlan {
    /// How many objects would end in each way.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for entry in &self.entries {
            counts.add_planned(entry.action);
        }
        counts
    }

    /// How many objects would be written without what a resource modifier was to do to them. A run of such a plan ends
    /// Partial.
    pub fn modifier_failures(&self) -> usize {
        let failed = |entry: &&PlanEntry| {
            entry.action.writes() && entry.detail.as_ref().is_some_and(|detail| detail.modifier_failed)
        };
        self.entries.iter().filter(failed).count()
    }

    /// Namespaces that no object goes to any more are not made.
    pub(super) fn forget_idle_namespaces(&mut self) {
        let used: BTreeSet<Arc<str>> = self
            .entries
            .iter()
            .filter(|entry| entry.action.writes() && entry.earlier.is_none())
            .map(|entry| Arc::clone(&entry.target_namespace))
            .collect();
        self.blank_namespaces.retain(|name| used.contains(name.as_str()));
    }

    /// The row of an entry.
    ///
    /// # Panics
    /// Never for entries of this plan: they are made from this index.
    pub fn row(&self, entry: &PlanEntry) -> Row<'_> {
        #[expect(clippy::expect_used, reason = "entries are made from rows of this very index")]
        self.index.row(RowId(entry.row)).expect("an entry's row is in the plan's index")
    }
}

/// Plans the restore of what `request` selects of `point` into `cluster`.
///
/// # Errors
/// Fails when the point or the cluster cannot be read, or on cancellation. That single
/// kinds or objects cannot be restored is in the plan instead.
pub async fn plan(
    cluster: &Cluster,
    point: &Point,
    request: &RestoreRequest,
    context: &Context,
) -> Result<RestorePlan, EngineError> {
    Ok(Box::pin(marked(cluster, point, request, Vec::new(), context)).await?.0)
}

/// Plans, and says which live objects bear one of the marks that earlier runs left, with their UIDs.
pub(super) async fn marked(
    cluster: &Cluster,
    point: &Point,
    request: &RestoreRequest,
    marks: Vec<String>,
    context: &Context,
) -> Result<(RestorePlan, Vec<(RowId, String)>), EngineError> {
    let clock = Instant::now();
    context.phase("reading the recovery point", None);
    let index = context.run(point.index()).await?;
    let (live, cluster_uid) = tokio::join!(Live::look(cluster, context), context.run(cluster_uid(cluster)));
    let (live, cluster_uid) = (live?, cluster_uid?);
    // The run reads them again. Whoever asks for them hears of what is wrong with them before.
    restore_hooks(cluster, &live.discovery, &request.hooks, context).await?;
    let selected = select::rows(point, &index, request, context).await?;
    let facts = Facts::read(point, &live, request, &index, &selected, context).await?;
    let unchecked = facts.warnings();
    context.phase("comparing", Some(selected.len() as u64));
    let missing = select::missing(&index, &selected, request);

    let marked = Mutex::default();
    let fates = Mutex::default();
    let planner = Planner {
        point,
        index: &index,
        request,
        live: &live,
        selected,
        marks,
        marked,
        facts,
        fates,
        context,
    };
    // Made before they are streamed: a closure over references inside the stream would keep the compiler from seeing
    // that a plan may be made on any thread.
    let kinds: Vec<_> = planner.by_type().into_iter().map(|(ty, rows)| planner.kind(ty, rows)).collect();
    let mut entries: Vec<PlanEntry> =
        stream::iter(kinds).buffer_unordered(KINDS_AT_ONCE).try_concat().await?;
    entries.sort_by_key(|entry| {
        let row = index.row(RowId(entry.row));
        // Owners before what they own, so that most children are created with their owner references.
        (row.map(|row| Wave::of(row.ty)), row.is_some_and(|row| row.owner.is_some()), entry.row)
    });
    spare_the_owned(&live, &index, &mut entries, context).await?;
    let blank_namespaces = planner.blank_namespaces(&entries);
    let mut warnings: Vec<String> = live
        .discovery
        .unavailable
        .iter()
        .map(|group| format!("API {} of the target does not answer: {}", group.group_version, group.reason))
        .collect();
    warnings.extend(missing.iter().map(|object| {
        format!("{object} is not in the recovery point, or the rest of the selection leaves it out")
    }));
    warnings.extend(blank_namespaces.iter().map(|name| {
        format!("namespace {name} will be made without labels: its object is not in the recovery point")
    }));
    warnings.extend(unchecked);
    let marked = planner.marked.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut plan = RestorePlan {
        point: point.clone(),
        request: request.clone(),
        entries,
        missing,
        warnings,
        blank_namespaces,
        cluster_uid,
        findings: Vec::new(),
        validated: false,
        strict: false,
        unrecorded: Vec::new(),
        duration: clock.elapsed(),
        index,
    };
    let failures = plan.modifier_failures();
    if failures > 0 {
        let objects = if failures == 1 { "1 object".to_owned() } else { format!("{failures} objects") };
        plan.warnings.push(format!(
            "resource modifiers could not be applied to {objects}, to be restored without them; the plan says which"
        ));
    }
    Ok((plan, marked))
}

/// What no two clusters share.
pub(super) async fn cluster_uid(cluster: &Cluster) -> Result<Option<String>, ApiError> {
    let json = match cluster.get(&namespace_type(), None, "kube-system").await {
        Ok(json) => json,
        Err(error) if error.is_forbidden() => None,
        Err(error) => return Err(error),
    };
    Ok(json.and_then(|json| {
        let view: ObjectView<'_> = serde_json::from_slice(&json).ok()?;
        view.metadata.uid.map(std::borrow::Cow::into_owned)
    }))
}
