//! Plans as files: saved, looked at, changed by hand, and run later.
//!
//! A file holds what was asked for and what each object would get. Running it plans again and compares: an object that
//! would get something else by now is not written, and the plan says so. What a person may change in the file is `exclude`
//! and `policy` of each entry; entries that are taken out of it are not written either. Values of Secrets are masked, so
//! that a plan can be passed around; for Secrets their version in the target stands in for the values.

use std::collections::HashMap;

use holdfast_cluster::Cluster;
use holdfast_model::choice::{ChoiceError, PolicyChoice};
use holdfast_model::content;
use holdfast_model::plan::{Action, Change, ConflictPolicy, PlanDetail, PlanEntry};
use holdfast_model::secret;
use holdfast_model::selection::{ChosenObject, ChosenObjectError};
use holdfast_store::{Point, Row};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RestoreRequest;
use super::journal::PointIdentity;
use super::plan::{RestorePlan, plan};
use super::volumes::spare_sets;
use crate::context::Context;
use crate::error::EngineError;

/// Format of the files that this version writes and reads.
const FORMAT: u32 = 1;
/// Longest file that is read, in bytes; 100,000 entries take about 30 MB.
pub const MAX_PLAN_BYTES: usize = 256 << 20;

/// Why a file cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// It is larger than any plan.
    #[error("the plan is longer than {} MiB, which no plan is", MAX_PLAN_BYTES >> 20)]
    TooLong,
    /// It is no plan, or a field is not what it should be.
    #[error("the plan cannot be read: {0}. Save it again with --save-plan")]
    Json(#[from] serde_json::Error),
    /// It is of another version.
    #[error("the plan has format {0}, and this version reads format {FORMAT}: save it again")]
    Format(u32),
    /// An entry names no object.
    #[error("entry {entry} of the plan ({object}): {source}")]
    Object {
        /// Counted from 1.
        entry: usize,
        /// As it stands there.
        object: String,
        /// What is wrong.
        #[source]
        source: ChosenObjectError,
    },
    /// An entry asks for what is never done.
    #[error("entry {entry} of the plan: {source}")]
    Policy {
        /// Counted from 1.
        entry: usize,
        /// What is wrong.
        #[source]
        source: ChoiceError,
    },
    /// Two entries are about one object.
    #[error("entry {entry} of the plan is about {object} again; leave one of the two")]
    Twice {
        /// Counted from 1.
        entry: usize,
        /// The object.
        object: String,
    },
    /// The point has no such object.
    #[error("the plan names {0}, which is not in the recovery point or not in the plan's selection")]
    Unknown(String),
    /// What was asked for is not what the plan was made for.
    #[error(
        "the request in the plan was changed; only exclude and policy of its entries may be. Plan again instead"
    )]
    Request,
}

/// A plan as a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedPlan {
    format: u32,
    /// When it was saved.
    pub saved: Timestamp,
    /// The recovery point.
    pub point: PointIdentity,
    /// The target's name.
    pub cluster: String,
    cluster_uid: Option<String>,
    request: RestoreRequest,
    /// Tells a request that was changed by hand.
    request_hash: String,
    entries: Vec<SavedEntry>,
}

/// What one object would get.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedEntry {
    /// `TYPE/NAMESPACE/NAME` or `TYPE/NAME`, by the names in the recovery point.
    object: String,
    /// Namespace and name in the target, where they are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Change>,
    /// Of Secrets: their version in the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_version: Option<String>,
    /// To be changed by hand: whether to leave it out.
    #[serde(default)]
    exclude: bool,
    /// To be changed by hand: what to do about it instead.
    #[serde(default)]
    policy: Option<SavedPolicy>,
}

/// A policy as it stands in files and on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SavedPolicy {
    Skip,
    Patch,
    Recreate,
}

