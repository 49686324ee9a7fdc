//! Claims and volumes. There is no provisioner, so claims without a volume stay pending.

use serde_json::{Value, json};

use super::{Names, object};
use crate::cluster::Cluster;
use crate::key::Key;

pub(super) fn objects(names: &Names) -> Vec<Value> {
    let class =
        |name: &str, rest: Value| object("storage.k8s.io/v1", "StorageClass", "", &names.name(name), rest);
    let claim = |name: &str, class: &str, rest: Value| {
        let mut spec = json!({"accessModes": ["ReadWriteOnce"], "storageClassName": class,
            "resources": {"requests": {"storage": "1Gi"}}});
        spec.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        object("v1", "PersistentVolumeClaim", &names.shop(), name, json!({"spec": spec}))
    };
    let volume = |name: &str, rest: Value| {
        let mut spec = json!({"capacity": {"storage": "10Gi"}, "accessModes": ["ReadWriteMany"],
            "persistentVolumeReclaimPolicy": "Retain", "storageClassName": names.name("static")});
        spec.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        object(
            "v1",
            "PersistentVolume",
            "",
            &names.name(name),
            json!({
            "metadata": {"labels": {"disk": name}}, "spec": spec}),
        )
    };
    vec![
        class(
            "slow",
            json!({"provisioner": "disk.csi.azure.com", "parameters": {"skuName": "Standard_LRS"},
            "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": true, "reclaimPolicy": "Retain",
            "mountOptions": ["noatime"], "allowedTopologies": [{"matchLabelExpressions": [
                {"key": "topology.disk.csi.azure.com/zone", "values": ["westeurope-1"]}]}]}),
        ),
        class("at-once", json!({"provisioner": "example.org/none", "volumeBindingMode": "Immediate"})),
        claim("waiting", &names.name("slow"), json!({})),
        claim("provisioned-at-once", &names.name("at-once"), json!({"volumeMode": "Block"})),
        claim("without-class", "", json!({"accessModes": ["ReadWriteMany", "ReadOnlyMany"]})),
        claim(
            "by-selector",
            &names.name("by-hand"),
            json!({
            "selector": {"matchLabels": {"disk": "none-such"}, "matchExpressions": [{"key": "x", "operator": "Exists"}]}}),
        ),
        volume(
            "nfs",
            json!({"nfs": {"server": "nfs.example.org", "path": "/export"}, "mountOptions": ["hard"]}),
        ),
        volume(
            "csi",
            json!({"csi": {"driver": "disk.csi.azure.com", "volumeHandle": "/subscriptions/x/disks/y",
            "volumeAttributes": {"requestedsizegib": "10"}}, "nodeAffinity": {"required": {"nodeSelectorTerms": [
                {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["1"]}]}]}}}),
        ),
        object(
            "storage.k8s.io/v1",
            "CSIDriver",
            "",
            &names.name("csi.example.org"),
            json!({"spec": {
            "attachRequired": false, "podInfoOnMount": true, "tokenRequests": [{"audience": "vault"}],
            "volumeLifecycleModes": ["Persistent", "Ephemeral"]}}),
        ),
    ]
}

/// Waits for the annotations that the volume controller writes onto a claim.
pub(super) async fn settle(cluster: &Cluster, names: &Names) {
    let key = Key::new("v1", "PersistentVolumeClaim", &names.shop(), "provisioned-at-once");
    let seen = async || {
        let live = cluster.must_get(&key).await;
        !live["metadata"]["annotations"]["volume.kubernetes.io/storage-provisioner"].is_null()
    };
    cluster.wait("the volume controller", seen).await;
}
