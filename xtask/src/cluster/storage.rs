//! The volumes of a node: two CSI drivers under the names of AKS's own, the sidecars that connect them with
//! Kubernetes, and the objects that every AKS cluster has for them.

use anyhow::{Context, Result};
use http::Request;
use kube::Client;
use serde_json::{Value, json};

use super::node::{KUBELET_ROOT, Node, ZONE, disks};
use super::programs::{DEFINITIONS, Programs};
use super::state::Folder;

pub(crate) const DISK_DRIVER: &str = "disk.csi.azure.com";
/// Offers no snapshots.
pub(crate) const FILE_DRIVER: &str = "file.csi.azure.com";

/// What `testnode` is to run for them, in order.
pub(super) fn processes(node: &Node, folder: &Folder, programs: &Programs) -> Vec<Value> {
    let kubeconfig = format!("--kubeconfig={}", folder.node().join("admin.kubeconfig").display());
    let socket = |driver: &str| format!("{KUBELET_ROOT}/plugins/{driver}/csi.sock");
    let driver = |name: &str, process: &str| {
        let arguments = [
            "driver".to_owned(),
            format!("-name={name}"),
            format!("-node={}", node.name),
            format!("-zone={ZONE}"),
            format!("-resource-group={}", resource_group(&node.name)),
            format!("-kubelet-root={KUBELET_ROOT}"),
            format!("-state={}", disks(folder).display()),
        ];
        json!({
            "name": process,
            "program": programs.testnode(),
            "arguments": arguments,
            "log": folder.log(process),
            // The kubelet makes it; a socket in it before that would go unseen.
            "after": [format!("{KUBELET_ROOT}/plugins_registry")],
        })
    };
    // Two hundred claims at once take seconds, and what failed is tried again soon: the defaults would have a test wait.
    let pace = ["--kube-api-qps=200", "--kube-api-burst=400", "--worker-threads=100"];
    let patience = ["--retry-interval-start=200ms", "--retry-interval-max=5s"];
    let sidecar = |process: &str, program: &str, of: Option<&str>, more: &[&str]| {
        let mut arguments = vec![kubeconfig.clone(), "--leader-election=false".to_owned()];
        arguments.extend(of.map(|driver| format!("--csi-address={}", socket(driver))));
        arguments.extend(pace.iter().chain(&patience).chain(more).map(|word| (*word).to_owned()));
        json!({
            "name": process,
            "program": programs.sidecar(program),
            "arguments": arguments,
            "log": folder.log(process),
            "after": of.map(socket).into_iter().collect::<Vec<_>>(),
        })
    };
    let provisioner = ["--extra-create-metadata", "--timeout=60s", "--default-fstype=ext4"];
    let zonal = [&provisioner[..], &["--feature-gates=Topology=true"]].concat();
    vec![
        driver(DISK_DRIVER, "disk-driver"),
        driver(FILE_DRIVER, "file-driver"),
        sidecar("snapshot-controller", "snapshot-controller", None, &[]),
        sidecar("csi-provisioner", "csi-provisioner", Some(DISK_DRIVER), &zonal),
        sidecar("csi-provisioner-file", "csi-provisioner", Some(FILE_DRIVER), &provisioner),
        sidecar(
            "csi-snapshotter",
            "csi-snapshotter",
            Some(DISK_DRIVER),
            &["--extra-create-metadata", "--timeout=60s"],
        ),
    ]
}

/// As AKS names the group of what a cluster consists of.
fn resource_group(node: &str) -> String {
    let cluster = node.strip_suffix("-node").unwrap_or(node);
    format!("mc_{cluster}_{cluster}_westeurope")
}

/// Makes the resources of snapshots known to the API server.
pub(super) async fn define(client: &Client, programs: &Programs) -> Result<()> {
    for plural in DEFINITIONS {
        let path = programs.definition(plural);
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = format!("{plural}.snapshot.storage.k8s.io");
        apply(client, &format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}"), text)
            .await?;
    }
    Ok(())
}

/// Applies drivers and classes. Fails as long as the API server does not know snapshots yet.
pub(super) async fn offer(client: &Client) -> Result<()> {
    for (path, object) in objects() {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        apply(client, &format!("{path}/{name}"), serde_json::to_vec(&object)?).await?;
    }
    Ok(())
}

async fn apply(client: &Client, path: &str, text: Vec<u8>) -> Result<()> {
    let request = Request::patch(format!("{path}?fieldManager=xtask&force=true"))
        .header("Content-Type", "application/apply-patch+yaml")
        .body(text)?;
    client.request_text(request).await.with_context(|| format!("cannot apply {path}"))?;
    Ok(())
}

fn objects() -> Vec<(&'static str, Value)> {
    let driver = |name: &str, group_policy: &str| {
        json!({
            "apiVersion": "storage.k8s.io/v1",
            "kind": "CSIDriver",
            "metadata": {"name": name},
            "spec": {
                "attachRequired": false,
                "podInfoOnMount": false,
                "fsGroupPolicy": group_policy,
                "volumeLifecycleModes": ["Persistent"],
            },
        })
    };
    let class = |name: &str, provisioner: &str, sku: &str, changes: Value| {
        let mut class = json!({
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": name},
            "provisioner": provisioner,
            "parameters": {"skuname": sku},
            "reclaimPolicy": "Delete",
            "allowVolumeExpansion": false,
            "volumeBindingMode": "WaitForFirstConsumer",
        });
        if let (Value::Object(class), Value::Object(changes)) = (&mut class, changes) {
            class.extend(changes);
        }
        class
    };
    let default = json!({
        "metadata": {
            "name": "managed-csi",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
    });
    let immediate = json!({"volumeBindingMode": "Immediate"});
    let expandable = json!({"allowVolumeExpansion": true});
    let retained = json!({"reclaimPolicy": "Retain"});
    let snapshots = json!({
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshotClass",
        "metadata": {"name": "csi-azuredisk-vsc"},
        "driver": DISK_DRIVER,
        "deletionPolicy": "Delete",
        "parameters": {"incremental": "true"},
    });
    let mut objects: Vec<_> = [driver(DISK_DRIVER, "File"), driver(FILE_DRIVER, "ReadWriteOnceWithFSType")]
        .map(|object| ("/apis/storage.k8s.io/v1/csidrivers", object))
        .into();
    let classes = [
        class("managed-csi", DISK_DRIVER, "StandardSSD_LRS", default),
        class("managed-csi-immediate", DISK_DRIVER, "StandardSSD_LRS", immediate.clone()),
        class("managed-csi-premium", DISK_DRIVER, "Premium_LRS", expandable),
        class("managed-csi-retain", DISK_DRIVER, "StandardSSD_LRS", retained),
        class("azurefile-csi", FILE_DRIVER, "Standard_LRS", immediate),
    ];
    objects.extend(classes.map(|object| ("/apis/storage.k8s.io/v1/storageclasses", object)));
    objects.push(("/apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses", snapshots));
    objects
}