impl SavedPlan {
    /// A plan as a file.
    pub fn new(plan: &RestorePlan, cluster: &str, saved: Timestamp) -> Self {
        Self {
            format: FORMAT,
            saved,
            point: PointIdentity::of(&plan.point),
            cluster: cluster.to_owned(),
            cluster_uid: plan.cluster_uid.clone(),
            request_hash: hash(&plan.request),
            request: plan.request.clone(),
            entries: plan.entries.iter().map(|entry| saved_entry(plan, entry)).collect(),
        }
    }

    /// The file's text: JSON, for people to change.
    ///
    /// # Errors
    /// None in practice: a plan is plain structs of strings and JSON values.
    pub fn text(&self) -> Result<Vec<u8>, SavedPlanError> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`SavedPlanError`], with the line where the text is not a plan.
    pub fn parse(text: &[u8]) -> Result<Self, SavedPlanError> {
        if text.len() > MAX_PLAN_BYTES {
            return Err(SavedPlanError::TooLong);
        }
        let plan: Self = serde_json::from_slice(text)?;
        if plan.format != FORMAT {
            return Err(SavedPlanError::Format(plan.format));
        }
        if hash(&plan.request) != plan.request_hash {
            return Err(SavedPlanError::Request);
        }
        Ok(plan)
    }

    /// What was asked for, with what was changed in the file.
    fn request(&self) -> Result<RestoreRequest, SavedPlanError> {
        let mut request = self.request.clone();
        let mut seen: HashMap<&str, usize> = HashMap::with_capacity(self.entries.len());
        let mut exclusions: Vec<ChosenObject> = request.exclusions.into();
        for (number, entry) in (1..).zip(&self.entries) {
            let object: ChosenObject = entry.object.parse().map_err(|source| SavedPlanError::Object {
                entry: number,
                object: entry.object.chars().take(80).collect(),
                source,
            })?;
            if seen.insert(&entry.object, number).is_some() {
                return Err(SavedPlanError::Twice { entry: number, object: entry.object.clone() });
            }
            if let Some(policy) = entry.policy {
                let policy = match policy {
                    SavedPolicy::Skip => ConflictPolicy::Skip,
                    SavedPolicy::Patch => ConflictPolicy::Patch,
                    SavedPolicy::Recreate => ConflictPolicy::Recreate,
                };
                let choice = PolicyChoice::for_object(object.clone(), policy)
                    .map_err(|source| SavedPlanError::Policy { entry: number, source })?;
                request.policies.push(choice);
            }
            if entry.exclude {
                exclusions.push(object);
            }
        }
        request.exclusions = exclusions.into();
        Ok(request)
    }
}

/// Against accidents, not against whoever makes both anew: the plan is the person's own.
fn hash(request: &RestoreRequest) -> String {
    format!("{:032x}", u128::from_be_bytes(content::hash(&serde_json::to_vec(request).unwrap_or_default())))
}

fn saved_entry(plan: &RestorePlan, entry: &PlanEntry) -> SavedEntry {
    let row = plan.row(entry);
    let detail = entry.detail.as_deref();
    SavedEntry {
        object: named(&row),
        target: target(&row, entry),
        action: entry.action,
        reason: detail.and_then(|detail| detail.reason.clone()),
        changes: detail.map(|detail| detail.changes.clone()).unwrap_or_default(),
        resource_version: version(&row, detail),
        exclude: false,
        policy: None,
    }
}

/// Where it goes, where that is elsewhere.
fn target(row: &Row<'_>, entry: &PlanEntry) -> Option<String> {
    let name = entry.target_name.as_deref().unwrap_or(row.name);
    let is_moved = &*entry.target_namespace != row.namespace || name != row.name;
    is_moved.then(|| format!("{}/{name}", entry.target_namespace))
}

fn version(row: &Row<'_>, detail: Option<&PlanDetail>) -> Option<String> {
    detail.and_then(|detail| detail.resource_version.clone()).filter(|_| secret::is_secret(row.ty))
}

