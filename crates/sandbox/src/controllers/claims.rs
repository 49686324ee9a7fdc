//! Claims and volumes: a claim is bound to a volume that waits for it, or to one made for it.

use serde_json::{Value, json};

use super::{amend, snapshots, text};
use crate::kinds;
use crate::world::{Key, Transaction};

const DEFAULT_CLASS: &str = "/metadata/annotations/storageclass.kubernetes.io~1is-default-class";

pub(super) fn bind(transaction: &mut Transaction<'_>, key: &Key, claim: &Value) {
    if text(claim, "/status/phase") == "Bound" {
        return;
    }
    let volume = match waiting(transaction, key, claim) {
        Some(volume) => Some(volume),
        None if text(claim, "/spec/volumeName").is_empty() => provision(transaction, key, claim),
        None => None,
    };
    let Some(volume) = volume else {
        amend(transaction, key, &json!({"status": {"phase": "Pending"}}));
        return;
    };
    let reference = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": key.namespace, "name": key.name,
        "uid": claim["metadata"]["uid"],
    });
    amend(transaction, &volume, &json!({"spec": {"claimRef": reference}, "status": {"phase": "Bound"}}));
    let annotations = json!({
        "pv.kubernetes.io/bind-completed": "yes",
        "pv.kubernetes.io/bound-by-controller": "yes",
    });
    let capacity = json!({"storage": claim.pointer("/spec/resources/requests/storage")});
    let status = json!({"phase": "Bound", "accessModes": claim["spec"]["accessModes"], "capacity": capacity});
    let mut spec = json!({"volumeName": volume.name});
    if claim.pointer("/spec/storageClassName").is_none()
        && let Some(made) = transaction.world.get(&volume)
    {
        // The admission plugin DefaultStorageClass writes it when the claim is made.
        spec["storageClassName"] = made["spec"]["storageClassName"].clone();
    }
    let patch = json!({"metadata": {"annotations": annotations}, "spec": spec, "status": status});
    amend(transaction, key, &patch);
}

/// The volume that the claim names, or that was made for it and names it.
fn waiting(transaction: &Transaction<'_>, key: &Key, claim: &Value) -> Option<Key> {
    let named = text(claim, "/spec/volumeName");
    let meant_for = |volume: &Value| {
        let reference = volume.pointer("/spec/claimRef").unwrap_or(&Value::Null);
        let free = reference.is_null();
        let mine = reference["namespace"] == *key.namespace && reference["name"] == *key.name;
        let unbound = reference["uid"].is_null() || reference["uid"] == claim["metadata"]["uid"];
        (free, mine && unbound)
    };
    let mut volumes = transaction.world.list("", "persistentvolumes", None);
    let found = volumes.find(|(volume, object)| {
        let (free, mine) = meant_for(object);
        if named.is_empty() { mine } else { volume.name == named && (free || mine) }
    });
    found.map(|(volume, _)| volume.clone())
}

/// Makes a volume as the provisioner of the claim's class would. No class, no volume; and none from a snapshot that is
/// not ready.
fn provision(transaction: &mut Transaction<'_>, key: &Key, claim: &Value) -> Option<Key> {
    let asked = claim.pointer("/spec/storageClassName").and_then(Value::as_str);
    let class = transaction
        .world
        .list("storage.k8s.io", "storageclasses", None)
        .find(|(class, object)| match asked {
            Some(asked) => class.name == asked,
            None => text(object, DEFAULT_CLASS) == "true",
        })
        .map(|(_, class)| class.clone())?;
    let provisioner = text(&class, "/provisioner");
    if provisioner == "kubernetes.io/no-provisioner"
        || !snapshots::can_fill(transaction.world, &key.namespace, claim, provisioner)
    {
        return None;
    }
    let name = format!("pvc-{}", text(claim, "/metadata/uid"));
    let volume = json!({
        "metadata": {
            "annotations": {"pv.kubernetes.io/provisioned-by": provisioner},
            "finalizers": ["kubernetes.io/pv-protection"],
        },
        "spec": {
            "accessModes": claim["spec"]["accessModes"],
            "capacity": {"storage": claim.pointer("/spec/resources/requests/storage")},
            "csi": {
                "driver": provisioner, "fsType": "ext4",
                "volumeHandle": format!("/sandbox/disks/{name}"),
                "volumeAttributes": {
                    "csi.storage.k8s.io/pvc/name": key.name,
                    "csi.storage.k8s.io/pvc/namespace": key.namespace,
                },
            },
            "persistentVolumeReclaimPolicy": class.get("reclaimPolicy").unwrap_or(&json!("Delete")),
            "storageClassName": class["metadata"]["name"],
            "volumeMode": "Filesystem",
        },
    });
    let volume_key = Key::new("", "persistentvolumes", "", &name);
    transaction.insert(volume_key.clone(), &kinds::kind("", "persistentvolumes"), volume);
    Some(volume_key)
}

/// What becomes of the volume of a claim that is gone.
pub(super) fn release(transaction: &mut Transaction<'_>, claim: &Value) {
    let name = text(claim, "/spec/volumeName");
    let volume = Key::new("", "persistentvolumes", "", name);
    let Some(object) = transaction.world.get(&volume).cloned() else { return };
    if object.pointer("/spec/claimRef/uid") != claim.pointer("/metadata/uid") {
        return;
    }
    if text(&object, "/spec/persistentVolumeReclaimPolicy") == "Delete" {
        transaction.delete(&volume);
    } else {
        amend(transaction, &volume, &json!({"status": {"phase": "Released"}}));
    }
}
