//! What undoing would do about each object. Writes nothing.

use futures::{StreamExt, TryStreamExt, stream};
use holdfast_cluster::Cluster;
use holdfast_model::plan::Action;
use holdfast_model::report::Outcome;
use holdfast_model::target;
use holdfast_model::wave::Wave;
use holdfast_store::Point;
use serde_json::Value;

use super::super::REQUESTS_AT_ONCE;
use super::super::journal::{Past, TargetObject, manager};
use super::super::live::{Live, Served};
use super::super::plan::marked;
use super::super::resume::{Earlier, check_cluster};
use super::change::put_back;
use super::holds::{Created, others_in};
use super::{UndoEntry, UndoPlan};
use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};

/// Plans the undoing of a restore. `point` is what it restored from, where that is still there: after a run that was
/// killed, what it made last is found with it.
///
/// # Errors
/// Fails when the cluster or the point cannot be read, when it is another cluster, and on cancellation.
pub async fn plan_undo(
    cluster: &Cluster,
    earlier: &Earlier,
    point: Option<&Point>,
    context: &Context,
) -> Result<UndoPlan, EngineError> {
    let history = earlier.history();
    let uid = context.run(super::super::plan::cluster_uid(cluster)).await?;
    check_cluster(&history.head, uid.as_deref(), cluster)?;
    let mut warnings = Vec::new();
    let mut objects: Vec<(TargetObject, Past)> =
        history.objects.iter().map(|(object, past)| (object.clone(), past.clone())).collect();
    if !history.whole {
        match point {
            Some(point) => objects.extend(unnoted(cluster, earlier, point, context).await?),
            None => warnings.push(
                "the restore was killed, and its recovery point is gone: what it made last may not be in this plan"
                    .to_owned(),
            ),
        }
    }
    let live = Live::look(cluster, context).await?;
    let mut created = Created::default();
    for (object, past) in &objects {
        if past.outcome == Some(Outcome::Created) {
            created.add(object, past.uid.clone());
        }
    }
    context.phase("comparing", Some(objects.len() as u64));
    let marks: Vec<String> = history.jobs.iter().map(manager).collect();
    let planner = Planner { live: &live, created: &created, marks, context };
    let planning: Vec<_> = objects.into_iter().map(|(object, past)| planner.entry(object, past)).collect();
    let mut entries: Vec<UndoEntry> =
        stream::iter(planning).buffer_unordered(REQUESTS_AT_ONCE).try_collect().await?;
    entries.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(UndoPlan { jobs: history.jobs.clone(), head: history.head.clone(), entries, warnings })
}

/// What a killed run created without being able to note it.
async fn unnoted(
    cluster: &Cluster,
    earlier: &Earlier,
    point: &Point,
    context: &Context,
) -> Result<Vec<(TargetObject, Past)>, EngineError> {
    let history = earlier.history();
    let marks = history.jobs.iter().map(manager).collect();
    let (plan, marked) = Box::pin(marked(cluster, point, &history.head.request, marks, context)).await?;
    let mut found = Vec::new();
    for (row, uid) in marked {
        let Some(entry) = plan.entries.iter().find(|entry| entry.row == row.0) else { continue };
        let row = plan.row(entry);
        let object = TargetObject {
            ty: row.ty.clone(),
            namespace: entry.target_namespace.to_string(),
            name: entry.target_name.as_deref().unwrap_or(row.name).to_owned(),
        };
        if !history.objects.contains_key(&object) {
            found.push((object, Past { outcome: Some(Outcome::Created), uid: Some(uid), kept: None }));
        }
    }
    Ok(found)
}

/// Where an entry stands: a restore's own webhooks first, then what is put back, then what is deleted, backwards.
fn order(entry: &UndoEntry) -> (u8, i8, &TargetObject) {
    let wave = Wave::of(&entry.object.ty);
    let position = i8::try_from(Wave::ALL.iter().position(|w| *w == wave).unwrap_or_default()).unwrap_or(0);
    match entry.action {
        Action::Delete if wave == Wave::Interception => (0, 0, &entry.object),
        Action::Delete => (2, -position, &entry.object),
        _ => (1, position, &entry.object),
    }
}

