//! Fields that may not change once an object is there.
//!
//! The words are those of the update validation of Kubernetes 1.35 (`k8s.io/apimachinery/pkg/api/validation` and
//! `pkg/apis/*/validation`). The table is not complete: it has one field of each way in which the server says so.

use serde_json::Value;

use super::Refusal;
use crate::kinds::Kind;

const IMMUTABLE: &str = "field is immutable";
const STATEFUL_SET: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
                            'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and \
                            'minReadySeconds' are forbidden";
const STATEFUL_SET_MUTABLE: [&str; 7] = [
    "minReadySeconds",
    "ordinals",
    "persistentVolumeClaimRetentionPolicy",
    "replicas",
    "revisionHistoryLimit",
    "template",
    "updateStrategy",
];
const CLAIM: &str = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
const CLAIM_MUTABLE: [&str; 2] = ["resources", "volumeAttributesClassName"];
const POD: &str = "pod updates may not change fields other than `spec.containers[*].image`,\
                   `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to \
                   existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was \
                   previously negative)";
const POD_MUTABLE: [&str; 3] = ["activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations"];

/// Everything in which `new` may not differ from `old` and does.
pub(crate) fn immutable(kind: &Kind, old: &Value, new: &Value) -> Vec<Refusal> {
    let mut changes = Changes { old, new, refusals: Vec::new() };
    match (kind.ty.group.as_str(), kind.ty.plural.as_str()) {
        ("apps", "deployments" | "replicasets" | "daemonsets") => changes.fixed("spec.selector", IMMUTABLE),
        ("apps", "statefulsets") => changes.fixed_spec(&STATEFUL_SET_MUTABLE, STATEFUL_SET),
        ("batch", "jobs") => {
            changes.fixed("spec.selector", IMMUTABLE);
            changes.fixed("spec.template", IMMUTABLE);
            changes.fixed("spec.completionMode", IMMUTABLE);
        }
        ("", "persistentvolumeclaims") => changes.fixed_spec(&CLAIM_MUTABLE, CLAIM),
        ("", "persistentvolumes") => {
            let words = "spec.persistentvolumesource is immutable after creation";
            for source in ["spec.csi", "spec.nfs", "spec.hostPath", "spec.azureDisk", "spec.azureFile"] {
                changes.forbidden(source, "spec.persistentvolumesource", words);
            }
        }
        ("", "pods") => changes.pod(),
        ("", "services") => changes.service(),
        ("", "configmaps") => changes.sealed(&["data", "binaryData"]),
        ("", "secrets") => {
            changes.sealed(&["data"]);
            changes.fixed("type", IMMUTABLE);
        }
        ("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings") => {
            changes.fixed("roleRef", "cannot change roleRef");
        }
        ("storage.k8s.io", "storageclasses") => {
            changes.forbidden("parameters", "parameters", "updates to parameters are forbidden.");
            changes.forbidden("provisioner", "provisioner", "updates to provisioner are forbidden.");
            changes.forbidden("reclaimPolicy", "reclaimPolicy", "updates to reclaimPolicy are forbidden.");
            changes.fixed("volumeBindingMode", IMMUTABLE);
        }
        ("snapshot.storage.k8s.io", "volumesnapshots" | "volumesnapshotcontents") => {
            let sources =
                ["persistentVolumeClaimName", "volumeSnapshotContentName", "volumeHandle", "snapshotHandle"];
            for source in sources {
                changes.fixed(&format!("spec.source.{source}"), &format!("{source} is immutable"));
            }
        }
        ("scheduling.k8s.io", "priorityclasses") => {
            changes.forbidden("value", "value", "may not be changed in an update.");
        }
        ("apiextensions.k8s.io", "customresourcedefinitions") => {
            for field in ["spec.group", "spec.names.plural", "spec.scope"] {
                changes.fixed(field, IMMUTABLE);
            }
        }
        _ => {}
    }
    changes.refusals
}

struct Changes<'a> {
    old: &'a Value,
    new: &'a Value,
    refusals: Vec<Refusal>,
}

impl<'a> Changes<'a> {
    /// The new value of a field, if it is another one than before.
    fn changed(&self, field: &str) -> Option<&'a Value> {
        let pointer = format!("/{}", field.replace('.', "/"));
        let (old, new) = (self.old.pointer(&pointer), self.new.pointer(&pointer));
        (old != new).then_some(new.unwrap_or(&Value::Null))
    }

    fn fixed(&mut self, field: &str, words: &str) {
        if let Some(value) = self.changed(field) {
            self.refusals.push(Refusal::invalid(field, value, words));
        }
    }

    fn forbidden(&mut self, field: &str, named: &str, words: &str) {
        if self.changed(field).is_some() {
            self.refusals.push(Refusal::forbidden(named, words));
        }
    }

    /// A spec of which only these fields may change; the server does not say which others did.
    fn fixed_spec(&mut self, mutable: &[&str], words: &str) {
        if without(&self.old["spec"], mutable) != without(&self.new["spec"], mutable) {
            self.refusals.push(Refusal::forbidden("spec", words));
        }
    }

    fn pod(&mut self) {
        let plain = |pod: &Value| {
            let mut spec = without(&pod["spec"], &POD_MUTABLE);
            for list in ["containers", "initContainers"] {
                for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                    *container = without(container, &["image"]);
                }
            }
            spec
        };
        if plain(self.old) != plain(self.new) {
            self.refusals.push(Refusal::forbidden("spec", POD));
        }
    }

    fn service(&mut self) {
        let had = |field: &str| self.old.pointer(field).is_some_and(|value| value != "");
        let stays_internal = self.new["spec"]["type"] != "ExternalName";
        if had("/spec/clusterIP") && stays_internal {
            // Left out it stays as it is.
            let removed = self.new["spec"]["clusterIP"].is_null();
            if !removed && self.changed("spec.clusterIP").is_some() {
                let addresses = Value::from(vec![self.new["spec"]["clusterIP"].clone()]);
                let words = "may not change once set";
                self.refusals.push(Refusal::invalid("spec.clusterIPs[0]", &addresses, words));
            }
        }
    }

    /// A ConfigMap or Secret that says `immutable: true`.
    fn sealed(&mut self, fields: &[&str]) {
        if self.old["immutable"] != true {
            return;
        }
        let words = "field is immutable when `immutable` is set";
        for field in ["immutable"].iter().chain(fields) {
            self.forbidden(field, field, words);
        }
    }
}

fn without(map: &Value, keys: &[&str]) -> Value {
    let fields = map.as_object().into_iter().flatten();
    fields
        .filter(|(key, _)| !keys.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
