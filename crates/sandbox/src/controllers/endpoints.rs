//! Services with a selector: their Endpoints and EndpointSlices.

use serde_json::{Map, Value, json};

use super::{amend, dependents, owned_by, suffix, text};
use crate::kinds;
use crate::world::{Key, Transaction};

/// The Services that select a pod, or selected one that is gone, are looked at again.
pub(super) fn of_pod(transaction: &mut Transaction<'_>, pod: &Key, object: &Value) {
    let labels = &object["metadata"]["labels"];
    let selecting: Vec<Key> = transaction
        .world
        .list("", "services", Some(&pod.namespace))
        .filter(|(_, service)| selector(service).is_some_and(|selector| selects(selector, labels)))
        .map(|(key, _)| key.clone())
        .collect();
    for service in selecting {
        transaction.touch(service);
    }
}

pub(super) fn of_service(transaction: &mut Transaction<'_>, key: &Key, service: &Value) {
    let Some(selector) = selector(service) else { return };
    let namespace = key.namespace.as_str();
    let pods: Vec<Pod> = transaction
        .world
        .list("", "pods", Some(namespace))
        .filter(|(_, pod)| {
            selects(selector, &pod["metadata"]["labels"]) && text(pod, "/status/phase") == "Running"
        })
        .map(|(key, pod)| Pod::of(key, pod))
        .collect();
    let ports = ports(service);
    let mut labels = service["metadata"]["labels"].as_object().cloned().unwrap_or_default();

    let endpoints = Key::new("", "endpoints", namespace, &key.name);
    if transaction.world.get(&endpoints).is_none() {
        let object = json!({"metadata": {"labels": labels}});
        transaction.insert(endpoints.clone(), &kinds::kind("", "endpoints"), object);
    }
    let addresses: Vec<Value> = pods.iter().map(Pod::address).collect();
    let subsets =
        if addresses.is_empty() { json!(null) } else { json!([{"addresses": addresses, "ports": ports}]) };
    amend(transaction, &endpoints, &json!({ "subsets": subsets }));

    labels.insert("kubernetes.io/service-name".to_owned(), Value::from(key.name.as_str()));
    let manager = "endpointslice-controller.k8s.io";
    labels.insert("endpointslice.kubernetes.io/managed-by".to_owned(), Value::from(manager));
    let slices = dependents(transaction.world, "discovery.k8s.io", "endpointslices", namespace, service);
    let slice = if let Some((slice, _)) = slices.into_iter().next() {
        slice
    } else {
        let name = format!("{}-{}", key.name, suffix(transaction.world, &key.name));
        let slice = Key::new("discovery.k8s.io", "endpointslices", namespace, &name);
        let owner = owned_by(&kinds::kind("", "services"), service);
        let object = json!({"metadata": {"labels": labels, "ownerReferences": owner}, "addressType": "IPv4"});
        transaction.insert(slice.clone(), &kinds::kind("discovery.k8s.io", "endpointslices"), object);
        slice
    };
    let endpoints: Vec<Value> = pods.iter().map(Pod::endpoint).collect();
    amend(transaction, &slice, &json!({"endpoints": endpoints, "ports": ports}));
}

struct Pod {
    name: String,
    namespace: String,
    uid: Value,
    address: Value,
    node: Value,
}

impl Pod {
    fn of(key: &Key, pod: &Value) -> Self {
        Self {
            name: key.name.clone(),
            namespace: key.namespace.clone(),
            uid: pod["metadata"]["uid"].clone(),
            address: pod["status"]["podIP"].clone(),
            node: pod["spec"]["nodeName"].clone(),
        }
    }

    fn target(&self) -> Value {
        json!({"kind": "Pod", "name": self.name, "namespace": self.namespace, "uid": self.uid})
    }

    fn address(&self) -> Value {
        json!({"ip": self.address, "nodeName": self.node, "targetRef": self.target()})
    }

    fn endpoint(&self) -> Value {
        let conditions = json!({"ready": true, "serving": true, "terminating": false});
        json!({
            "addresses": [self.address], "conditions": conditions, "nodeName": self.node,
            "targetRef": self.target(),
        })
    }
}

fn selector(service: &Value) -> Option<&Map<String, Value>> {
    let selector = service.pointer("/spec/selector").and_then(Value::as_object);
    selector.filter(|selector| !selector.is_empty() && text(service, "/spec/type") != "ExternalName")
}

fn selects(selector: &Map<String, Value>, labels: &Value) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

fn ports(service: &Value) -> Vec<Value> {
    let ports = service.pointer("/spec/ports").and_then(Value::as_array);
    let port = |port: &Value| {
        // A named target port is the container's business; the Service's number stands for it.
        let number = if port["targetPort"].is_number() { &port["targetPort"] } else { &port["port"] };
        json!({"name": port["name"].as_str().unwrap_or_default(), "port": number, "protocol": port["protocol"]})
    };
    ports.into_iter().flatten().map(port).collect()
}