struct Planner<'a> {
    live: &'a Live<'a>,
    /// What the restore created, and undoing deletes.
    created: &'a Created,
    /// What the restore left on objects that it created.
    marks: Vec<String>,
    context: &'a Context,
}

impl Planner<'_> {
    async fn entry(&self, mut object: TargetObject, past: Past) -> Result<UndoEntry, EngineError> {
        let served = match self.live.served(&object.ty) {
            Served::Yes => Some(object.ty.clone()),
            Served::InOtherVersions(other) => Some(other.ty.clone()),
            Served::No => None,
        };
        // What was kept in one version says nothing about another.
        let kept_otherwise = past.kept.is_some() && served.as_ref().is_some_and(|ty| *ty != object.ty);
        let found = match &served {
            // The definition went, and with it all its objects.
            None => Ok(None),
            Some(ty) => {
                object.ty.clone_from(ty);
                let namespace = Some(object.namespace.as_str()).filter(|_| ty.namespaced);
                self.context.run(self.live.cluster.get(ty, namespace, &object.name)).await
            }
        };
        self.context.advance(1, 0, None);
        let (found, unread) = match found {
            Ok(found) => (found, None),
            Err(EngineError::Api(error)) if !is_cluster_lost(&error) => (None, Some(error.to_string())),
            Err(error) => return Err(error),
        };
        let live: Option<Value> = found.and_then(|json| serde_json::from_slice(&json).ok());
        let identity = |live: &Value| (text(live, "/metadata/uid"), text(live, "/metadata/resourceVersion"));
        let mut entry = UndoEntry {
            object,
            action: Action::Skip,
            reason: None,
            changes: Vec::new(),
            kept: None,
            released: Vec::new(),
            before: None,
            live: live.as_ref().map(identity),
        };
        match (unread, &past.kept, live) {
            (Some(error), ..) => {
                entry.action = Action::Blocked;
                entry.reason = Some(format!("it cannot be read: {error}"));
            }
            _ if kept_otherwise => {
                entry.action = Action::Blocked;
                entry.reason =
                    Some("the target serves it only in another version than it was kept in".to_owned());
            }
            (None, None, None) => {
                entry.action = Action::Identical;
                entry.reason = Some("it is gone already".to_owned());
            }
            (None, None, Some(live)) => self.created(&mut entry, &past, &live).await?,
            (None, Some(kept), None) => self.gone(&mut entry, served.is_some(), kept).await?,
            (None, Some(kept), Some(live)) => self.changed(&mut entry, &past, kept, &live).await?,
        }
        Ok(entry)
    }

    /// Decides about an object that was there before, and is not.
    async fn gone(&self, entry: &mut UndoEntry, served: bool, kept: &Value) -> Result<(), EngineError> {
        let held_data = entry.object.ty.is("", "persistentvolumeclaims")
            && kept.pointer("/spec/volumeName").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
        if held_data {
            entry.reason = Some("it is gone, and its data with it; made again it would be empty".to_owned());
        } else if served {
            entry.action = Action::Create;
            entry.reason = Some("it was there before the restore, and is gone".to_owned());
            entry.before = Some(self.before(&entry.object, kept).await?);
        } else {
            entry.action = Action::Blocked;
            entry.reason = Some(format!("it is gone, and the target serves no {} any more", entry.object.ty));
        }
        Ok(())
    }

    /// Decides about an object that the restore created.
    async fn created(&self, entry: &mut UndoEntry, past: &Past, live: &Value) -> Result<(), EngineError> {
        if past.outcome != Some(Outcome::Created) {
            entry.reason = Some("how far the restore came with it is not known".to_owned());
        } else if past.uid.as_deref().is_some_and(|uid| uid != text(live, "/metadata/uid")) {
            entry.reason = Some("another object of this name was made since; it is left alone".to_owned());
        } else if live.pointer("/metadata/deletionTimestamp").is_some() {
            entry.action = Action::Identical;
            entry.reason = Some("it is being deleted already".to_owned());
        } else {
            let others = others_in(self.live, &entry.object, self.created, self.context).await?;
            if let Some(others) = others {
                entry.reason = Some(format!(
                    "it holds what the restore did not make, and deleting it would delete that too: {others}"
                ));
            } else {
                entry.action = Action::Delete;
                let is_claim = entry.object.ty.is("", "persistentvolumeclaims");
                let is_filled = text(live, "/spec/dataSource/kind") == "VolumeSnapshot";
                let reason = if is_claim && is_filled {
                    "the restore created it from a snapshot, which stays; its volume goes by its reclaim policy, and with it \
                     what was written to it since"
                } else if is_claim {
                    "the restore created it; what was written to it since goes with it"
                } else {
                    "the restore created it"
                };
                entry.reason = Some(reason.to_owned());
            }
        }
        Ok(())
    }

    /// Decides about an object that was there before, and is there.
    async fn changed(
        &self,
        entry: &mut UndoEntry,
        past: &Past,
        kept: &Value,
        live: &Value,
    ) -> Result<(), EngineError> {
        let Some(change) = put_back(&entry.object.ty, kept, live) else {
            entry.action = Action::Identical;
            entry.reason = Some("it is as it was before the restore".to_owned());
            return Ok(());
        };
        let before = text(kept, "/metadata/uid");
        let uid = text(live, "/metadata/uid");
        // The note of a run that was killed may be missing; its mark is not.
        let recreated = past.outcome == Some(Outcome::Recreated)
            || (past.outcome.is_none() && uid != before && self.is_marked(live));
        let expected = if recreated { past.uid.clone().unwrap_or_else(|| uid.clone()) } else { before };
        if uid != expected {
            entry.reason = Some("another object of this name was made since; it is left alone".to_owned());
            return Ok(());
        }
        entry.changes = change.changes;
        if recreated {
            entry.action = Action::Recreate;
            entry.reason = Some("the restore deleted it and created it anew; so does this".to_owned());
            entry.before = Some(self.before(&entry.object, kept).await?);
        } else {
            entry.action = Action::Patch;
            entry.reason = Some("gets what it had before the restore".to_owned());
            entry.released = change.released;
            entry.kept = Some(kept.clone());
        }
        Ok(())
    }

    fn is_marked(&self, live: &Value) -> bool {
        let fields = live.pointer("/metadata/managedFields").and_then(Value::as_array);
        let managers = fields.into_iter().flatten().filter_map(|entry| entry["manager"].as_str());
        managers.into_iter().any(|manager| self.marks.iter().any(|mark| mark == manager))
    }

    /// A kept object as it is sent when it is created again. Owners that are gone, or were made anew, are left out.
    async fn before(&self, object: &TargetObject, kept: &Value) -> Result<Value, EngineError> {
        let mut owners = Vec::new();
        let references = kept.pointer("/metadata/ownerReferences").and_then(Value::as_array);
        for (owner, reference) in
            super::super::form::owners(kept).iter().zip(references.into_iter().flatten())
        {
            let Some(ty) = self.live.type_of_kind(&owner.group_kind()) else { continue };
            let found = self.context.run(self.live.get(ty, &object.namespace, &owner.name)).await?;
            let found: Option<Value> = found.and_then(|json| serde_json::from_slice(&json).ok());
            if found.is_some_and(|found| text(&found, "/metadata/uid") == owner.uid) {
                owners.push(reference.clone());
            }
        }
        let mut before = kept.clone();
        target::strip(&object.ty, &mut before);
        before["apiVersion"] = Value::from(object.ty.api_version());
        before["kind"] = Value::from(object.ty.kind.as_str());
        if !owners.is_empty() {
            before["metadata"]["ownerReferences"] = Value::from(owners);
        }
        Ok(before)
    }
}

fn text(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
