//! What undoing would do about each object. Writes nothing.

use std::collections::HashSet;

use futures::{StreamExt, TryStreamExt, stream};
use holdfast_cluster::Cluster;
use holdfast_model::patch::exact_difference;
use holdfast_model::plan::{Action, changes};
use holdfast_model::report::Outcome;
use holdfast_model::target;
use holdfast_model::wave::Wave;
use holdfast_store::Point;
use serde_json::{Map, Value};

use super::super::REQUESTS_AT_ONCE;
use super::super::journal::{Past, TargetObject, manager};
use super::super::live::Live;
use super::super::plan::marked;
use super::super::resume::{Earlier, check_cluster};
use super::holds::others_in;
use super::{UndoEntry, UndoPlan};
use crate::context::Context;
use crate::error::EngineError;

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
    let done: HashSet<TargetObject> = objects
        .iter()
        .filter(|(_, past)| past.kept.is_none() && past.outcome == Some(Outcome::Created))
        .map(|(object, _)| object.clone())
        .collect();
    context.phase("comparing", Some(objects.len() as u64));
    let planner = Planner { live: &live, created: &done, context };
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
    let (plan, marked) = marked(cluster, point, &history.head.request, marks, context).await?;
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
    created: &'a HashSet<TargetObject>,
    context: &'a Context,
}

impl Planner<'_> {
    async fn entry(&self, object: TargetObject, past: Past) -> Result<UndoEntry, EngineError> {
        let namespace = Some(object.namespace.as_str()).filter(|_| object.ty.namespaced);
        let found = self.context.run(self.live.cluster.get(&object.ty, namespace, &object.name)).await;
        let found = match found {
            Ok(found) => found,
            // The definition went, and with it all its objects.
            Err(EngineError::Api(error)) if error.is_not_found() => None,
            Err(error) => return Err(error),
        };
        self.context.advance(1, 0, None);
        let live: Option<Value> = found.and_then(|json| serde_json::from_slice(&json).ok());
        let mut entry = UndoEntry {
            object,
            action: Action::Skip,
            reason: None,
            changes: Vec::new(),
            patch: None,
            before: None,
            live: live
                .as_ref()
                .map(|live| (text(live, "/metadata/uid"), text(live, "/metadata/resourceVersion"))),
        };
        match (&past.kept, live) {
            (None, None) => {
                entry.action = Action::Identical;
                entry.reason = Some("it is gone already".to_owned());
            }
            (None, Some(live)) => self.created(&mut entry, &past, &live).await?,
            (Some(kept), None) => {
                entry.action = Action::Create;
                entry.reason = Some("it was there before the restore, and is gone".to_owned());
                entry.before = Some(self.before(&entry.object, kept).await?);
            }
            (Some(kept), Some(live)) => self.changed(&mut entry, &past, kept, live).await?,
        }
        Ok(entry)
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
                let reason = if is_claim {
                    "the restore created it; what was written to it since goes with it"
                } else {
                    "the restore created it"
                };
                entry.reason = Some(reason.to_owned());
            }
        }
        Ok(())
    }

    /// Decides about an object that was there before.
    async fn changed(
        &self,
        entry: &mut UndoEntry,
        past: &Past,
        kept: &Value,
        mut live: Value,
    ) -> Result<(), EngineError> {
        let ty = &entry.object.ty;
        let mut before = kept.clone();
        let owners = owners_to_keep(kept, &live);
        target::strip(ty, &mut before);
        target::strip(ty, &mut live);
        for key in ["apiVersion", "kind"] {
            before[key] = live[key].clone();
        }
        let mut patch = exact_difference(&before, &live);
        if let Some(patch) = &patch {
            entry.changes = changes(ty, patch, &live);
        }
        if let Some(owners) = owners {
            let patch = patch.get_or_insert_with(|| Value::Object(Map::new()));
            patch["metadata"]["ownerReferences"] = owners;
        }
        let Some(patch) = patch else {
            entry.action = Action::Identical;
            entry.reason = Some("it is as it was before the restore".to_owned());
            return Ok(());
        };
        if past.outcome == Some(Outcome::Recreated) {
            entry.action = Action::Recreate;
            entry.reason = Some("the restore deleted it and created it anew; so does this".to_owned());
            entry.before = Some(self.before(&entry.object, kept).await?);
        } else {
            entry.action = Action::Patch;
            entry.reason = Some("gets what it had before the restore".to_owned());
            entry.patch = Some(patch);
        }
        Ok(())
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

/// The owner references without those that came since; `None` where none came. Null removes them all.
fn owners_to_keep(kept: &Value, live: &Value) -> Option<Value> {
    let had = kept.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    let has = live.pointer("/metadata/ownerReferences").and_then(Value::as_array)?;
    let is_old = |new: &&Value| had.is_some_and(|had| had.iter().any(|old| old["uid"] == new["uid"]));
    let stay: Vec<Value> = has.iter().filter(is_old).cloned().collect();
    match (stay.len() == has.len(), stay.is_empty()) {
        (true, _) => None,
        (false, true) => Some(Value::Null),
        (false, false) => Some(Value::from(stay)),
    }
}

fn text(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
