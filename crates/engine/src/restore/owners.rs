//! Owner references: children get those of the recovery point with the owners' new UIDs.
//!
//! A child with a UID that is nobody's would be garbage-collected, so a child is
//! created with its owners if they are known by then, and gets them by a patch once
//! they are. Owners that are neither restored nor in the target are left out.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use holdfast_cluster::ApiError;
use holdfast_model::resource::ResourceType;
use holdfast_model::view::{ObjectView, OwnerReference};
use serde_json::Value;

use super::live::Live;

/// Kind (as `Kind.group`), namespace (empty for cluster-scoped) and name of an owner in the target.
type Key = (String, String, String);

/// What is known of owners during one run.
#[derive(Default)]
pub(super) struct Owners {
    /// Owners whose UIDs will be asked for; others are not worth parsing the answers for.
    expected: HashSet<Key>,
    known: Mutex<HashMap<Key, Option<String>>>,
}

/// How an owner is looked for that this run has not noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// The first answer counts for the whole run: many children may name the same owner.
    Once,
    /// What was not there before may have been made since; only managing controllers are noted as they are made.
    Anew,
}

/// The owner references of one child, as far as they can be written now.
pub(super) struct Resolved {
    pub references: Vec<Value>,
    /// Whether some owner is not there yet.
    pub incomplete: bool,
}

impl Owners {
    pub fn new(expected: HashSet<Key>) -> Self {
        Self { expected, known: Mutex::default() }
    }

    /// Notes the UID of a new object where it is somebody's owner.
    pub fn created(&self, kind: &str, namespace: &str, name: &str, answer: &[u8]) {
        let key = (kind.to_owned(), namespace.to_owned(), name.to_owned());
        if !self.expected.contains(&key) {
            return;
        }
        if let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(answer) {
            self.remember(key, view.metadata.uid.map(std::borrow::Cow::into_owned));
        }
    }

    fn remember(&self, key: Key, uid: Option<String>) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, uid);
    }

    /// Brings the owners of a child in `namespace` to their UIDs in the target. `owners` carry what the child
    /// had; the stored JSON of each keeps `controller` and `blockOwnerDeletion`. `types` are those of the
    /// recovery point.
    pub async fn resolve(
        &self,
        live: &Live<'_>,
        types: &[ResourceType],
        owners: &[OwnerReference],
        stored: &[Value],
        namespace: &str,
        asking: Asking,
    ) -> Result<Resolved, ApiError> {
        let mut resolved = Resolved { references: Vec::new(), incomplete: false };
        for (owner, stored) in owners.iter().zip(stored) {
            match self.uid(live, types, owner, namespace, asking).await? {
                Some(uid) => {
                    let mut reference = stored.clone();
                    reference["uid"] = Value::from(uid);
                    resolved.references.push(reference);
                }
                None => resolved.incomplete = true,
            }
        }
        Ok(resolved)
    }

    async fn uid(
        &self,
        live: &Live<'_>,
        types: &[ResourceType],
        owner: &OwnerReference,
        namespace: &str,
        asking: Asking,
    ) -> Result<Option<String>, ApiError> {
        let kind = owner.group_kind();
        // A definition made by this restore is not in the discovery of its beginning; the recovery point has the
        // type of its objects.
        let ty = live
            .type_of_kind(&kind)
            .or_else(|| types.iter().find(|ty| ty.group_kind() == kind).filter(|_| asking == Asking::Anew));
        let namespaced = ty.is_none_or(|ty| ty.namespaced);
        for namespace in [namespace, ""] {
            let key = (kind.clone(), namespace.to_owned(), owner.name.clone());
            if let Some(Some(uid)) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
                return Ok(Some(uid.clone()));
            }
        }
        let key = (kind, if namespaced { namespace.to_owned() } else { String::new() }, owner.name.clone());
        let found = match (ty, asking) {
            (Some(ty), Asking::Anew) => {
                let found = live.cluster.get(ty, Some(namespace).filter(|_| namespaced), &owner.name).await;
                found.or_else(|error| if error.is_forbidden() { Ok(None) } else { Err(error) })?
            }
            // Owners that this run makes are not asked for before they are made.
            (Some(ty), Asking::Once) if !self.expected.contains(&key) => {
                live.get(ty, namespace, &owner.name).await?
            }
            _ => return Ok(None),
        };
        let uid = found.and_then(|json| {
            let view: ObjectView<'_> = serde_json::from_slice(&json).ok()?;
            view.metadata.uid.map(std::borrow::Cow::into_owned)
        });
        self.remember(key, uid.clone());
        Ok(uid)
    }
}

/// The references to write: those that a live object has, and those of `add` that it lacks.
pub(super) fn merged(live: &Value, add: &[Value]) -> Option<Vec<Value>> {
    let have =
        live.pointer("/metadata/ownerReferences").and_then(Value::as_array).cloned().unwrap_or_default();
    let lacks = |new: &&Value| !have.iter().any(|old| old.get("uid") == new.get("uid"));
    let added: Vec<Value> = add.iter().filter(lacks).cloned().collect();
    (!added.is_empty()).then(|| have.into_iter().chain(added).collect())
}
