//! Deployments: a ReplicaSet for the template, and the older ones scaled to nothing.

use serde_json::{Value, json};

use super::{amend, dependents, letters, number_of, owned_by, replicas, text};
use crate::kinds;
use crate::world::{Key, Transaction};

const REVISION: &str = "deployment.kubernetes.io/revision";

pub(super) fn roll_out(transaction: &mut Transaction<'_>, key: &Key, deployment: &Value) {
    let template = &deployment["spec"]["template"];
    let hash = letters(number_of(&[&key.namespace, &key.name, &template.to_string()]), 10);
    let current = Key::new("apps", "replicasets", &key.namespace, &format!("{}-{hash}", key.name));
    let sets = dependents(transaction.world, "apps", "replicasets", &key.namespace, deployment);
    let revision_of = |set: &Value| {
        let text = set["metadata"]["annotations"][REVISION].as_str();
        text.and_then(|text| text.parse::<u64>().ok()).unwrap_or_default()
    };
    let mut revision = sets.iter().map(|(_, set)| revision_of(set)).max().unwrap_or_default();
    let known = sets.iter().find(|(key, _)| *key == current);
    if let Some((_, set)) = known {
        revision = revision_of(set);
    } else if transaction.world.get(&current).is_none() {
        revision += 1;
        let kind = kinds::kind("apps", "deployments");
        let mut set = replica_set(deployment, &hash, revision);
        set["metadata"]["ownerReferences"] = owned_by(&kind, deployment);
        transaction.insert(current.clone(), &kinds::kind("apps", "replicasets"), set);
    }
    amend(transaction, &current, &json!({"spec": {"replicas": replicas(deployment)}}));
    for (old, _) in sets.iter().filter(|(key, _)| *key != current) {
        amend(transaction, old, &json!({"spec": {"replicas": 0}}));
    }
    let patch = json!({
        "metadata": {"annotations": {REVISION: revision.to_string()}},
        "status": status(deployment),
    });
    amend(transaction, key, &patch);
}

fn replica_set(deployment: &Value, hash: &str, revision: u64) -> Value {
    let spec = &deployment["spec"];
    let mut selector = spec["selector"].clone();
    selector["matchLabels"]["pod-template-hash"] = Value::from(hash);
    let mut template = spec["template"].clone();
    template["metadata"]["labels"]["pod-template-hash"] = Value::from(hash);
    json!({
        "metadata": {
            "labels": template["metadata"]["labels"],
            "annotations": {REVISION: revision.to_string()},
        },
        "spec": {"replicas": replicas(deployment), "selector": selector, "template": template},
    })
}

fn status(deployment: &Value) -> Value {
    let time = text(deployment, "/metadata/creationTimestamp");
    let count = replicas(deployment);
    let condition = |what: &str, reason: &str, message: &str| {
        json!({
            "type": what, "status": "True", "reason": reason, "message": message,
            "lastUpdateTime": time, "lastTransitionTime": time,
        })
    };
    json!({
        "observedGeneration": deployment["metadata"]["generation"],
        "replicas": count, "updatedReplicas": count, "readyReplicas": count, "availableReplicas": count,
        "conditions": [
            condition("Available", "MinimumReplicasAvailable", "Deployment has minimum availability."),
            condition("Progressing", "NewReplicaSetAvailable", "ReplicaSet has successfully progressed."),
        ],
    })
}
