//! Hooks: commands in pods, around the cut of their volumes and after their restore.
//!
//! What runs where is decided by `model::hooks`; here it is read from the cluster and run. A command is never repeated: it may
//! have run although its answer was lost. Whatever goes wrong with one is a value, [`HookRun::failure`], and never an error of
//! the whole: a cluster that is lost shows in whatever is asked of it next.

mod read;
mod release;
mod run;

use std::collections::BTreeMap;

use holdfast_model::hooks::HookedPod;
use holdfast_model::resource::ResourceType;
use serde_json::Value;

pub(crate) use read::{backup_hooks, restore_hooks};
pub use release::release_frozen;
pub(crate) use release::{identity, is_alive};
pub(crate) use run::{Fate, Order, not_run, problem, run, tell};

/// A pod that commands may run in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pod {
    pub namespace: String,
    pub name: String,
    pub uid: String,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub containers: Vec<String>,
    pub phase: String,
    /// The claims that it mounts, in its order.
    pub claims: Vec<String>,
}

impl Pod {
    /// Reads a pod; `None` for what has no name.
    pub(crate) fn read(object: &Value) -> Option<Self> {
        let text =
            |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let map = |pointer: &str| text_map(object, pointer);
        let list = |pointer: &str| object.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        let name = text("/metadata/name");
        if name.is_empty() {
            return None;
        }
        let claim = |volume: &Value| {
            let claim = volume.pointer("/persistentVolumeClaim/claimName").and_then(Value::as_str);
            // The claim of a generic ephemeral volume is named after pod and volume.
            let ephemeral = volume.get("ephemeral").and(volume.get("name")).and_then(Value::as_str);
            claim.map(str::to_owned).or_else(|| ephemeral.map(|volume| format!("{name}-{volume}")))
        };
        Some(Self {
            namespace: text("/metadata/namespace"),
            uid: text("/metadata/uid"),
            labels: map("/metadata/labels"),
            annotations: map("/metadata/annotations"),
            containers: containers(object),
            phase: text("/status/phase"),
            claims: list("/spec/volumes").filter_map(claim).collect(),
            name,
        })
    }

    /// A pod as a controller will make it from a template. It goes by the name of its workload.
    pub(crate) fn of_template(template: &Value, namespace: &str, workload: &str) -> Self {
        let map = |pointer: &str| text_map(template, pointer);
        Self {
            namespace: namespace.to_owned(),
            name: workload.to_owned(),
            labels: map("/metadata/labels"),
            annotations: map("/metadata/annotations"),
            containers: containers(template),
            ..Self::default()
        }
    }

    /// As the rules look at it.
    pub(crate) fn hooked(&self) -> HookedPod<'_> {
        HookedPod {
            namespace: &self.namespace,
            name: &self.name,
            labels: &self.labels,
            annotations: &self.annotations,
            containers: &self.containers,
        }
    }

    /// Whether its containers have ended for good; hooks are passed over then, as Velero does.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.phase.as_str(), "Succeeded" | "Failed")
    }
}

fn text_map(object: &Value, pointer: &str) -> BTreeMap<String, String> {
    object.pointer(pointer).and_then(|map| serde_json::from_value(map.clone()).ok()).unwrap_or_default()
}

fn containers(pod: &Value) -> Vec<String> {
    let list = pod.pointer("/spec/containers").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|container| container.get("name")?.as_str().map(str::to_owned)).collect()
}

/// The type of pods.
pub(crate) fn pod_type() -> ResourceType {
    ResourceType {
        group: String::new(),
        version: "v1".into(),
        plural: "pods".into(),
        kind: "Pod".into(),
        namespaced: true,
    }
}
