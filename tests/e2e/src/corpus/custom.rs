//! Definitions with several versions and their objects: numbers, nulls, unknown fields, large ones.

use serde_json::{Value, json};

use super::{Names, object, odd};
use crate::random::Random;

const DEFINITION: &str = "apiextensions.k8s.io/v1";

/// The API group of a corpus' definitions.
pub fn group(prefix: &str) -> String {
    format!("{}.example.org", prefix.trim_end_matches('-'))
}

fn api(names: &Names, version: &str) -> String {
    format!("{}/{version}", group(&names.name("")))
}

fn definition(names: &Names, plural: &str, kind: &str, scope: &str, versions: &Value) -> Value {
    let group = group(&names.name(""));
    let mut spec = json!({"group": group, "scope": scope, "versions": versions,
        "names": {"plural": plural, "singular": kind.to_lowercase(), "kind": kind, "listKind": format!("{kind}List")}});
    if plural == "things" {
        spec["conversion"] = json!({"strategy": "None"});
        spec["names"]["categories"] = json!(["all"]);
    }
    object(DEFINITION, "CustomResourceDefinition", "", &format!("{plural}.{group}"), json!({"spec": spec}))
}

fn version(name: &str, served: bool, storage: bool, schema: &Value) -> Value {
    json!({"name": name, "served": served, "storage": storage, "schema": {"openAPIV3Schema": schema}})
}

pub(super) fn definitions(names: &Names) -> Vec<Value> {
    let any = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let thing = json!({"type": "object", "properties": {
        "spec": {"type": "object", "properties": {
            "count": {"type": "integer", "format": "int64", "minimum": -9_223_372_036_854_775_808_i64},
            "ratio": {"type": "number"},
            "ratios": {"type": "array", "items": {"type": "number"}},
            "port": {"x-kubernetes-int-or-string": true},
            "maybe": {"type": "string", "nullable": true},
            "size": {"type": "string", "default": "medium", "enum": ["small", "medium"]},
            "any": any,
            "template": {"type": "object", "x-kubernetes-embedded-resource": true,
                "x-kubernetes-preserve-unknown-fields": true},
            "byName": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "boolean"}}},
            "list": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["key"],
                "items": {"type": "object", "required": ["key"], "properties": {
                    "key": {"type": "string"}, "value": {"type": "string"}}}}}},
        "status": any}});
    let mut served = version("v1", true, true, &thing);
    served["subresources"] = json!({"status": {}});
    served["additionalPrinterColumns"] =
        json!([{"name": "Count", "type": "integer", "jsonPath": ".spec.count"}]);
    let old = version(
        "v1beta1",
        true,
        false,
        &json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
    );
    vec![
        definition(names, "things", "Thing", "Namespaced", &json!([served, old])),
        definition(
            names,
            "realms",
            "Realm",
            "Cluster",
            &json!([
                version("v1alpha1", false, false, &any),
                version("v2", true, true, &any),
                version("v1", true, false, &any)
            ]),
        ),
        definition(names, "blobs", "Blob", "Namespaced", &json!([version("v1", true, true, &any)])),
    ]
}

/// Numbers whose spelling or precision a careless layer changes.
fn numbers() -> Value {
    json!({
        "i64": [i64::MIN, -9_007_199_254_740_993_i64, -1, 0, 9_007_199_254_740_993_i64, i64::MAX],
        "f64": [0.1, 0.2, 0.300_000_000_000_000_04, 1.0e-7, -1.5, 2.5e-300, 1.797_693_134_862_315_7e308, 5.0e-324, 1.0e21, 123_456_789.123_456_79],
    })
}

pub(super) fn objects(names: &Names, random: &mut Random) -> Vec<Value> {
    let (shop, odd_ns) = (names.shop(), names.odd());
    let thing = |ns: &str, name: &str, rest: Value| object(&api(names, "v1"), "Thing", ns, name, rest);
    let blob = |name: &str, rest: Value| object(&api(names, "v1"), "Blob", &odd_ns, name, rest);
    let realm = |name: &str, rest: Value| object(&api(names, "v2"), "Realm", "", &names.name(name), rest);
    let deep =
        (0..60).fold(json!({"end": null}), |below, at| json!({format!("level-{at}"): [below, at, null]}));
    let mut objects = vec![
        thing(&shop, "plain", json!({"spec": {"count": 1, "port": 80}})),
        thing(&shop, "defaulted", json!({"spec": {}})),
        thing(&shop, "without-spec", json!({})),
        thing(
            &shop,
            "nulls",
            json!({"spec": {"maybe": null, "any": {"a": null, "b": [null, {"c": null}], "d": {}, "e": []}}}),
        ),
        thing(
            &shop,
            "numbers",
            json!({"spec": {"count": i64::MIN, "ratio": 0.1, "port": "http", "any": numbers()}}),
        ),
        thing(
            &shop,
            "embedded",
            json!({"spec": {"template": {"apiVersion": "v1", "kind": "Pod", "metadata": {
            "name": "inner", "labels": {"a": "b"}}, "spec": {"nodeName": "n", "priority": 3}, "status": {"phase": "Running"}}}}),
        ),
        thing(
            &shop,
            "lists",
            json!({"spec": {"byName": {"b": [true, false], "a": [], "dots.in/key": [true]},
            "list": [{"key": "z", "value": "1"}, {"key": "a", "value": "2"}]}}),
        ),
        thing(
            &shop,
            "finalized",
            json!({"metadata": {"finalizers": ["example.org/cleanup"]}, "spec": {"count": 7}}),
        ),
        blob("deep", json!({"any": deep})),
        blob("large", json!({"base": "x".repeat(700_000), "texts": odd::TEXTS, "numbers": numbers()})),
        blob(
            "not-spec",
            json!({"data": {"a": 1}, "secrets": [{"name": "n"}], "webhooks": "none", "elements": [1, [2, [3]]]}),
        ),
        realm(
            "realm",
            json!({"spec": {"any": numbers()}, "metadata": {"finalizers": ["example.org/cleanup"]}}),
        ),
        realm("realm.dotted", json!({"spec": null})),
    ];
    for at in 0..20 {
        let ratios: Vec<f64> = (0..50).map(|_| random.float()).collect();
        objects.push(thing(&odd_ns, &format!("ratios-{at}"), json!({"spec": {"ratios": ratios}})));
    }
    objects
}
