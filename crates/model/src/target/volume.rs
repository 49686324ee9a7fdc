//! Claims and volumes: the binding belongs to the cluster it was made in (Velero's claim and volume actions).

use serde_json::Value;

use super::{map_mut, remove};

const BINDING: [&str; 6] = [
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/selected-node",
    "volume.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/storage-resizer",
];

/// What a backup writes onto the claims in its archive, so that Velero finds their data; no claim in a cluster has it.
const SNAPSHOT_NAMES: [&str; 3] =
    ["velero.io/backup-name", "velero.io/data-upload-name", "velero.io/volume-snapshot-name"];

pub(super) fn strip_claim(object: &mut Value) {
    remove(object, &["metadata", "annotations"], &BINDING);
    for map in ["annotations", "labels"] {
        remove(object, &["metadata", map], &SNAPSHOT_NAMES);
    }
    if let Some(spec) = map_mut(object, &["spec"]) {
        // What the claim was filled from once says nothing about what it holds now.
        for key in ["volumeName", "dataSource", "dataSourceRef"] {
            spec.remove(key);
        }
    }
    // Velero's data mover leaves it; any other selector says which of the volumes made by hand is meant.
    remove(object, &["spec", "selector", "matchLabels"], &["velero.io/dynamic-pv-restore"]);
    if object.pointer("/spec/selector").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
        remove(object, &["spec"], &["selector"]);
    }
    if let Some(finalizers) = super::list_mut(object, &["metadata", "finalizers"]) {
        finalizers.retain(|f| f != "kubernetes.io/pvc-protection");
        if finalizers.is_empty() {
            remove(object, &["metadata"], &["finalizers"]);
        }
    }
}

pub(super) fn strip_volume(object: &mut Value) {
    remove(object, &["metadata", "annotations"], &BINDING);
    remove(object, &["spec", "claimRef"], &["resourceVersion", "uid"]);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_claim_was_filled_from_is_no_difference() {
        let from =
            json!({"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "holdfast-1"});
        let mut filled = json!({"spec": {"storageClassName": "fast", "dataSource": from, "dataSourceRef": from,
            "volumeName": "pvc-2"}});
        let mut plain = json!({"spec": {"storageClassName": "fast", "volumeName": "pvc-1"}});
        strip_claim(&mut filled);
        strip_claim(&mut plain);
        assert_eq!(filled, plain);
    }
}
