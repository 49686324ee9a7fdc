//! Objects of realistic size and mix: about 1.2 KiB each, mostly configuration.
//!
//! Nothing in it makes a controller create more objects, so that both sides of a
//! comparison write the same number.

use serde_json::{Value, json};

/// Namespaces that the objects are spread over.
const NAMESPACES: usize = 20;

/// One object, and the collection to POST it to.
pub(crate) struct Object {
    pub path: String,
    pub body: Value,
}

pub(crate) fn namespace(number: usize) -> String {
    format!("bench-{:02}", number % NAMESPACES)
}

/// What must be there before the rest: the definition and the namespaces.
pub(crate) fn foundation() -> Vec<Object> {
    let definition = Object {
        path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions".to_owned(),
        body: json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "widgets.bench.holdfast.dev"},
            "spec": {
                "group": "bench.holdfast.dev",
                "scope": "Namespaced",
                "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
                "versions": [{
                    "name": "v1", "served": true, "storage": true,
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}
                }]
            }
        }),
    };
    let namespaces = (0..NAMESPACES).map(|number| Object {
        path: "/api/v1/namespaces".to_owned(),
        body: json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace(number), "labels": {"team": "bench"}}}),
    });
    std::iter::once(definition).chain(namespaces).collect()
}

/// Object number `number` of the corpus.
pub(crate) fn object(number: usize) -> Object {
    let ns = namespace(number);
    let name = format!("object-{number:06}");
    let metadata = json!({
        "name": name, "namespace": ns,
        "labels": {
            "app.kubernetes.io/name": format!("app-{}", number % 97),
            "app.kubernetes.io/instance": format!("release-{}", number % 31),
            "app.kubernetes.io/managed-by": "Helm",
            "team": "bench"
        },
        "annotations": {"meta.helm.sh/release-name": format!("release-{}", number % 31), "meta.helm.sh/release-namespace": ns}
    });
    let core = |plural: &str| format!("/api/v1/namespaces/{ns}/{plural}");
    let group = |group: &str, plural: &str| format!("/apis/{group}/v1/namespaces/{ns}/{plural}");
    let with = |path: String, api_version: &str, kind: &str, rest: Value| {
        let mut body = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata});
        if let (Some(body), Value::Object(rest)) = (body.as_object_mut(), rest) {
            body.extend(rest);
        }
        Object { path, body }
    };
    let rbac = "rbac.authorization.k8s.io";
    match number % 20 {
        0..=8 => with(
            core("configmaps"),
            "v1",
            "ConfigMap",
            json!({"data": {
            "application.yaml": text(number, 900), "LOG_LEVEL": "info", "REPLICAS": (number % 9).to_string()}}),
        ),
        9..=12 => with(
            core("secrets"),
            "v1",
            "Secret",
            json!({"type": "Opaque", "stringData": {
            "password": text(number, 24), "tls.key": text(number * 7, 700)}}),
        ),
        13 => with(
            core("serviceaccounts"),
            "v1",
            "ServiceAccount",
            json!({"automountServiceAccountToken": false}),
        ),
        14 => with(
            core("services"),
            "v1",
            "Service",
            json!({"spec": {"clusterIP": "None", "ports": [
            {"name": "http", "port": 80, "targetPort": 8080}, {"name": "metrics", "port": 9090}]}}),
        ),
        15 => with(
            group(rbac, "roles"),
            "rbac.authorization.k8s.io/v1",
            "Role",
            json!({"rules": [
            {"apiGroups": ["", "apps"], "resources": ["pods", "deployments", "services"], "verbs": ["get", "list", "watch"]},
            {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["*"]}]}),
        ),
        16 => with(
            group(rbac, "rolebindings"),
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            json!({
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "view"},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": ns}]}),
        ),
        17 => with(
            group("networking.k8s.io", "networkpolicies"),
            "networking.k8s.io/v1",
            "NetworkPolicy",
            json!({"spec": {
            "podSelector": {"matchLabels": {"app": format!("app-{}", number % 97)}}, "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 8080, "protocol": "TCP"}]}]}}),
        ),
        18 => with(
            group("batch", "cronjobs"),
            "batch/v1",
            "CronJob",
            json!({"spec": {
            "schedule": "0 3 * * *", "suspend": true, "jobTemplate": {"spec": {"template": {"spec": {
                "restartPolicy": "Never", "containers": [{"name": "job", "image": "registry.example/job:1",
                    "args": [text(number, 120)], "env": [{"name": "TZ", "value": "UTC"}]}]}}}}}}),
        ),
        _ => with(
            group("bench.holdfast.dev", "widgets"),
            "bench.holdfast.dev/v1",
            "Widget",
            json!({"spec": {
            "size": number % 7, "notes": text(number, 500), "parts": [{"name": "a", "count": 1}, {"name": "b", "count": 2}]}}),
        ),
    }
}

/// Text that differs from object to object and compresses about as well as configuration does.
fn text(seed: usize, length: usize) -> String {
    const WORDS: [&str; 16] = [
        "server", "timeout", "enabled", "cache", "postgres", "host", "limit", "retry", "kafka", "topic",
        "region", "metrics", "debug", "pool", "size", "endpoint",
    ];
    let mut text = String::with_capacity(length + 16);
    let mut state = seed as u64 | 1;
    while text.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = WORDS[usize::from((state >> 60) as u8 & 15)];
        text.push_str(word);
        text.push_str(": ");
        text.push_str(&((state >> 40) & 0xfff).to_string());
        text.push('\n');
    }
    text.truncate(length);
    text
}
