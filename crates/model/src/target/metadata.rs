//! What every API server sets on every object.

use serde_json::Value;

use super::{map_mut, remove};

/// Velero resets the same fields and also keeps finalizers, labels and annotations; unlike Velero we drop
/// `managedFields`, which name field owners that did not write this object.
pub(super) fn strip(object: &mut Value) {
    if let Some(root) = object.as_object_mut() {
        root.remove("status");
    }
    if let Some(metadata) = map_mut(object, &["metadata"]) {
        for key in [
            "creationTimestamp",
            "deletionGracePeriodSeconds",
            "deletionTimestamp",
            "generateName",
            "generation",
            "managedFields",
            "ownerReferences",
            "resourceVersion",
            "selfLink",
            "uid",
        ] {
            metadata.remove(key);
        }
    }
    // Written by Velero's and Azure's backup; it would make their restore think of its own volumes.
    remove(
        object,
        &["metadata", "annotations"],
        &["velero.io/volume-snapshot-name", "velero.io/data-upload-name"],
    );
}
