//! Clearing up what restores left: a claim that got its pod later, a run that was killed.
//!
//! Nothing here deletes a snapshot. The contents are of policy Retain, and one that somebody gave the policy Delete is left.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{StreamExt, stream};
use holdfast_cluster::{Cluster, ListRequest};
use holdfast_model::resource::ResourceType;
use holdfast_store::Vault;
use holdfast_store::job::{JobId, JobState, Jobs, LogLevel};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::bring::vault_value;
use crate::context::Context;
use crate::error::EngineError;
use crate::restore::journal::Journal;
use crate::restore::run::Run;
use crate::snapshots::static_content::{release, remove_content};
use crate::snapshots::{CLAIM_ANNOTATION, RESTORE_LABEL, SnapshotApi, VAULT_LABEL, objects};

/// What a claim waits for that is not made yet may belong to a restore that runs. Where the vault does not tell of it, as of those
/// that are kept in none, it is taken for ended when it took longer than this from a snapshot to its claim.
const MAY_BE_RUNNING: SignedDuration = SignedDuration::from_mins(15);
/// How long one may take to go.
const PATIENCE: Duration = Duration::from_mins(1);
const AT_ONCE: usize = 16;

/// One object that a restore left.
struct Helper {
    name: String,
    /// The job that made it.
    job: String,
    /// Namespace and name of the claim that it is for.
    claim: (String, String),
    created: Option<Timestamp>,
}

/// Removes what restores from a vault made for claims that need it no more: they are bound, or gone, or were never made. The
/// snapshots stay. Returns for how many claims something was removed.
///
/// # Errors
/// Fails when the cluster cannot be read, and on cancellation. A cluster without CSI snapshots has nothing to remove.
pub async fn sweep_restores(cluster: &Cluster, vault: &Vault, context: &Context) -> Result<u64, EngineError> {
    let discovery = context.run(cluster.discover()).await?;
    let claims =
        discovery.types.iter().map(|served| &served.ty).find(|ty| ty.is("", "persistentvolumeclaims"));
    let (Some(api), Some(claims)) = (SnapshotApi::of(&discovery), claims) else { return Ok(0) };
    let jobs = vault.jobs();
    let swept = Swept { vault: &vault_value(vault.id()), except: None, jobs: Some(&jobs) };
    sweep(cluster, &api, claims, &swept, context).await
}

/// Whose leftovers are swept.
pub(super) struct Swept<'a> {
    /// The vault that they were restored from, as the value of its label.
    pub vault: &'a str,
    /// The job whose are not.
    pub except: Option<&'a str>,
    /// Where jobs are asked for.
    pub jobs: Option<&'a Jobs>,
}

async fn sweep(
    cluster: &Cluster,
    api: &SnapshotApi,
    claims: &ResourceType,
    swept: &Swept<'_>,
    context: &Context,
) -> Result<u64, EngineError> {
    let vault = swept.vault;
    let but = swept.except.map(|job| format!(",{RESTORE_LABEL}!={job}")).unwrap_or_default();
    let selector = format!("{RESTORE_LABEL},{VAULT_LABEL}={vault}{but}");
    let helpers = helpers(cluster, &api.contents, &selector, context).await?;
    let mut names: std::collections::HashSet<String> = helpers.iter().map(|h| h.name.clone()).collect();
    let mut todo = helpers;
    // A content that somebody removed leaves its VolumeSnapshot. Whoever may not see those of all namespaces has no part in it.
    let snapshots = self::helpers(cluster, &api.snapshots, &selector, context).await;
    todo.extend(snapshots.unwrap_or_default().into_iter().filter(|helper| names.insert(helper.name.clone())));
    let running = running(swept.jobs, &todo, context).await?;
    let removing: Vec<_> = todo
        .into_iter()
        .map(|helper| {
            let running = running.get(&helper.job).copied();
            remove(cluster, api, claims, helper, running, context)
        })
        .collect();
    let removed: Vec<Result<bool, EngineError>> =
        stream::iter(removing).buffer_unordered(AT_ONCE).collect().await;
    let mut count = 0;
    for removed in removed {
        count += u64::from(removed?);
    }
    Ok(count)
}

impl Run<'_> {
    /// Removes what earlier restores left, where this one may; that is not what was asked of it, so it fails silently.
    pub(in crate::restore) async fn sweep_earlier(&self) {
        let claims = self.live.type_of_kind("PersistentVolumeClaim");
        let (Some(api), Some(claims)) = (&self.helpers.api, claims) else { return };
        if self.stop().is_cancelled() {
            return;
        }
        let swept = Swept {
            vault: &self.helpers.vault,
            except: Some(&self.helpers.job),
            jobs: self.journal.map(Journal::jobs),
        };
        match sweep(self.live.cluster, api, claims, &swept, self.context).await {
            Ok(0) => {}
            Ok(count) => {
                let message = format!("removed what earlier restores had left for {count} claims");
                self.context.log(LogLevel::Info, message);
            }
            Err(error) => tracing::debug!("earlier restores were not cleared up after: {error}"),
        }
    }
}

