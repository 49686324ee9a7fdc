//! Plain objects that many tests begin with.

use serde_json::{Value, json};

use crate::corpus::object;

/// A ConfigMap with this data.
pub fn config_map(ns: &str, name: &str, data: &Value) -> Value {
    object("v1", "ConfigMap", ns, name, json!({"data": data}))
}

/// A Secret with this password.
pub fn secret(ns: &str, name: &str, value: &str) -> Value {
    object("v1", "Secret", ns, name, json!({"stringData": {"password": value}}))
}

/// A Deployment of no pods, so that no controller writes while a test compares.
pub fn deployment(ns: &str, name: &str, image: &str) -> Value {
    let template = json!({"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": image}]}});
    let spec = json!({"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": template});
    object("apps/v1", "Deployment", ns, name, json!({"spec": spec}))
}
