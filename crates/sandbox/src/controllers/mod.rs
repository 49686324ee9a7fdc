//! What Kubernetes' controllers would make of a change, made at once and in the same transaction.
//!
//! Each controller looks at one object and brings what it is responsible for into line, so that it may be called any
//! number of times. What they change is looked at again, until nothing is left to do.

mod claims;
mod deployments;
mod endpoints;
pub(crate) mod garbage;
mod pods;
pub(crate) mod snapshots;

use serde_json::{Value, json};

use crate::kinds::{self, Kind};
use crate::world::{Key, Transaction, World};

/// Lets the controllers look at everything that the transaction has changed, and at what they change themselves.
pub(crate) fn settle(transaction: &mut Transaction<'_>) {
    while let Some((key, was)) = transaction.next_touched() {
        match transaction.world.get(&key).cloned() {
            Some(object) if garbage::is_abandoned(transaction.world, &key, &object) => {
                garbage::delete(transaction, &key);
            }
            Some(object) => present(transaction, &key, &object),
            None => {
                if let Some(was) = was {
                    gone(transaction, &key, &was);
                }
            }
        }
    }
}

fn present(transaction: &mut Transaction<'_>, key: &Key, object: &Value) {
    match (key.group.as_str(), key.plural.as_str()) {
        ("", "namespaces") => furnish(transaction, &key.name),
        ("", "persistentvolumeclaims") => {
            claims::bind(transaction, key, object);
            snapshots::of_claim(transaction, key);
        }
        ("", "pods") => endpoints::of_pod(transaction, key, object),
        ("", "services") => endpoints::of_service(transaction, key, object),
        ("apps", "deployments") => deployments::roll_out(transaction, key, object),
        ("apps", "replicasets") => pods::of_replica_set(transaction, key, object),
        ("apps", "statefulsets") => pods::of_stateful_set(transaction, key, object),
        ("apps", "daemonsets") => pods::of_daemon_set(transaction, key, object),
        ("snapshot.storage.k8s.io", "volumesnapshots") => snapshots::bind(transaction, key, object),
        ("snapshot.storage.k8s.io", "volumesnapshotcontents") => {
            snapshots::of_content(transaction, key, object);
        }
        _ => {}
    }
}

fn gone(transaction: &mut Transaction<'_>, key: &Key, object: &Value) {
    match (key.group.as_str(), key.plural.as_str()) {
        ("", "persistentvolumeclaims") => claims::release(transaction, object),
        ("", "pods") => endpoints::of_pod(transaction, key, object),
        ("snapshot.storage.k8s.io", "volumesnapshots") => snapshots::released(transaction, key, object),
        ("snapshot.storage.k8s.io", "volumesnapshotcontents") => snapshots::content_gone(transaction, object),
        ("", "serviceaccounts" | "configmaps") => {
            transaction.touch(Key::new("", "namespaces", "", &key.namespace));
        }
        _ => {}
    }
    // Whoever made it makes it again.
    let references = object.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    for owner in references.into_iter().flatten().filter(|owner| owner["controller"] == true) {
        if let Some(owner) = garbage::owner_key(transaction.world, &key.namespace, owner) {
            transaction.touch(owner);
        }
    }
}

/// What every namespace has.
fn furnish(transaction: &mut Transaction<'_>, namespace: &str) {
    let account = Key::new("", "serviceaccounts", namespace, "default");
    if transaction.world.get(&account).is_none() {
        transaction.insert(account, &kinds::kind("", "serviceaccounts"), json!({"metadata": {}}));
    }
    let authority = Key::new("", "configmaps", namespace, "kube-root-ca.crt");
    if transaction.world.get(&authority).is_none() {
        let certificate = "-----BEGIN CERTIFICATE-----\nthe sandbox has no TLS\n-----END CERTIFICATE-----\n";
        let object = json!({"metadata": {}, "data": {"ca.crt": certificate}});
        transaction.insert(authority, &kinds::kind("", "configmaps"), object);
    }
}

/// Changes fields of an object that is there by a merge patch; status included.
fn amend(transaction: &mut Transaction<'_>, key: &Key, patch: &Value) {
    if let Some(object) = transaction.world.get(key) {
        let mut object = (**object).clone();
        holdfast_model::patch::apply(&mut object, patch);
        transaction.update(key, object);
    }
}

/// The reference of a controller's object to its owner.
fn owned_by(kind: &Kind, owner: &Value) -> Value {
    json!([{
        "apiVersion": kind.ty.api_version(), "kind": kind.ty.kind,
        "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
        "controller": true, "blockOwnerDeletion": true,
    }])
}

/// The objects of a collection that belong to an owner, by UID.
fn dependents(world: &World, group: &str, plural: &str, namespace: &str, owner: &Value) -> Vec<(Key, Value)> {
    let uid = &owner["metadata"]["uid"];
    let owned = |object: &Value| {
        let references = object.pointer("/metadata/ownerReferences").and_then(Value::as_array);
        references.into_iter().flatten().any(|reference| reference["uid"] == *uid)
    };
    world
        .list(group, plural, Some(namespace))
        .filter(|(_, object)| owned(object))
        .map(|(key, object)| (key.clone(), (**object).clone()))
        .collect()
}

/// A number that follows from names alone, so that the sample is the same each time it is made.
pub(crate) fn number_of(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes()).update(b"\0");
    }
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

/// The characters of generated names (`k8s.io/apimachinery/pkg/util/rand`).
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

fn letters(mut number: u64, count: usize) -> String {
    let mut text = String::with_capacity(count);
    for _ in 0..count {
        text.push(char::from(ALPHABET[usize::try_from(number % 27).unwrap_or_default()]));
        number /= 27;
    }
    text
}

/// Five characters for the end of a generated name; others with every change of the world.
pub(crate) fn suffix(world: &World, prefix: &str) -> String {
    letters(number_of(&[prefix, &world.version.to_string()]), 5)
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// How many pods a workload asks for. The bound keeps a hostile number harmless.
fn replicas(object: &Value) -> u64 {
    object.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1).min(100)
}