async fn helpers(
    cluster: &Cluster,
    ty: &ResourceType,
    selector: &str,
    context: &Context,
) -> Result<Vec<Helper>, EngineError> {
    let mut request = ListRequest::all(ty.clone());
    request.label_selector = Some(selector.to_owned());
    let found = objects::list(cluster, request, None, context).await??;
    Ok(found.iter().filter_map(helper).collect())
}

/// Which jobs run, and which have ended; those that the vault does not know are not among them.
async fn running(
    jobs: Option<&Jobs>,
    helpers: &[Helper],
    context: &Context,
) -> Result<BTreeMap<String, bool>, EngineError> {
    let mut running = BTreeMap::new();
    let Some(jobs) = jobs else { return Ok(running) };
    let known: BTreeSet<&str> = helpers.iter().map(|helper| helper.job.as_str()).collect();
    for job in known {
        let Ok(id) = job.parse::<JobId>() else { continue };
        context.check()?;
        if let Ok(found) = jobs.get(&id).await
            && found.record.state != JobState::Unknown
        {
            running.insert(job.to_owned(), found.record.state == JobState::Running);
        }
    }
    Ok(running)
}

fn helper(object: &Value) -> Option<Helper> {
    let metadata = object.get("metadata")?;
    let claim = metadata.get("annotations")?.get(CLAIM_ANNOTATION)?.as_str()?;
    let (namespace, claim) = claim.split_once('/')?;
    // Ours retain their snapshots.
    if object.pointer("/spec/deletionPolicy").is_some_and(|policy| policy != "Retain") {
        return None;
    }
    Some(Helper {
        name: metadata.get("name")?.as_str()?.to_owned(),
        job: metadata.get("labels")?.get(RESTORE_LABEL)?.as_str()?.to_owned(),
        claim: (namespace.to_owned(), claim.to_owned()),
        created: metadata.get("creationTimestamp").and_then(Value::as_str).and_then(|time| time.parse().ok()),
    })
}

async fn remove(
    cluster: &Cluster,
    api: &SnapshotApi,
    claims: &ResourceType,
    helper: Helper,
    running: Option<bool>,
    context: &Context,
) -> Result<bool, EngineError> {
    let (namespace, claim) = &helper.claim;
    let found = context.run(cluster.get(claims, Some(namespace), claim)).await?;
    let found: Option<Value> = found.and_then(|json| serde_json::from_slice(&json).ok());
    if is_needed(found.as_ref(), &helper, running, context.now()) {
        return Ok(false);
    }
    let removing = async {
        match tokio::time::timeout(PATIENCE, release(cluster, api, namespace, &helper.name)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => remove_content(cluster, api, &helper.name).await,
        }
    };
    context.run(removing).await?;
    Ok(true)
}

/// Whether a claim still is to be filled by it; `running` says whether its restore runs, where that is known.
fn is_needed(claim: Option<&Value>, helper: &Helper, running: Option<bool>, now: Timestamp) -> bool {
    let is_bound =
        claim.is_some_and(|claim| claim.pointer("/status/phase").and_then(Value::as_str) == Some("Bound"));
    let source = claim.and_then(|claim| claim.pointer("/spec/dataSource/name")).and_then(Value::as_str);
    if is_bound {
        return false;
    }
    if source == Some(helper.name.as_str()) {
        return true;
    }
    // The claim is not there, or is another one.
    let is_new = || helper.created.is_none_or(|created| now.duration_since(created) < MAY_BE_RUNNING);
    running.unwrap_or_else(is_new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_claim_waits_for_stays_and_what_nobody_can_be_waiting_for_goes() {
        let now: Timestamp = "2026-11-25T15:20:00Z".parse().unwrap();
        let object = |created: &str| {
            json!({"metadata": {"name": "holdfast-1", "creationTimestamp": created, "labels": {RESTORE_LABEL: "j"},
                "annotations": {CLAIM_ANNOTATION: "shop/data"}}, "spec": {"deletionPolicy": "Retain"}})
        };
        let old = helper(&object("2026-11-25T15:00:00Z")).unwrap();
        let new = helper(&object("2026-11-25T15:10:00Z")).unwrap();
        assert_eq!(old.claim, ("shop".to_owned(), "data".to_owned()));
        let claim = |phase: &str, source: &str| json!({"spec": {"dataSource": {"name": source}}, "status": {"phase": phase}});
        assert!(!is_needed(Some(&claim("Bound", "holdfast-1")), &new, Some(true), now));
        assert!(is_needed(Some(&claim("Pending", "holdfast-1")), &old, Some(false), now));
        assert!(!is_needed(Some(&claim("Pending", "holdfast-2")), &old, None, now));
        assert!(!is_needed(None, &old, None, now));
        assert!(is_needed(None, &new, None, now), "its restore may be about to make the claim");
        assert!(is_needed(None, &old, Some(true), now), "it is only slow");
        assert!(!is_needed(None, &new, Some(false), now));
        let mut deleting = object("2026-11-25T15:00:00Z");
        deleting["spec"]["deletionPolicy"] = json!("Delete");
        assert!(helper(&deleting).is_none());
    }
}
