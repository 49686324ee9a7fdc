//! Snapshots of volumes, as external-snapshotter v8 and a driver behind it make them: a `VolumeSnapshot` is bound to a
//! `VolumeSnapshotContent`, which stands for a snapshot in the storage system.
//!
//! The storage system is the world itself. Each snapshot that exists there is an object of a kind that is not served
//! ([`STORED`]), under a name that follows from its handle. So it is part of the same transaction as the objects that
//! stand for it, it is in the journal, and it outlives them where a deletion policy says so: only the deletion of a
//! content with the policy Delete removes one.

use std::sync::Arc;

use holdfast_model::quantity::Quantity;
use serde_json::{Value, json};

use super::{amend, text};
use crate::kinds;
use crate::world::{Key, Transaction, World};

const GROUP: &str = "snapshot.storage.k8s.io";
/// Group and plural of the snapshots in the storage system. No path leads to them, and no definition can have this group.
pub(crate) const STORED: (&str, &str) = ("sandbox:storage", "snapshots");
const DEFAULT_CLASS: &str = "/metadata/annotations/snapshot.storage.kubernetes.io~1is-default-class";
const PROTECTION: &str = "snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection";
/// What the snapshotter says of failures that it tries again.
const TRIED_AGAIN: &str = "snapshot controller failed to update";

/// Brings a `VolumeSnapshot` into line with the content that it is bound to, or is to be bound to.
pub(super) fn bind(transaction: &mut Transaction<'_>, key: &Key, snapshot: &Value) {
    let named = text(snapshot, "/spec/source/volumeSnapshotContentName");
    let content = if named.is_empty() {
        dynamic(transaction, key, snapshot)
    } else {
        fixed(transaction, key, snapshot, named)
    };
    match content {
        Ok(content) => take_over(transaction, key, &content),
        Err(Some(message)) => fail(transaction, key, snapshot, &message),
        Err(None) => {}
    }
    let ready = transaction.world.get(key).is_some_and(|now| now["status"]["readyToUse"] == true);
    if ready && snapshot["status"]["readyToUse"] != true {
        wake_claims(transaction, key);
    }
}

/// The content of a snapshot that is taken of a claim's volume; made if it is not there.
fn dynamic(transaction: &mut Transaction<'_>, key: &Key, snapshot: &Value) -> Result<Key, Option<String>> {
    let uid = text(snapshot, "/metadata/uid");
    let content = Key::new(GROUP, "volumesnapshotcontents", "", &format!("snapcontent-{uid}"));
    if let Some(object) = transaction.world.get(&content) {
        return if refers_to(object, key, uid) {
            Ok(content)
        } else {
            Err(Some(format!("VolumeSnapshotContent [{}] is bound to a different snapshot", content.name)))
        };
    }
    if !text(snapshot, "/status/boundVolumeSnapshotContentName").is_empty() {
        return Err(Some("VolumeSnapshotContent is missing".to_owned()));
    }
    let said = text(snapshot, "/status/error/message");
    if !said.is_empty() && !said.contains(TRIED_AGAIN) {
        return Err(None);
    }
    let spec = content_of(transaction, key, snapshot)?;
    let object = json!({"metadata": {"finalizers": [PROTECTION]}, "spec": spec});
    transaction.insert(content.clone(), &kinds::kind(GROUP, "volumesnapshotcontents"), object);
    Ok(content)
}

