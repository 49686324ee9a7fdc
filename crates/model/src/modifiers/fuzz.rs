//! What holds for any text, any rule and any object. The seed is fixed; `HOLDFAST_FUZZ_CASES` makes the runs longer.

use std::env;

use json_patch::{Patch as Reference, patch_unsafe};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use super::tests::{apply_to, deployments, operations, subject, ty};
use super::*;

fn fuzz<S: Strategy>(strategy: &S, check: impl Fn(S::Value)) {
    let cases = env::var("HOLDFAST_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(256);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let ran = TestRunner::new_with_rng(config, seed).run(strategy, |value| {
        check(value);
        Ok(())
    });
    ran.unwrap();
}

/// Any JSON, with the names that patches and directives look for.
pub(super) fn any_json() -> impl Strategy<Value = Value> + Clone {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..3_i64).prop_map(Value::from),
        prop::sample::select(vec!["a", "b", "delete", "replace", "merge", "", "name"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any_key(), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_key() -> impl Strategy<Value = String> + Clone {
    prop::sample::select(vec![
        "a",
        "b",
        "0",
        "name",
        "spec",
        "metadata",
        "labels",
        "template",
        "containers",
        "env",
        "ports",
        "containerPort",
        "finalizers",
        "volumes",
        "tolerations",
        "$patch",
        "$retainKeys",
        "$setElementOrder/containers",
        "$setElementOrder/finalizers",
        "$deleteFromPrimitiveList/finalizers",
        "$setElementOrder/env",
        "$setElementOrder",
    ])
    .prop_map(str::to_owned)
}

fn any_operation() -> impl Strategy<Value = Value> {
    let path = prop::collection::vec(
        prop::sample::select(vec!["a", "b", "0", "-1", "-", "name", "spec", "metadata", "~0", "x~1y", ""]),
        1..4,
    )
    .prop_map(|tokens| format!("/{}", tokens.join("/")));
    let name = prop::sample::select(vec!["add", "remove", "Replace", "move", "copy", "test", "nonsense"]);
    (name, path.clone(), path, any_json())
        .prop_map(|(operation, from, path, value)| json!({"operation": operation, "from": from, "path": path, "value": value.to_string()}))
}

#[test]
fn no_rule_and_no_object_make_it_panic() {
    let patch = prop_oneof![
        prop::collection::vec(any_operation(), 1..6).prop_map(|list| json!({"patches": list})),
        (any_json(), prop::sample::select(vec!["mergePatches", "strategicPatches"]))
            .prop_map(|(patch, kind)| json!({kind: [{"patchData": json!({"metadata": {"finalizers": patch}, "spec": patch}).to_string()}]})),
    ];
    let kinds = prop::sample::select(vec![
        deployments(),
        ty("", "pods", "Pod"),
        ty("example.org", "things", "Thing"),
    ]);
    fuzz(&(kinds, any_json(), any_json(), patch), |(ty, finalizers, spec, mut rule)| {
        rule["conditions"] = json!({"groupResource": "**"});
        let text = json!({"version": "v1", "resourceModifierRules": [rule]}).to_string();
        let Ok(modifiers) = Modifiers::parse(&text) else { return };
        for before in [
            json!({"metadata": {"name": "x", "finalizers": finalizers}, "spec": spec, "a": spec, "b": finalizers}),
            spec.clone(),
        ] {
            let mut after = before.clone();
            let applied = modifiers.apply(&subject(&ty, &before, "{}"), &mut after);
            assert_eq!(applied.changed, before != after);
            assert!(applied.matched());
            let tested = matches!(applied.notes[0].effect, Effect::TestFailed(_) | Effect::Failed(_));
            assert!(!tested || before == after, "a failed rule has no effect");
        }
    });
}

#[test]
fn no_text_makes_the_parser_panic() {
    let whole = operations(&["operation: add, path: /a, value: \"12\""]);
    let spoiled = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), ".{0,6}").prop_map(
        move |(from, to, text)| {
            let boundaries: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
            let (from, to) =
                (boundaries[from.index(boundaries.len())], boundaries[to.index(boundaries.len())]);
            format!("{}{text}{}", &whole[..from.min(to)], &whole[from.max(to)..])
        },
    );
    let bytes = prop::collection::vec(any::<u8>(), 0..200)
        .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let signs = r"[\[\]{}:,&*!|>'\x22%@`#?~ \n\ta-c0-9-]{0,120}".prop_map(|text: String| text);
    fuzz(&prop_oneof![spoiled, bytes, signs], |text| {
        if let Err(error) = Modifiers::parse(&text) {
            assert!(!error.to_string().is_empty());
        }
    });
}

#[test]
fn merge_patches_are_those_of_patch_apply() {
    let map = any_json().prop_map(|value| json!({"spec": value}));
    fuzz(&(map.clone(), map), |(object, patch)| {
        let text = json!({"version": "v1", "resourceModifierRules": [
            {"conditions": {"groupResource": "**"}, "mergePatches": [{"patchData": patch.to_string()}]}]});
        let mut expected = object.clone();
        crate::patch::apply(&mut expected, &patch);
        assert_eq!(apply_to(&text.to_string(), &deployments(), &object).0, expected);
    });
}

/// Within the RFC the result is that of the crate that carries single operations out, which is tested by its authors.
#[test]
fn operations_without_extensions_are_those_of_the_rfc() {
    let place = prop::sample::select(vec![
        "/a", "/a/b", "/l", "/l/0", "/l/1", "/l/2", "/l/-", "/l/1/c", "/x", "/x/y", "/s/t",
    ]);
    let name = prop::sample::select(vec!["add", "remove", "replace", "move", "copy", "test"]);
    let operation = (name, place.clone(), place, 0..3_i64)
        .prop_map(|(name, from, path, value)| (name, from, path, value));
    fuzz(&prop::collection::vec(operation, 1..6), |list| {
        let before = json!({"a": {"b": 1}, "l": [0, {"c": 2}], "s": "t"});
        let patch = |key: &str, as_text: bool| -> Value {
            let one = |(name, from, path, value): &(&str, &str, &str, i64)| {
                let value = if as_text { json!(value.to_string()) } else { json!(value) };
                json!({key: name, "from": from, "path": path, "value": value})
            };
            list.iter().map(one).collect()
        };
        let mut expected = before.clone();
        let operations: Reference = serde_json::from_value(patch("op", false)).unwrap();
        let worked = patch_unsafe(&mut expected, &operations).is_ok();
        if !worked {
            expected.clone_from(&before);
        }
        let rule = json!({"conditions": {"groupResource": "**"}, "patches": patch("operation", true)});
        let text = json!({"version": "v1", "resourceModifierRules": [rule]}).to_string();
        let (after, applied) = apply_to(&text, &deployments(), &before);
        let ours = matches!(applied.notes[0].effect, Effect::Applied | Effect::NoEffect);
        assert_eq!((ours, after), (worked, expected), "{text}");
    });
}
