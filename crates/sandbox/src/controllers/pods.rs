//! `ReplicaSet`, `StatefulSet` and `DaemonSet`: their pods, which run the moment they exist.

use serde_json::{Map, Value, json};

use super::{amend, dependents, letters, number_of, owned_by, replicas, suffix, text};
use crate::kinds::{self, Kind};
use crate::world::{Key, Transaction};

pub(super) fn of_replica_set(transaction: &mut Transaction<'_>, key: &Key, set: &Value) {
    let kind = kinds::kind("apps", "replicasets");
    let wanted = replicas(set);
    let mut pods = dependents(transaction.world, "", "pods", &key.namespace, set);
    while pods.len() as u64 > wanted {
        if let Some((surplus, _)) = pods.pop() {
            transaction.delete(&surplus);
        }
    }
    for _ in pods.len() as u64..wanted {
        let name = format!("{}-{}", key.name, suffix(transaction.world, &key.name));
        run(transaction, &kind, set, &name, &[]);
    }
    amend(transaction, key, &json!({"status": counts(set, wanted)}));
}

pub(super) fn of_stateful_set(transaction: &mut Transaction<'_>, key: &Key, set: &Value) {
    let kind = kinds::kind("apps", "statefulsets");
    let wanted = replicas(set);
    let revision = revise(transaction, &kind, key, set);
    for (pod, object) in dependents(transaction.world, "", "pods", &key.namespace, set) {
        let ordinal = pod.name.strip_prefix(&format!("{}-", key.name)).and_then(|n| n.parse::<u64>().ok());
        let outdated = text(&object, "/metadata/labels/controller-revision-hash") != revision;
        if outdated || ordinal.is_none_or(|ordinal| ordinal >= wanted) {
            transaction.delete(&pod);
        }
    }
    for ordinal in 0..wanted {
        let name = format!("{}-{ordinal}", key.name);
        let claims = claim(transaction, key, set, &name);
        if transaction.world.get(&Key::new("", "pods", &key.namespace, &name)).is_none() {
            let index = ordinal.to_string();
            let labels = [
                ("controller-revision-hash", revision.as_str()),
                ("statefulset.kubernetes.io/pod-name", &name),
                ("apps.kubernetes.io/pod-index", &index),
            ];
            let pod = run(transaction, &kind, set, &name, &labels);
            mount(transaction, &pod, claims);
        }
    }
    let mut status = counts(set, wanted);
    status["currentRevision"] = Value::from(revision.as_str());
    status["updateRevision"] = Value::from(revision);
    amend(transaction, key, &json!({ "status": status }));
}

pub(super) fn of_daemon_set(transaction: &mut Transaction<'_>, key: &Key, set: &Value) {
    let kind = kinds::kind("apps", "daemonsets");
    let revision = revise(transaction, &kind, key, set);
    let nodes: Vec<String> = transaction.world.list("", "nodes", None).map(|(k, _)| k.name.clone()).collect();
    let pods = dependents(transaction.world, "", "pods", &key.namespace, set);
    for node in &nodes {
        if !pods.iter().any(|(_, pod)| text(pod, "/spec/nodeName") == node) {
            let name = format!("{}-{}", key.name, suffix(transaction.world, &key.name));
            let labels = [("controller-revision-hash", revision.as_str())];
            let pod = run(transaction, &kind, set, &name, &labels);
            amend(transaction, &pod, &json!({"spec": {"nodeName": node}}));
        }
    }
    let count = nodes.len();
    let status = json!({
        "observedGeneration": set["metadata"]["generation"],
        "currentNumberScheduled": count, "desiredNumberScheduled": count, "numberReady": count,
        "numberAvailable": count, "updatedNumberScheduled": count, "numberMisscheduled": 0,
    });
    amend(transaction, key, &json!({ "status": status }));
}

fn counts(set: &Value, count: u64) -> Value {
    json!({
        "observedGeneration": set["metadata"]["generation"],
        "replicas": count, "readyReplicas": count, "availableReplicas": count,
    })
}