/// The spec of the content that is made for a snapshot, or what the snapshotter says instead.
fn content_of(transaction: &mut Transaction<'_>, key: &Key, snapshot: &Value) -> Result<Value, String> {
    let failed = |why: &str| format!("Failed to create snapshot content with error {why}");
    let input = |why: &str| {
        failed(&format!("failed to get input parameters to create snapshot {}: {why:?}", key.name))
    };
    let claim = text(snapshot, "/spec/source/persistentVolumeClaimName");
    let claim = transaction.world.get(&Key::new("", "persistentvolumeclaims", &key.namespace, claim));
    let claim = claim.cloned().ok_or_else(|| {
        failed(&format!("{TRIED_AGAIN} {} on API server: cannot get claim from snapshot", key.name))
    })?;
    let volume = Key::new("", "persistentvolumes", "", text(&claim, "/spec/volumeName"));
    let volume = transaction.world.get(&volume).filter(|_| text(&claim, "/status/phase") == "Bound");
    let volume = volume.cloned().ok_or_else(|| {
        let claim = text(&claim, "/metadata/name");
        input(&format!("the PVC {claim} is not yet bound to a PV, will not attempt to take a snapshot"))
    })?;
    let driver = text(&volume, "/spec/csi/driver");
    let class = class(transaction.world, snapshot, driver).map_err(|missing| match missing {
        None => {
            "Failed to set default snapshot class with error cannot find default snapshot class".to_owned()
        }
        Some(name) => {
            let why = format!("volumesnapshotclass.{GROUP} {name:?} not found");
            input(&format!("failed to retrieve snapshot class {name} from the informer: {why:?}"))
        }
    })?;
    if driver.is_empty() {
        let volume = text(&volume, "/metadata/name");
        return Err(failed(&format!("cannot find CSI PersistentVolumeSource for volume {volume}")));
    }
    let class_name = &class["metadata"]["name"];
    amend(transaction, key, &json!({"spec": {"volumeSnapshotClassName": class_name}}));
    Ok(json!({
        "deletionPolicy": class["deletionPolicy"], "driver": class["driver"],
        "source": {"volumeHandle": volume["spec"]["csi"]["volumeHandle"]},
        "sourceVolumeMode": volume["spec"]["volumeMode"],
        "volumeSnapshotClassName": class_name,
        "volumeSnapshotRef": {
            "apiVersion": snapshot["apiVersion"], "kind": "VolumeSnapshot", "name": key.name,
            "namespace": key.namespace, "resourceVersion": snapshot["metadata"]["resourceVersion"],
            "uid": snapshot["metadata"]["uid"],
        },
    }))
}

/// The class that a snapshot names, or the driver's default; else the name that there is no class for.
fn class(world: &World, snapshot: &Value, driver: &str) -> Result<Value, Option<String>> {
    let asked = snapshot.pointer("/spec/volumeSnapshotClassName").and_then(Value::as_str);
    let mut classes = world.list(GROUP, "volumesnapshotclasses", None);
    let class = classes.find(|(class, object)| match asked {
        Some(asked) => class.name == asked,
        None => text(object, DEFAULT_CLASS) == "true" && text(object, "/driver") == driver,
    });
    class.map(|(_, class)| (**class).clone()).ok_or_else(|| asked.map(str::to_owned))
}

/// The content that a snapshot names, bound to it.
fn fixed(
    transaction: &mut Transaction<'_>,
    key: &Key,
    snapshot: &Value,
    name: &str,
) -> Result<Key, Option<String>> {
    let content = Key::new(GROUP, "volumesnapshotcontents", "", name);
    let refuse = |message: &str| Err(Some(message.to_owned()));
    let Some(object) = transaction.world.get(&content) else {
        return refuse("VolumeSnapshotContent is missing");
    };
    if text(object, "/spec/source/snapshotHandle").is_empty() {
        return refuse(
            "VolumeSnapshotContent is dynamically provisioned while expecting a pre-provisioned one",
        );
    }
    let uid = text(snapshot, "/metadata/uid");
    if !refers_to(object, key, uid) && !refers_to(object, key, "") {
        return refuse(&format!("VolumeSnapshotContent [{name}] is bound to a different snapshot"));
    }
    let mut patch = json!({"spec": {"volumeSnapshotRef": {"uid": uid}}});
    if let Some(class) = snapshot.pointer("/spec/volumeSnapshotClassName") {
        patch["spec"]["volumeSnapshotClassName"] = class.clone();
    }
    amend(transaction, &content, &patch);
    Ok(content)
}

/// Whether a content is meant for a snapshot; with an empty UID, for whichever has the name.
fn refers_to(content: &Value, key: &Key, uid: &str) -> bool {
    let reference = |field: &str| text(content, &format!("/spec/volumeSnapshotRef/{field}"));
    reference("name") == key.name && reference("namespace") == key.namespace && reference("uid") == uid
}

