use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::modifiers::fuzz::any_json;
use crate::modifiers::tests::ty;

fn pod(spec: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "finalizers": ["a", "b", "c"]}, "spec": spec})
}

fn patched(spec: &Value, patch: &Value) -> Result<Value, String> {
    let mut object = pod(spec);
    apply(&ty("", "pods", "Pod"), &mut object, patch)?;
    Ok(object)
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["name"].as_str().or(item.as_str()).unwrap()).collect()
}

/// What `tests/e2e/tests/strategic.rs` compares at random with a server, told by example.
#[test]
fn lists_are_merged_by_key_and_stand_in_the_servers_order() {
    let spec = json!({"containers": [
        {"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}], "args": ["x", "y"]},
        {"name": "b", "image": "b:1"}, {"name": "c", "image": "c:1"}]});
    for (containers, expected) in [
        (json!([{"name": "b", "image": "b:2"}]), vec!["a", "b", "c"]),
        (json!([{"name": "new"}]), vec!["new", "a", "b", "c"]),
        (json!([{"name": "c"}, {"name": "a"}]), vec!["b", "c", "a"]),
        (json!([{"name": "new"}, {"name": "b"}]), vec!["new", "a", "b", "c"]),
        (json!([{"name": "b", "$patch": "delete"}, {"name": "nothing", "$patch": "delete"}]), vec!["a", "c"]),
        (json!([{"name": "b"}, {"$patch": "replace"}]), vec!["b"]),
    ] {
        let after = patched(&spec, &json!({"spec": {"containers": containers}})).unwrap();
        assert_eq!(names(&after["spec"]["containers"]), expected, "{containers}");
    }
    let inner = json!({"name": "a", "args": ["z"], "image": null,
        "env": [{"name": "Y", "value": "3"}, {"name": "X", "$patch": "delete"}]});
    let after = patched(&spec, &json!({"spec": {"containers": [inner]}})).unwrap();
    assert_eq!(
        after["spec"]["containers"][0],
        json!({"name": "a", "env": [{"name": "Y", "value": "3"}], "args": ["z"]})
    );
}

#[test]
fn directives_say_what_a_merge_cannot() {
    let spec = json!({"containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
        "volumes": [{"name": "v", "emptyDir": {}}], "nodeSelector": {"x": "1", "y": "2"}});
    let order = |names: &[&str]| names.iter().map(|name| json!({"name": name})).collect::<Vec<_>>();
    for (patch, path, expected) in [
        (
            json!({"spec": {"$setElementOrder/containers": order(&["c", "a", "b"])}}),
            "/spec/containers",
            json!(order(&["c", "a", "b"])),
        ),
        (
            json!({"spec": {"$setElementOrder/containers": order(&["c", "a"])}}),
            "/spec/containers",
            json!(order(&["b", "c", "a"])),
        ),
        (
            json!({"spec": {"volumes": [{"name": "v", "hostPath": {"path": "/x"}, "$retainKeys": ["name", "hostPath"]}]}}),
            "/spec/volumes",
            json!([{"name": "v", "hostPath": {"path": "/x"}}]),
        ),
        (
            json!({"spec": {"nodeSelector": {"$patch": "replace", "z": "3"}}}),
            "/spec/nodeSelector",
            json!({"z": "3"}),
        ),
        (json!({"spec": {"nodeSelector": {"$patch": "delete"}}}), "/spec/nodeSelector", json!({})),
        (
            json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["b", "x"]}}),
            "/metadata/finalizers",
            json!(["a", "c"]),
        ),
        (
            json!({"metadata": {"finalizers": ["c", "d"]}}),
            "/metadata/finalizers",
            json!(["a", "b", "c", "d"]),
        ),
        (
            json!({"metadata": {"$setElementOrder/finalizers": ["d", "a", "b"], "finalizers": ["d"]}}),
            "/metadata/finalizers",
            json!(["d", "a", "b", "c"]),
        ),
        (
            json!({"spec": {"dnsConfig": {"$retainKeys": ["x"], "options": [{"name": "o", "value": null, "$patch": "delete"}, {"name": "p"}]}}}),
            "/spec/dnsConfig",
            json!({"options": [{"name": "p"}]}),
        ),
    ] {
        let after = patched(&spec, &patch).unwrap_or_else(|words| panic!("{words}: {patch}"));
        assert_eq!(after.pointer(path), Some(&expected), "{patch}");
    }
}

#[test]
fn what_the_server_refuses_is_refused_with_its_field() {
    let spec = json!({"containers": [{"name": "a"}], "volumes": [{"name": "v"}]});
    for (patch, words) in [
        (json!({"spec": {"containers": [{"image": "x"}]}}), "spec.containers: an item lacks name"),
        (json!({"spec": {"containers": ["x"]}}), "spec.containers: the items are not all of one type"),
        (json!({"spec": {"containers": [{"name": "a", "$patch": "merge"}]}}), "$patch is \"merge\""),
        (json!({"spec": {"$patch": "retain"}}), "$patch is \"retain\""),
        (json!({"spec": {"$retainKeys": ["x"], "containers": []}}), "$retainKeys does not list containers"),
        (json!({"spec": {"$setElementOrder/containers": "x"}}), "is no list"),
        (
            json!({"spec": {"$setElementOrder/containers": [{"name": "b"}], "containers": [{"name": "a"}]}}),
            "another order",
        ),
        (json!({"spec": {"$deleteFromPrimitiveList": ["x"]}}), "must be $deleteFromPrimitiveList/"),
    ] {
        let error = patched(&spec, &patch).expect_err(words);
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn other_kinds_get_a_merge_patch_and_no_directives() {
    let things = ty("example.org", "things", "Thing");
    let mut thing = json!({"spec": {"list": [{"name": "a"}], "keep": 1}});
    let said = apply(&things, &mut thing, &json!({"spec": {"list": [{"name": "b"}]}})).unwrap();
    assert_eq!(thing, json!({"spec": {"list": [{"name": "b"}], "keep": 1}}));
    assert!(said.unwrap().contains("merge patch"));
    assert!(
        apply(&things, &mut thing, &json!({"spec": {"$patch": "replace"}}))
            .unwrap_err()
            .contains("directives")
    );
}

/// Without lists and directives.
fn maps_only() -> impl Strategy<Value = Value> {
    any_json().prop_map(|value| json!({"spec": without_lists(value)}))
}

fn without_lists(value: Value) -> Value {
    match value {
        Value::Array(_) => Value::Null,
        Value::Object(map) => map
            .into_iter()
            .filter(|(key, _)| !key.starts_with('$'))
            .map(|(key, value)| (key, without_lists(value)))
            .collect(),
        other => other,
    }
}

proptest! {
    #[test]
    fn maps_are_merged_as_by_a_merge_patch(object in maps_only(), patch in maps_only()) {
        let mut merged = object.clone();
        patch::apply(&mut merged, &patch);
        let mut strategic = object;
        apply(&ty("", "pods", "Pod"), &mut strategic, &patch).unwrap();
        prop_assert_eq!(strategic, merged);
    }
}
