//! Services of every type, endpoints without Service selectors, ingresses, network policies.

use serde_json::{Value, json};

use super::{AUTO_NODE_PORT, Names, object};
use crate::cluster::Cluster;
use crate::key::Key;

/// In the band that the server does not allocate from by itself.
const CHOSEN_PORTS: [u16; 2] = [30_007, 30_011];
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

fn service(namespace: &str, name: &str, spec: &Value) -> Value {
    object("v1", "Service", namespace, name, json!({"spec": spec}))
}

fn applied(mut service: Value) -> Value {
    let text = format!("{service}\n");
    service["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/last-applied-configuration": text});
    service
}

fn auto(mut service: Value) -> Value {
    service["metadata"]["labels"] = json!({AUTO_NODE_PORT: "true"});
    service
}

pub(super) fn objects(names: &Names) -> Vec<Value> {
    [services(names), endpoints(names), ingresses(names), policies(names)].concat()
}

fn services(names: &Names) -> Vec<Value> {
    let ns = &names.edge();
    let http = json!({"name": "http", "port": 80, "targetPort": "web"});
    let chosen = |port: u16| json!({"name": "http", "port": 80, "nodePort": port});
    let selector = json!({"app": "web"});
    vec![
        service(
            ns,
            "cluster-ip",
            &json!({"selector": selector, "ports": [http, {
            "name": "dns", "port": 53, "protocol": "UDP", "appProtocol": "example.org/dns"}]}),
        ),
        service(ns, "chosen-cluster-ip", &json!({"clusterIP": "10.96.200.201", "ports": [http]})),
        service(ns, "headless", &json!({"clusterIP": "None", "selector": selector, "ports": [http]})),
        service(ns, "headless-bare", &json!({"clusterIP": "None", "publishNotReadyAddresses": true})),
        service(
            ns,
            "sticky",
            &json!({"selector": selector, "ports": [http], "sessionAffinity": "ClientIP",
            "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 42}}, "internalTrafficPolicy": "Local"}),
        ),
        service(ns, "external-name", &json!({"type": "ExternalName", "externalName": "db.example.org"})),
        service(ns, "external-ips", &json!({"externalIPs": ["192.0.2.7"], "ports": [http]})),
        service(ns, "node-port-chosen", &json!({"type": "NodePort", "ports": [chosen(CHOSEN_PORTS[0])]})),
        applied(service(
            ns,
            "node-port-applied",
            &json!({"type": "NodePort", "ports": [chosen(CHOSEN_PORTS[1])]}),
        )),
        applied(auto(service(ns, "node-port-auto-applied", &json!({"type": "NodePort", "ports": [http]})))),
        auto(service(ns, "node-port-auto", &json!({"type": "NodePort", "ports": [http]}))),
        auto(service(
            ns,
            "load-balancer",
            &json!({"type": "LoadBalancer", "ports": [http],
            "externalTrafficPolicy": "Local", "loadBalancerSourceRanges": ["192.0.2.0/24"]}),
        )),
        service(ns, "without-selector", &json!({"ports": [http]})),
        service(ns, "with-own-slice", &json!({"ports": [http]})),
    ]
}

fn endpoints(names: &Names) -> Vec<Value> {
    let ns = &names.edge();
    vec![
        object(
            "v1",
            "Endpoints",
            ns,
            "without-selector",
            json!({"subsets": [{
            "addresses": [{"ip": "192.0.2.1"}, {"ip": "192.0.2.2", "hostname": "two"}],
            "ports": [{"name": "http", "port": 8080}]}]}),
        ),
        object(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            ns,
            "own-slice",
            json!({
            "metadata": {"labels": {"kubernetes.io/service-name": "with-own-slice",
                "endpointslice.kubernetes.io/managed-by": "example.org"}},
            "addressType": "IPv4", "endpoints": [{"addresses": ["192.0.2.3"], "conditions": {"ready": true}}],
            "ports": [{"name": "http", "port": 8080}]}),
        ),
    ]
}

fn ingresses(names: &Names) -> Vec<Value> {
    let class = names.name("ingress");
    let path = |path: &str, kind: &str, port: Value| json!({"path": path, "pathType": kind, "backend": {"service": {"name": "cluster-ip", "port": port}}});
    vec![
        object(
            "networking.k8s.io/v1",
            "IngressClass",
            "",
            &class,
            json!({"spec": {
            "controller": "example.org/ingress",
            "parameters": {"apiGroup": "example.org", "kind": "Params", "name": "p", "scope": "Cluster"}}}),
        ),
        object(
            "networking.k8s.io/v1",
            "Ingress",
            &names.edge(),
            "web",
            json!({
            "metadata": {"annotations": {"nginx.ingress.kubernetes.io/configuration-snippet": "a {\n  b;\n}"}},
            "spec": {"ingressClassName": class, "tls": [{"hosts": ["x.example.org"], "secretName": "tls"}], "rules": [
                {"host": "x.example.org", "http": {"paths": [
                    path("/", "Prefix", json!({"number": 80})), path("/a.*", "ImplementationSpecific", json!({"name": "http"}))]}},
                {"host": "*.example.org", "http": {"paths": [path("/exact", "Exact", json!({"number": 80}))]}}]}}),
        ),
        object(
            "networking.k8s.io/v1",
            "Ingress",
            &names.edge(),
            "backend-only",
            json!({"spec": {
            "defaultBackend": {"resource": {"apiGroup": "example.org", "kind": "Bucket", "name": "static"}}}}),
        ),
    ]
}

fn policies(names: &Names) -> Vec<Value> {
    let named = |name: &str| json!({"namespaceSelector": {"matchLabels": {NAME_LABEL: name}}});
    let policy = |name: &str, spec: Value| {
        object("networking.k8s.io/v1", "NetworkPolicy", &names.edge(), name, json!({"spec": spec}))
    };
    vec![
        policy("deny-all", json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})),
        policy(
            "from-shop",
            json!({"podSelector": {"matchLabels": {"app": "web"}},
            "ingress": [{"from": [named(&names.shop()), named("kube-system"),
                {"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.128/25"]}}],
                "ports": [{"port": 80, "endPort": 90, "protocol": "TCP"}]}]}),
        ),
        policy(
            "to-several",
            json!({"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [{
            "namespaceSelector": {"matchExpressions": [
                {"key": NAME_LABEL, "operator": "In", "values": [names.shop(), names.odd(), "kube-system"]}]},
            "podSelector": {"matchLabels": {"app": "db"}}}]}]}),
        ),
    ]
}

/// Waits for the slices that controllers make.
pub(super) async fn settle(cluster: &Cluster, names: &Names) {
    let served = cluster.kinds().await.into_iter().find(|served| served.kind == "EndpointSlice").unwrap();
    let of = |slices: &[Value], service: &str| {
        slices.iter().any(|slice| slice["metadata"]["labels"]["kubernetes.io/service-name"] == service)
    };
    let made = async || {
        let slices = cluster.list(&served, &names.edge()).await;
        ["cluster-ip", "headless", "sticky", "without-selector"].iter().all(|service| of(&slices, service))
    };
    cluster.wait("endpoint slices", made).await;
    let endpoints = Key::new("v1", "Endpoints", &names.edge(), "cluster-ip");
    cluster.wait("endpoints", async || cluster.get(&endpoints).await.is_some()).await;
}

/// Many ordinary Services.
pub(super) fn bulk(namespace: &str, count: usize) -> Vec<Value> {
    let each = |at: usize| {
        let spec = json!({"selector": {"app": format!("app-{at}")}, "ports": [{"port": 8000 + at}]});
        service(namespace, &format!("service-{at}"), &spec)
    };
    (0..count).map(each).collect()
}
