//! Services: assigned addresses and ports go, chosen ones stay (Velero's service action).

use serde_json::Value;

use super::{list_mut, map_mut, text};

pub(super) fn strip(object: &mut Value) {
    if text(object, &["spec", "type"]) == "ExternalName" {
        return;
    }
    let chosen = ChosenPorts::of(object);
    if let Some(spec) = map_mut(object, &["spec"]) {
        if spec.get("clusterIP").and_then(Value::as_str) != Some("None") {
            spec.remove("clusterIP");
            spec.remove("clusterIPs");
        }
        if !chosen.health_check {
            spec.remove("healthCheckNodePort");
        }
    }
    for port in list_mut(object, &["spec", "ports"]).into_iter().flatten() {
        if !chosen.has(port)
            && let Some(port) = port.as_object_mut()
        {
            port.remove("nodePort");
        }
    }
}

/// Which node ports the author of the Service wrote down.
///
/// The evidence is what Velero takes for it: the manifest of the last
/// `kubectl apply` where there is one, otherwise a field owner of the port's
/// `nodePort` in `managedFields`. The server's own allocation leaves neither.
enum Evidence {
    LastApplied(Vec<Value>),
    ManagedFields(Vec<String>),
}

struct ChosenPorts {
    evidence: Evidence,
    health_check: bool,
}

impl ChosenPorts {
    fn of(object: &Value) -> Self {
        let applied =
            text(object, &["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"]);
        if let Ok(applied) = serde_json::from_str::<Value>(applied) {
            let ports = applied.pointer("/spec/ports").and_then(Value::as_array).cloned().unwrap_or_default();
            let health_check =
                applied.pointer("/spec/healthCheckNodePort").and_then(Value::as_i64).is_some_and(|p| p != 0);
            return Self { evidence: Evidence::LastApplied(ports), health_check };
        }
        let mut owned = Vec::new();
        let mut health_check = false;
        for manager in
            object.pointer("/metadata/managedFields").and_then(Value::as_array).into_iter().flatten()
        {
            let Some(spec) = manager.pointer("/fieldsV1/f:spec").and_then(Value::as_object) else {
                continue;
            };
            health_check |= spec.contains_key("f:healthCheckNodePort");
            for (key, fields) in spec.get("f:ports").and_then(Value::as_object).into_iter().flatten() {
                if fields.get("f:nodePort").is_some() {
                    owned.push(key.clone());
                }
            }
        }
        Self { evidence: Evidence::ManagedFields(owned), health_check }
    }

    fn has(&self, port: &Value) -> bool {
        match &self.evidence {
            Evidence::LastApplied(ports) => ports.iter().any(|applied| {
                let node_port = applied.get("nodePort").and_then(Value::as_i64).unwrap_or_default();
                let named = text(port, &["name"]);
                node_port != 0
                    && if named.is_empty() {
                        port.get("nodePort").and_then(Value::as_i64) == Some(node_port)
                    } else {
                        named == text(applied, &["name"])
                    }
            }),
            Evidence::ManagedFields(keys) => {
                let number = port.get("port").and_then(Value::as_i64);
                let protocol = text(port, &["protocol"]);
                let protocol = if protocol.is_empty() { "TCP" } else { protocol };
                keys.iter().filter_map(|key| serde_json::from_str::<Value>(key.strip_prefix("k:")?).ok()).any(
                    |key| {
                        key.get("port").and_then(Value::as_i64) == number
                            && text(&key, &["protocol"]) == protocol
                    },
                )
            }
        }
    }
}
