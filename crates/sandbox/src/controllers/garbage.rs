//! Deleting an object with everything that it owns or holds.

use std::collections::HashSet;

use serde_json::Value;

use crate::kinds;
use crate::world::{Key, Transaction, World};

/// Deletes an object, what is in it (of a Namespace or a definition), and what only they own.
pub(crate) fn delete(transaction: &mut Transaction<'_>, key: &Key) {
    let world = &*transaction.world;
    let mut doomed: Vec<Key> = vec![key.clone()];
    if key.is("", "namespaces") {
        doomed.extend(world.objects().map(|(k, _)| k).filter(|k| k.namespace == key.name).cloned());
    }
    if key.is("apiextensions.k8s.io", "customresourcedefinitions")
        && let Some((plural, group)) = key.name.split_once('.')
    {
        doomed.extend(world.list(group, plural, None).map(|(k, _)| k.clone()));
    }
    let mut living: HashSet<String> = world.objects().filter_map(|(_, object)| uid(object)).collect();
    let mut listed: HashSet<Key> = doomed.iter().cloned().collect();
    let mut fresh = doomed.clone();
    while !fresh.is_empty() {
        for uid in fresh.iter().filter_map(|key| uid(world.get(key)?)) {
            living.remove(&uid);
        }
        fresh = world
            .objects()
            .filter(|(key, object)| !listed.contains(*key) && abandoned(object, |uid| living.contains(uid)))
            .map(|(key, _)| key.clone())
            .collect();
        listed.extend(fresh.iter().cloned());
        doomed.extend(fresh.iter().cloned());
    }
    for key in doomed {
        transaction.delete(&key);
    }
}

/// Whether an object has owners and none of them is there: its UIDs are of another cluster, or of another time.
pub(super) fn is_abandoned(world: &World, key: &Key, object: &Value) -> bool {
    let references = object.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    references.is_some_and(|references| {
        !references.is_empty()
            && !references.iter().any(|reference| {
                let owner = owner_key(world, &key.namespace, reference).and_then(|owner| world.get(&owner));
                owner.is_some_and(|owner| owner["metadata"]["uid"] == reference["uid"])
            })
    })
}

fn abandoned(object: &Value, lives: impl Fn(&str) -> bool) -> bool {
    let references = object.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    references.is_some_and(|references| {
        !references.is_empty() && !references.iter().any(|r| r["uid"].as_str().is_some_and(&lives))
    })
}

fn uid(object: &Value) -> Option<String> {
    object["metadata"]["uid"].as_str().map(str::to_owned)
}

/// Where the owner that a reference names would be.
pub(super) fn owner_key(world: &World, namespace: &str, reference: &Value) -> Option<Key> {
    let kind = kinds::of_reference(world, reference["apiVersion"].as_str()?, reference["kind"].as_str()?)?;
    let namespace = if kind.ty.namespaced { namespace } else { "" };
    Some(Key::new(&kind.ty.group, &kind.ty.plural, namespace, reference["name"].as_str()?))
}