/// Copies what a content says of its snapshot.
fn take_over(transaction: &mut Transaction<'_>, key: &Key, content: &Key) {
    let Some(object) = transaction.world.get(content) else { return };
    let status = &object["status"];
    let created =
        status["creationTime"].as_i64().and_then(|at| jiff::Timestamp::from_nanosecond(at.into()).ok());
    let size = status["restoreSize"].as_i64().and_then(|bytes| Quantity::parse(&bytes.to_string()));
    let status = json!({
        "boundVolumeSnapshotContentName": content.name,
        "creationTime": created.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        "readyToUse": status["readyToUse"] == true,
        "restoreSize": size.map(|size| size.to_string()),
        "error": status["error"],
    });
    amend(transaction, key, &json!({ "status": status }));
}

fn fail(transaction: &mut Transaction<'_>, key: &Key, object: &Value, message: &str) {
    if text(object, "/status/error/message") != message {
        let error = json!({"message": message, "time": transaction.time()});
        amend(transaction, key, &json!({"status": {"error": error, "readyToUse": false}}));
    }
}

/// Claims that wait for a snapshot are looked at again.
fn wake_claims(transaction: &mut Transaction<'_>, key: &Key) {
    let claims = transaction.world.list("", "persistentvolumeclaims", Some(&key.namespace));
    let waiting = claims.filter(|(_, claim)| {
        text(claim, "/status/phase") == "Pending" && source(claim).is_some_and(|name| name == key.name)
    });
    let waiting: Vec<Key> = waiting.map(|(claim, _)| claim.clone()).collect();
    for claim in waiting {
        transaction.touch(claim);
    }
}

/// Snapshots that could not be taken without the claim are tried again.
pub(super) fn of_claim(transaction: &mut Transaction<'_>, claim: &Key) {
    let snapshots = transaction.world.list(GROUP, "volumesnapshots", Some(&claim.namespace));
    let waiting = snapshots.filter(|(_, snapshot)| {
        text(snapshot, "/spec/source/persistentVolumeClaimName") == claim.name
            && text(snapshot, "/status/error/message").contains(TRIED_AGAIN)
    });
    let waiting: Vec<Key> = waiting.map(|(snapshot, _)| snapshot.clone()).collect();
    for snapshot in waiting {
        transaction.touch(snapshot);
    }
}

/// What the driver does for a content: takes the snapshot of a volume, or looks for the one that is named.
pub(super) fn of_content(transaction: &mut Transaction<'_>, key: &Key, content: &Value) {
    let ready = content["status"]["readyToUse"] == true;
    let volume = text(content, "/spec/source/volumeHandle");
    let handle = text(content, "/spec/source/snapshotHandle");
    if !ready && !handle.is_empty() {
        let stored = transaction.world.get(&stored_key(handle)).cloned();
        match stored.filter(|stored| stored["driver"] == content["spec"]["driver"]) {
            Some(stored) => report(transaction, key, &stored),
            None => fail(
                transaction,
                key,
                content,
                &format!(
                    "Failed to check and update snapshot content: failed to list snapshot for content {}: \"rpc error: \
                     code = NotFound desc = snapshot {handle} not found\"",
                    key.name
                ),
            ),
        }
    } else if content["status"].is_null() && !volume.is_empty() {
        take(transaction, key, content, volume);
    }
    let reference = |field: &str| text(content, &format!("/spec/volumeSnapshotRef/{field}"));
    transaction.touch(Key::new(GROUP, "volumesnapshots", reference("namespace"), reference("name")));
}

/// Takes a snapshot of the volume with this handle.
fn take(transaction: &mut Transaction<'_>, key: &Key, content: &Value, volume: &str) {
    let driver = text(content, "/spec/driver");
    let found = transaction.world.list("", "persistentvolumes", None).find_map(|(_, object)| {
        let same =
            text(object, "/spec/csi/volumeHandle") == volume && text(object, "/spec/csi/driver") == driver;
        same.then(|| Arc::clone(object))
    });
    let Some(object) = found else {
        let message = format!(
            "Failed to create snapshot: failed to take snapshot of the volume {volume}: \"rpc error: code = NotFound \
             desc = volume {volume} not found\""
        );
        return fail(transaction, key, content, &message);
    };
    let size = Quantity::parse(text(&object, "/spec/capacity/storage")).and_then(Quantity::whole);
    let uid = match text(content, "/spec/volumeSnapshotRef/uid") {
        "" => text(content, "/metadata/uid"),
        uid => uid,
    };
    let handle = format!("/sandbox/snapshots/{uid}");
    let stored = json!({
        "driver": driver, "handle": handle, "sourceVolume": volume, "restoreSize": size,
        "creationTime": i64::try_from(transaction.now.as_nanosecond()).ok(),
    });
    transaction.insert(stored_key(&handle), &kinds::hidden(STORED, "StoredSnapshot"), stored.clone());
    report(transaction, key, &stored);
}