/// The revision of a set's template; returns its hash.
fn revise(transaction: &mut Transaction<'_>, kind: &Kind, key: &Key, set: &Value) -> String {
    let template = &set["spec"]["template"];
    let hash = letters(number_of(&[&key.namespace, &key.name, &template.to_string()]), 10);
    let revision = Key::new("apps", "controllerrevisions", &key.namespace, &format!("{}-{hash}", key.name));
    if transaction.world.get(&revision).is_none() {
        let known = dependents(transaction.world, "apps", "controllerrevisions", &key.namespace, set);
        let mut labels = template["metadata"]["labels"].clone();
        labels["controller-revision-hash"] = Value::from(hash.as_str());
        let object = json!({
            "metadata": {"labels": labels, "ownerReferences": owned_by(kind, set)},
            "revision": known.len() + 1,
            "data": {"spec": {"template": template}},
        });
        transaction.insert(revision, &kinds::kind("apps", "controllerrevisions"), object);
    }
    hash
}

/// Makes the claims of a pod of a StatefulSet that are not there; returns the volumes that use them.
fn claim(transaction: &mut Transaction<'_>, key: &Key, set: &Value, pod: &str) -> Vec<Value> {
    let templates = set.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
    let mut volumes = Vec::new();
    for template in templates.into_iter().flatten() {
        let name = text(template, "/metadata/name");
        let claim_name = format!("{name}-{pod}");
        let claim = Key::new("", "persistentvolumeclaims", &key.namespace, &claim_name);
        if transaction.world.get(&claim).is_none() {
            let object = json!({
                "metadata": {
                    "labels": set.pointer("/spec/selector/matchLabels"),
                    "finalizers": ["kubernetes.io/pvc-protection"],
                },
                "spec": template["spec"],
            });
            transaction.insert(claim, &kinds::kind("", "persistentvolumeclaims"), object);
        }
        volumes.push(json!({"name": name, "persistentVolumeClaim": {"claimName": claim_name}}));
    }
    volumes
}

fn mount(transaction: &mut Transaction<'_>, pod: &Key, claims: Vec<Value>) {
    if let Some(object) = transaction.world.get(pod).filter(|_| !claims.is_empty()) {
        let own = object.pointer("/spec/volumes").and_then(Value::as_array).cloned().unwrap_or_default();
        let volumes: Vec<Value> = own.into_iter().chain(claims).collect();
        amend(transaction, pod, &json!({"spec": {"volumes": volumes}}));
    }
}

/// Makes a pod of a workload's template, scheduled and running.
fn run(
    transaction: &mut Transaction<'_>,
    kind: &Kind,
    owner: &Value,
    name: &str,
    labels: &[(&str, &str)],
) -> Key {
    let template = &owner["spec"]["template"];
    let namespace = text(owner, "/metadata/namespace").to_owned();
    let key = Key::new("", "pods", &namespace, name);
    let mut metadata: Map<String, Value> = template["metadata"].as_object().cloned().unwrap_or_default();
    let mut all = metadata.get("labels").and_then(Value::as_object).cloned().unwrap_or_default();
    all.extend(labels.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))));
    metadata.insert("labels".to_owned(), Value::from(all));
    metadata.insert("ownerReferences".to_owned(), owned_by(kind, owner));

    let mut spec = template["spec"].clone();
    if spec["serviceAccountName"].is_null() {
        spec["serviceAccountName"] = json!("default");
    }
    let number = number_of(&[&namespace, name]);
    let nodes: Vec<&Key> = transaction.world.list("", "nodes", None).map(|(key, _)| key).collect();
    let place = usize::try_from(number).unwrap_or_default().checked_rem(nodes.len());
    if let Some(node) = place.and_then(|place| nodes.get(place)) {
        spec["nodeName"] = Value::from(node.name.as_str());
    }
    let status = status(&spec, number, &transaction.time());
    let pod = json!({"metadata": metadata, "spec": spec, "status": status});
    transaction.insert(key.clone(), &kinds::kind("", "pods"), pod);
    key
}

fn status(spec: &Value, number: u64, time: &str) -> Value {
    let address = format!("10.244.{}.{}", number % 250 + 1, number / 250 % 250 + 2);
    let condition = |what: &str| json!({"type": what, "status": "True", "lastTransitionTime": time});
    let containers = spec["containers"].as_array().into_iter().flatten();
    let containers: Vec<Value> = containers
        .map(|container| {
            json!({
                "name": container["name"], "image": container["image"], "ready": true, "started": true,
                "restartCount": 0, "state": {"running": {"startedAt": time}},
            })
        })
        .collect();
    let conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition);
    json!({
        "phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "startTime": time, "qosClass": "Burstable",
        "conditions": conditions,
        "containerStatuses": containers,
    })
}
