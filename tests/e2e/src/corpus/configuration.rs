//! ConfigMaps, Secrets and ServiceAccounts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Names, object, odd};
use crate::cluster::Cluster;
use crate::key::Key;
use crate::random::Random;

fn map(namespace: &str, name: &str, rest: Value) -> Value {
    object("v1", "ConfigMap", namespace, name, rest)
}

fn secret(namespace: &str, name: &str, kind: &str, data: &Value) -> Value {
    object("v1", "Secret", namespace, name, json!({"type": kind, "data": data}))
}

pub(super) fn objects(names: &Names, random: &mut Random) -> Vec<Value> {
    [maps(names, random), secrets(names, random), accounts(names)].concat()
}

fn maps(names: &Names, random: &mut Random) -> Vec<Value> {
    let ns = &names.odd();
    let texts: Map<String, Value> =
        odd::TEXTS.iter().enumerate().map(|(at, text)| (format!("text-{at}"), json!(text))).collect();
    let keys = json!({"a.b.c": "1", ".data-like": "2", "A_b-C.9": "3", "k".repeat(253): "4"});
    let mut maps = vec![
        map(ns, "texts", json!({"data": texts})),
        map(ns, "odd-keys", json!({"data": keys})),
        map(ns, "a.name.with.dots", json!({"data": {"x": "y"}})),
        map(ns, &odd::longest_name(), json!({"data": {"x": "y"}})),
        map(ns, "no-data", json!({})),
        map(ns, "empty-data", json!({"data": {}, "binaryData": {}})),
        map(ns, "empty-values", json!({"data": {"a": ""}, "binaryData": {"b": ""}})),
        map(ns, "immutable", json!({"immutable": true, "data": {"x": "y"}})),
        map(ns, "mutable-said", json!({"immutable": false, "data": {"x": "y"}})),
        map(
            ns,
            "bytes",
            json!({"data": {"t": "t"}, "binaryData": {
                "every.byte": STANDARD.encode(odd::every_byte()),
                "random": STANDARD.encode(random.bytes(70_000)),
                "zeros": STANDARD.encode([0; 1000]),
            }}),
        ),
        map(ns, "long-line", json!({"data": {"line": "0123456789abcdef".repeat(50_000)}})),
        map(
            ns,
            "annotated",
            json!({"metadata": {"annotations": {
            "example.org/large": "a".repeat(200_000), "example.org/odd": odd::TEXTS[18], "empty": ""}}}),
        ),
        map(
            ns,
            "labelled",
            json!({"metadata": {"labels": {"app.kubernetes.io/name": "x", "empty": "", "n": "1"}}}),
        ),
        map(ns, "finalized", json!({"metadata": {"finalizers": ["example.org/keep", "example.org/other"]}})),
    ];
    // The object that Helm keeps: a large secret-like text in base64 of base64.
    maps.push(map(
        ns,
        "sh.helm.release.v1.web.v1",
        json!({"data": {"release": STANDARD.encode(random.bytes(40_000))}}),
    ));
    maps
}

fn secrets(names: &Names, random: &mut Random) -> Vec<Value> {
    let ns = &names.odd();
    let b64 = |text: &str| STANDARD.encode(text);
    let docker = r#"{"auths":{"registry.example.org":{"username":"u","password":"p","auth":"dTpw"}}}"#;
    let mut secrets: Vec<Value> = (0..4)
        .map(|at| {
            let large = STANDARD.encode(random.bytes(900 << 10));
            secret(ns, &format!("large-{at}"), "Opaque", &json!({"blob": large}))
        })
        .collect();
    secrets.extend([
        secret(ns, "opaque", "Opaque", &json!({"every": STANDARD.encode(odd::every_byte()), "empty": ""})),
        secret(ns, "no-data", "Opaque", &json!({})),
        secret(ns, "docker", "kubernetes.io/dockerconfigjson", &json!({".dockerconfigjson": b64(docker)})),
        secret(ns, "docker-old", "kubernetes.io/dockercfg", &json!({".dockercfg": b64("{}")})),
        secret(ns, "basic", "kubernetes.io/basic-auth", &json!({"username": b64("u"), "password": b64("p")})),
        secret(ns, "ssh", "kubernetes.io/ssh-auth", &json!({"ssh-privatekey": b64("key")})),
        secret(ns, "tls", "kubernetes.io/tls", &json!({"tls.crt": b64("crt"), "tls.key": b64("key")})),
        secret(ns, "custom-type", "example.org/whatever.v1", &json!({"x": b64("y")})),
        object("v1", "Secret", ns, "fixed", json!({"immutable": true, "data": {"x": b64("y")}})),
        object(
            "v1",
            "Secret",
            ns,
            "asked-for-token",
            json!({
                "type": "kubernetes.io/service-account-token",
                "metadata": {"annotations": {"kubernetes.io/service-account.name": "robot", "note": "kept"}},
                "data": {"extra": b64("kept as well")},
            }),
        ),
    ]);
    secrets
}

fn accounts(names: &Names) -> Vec<Value> {
    let account = |ns: &str, name: &str, rest: Value| object("v1", "ServiceAccount", ns, name, rest);
    vec![
        account(&names.odd(), "robot", json!({"secrets": [{"name": "asked-for-token"}]})),
        account(
            &names.shop(),
            "web",
            json!({
                "automountServiceAccountToken": false,
                "imagePullSecrets": [{"name": "docker"}],
                "metadata": {"annotations": {"azure.workload.identity/client-id": "00000000-0000-0000-0000-000000000000"}},
            }),
        ),
    ]
}

/// `default` exists before anybody can create it; this is what users add to it.
pub(super) async fn equip_default_account(cluster: &Cluster, names: &Names) {
    let key = Key::new("v1", "ServiceAccount", &names.shop(), "default");
    cluster.wait("the default account", async || cluster.get(&key).await.is_some()).await;
    let patch =
        json!({"imagePullSecrets": [{"name": "registry"}], "metadata": {"labels": {"equipped": "yes"}}});
    cluster.patch(&key, patch).await;
}

/// Waits for the token that the token controller puts into the secret asked for.
pub(super) async fn settle(cluster: &Cluster, names: &Names) {
    let key = Key::new("v1", "Secret", &names.odd(), "asked-for-token");
    cluster.wait("the token", async || !cluster.must_get(&key).await["data"]["token"].is_null()).await;
}

/// Many ordinary objects.
pub(super) fn bulk(namespace: &str, random: &mut Random, count: usize) -> Vec<Value> {
    let mut objects = Vec::new();
    for at in 0..count {
        let value = STANDARD.encode(random.bytes(64));
        let text = random.pick(&odd::TEXTS);
        let labels = json!({"app": format!("app-{}", at % 7)});
        let rest = json!({"metadata": {"labels": labels}, "data": {"value": value, "text": text}});
        objects.push(map(namespace, &format!("settings-{at}"), rest));
        if at % 5 == 0 {
            let data = json!({"password": STANDARD.encode(random.bytes(24))});
            objects.push(secret(namespace, &format!("password-{at}"), "Opaque", &data));
        }
    }
    objects
}
