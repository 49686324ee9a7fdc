//! Roles and bindings, among them names with colons and an aggregated role.

use serde_json::{Value, json};

use super::{Names, object};
use crate::cluster::Cluster;
use crate::key::Key;

const RBAC: &str = "rbac.authorization.k8s.io/v1";

fn reads(resource: &str) -> Value {
    json!({"apiGroups": [""], "resources": [resource], "verbs": ["get", "list"]})
}

fn binding(kind: &str, namespace: &str, name: &str, role: (&str, &str), subjects: &Value) -> Value {
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": role.0, "name": role.1});
    object(RBAC, kind, namespace, name, json!({"roleRef": role, "subjects": subjects}))
}

pub(super) fn objects(names: &Names) -> Vec<Value> {
    let (shop, odd) = (names.shop(), names.odd());
    let account =
        |namespace: &str, name: &str| json!({"kind": "ServiceAccount", "name": name, "namespace": namespace});
    let user = |name: &str| json!({"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"});
    let group = |name: &str| json!({"kind": "Group", "name": name, "apiGroup": "rbac.authorization.k8s.io"});
    let label = names.name("aggregate");
    let colons = names.name("team:reader:all");
    vec![
        object(
            RBAC,
            "Role",
            &shop,
            "colon:in:role",
            json!({"rules": [reads("pods"), {
            "apiGroups": ["apps"], "resources": ["deployments/scale"], "resourceNames": ["web"], "verbs": ["*"]}]}),
        ),
        object(RBAC, "Role", &shop, "without-rules", json!({"rules": []})),
        binding(
            "RoleBinding",
            &shop,
            "colon:in:binding",
            ("Role", "colon:in:role"),
            &json!([
                account(&shop, "web"),
                account(&odd, "robot"),
                account("kube-system", "generic-garbage-collector"),
                user("jane"),
                user(&format!("system:serviceaccount:{shop}:web")),
                group(&format!("system:serviceaccounts:{shop}")),
                group("system:authenticated")
            ]),
        ),
        binding(
            "RoleBinding",
            &shop,
            "to-cluster-role",
            ("ClusterRole", &colons),
            &json!([account(&shop, "web")]),
        ),
        binding("RoleBinding", &shop, "without-subjects", ("ClusterRole", "view"), &Value::Null),
        object(
            RBAC,
            "ClusterRole",
            "",
            &colons,
            json!({"rules": [reads("nodes"),
            {"nonResourceURLs": ["/healthz", "/metrics/*"], "verbs": ["get"]}]}),
        ),
        object(
            RBAC,
            "ClusterRole",
            "",
            &names.name("part"),
            json!({
            "metadata": {"labels": {(label.clone()): "true"}}, "rules": [reads("configmaps")]}),
        ),
        object(
            RBAC,
            "ClusterRole",
            "",
            &names.name("whole"),
            json!({
            "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {(label): "true"}}]}, "rules": []}),
        ),
        binding(
            "ClusterRoleBinding",
            "",
            &names.name("bind:all"),
            ("ClusterRole", &colons),
            &json!([account(&odd, "robot"), user("jane")]),
        ),
    ]
}

/// Waits for the rules that the aggregation controller collects.
pub(super) async fn settle(cluster: &Cluster, names: &Names) {
    let key = Key::new(RBAC, "ClusterRole", "", &names.name("whole"));
    let aggregated = async || cluster.must_get(&key).await["rules"].as_array().is_some_and(|r| !r.is_empty());
    cluster.wait("the aggregated role", aggregated).await;
}

/// Many ordinary roles, each bound, and accounts for them.
pub(super) fn bulk(namespace: &str, count: usize) -> Vec<Value> {
    let each = |at| {
        let name = format!("worker-{at}");
        let subjects = json!([{"kind": "ServiceAccount", "name": name, "namespace": namespace}]);
        [
            object("v1", "ServiceAccount", namespace, &name, json!({})),
            object(RBAC, "Role", namespace, &name, json!({"rules": [reads("secrets")]})),
            binding("RoleBinding", namespace, &name, ("Role", &name), &subjects),
        ]
    };
    (0..count).flat_map(each).collect()
}