/// Puts what the storage system knows of a snapshot into the content's status.
fn report(transaction: &mut Transaction<'_>, key: &Key, stored: &Value) {
    let status = json!({
        "creationTime": stored["creationTime"], "readyToUse": true, "restoreSize": stored["restoreSize"],
        "snapshotHandle": stored["handle"], "error": null,
    });
    amend(transaction, key, &json!({ "status": status }));
}

fn stored_key(handle: &str) -> Key {
    Key::new(STORED.0, STORED.1, "", handle)
}

/// What becomes of the content of a snapshot that is gone.
pub(super) fn released(transaction: &mut Transaction<'_>, key: &Key, snapshot: &Value) {
    let content = Key::new(
        GROUP,
        "volumesnapshotcontents",
        "",
        text(snapshot, "/status/boundVolumeSnapshotContentName"),
    );
    let Some(object) = transaction.world.get(&content) else { return };
    if !refers_to(object, key, text(snapshot, "/metadata/uid")) {
        return;
    }
    if text(object, "/spec/deletionPolicy") == "Delete" {
        transaction.delete(&content);
    } else {
        let marks = json!({"snapshot.storage.kubernetes.io/volumesnapshot-being-deleted": "yes"});
        amend(transaction, &content, &json!({"metadata": {"annotations": marks}}));
    }
}

/// What becomes of the stored snapshot of a content that is gone; whoever is bound to it is told.
pub(super) fn content_gone(transaction: &mut Transaction<'_>, content: &Value) {
    let handle = text(content, "/status/snapshotHandle");
    if text(content, "/spec/deletionPolicy") == "Delete" && !handle.is_empty() {
        transaction.delete(&stored_key(handle));
    }
    let reference = |field: &str| text(content, &format!("/spec/volumeSnapshotRef/{field}"));
    transaction.touch(Key::new(GROUP, "volumesnapshots", reference("namespace"), reference("name")));
}

/// The snapshot that a claim is to be filled from.
fn source(claim: &Value) -> Option<&str> {
    let source = ["/spec/dataSource", "/spec/dataSourceRef"].into_iter().find_map(|at| claim.pointer(at));
    let source = source.filter(|source| source["apiGroup"] == GROUP && source["kind"] == "VolumeSnapshot")?;
    Some(source["name"].as_str().unwrap_or_default())
}

/// Whether a volume can be made for a claim by this driver: it asks for no snapshot, or for one that is ready in its
/// namespace, is there in the storage system, and fits.
pub(super) fn can_fill(world: &World, namespace: &str, claim: &Value, driver: &str) -> bool {
    let Some(name) = source(claim) else { return true };
    let key = Key::new(GROUP, "volumesnapshots", namespace, name);
    let Some(snapshot) = world.get(&key).filter(|snapshot| snapshot["status"]["readyToUse"] == true) else {
        return false;
    };
    let content = text(snapshot, "/status/boundVolumeSnapshotContentName");
    let Some(content) = world.get(&Key::new(GROUP, "volumesnapshotcontents", "", content)) else {
        return false;
    };
    let stored = world.get(&stored_key(text(content, "/status/snapshotHandle")));
    let Some(stored) = stored.filter(|stored| stored["driver"] == driver) else { return false };
    let asked = Quantity::parse(text(claim, "/spec/resources/requests/storage")).and_then(Quantity::whole);
    refers_to(content, &key, text(snapshot, "/metadata/uid"))
        && asked.is_some_and(|asked| asked >= stored["restoreSize"].as_i64().unwrap_or_default())
}
