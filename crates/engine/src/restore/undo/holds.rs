//! What lives in a namespace, or of a definition, that the restore did not make.

use std::collections::{HashMap, HashSet};

use holdfast_model::resource::ResourceType;
use holdfast_model::volume::SNAPSHOT_GROUP;

use super::super::census::{Counted, Uncounted, count};
use super::super::journal::TargetObject;
use super::super::live::Live;
use crate::context::Context;
use crate::error::EngineError;
use crate::snapshots::HELPER_PREFIX;

/// Objects that are named; of the others there is only "and others".
const NAMED: usize = 3;

/// Kinds whose objects controllers keep making in every namespace, and events, which say what happened to others.
const INCIDENTAL: [(&str, &str); 6] = [
    ("", "events"),
    ("events.k8s.io", "events"),
    ("", "endpoints"),
    ("discovery.k8s.io", "endpointslices"),
    ("coordination.k8s.io", "leases"),
    ("metrics.k8s.io", "pods"),
];

/// What the restore created, in whatever version: group, plural, namespace and name, with the UID where it is known.
#[derive(Debug, Default)]
pub(super) struct Created(HashMap<(String, String, String, String), Option<String>>);

impl Created {
    pub fn add(&mut self, object: &TargetObject, uid: Option<String>) {
        self.0.insert(key(&object.ty, &object.namespace, &object.name), uid);
    }

    fn contains(&self, ty: &ResourceType, namespace: &str, name: &str, uid: &str) -> bool {
        self.0
            .get(&key(ty, namespace, name))
            .is_some_and(|known| known.as_ref().is_none_or(|known| known == uid))
    }
}

fn key(ty: &ResourceType, namespace: &str, name: &str) -> (String, String, String, String) {
    (ty.group.clone(), ty.plural.clone(), namespace.to_owned(), name.to_owned())
}

/// Names what `object`, a Namespace or a definition, holds beside what the restore `created`, or what could not be looked at;
/// `None` where that is nothing, or for other kinds.
pub(super) async fn others_in(
    live: &Live<'_>,
    object: &TargetObject,
    created: &Created,
    context: &Context,
) -> Result<Option<String>, EngineError> {
    let types = live.discovery.types.iter().map(|served| &served.ty);
    let namespace = object.ty.is("", "namespaces").then_some(object.name.as_str());
    let kinds: Vec<&ResourceType> = if namespace.is_some() {
        types
            .filter(|ty| ty.namespaced && !INCIDENTAL.iter().any(|(group, plural)| ty.is(group, plural)))
            .collect()
    } else if object.ty.is("apiextensions.k8s.io", "customresourcedefinitions") {
        types.filter(|ty| ty.to_string() == object.name).collect()
    } else {
        return Ok(None);
    };
    if let Some(silent) = live.discovery.unavailable.first().filter(|_| namespace.is_some()) {
        return Ok(Some(format!("objects of {}, which does not answer", silent.group_version)));
    }
    let found = match count(live, kinds, namespace, context).await {
        Ok(found) => found,
        Err(Uncounted::Kind(words)) => return Ok(Some(words)),
        Err(Uncounted::All(error)) => return Err(error),
    };
    // In a namespace, what has an owner there goes with it, and the owner is looked at itself. What the restore created may
    // be deleted by now, and what it owned not yet.
    let mut here: HashSet<&str> = found.iter().map(|found| found.uid.as_str()).collect();
    here.extend(created.0.values().flatten().map(String::as_str));
    let goes_along = |found: &Counted<'_>| {
        namespace.is_some() && found.owners.iter().any(|owner| here.contains(owner.uid.as_str()))
    };
    // Every namespace gets these by itself.
    let by_itself = |found: &Counted<'_>| {
        (found.ty.is("", "configmaps") && found.name == "kube-root-ca.crt")
            || (found.ty.is("", "serviceaccounts") && found.name == "default")
    };
    // What fills a claim until its first pod comes is nobody's; without the claim it is of no use.
    let fills_a_claim = |found: &Counted<'_>| {
        found.ty.is(SNAPSHOT_GROUP, "volumesnapshots") && found.name.starts_with(HELPER_PREFIX)
    };
    let is_other = |found: &&Counted<'_>| {
        !created.contains(found.ty, &found.namespace, &found.name, &found.uid)
            && !by_itself(found)
            && !goes_along(found)
            && !fills_a_claim(found)
    };
    let mut others: Vec<String> =
        found.iter().filter(is_other).map(|found| format!("{} {}", found.ty, found.name)).collect();
    if others.is_empty() {
        return Ok(None);
    }
    others.sort_unstable();
    let more = if others.len() > NAMED { " and others" } else { "" };
    others.truncate(NAMED);
    Ok(Some(format!("{}{more}", others.join(", "))))
}
