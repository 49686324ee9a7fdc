//! What an object takes of a namespace's resource quotas, as the quota admission counts when it is created.
//!
//! <https://kubernetes.io/docs/concepts/policy/resource-quotas/>. A dry run is checked against what is used, but does not
//! use anything itself, so many objects that fit one by one need not fit together.

use serde_json::Value;

use crate::quantity::Quantity;
use crate::resource::ResourceType;

/// Core kinds that have a name of their own in quotas, beside `count/...`.
const OWN_NAME: [&str; 7] = [
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
];

/// The resources that creating `object` uses, by their names in a quota, and how much of each.
pub fn usage(ty: &ResourceType, object: &Value) -> Vec<(String, Quantity)> {
    let mut used = vec![(format!("count/{ty}"), Quantity::ONE)];
    if ty.group.is_empty() && OWN_NAME.contains(&ty.plural.as_str()) {
        used.push((ty.plural.clone(), Quantity::ONE));
    }
    match (ty.group.as_str(), ty.plural.as_str()) {
        ("", "services") => service(object, &mut used),
        ("", "persistentvolumeclaims") => claim(object, &mut used),
        ("", "pods") => pod(object, &mut used),
        _ => {}
    }
    used
}

fn service(object: &Value, used: &mut Vec<(String, Quantity)>) {
    let kind = object.pointer("/spec/type").and_then(Value::as_str).unwrap_or("ClusterIP");
    let ports = object.pointer("/spec/ports").and_then(Value::as_array).map_or(0, Vec::len);
    let allocates = object.pointer("/spec/allocateLoadBalancerNodePorts") != Some(&Value::Bool(false));
    if kind == "LoadBalancer" {
        used.push(("services.loadbalancers".to_owned(), Quantity::ONE));
    }
    if kind == "NodePort" || (kind == "LoadBalancer" && allocates) {
        used.extend((0..ports).map(|_| ("services.nodeports".to_owned(), Quantity::ONE)));
    }
}

fn claim(object: &Value, used: &mut Vec<(String, Quantity)>) {
    let class = object.pointer("/spec/storageClassName").and_then(Value::as_str);
    let storage = object.pointer("/spec/resources/requests/storage").and_then(quantity);
    if let Some(class) = class.filter(|class| !class.is_empty()) {
        let of_class = format!("{class}.storageclass.storage.k8s.io");
        used.push((format!("{of_class}/persistentvolumeclaims"), Quantity::ONE));
        used.extend(storage.map(|storage| (format!("{of_class}/requests.storage"), storage)));
    }
    used.extend(storage.map(|storage| ("requests.storage".to_owned(), storage)));
}

/// A pod needs the larger of what its containers need together and what any of its init containers needs.
fn pod(object: &Value, used: &mut Vec<(String, Quantity)>) {
    for resource in ["cpu", "memory", "ephemeral-storage"] {
        for (bound, names) in [
            ("requests", vec![format!("requests.{resource}"), resource.to_owned()]),
            ("limits", vec![format!("limits.{resource}")]),
        ] {
            let of = |container: &Value| {
                let resources = container.get("resources")?;
                let asked = resources.get(bound).and_then(|bound| bound.get(resource));
                // What is only limited is requested as much.
                asked.or_else(|| resources.get("limits")?.get(resource)).and_then(quantity)
            };
            let list = |path: &str| object.pointer(path).and_then(Value::as_array).into_iter().flatten();
            let mut together = Quantity::default();
            for amount in list("/spec/containers").filter_map(of) {
                together += amount;
            }
            let most = list("/spec/initContainers").filter_map(of).fold(together, Quantity::max);
            if most != Quantity::default() {
                used.extend(names.into_iter().map(|name| (name, most)));
            }
        }
    }
}

fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => Quantity::parse(text),
        Value::Number(number) => Quantity::parse(&number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn used(group: &str, plural: &str, object: &Value) -> BTreeMap<String, String> {
        let ty = ResourceType {
            group: group.into(),
            version: "v1".into(),
            plural: plural.into(),
            kind: String::new(),
            namespaced: true,
        };
        let mut all: BTreeMap<String, Quantity> = BTreeMap::new();
        for (name, amount) in usage(&ty, object) {
            *all.entry(name).or_default() += amount;
        }
        all.into_iter().map(|(name, amount)| (name, amount.to_string())).collect()
    }

    fn expected(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, amount)| ((*name).to_owned(), (*amount).to_owned())).collect()
    }

    #[test]
    fn each_kind_uses_what_quotas_count() {
        assert_eq!(used("apps", "deployments", &json!({})), expected(&[("count/deployments.apps", "1")]));
        assert_eq!(used("", "secrets", &json!({})), expected(&[("count/secrets", "1"), ("secrets", "1")]));
        let service = json!({"spec": {"type": "LoadBalancer", "ports": [{"port": 1}, {"port": 2}]}});
        assert_eq!(
            used("", "services", &service),
            expected(&[
                ("count/services", "1"),
                ("services", "1"),
                ("services.loadbalancers", "1"),
                ("services.nodeports", "2")
            ])
        );
        let claim =
            json!({"spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "10Gi"}}}});
        assert_eq!(
            used("", "persistentvolumeclaims", &claim),
            expected(&[
                ("count/persistentvolumeclaims", "1"),
                ("fast.storageclass.storage.k8s.io/persistentvolumeclaims", "1"),
                ("fast.storageclass.storage.k8s.io/requests.storage", "10Gi"),
                ("persistentvolumeclaims", "1"),
                ("requests.storage", "10Gi"),
            ])
        );
        let pod = json!({"spec": {
        "initContainers": [{"resources": {"requests": {"cpu": "2"}}}],
        "containers": [
            {"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}},
            {"resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}
        ]}});
        let of_pod = used("", "pods", &pod);
        assert_eq!((of_pod["requests.cpu"].as_str(), of_pod["cpu"].as_str()), ("2", "2"));
        assert_eq!((of_pod["requests.memory"].as_str(), of_pod["limits.memory"].as_str()), ("2Gi", "1Gi"));
        assert_eq!(of_pod["limits.cpu"], "1");
    }
}