fn named(row: &Row<'_>) -> String {
    if row.namespace.is_empty() {
        format!("{}/{}", row.ty, row.name)
    } else {
        format!("{}/{}/{}", row.ty, row.namespace, row.name)
    }
}

/// Plans what a file says, against the cluster as it is now. Unless `accept_drift`, what would be done about an object is
/// what the file says, or nothing. Writes nothing.
///
/// # Errors
/// [`EngineError::SavedPlan`], [`EngineError::OtherCluster`], and those of [`plan`].
pub async fn plan_saved(
    cluster: &Cluster,
    point: &Point,
    saved: &SavedPlan,
    accept_drift: bool,
    context: &Context,
) -> Result<RestorePlan, EngineError> {
    if PointIdentity::of(point) != saved.point {
        return Err(EngineError::other_point(&saved.point));
    }
    let request = saved.request()?;
    let mut plan = plan(cluster, point, &request, context).await?;
    if let (Some(then), Some(now)) = (&saved.cluster_uid, &plan.cluster_uid)
        && then != now
    {
        let (then, now) = (saved.cluster.clone(), cluster.name().to_owned());
        return Err(EngineError::OtherCluster { then, now });
    }
    let mut reviewed: HashMap<&str, &SavedEntry> =
        saved.entries.iter().map(|entry| (entry.object.as_str(), entry)).collect();
    let mut drifted = 0;
    for at in 0..plan.entries.len() {
        let row = plan.row(&plan.entries[at]);
        let then = reviewed.remove(named(&row).as_str());
        let drift = drift(then, &row, &plan.entries[at]);
        let entry = &mut plan.entries[at];
        let Some(drift) = drift else { continue };
        drifted += 1;
        let detail = entry.detail.get_or_insert_default();
        if accept_drift {
            let reason = detail.reason.take().map(|reason| format!("; {reason}")).unwrap_or_default();
            detail.reason = Some(format!("{drift}{reason}"));
        } else {
            entry.action = Action::Blocked;
            detail.reason =
                Some(format!("{drift}; plan it again, or run it as it is now with --accept-drift"));
        }
    }
    if let Some(object) = reviewed.keys().min() {
        return Err(SavedPlanError::Unknown((*object).to_owned()).into());
    }
    Box::pin(spare_sets(&mut plan, context)).await?;
    plan.strict = !accept_drift;
    plan.forget_idle_namespaces();
    if drifted > 0 {
        plan.warnings.push(format!("{drifted} objects are not any more as they were planned"));
    }
    Ok(plan)
}

/// How an entry that would be written differs from what was looked at.
fn drift(then: Option<&SavedEntry>, row: &Row<'_>, now: &PlanEntry) -> Option<String> {
    if !now.action.writes() {
        return None;
    }
    let would = format!("{:?}", now.action);
    let Some(then) = then else {
        return Some(format!("it is not in the saved plan, and would get {would} now"));
    };
    let changes = now.detail.as_deref().map_or(&[][..], |detail| &detail.changes);
    let creates = |action| matches!(action, Action::Create | Action::Unchecked);
    // What is Unchecked now may be there by now, unless it was so when it was looked at.
    let same_action =
        then.action == now.action || (then.action == Action::Unchecked && now.action == Action::Create);
    if then.target != target(row, now) {
        return Some("it would go elsewhere than the saved plan says".to_owned());
    }
    let as_chosen = then.policy.is_some() && !creates(then.action) && !creates(now.action);
    if !same_action && !as_chosen {
        return Some(format!(
            "it changed since the plan was saved: it was {:?} then, and would get {would} now",
            then.action
        ));
    }
    if then.changes != changes {
        return Some(format!(
            "it changed since the plan was saved: it differed in {} fields then, and in {} others now",
            then.changes.len(),
            changes.len()
        ));
    }
    let now_version = version(row, now.detail.as_deref());
    (then.resource_version != now_version).then(|| "it was written since the plan was saved".to_owned())
}
