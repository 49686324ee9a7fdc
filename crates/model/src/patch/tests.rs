use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::resource::ResourceType;

/// RFC 7386, section 2, as written there.
fn merge(target: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else {
        return patch.clone();
    };
    let mut merged = target.as_object().cloned().unwrap_or_default();
    for (key, value) in patch {
        if value.is_null() {
            merged.remove(key);
        } else {
            let before = merged.get(key).cloned().unwrap_or(Value::Null);
            merged.insert(key.clone(), merge(&before, value));
        }
    }
    Value::Object(merged)
}

fn any_object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(json!(null)), (0..3i64).prop_map(Value::from), "[ab]".prop_map(Value::from)];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
    .prop_map(|value| json!({"root": value}))
}

/// Whether everything in `before` is still in `after`.
fn kept(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            before.iter().all(|(k, v)| after.get(k).is_some_and(|a| kept(v, a)))
        }
        (Value::Array(before), Value::Array(after)) => before.iter().all(|item| after.contains(item)),
        (before, after) => before == after,
    }
}

/// Without what says nothing in a map: null, and empty maps and lists.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let bare = map.iter().map(|(key, value)| (key.clone(), bare(value)));
            let empty = [json!(null), json!({}), json!([])];
            bare.filter(|(_, value)| !empty.contains(value)).collect()
        }
        Value::Array(list) => list.iter().map(bare).collect(),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn applying_the_patch_leaves_nothing_to_patch(desired in any_object(), live in any_object()) {
        let after = difference(&desired, &live).map_or(live.clone(), |patch| merge(&live, &patch));
        prop_assert_eq!(difference(&desired, &after), None, "after: {}", after);
    }

    #[test]
    fn an_exact_patch_makes_one_object_of_two(desired in any_object(), live in any_object()) {
        let after = exact_difference(&desired, &live).map_or(live.clone(), |patch| merge(&live, &patch));
        prop_assert_eq!(exact_difference(&desired, &after), None, "after: {}", after);
        prop_assert_eq!(bare(&after), bare(&desired));
    }

    #[test]
    fn an_object_is_identical_to_itself(object in any_object()) {
        prop_assert_eq!(difference(&object, &object), None);
        prop_assert_eq!(additions(&object, &object), None);
    }

    #[test]
    fn what_only_the_live_object_has_stays(desired in any_object(), live in any_object()) {
        let mut live = live;
        live["only"] = json!({"live": [1]});
        let patch = difference(&desired, &live).unwrap_or(json!({}));
        prop_assert_eq!(&merge(&live, &patch)["only"], &live["only"]);
    }

    #[test]
    fn additions_never_change_a_live_value(desired in any_object(), live in any_object()) {
        let after = additions(&desired, &live).map_or(live.clone(), |patch| merge(&live, &patch));
        prop_assert!(kept(&live, &after), "{} became {}", live, after);
    }
}

#[test]
fn a_patch_sets_what_the_point_says_and_replaces_lists_whole() {
    let desired = json!({"spec": {"replicas": 3, "args": ["a", "b"], "gone": null}, "data": {"x": "1"}});
    let live = json!({"spec": {"replicas": 5, "args": ["a"], "extra": true, "gone": 1}, "data": {"x": "1", "y": "2"}});
    assert_eq!(
        difference(&desired, &live),
        Some(json!({"spec": {"replicas": 3, "args": ["a", "b"], "gone": null}}))
    );
}

fn ty(group: &str, plural: &str) -> ResourceType {
    ResourceType {
        group: group.into(),
        version: "v1".into(),
        plural: plural.into(),
        kind: String::new(),
        namespaced: true,
    }
}

fn cause<'a>(field: &'a str, message: &'a str) -> Cause<'a> {
    Cause { field, reason: "FieldValueInvalid", message }
}

#[test]
fn immutable_fields_go_and_the_rest_stays() {
    let mut patch = json!({"spec": {"selector": {"matchLabels": {"a": "b"}}, "replicas": 2,
        "template": {"metadata": {"labels": {"a": "b"}}}}});
    let causes = [cause("spec.selector", "Invalid value: field is immutable")];
    let pruned = prune_refused(&ty("apps", "deployments"), &mut patch, &json!({}), &json!({}), &causes);
    assert_eq!(pruned, ["spec.selector", "spec.template.metadata.labels"]);
    assert_eq!(patch, json!({"spec": {"replicas": 2}}));
}

#[test]
fn lists_are_pruned_whole_and_keys_may_hold_dots() {
    let mut patch = json!({"spec": {"ports": [{"port": 1}]}, "data": {"a.b": "x", "c": "y"}});
    let causes = [cause("spec.ports[0].port", "may not change"), cause("data[a.b]", "field is immutable")];
    let pruned = prune_refused(&ty("", "services"), &mut patch, &json!({}), &json!({}), &causes);
    assert_eq!(pruned, ["data.a.b", "spec.ports"]);
    assert_eq!(patch, json!({"data": {"c": "y"}}));
}

#[test]
fn a_refusal_that_is_not_about_immutability_prunes_nothing() {
    let mut patch = json!({"spec": {"replicas": -1}});
    let causes = [cause("spec.replicas", "must be greater than or equal to 0")];
    let pruned = prune_refused(&ty("apps", "deployments"), &mut patch, &json!({}), &json!({}), &causes);
    assert!(pruned.is_empty());
    assert_eq!(patch, json!({"spec": {"replicas": -1}}));
}

#[test]
fn a_coarse_refusal_goes_by_the_table() {
    let desired = json!({"spec": {"replicas": 3, "serviceName": "b", "volumeClaimTemplates": [1]}});
    let live = json!({"spec": {"replicas": 1, "serviceName": "a", "volumeClaimTemplates": [2]}});
    let mut patch = difference(&desired, &live).unwrap();
    let causes =
        [cause("spec", "updates to statefulset spec for fields other than 'replicas' are forbidden")];
    let pruned = prune_refused(&ty("apps", "statefulsets"), &mut patch, &desired, &live, &causes);
    assert_eq!(pruned, ["spec.serviceName", "spec.volumeClaimTemplates"]);
    assert_eq!(patch, json!({"spec": {"replicas": 3}}));

    let desired = json!({"spec": {"containers": [{"name": "c", "image": "new", "command": ["x"]}]}});
    let live = json!({"spec": {"containers": [{"name": "c", "image": "old"}], "nodeName": "n"}});
    let mut patch = difference(&desired, &live).unwrap();
    let causes = [cause("spec", "pod updates may not change fields other than image")];
    assert_eq!(prune_refused(&ty("", "pods"), &mut patch, &desired, &live, &causes), ["spec.containers"]);
    assert_eq!(patch, json!({"spec": {"containers": [{"name": "c", "image": "new"}]}}));
}

#[test]
fn a_patch_is_applied_as_rfc_7396_says() {
    // Examples of its appendix A.
    for (object, patch, result) in [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
        (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
        (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
        (json!(["a", "b"]), json!({"a": "c", "b": null}), json!({"a": "c"})),
        (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
    ] {
        let mut applied = object.clone();
        apply(&mut applied, &patch);
        assert_eq!(applied, result, "{object} {patch}");
    }
}
