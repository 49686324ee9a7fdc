//! What recreating an object would delete with it.
//!
//! Deleting an object deletes what it owns, and what that owns. What a built-in controller makes again is no loss; anything
//! else would be, above all claims with their data. So an object with such dependents is not recreated.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use holdfast_model::plan::{Action, PlanEntry};
use holdfast_model::resource::ResourceType;
use holdfast_store::{Index, RowId};

use super::census::{Counted, Uncounted, count};
use super::live::Live;
use crate::context::Context;
use crate::error::EngineError;

/// What the controllers of its owners make again.
const MADE_AGAIN: [(&str, &str); 4] = [
    ("", "pods"),
    ("apps", "replicasets"),
    ("apps", "controllerrevisions"),
    ("discovery.k8s.io", "endpointslices"),
];

/// Blocks the entries that would be recreated and own something that would be lost.
pub(super) async fn spare_the_owned(
    live: &Live<'_>,
    index: &Index,
    entries: &mut [PlanEntry],
    context: &Context,
) -> Result<(), EngineError> {
    let mut places: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.action == Action::Recreate) {
        places.entry(Arc::clone(&entry.target_namespace)).or_default().push(at);
    }
    for (namespace, recreated) in places {
        // Dependents are in the owner's namespace; those of a cluster-scoped owner may be anywhere.
        let namespace = Some(&*namespace).filter(|name| !name.is_empty());
        let types = live.discovery.types.iter().map(|served| &served.ty);
        let kinds: Vec<&ResourceType> = types.filter(|ty| ty.namespaced || namespace.is_none()).collect();
        let counted = match count(live, kinds, namespace, context).await {
            Ok(counted) => Ok(counted),
            Err(Uncounted::Kind(words)) => Err(words),
            Err(Uncounted::All(error)) => return Err(error),
        };
        for at in recreated {
            let entry = &mut entries[at];
            let Some(row) = index.row(RowId(entry.row)) else { continue };
            let name = entry.target_name.as_deref().unwrap_or(row.name);
            let lost = match &counted {
                Ok(counted) => lost_with(counted, &row.ty.group_kind(), name),
                Err(words) => Some(words.clone()),
            };
            if let Some(lost) = lost {
                entry.action = Action::Blocked;
                let reason = format!(
                    "to recreate it would also delete what it owns: {lost}. Choose patch, or delete it yourself first"
                );
                entry.detail.get_or_insert_default().reason = Some(reason);
            }
        }
    }
    Ok(())
}

/// The first object that goes with an owner and is not made again.
fn lost_with(counted: &[Counted<'_>], kind: &str, name: &str) -> Option<String> {
    let owned_by_it = |object: &&Counted<'_>| {
        object.owners.iter().any(|owner| owner.group_kind() == kind && owner.name == name)
    };
    let mut fresh: Vec<&Counted<'_>> = counted.iter().filter(owned_by_it).collect();
    let mut seen: HashSet<&str> = HashSet::new();
    while let Some(object) = fresh.pop() {
        if !seen.insert(&object.uid) {
            continue;
        }
        if !MADE_AGAIN.iter().any(|(group, plural)| object.ty.is(group, plural)) {
            return Some(format!("{} {}", object.ty, object.name));
        }
        fresh.extend(counted.iter().filter(|other| other.owners.iter().any(|owner| owner.uid == object.uid)));
    }
    None
}
