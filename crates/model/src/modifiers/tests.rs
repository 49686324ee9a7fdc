//! The rules of the format, one table for each.

use serde_json::json;

use super::*;

pub(super) fn ty(group: &str, plural: &str, kind: &str) -> ResourceType {
    ResourceType {
        group: group.into(),
        version: "v1".into(),
        plural: plural.into(),
        kind: kind.into(),
        namespaced: !matches!(plural, "namespaces" | "persistentvolumes"),
    }
}

pub(super) fn deployments() -> ResourceType {
    ty("apps", "deployments", "Deployment")
}

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web", "a/b": "x"}},
        "spec": {"replicas": 2, "paused": null, "list": ["a", "b", "c"],
            "template": {"spec": {"containers": [{"name": "web", "image": "web:1"}, {"name": "side", "image": "side:1"}]}}},
    })
}

/// One rule for Deployments with this patch.
fn rule(patch: &str) -> String {
    format!(
        "version: v1\nresourceModifierRules:\n- conditions:\n    groupResource: deployments.apps\n{patch}"
    )
}

/// One rule with these JSON patch operations, each a flow map without its braces.
pub(super) fn operations(operations: &[&str]) -> String {
    let lines: Vec<String> = operations.iter().map(|operation| format!("  - {{{operation}}}\n")).collect();
    rule(&format!("  patches:\n{}", lines.concat()))
}

pub(super) fn subject<'a>(ty: &'a ResourceType, object: &'a Value, labels: &'a str) -> Subject<'a> {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
    Subject { ty, namespace: text("/metadata/namespace"), name: text("/metadata/name"), labels: Some(labels) }
}

pub(super) fn apply_to(text: &str, ty: &ResourceType, object: &Value) -> (Value, Applied) {
    let modifiers = Modifiers::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let labels = object.pointer("/metadata/labels").unwrap_or(&json!({})).to_string();
    let mut after = object.clone();
    let subject = subject(ty, object, &labels);
    let applied = modifiers.apply(&subject, &mut after);
    assert_eq!(applied.changed, after != *object, "{text}");
    assert!(!applied.matched() || modifiers.concerns(&subject), "what matches is concerned: {text}");
    (after, applied)
}

fn apply(text: &str) -> (Value, Vec<Effect>) {
    let (after, applied) = apply_to(text, &deployments(), &deployment());
    (after, applied.notes.into_iter().map(|note| note.effect).collect())
}

#[test]
fn the_examples_of_aks_backup_do_what_they_say() {
    let claim = "version: v1
resourceModifierRules:
- conditions:
    groupResource: persistentvolumeclaims
    resourceNameRegex: \"^mysql.*$\"
    namespaces:
    - bar
    - foo
    labelSelector:
      matchLabels:
        foo: bar
  patches:
  - operation: replace
    path: \"/spec/storageClassName\"
    value: \"premium\"
  - operation: remove
    path: \"/metadata/labels/test\"
";
    let claims = ty("", "persistentvolumeclaims", "PersistentVolumeClaim");
    let object = |name: &str, namespace: &str| {
        json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": namespace, "labels": {"foo": "bar", "test": "x"}},
            "spec": {"storageClassName": "default"}})
    };
    let (after, applied) = apply_to(claim, &claims, &object("mysql-0", "foo"));
    assert_eq!(after["spec"]["storageClassName"], "premium");
    assert_eq!(after["metadata"]["labels"], json!({"foo": "bar"}));
    assert_eq!(applied.notes, [Note { rule: 1, effect: Effect::Applied }]);
    for (name, namespace) in [("mysql-0", "other"), ("my-mysql", "foo")] {
        assert!(!apply_to(claim, &claims, &object(name, namespace)).1.matched(), "{name} {namespace}");
    }

    let replicas = "version: v1
resourceModifierRules:
- conditions:
    groupResource: deployments.apps
    resourceNameRegex: \"^nginxdep.*$\"
    namespaces: [default, nginx]
  patches:
  - operation: replace
    path: \"/spec/replicas\"
    value: \"12\"
";
    let nginx = json!({"metadata": {"name": "nginxdep-1", "namespace": "nginx"}, "spec": {"replicas": 1}});
    assert_eq!(apply_to(replicas, &deployments(), &nginx).0["spec"]["replicas"], json!(12));

    let merge = r#"{"version": "V1", "resourceModifierRules": [{"conditions": {"groupResource": "deployments.apps",
        "resourceNameRegex": "^nginxdep.*$", "namespaces": ["default", "nginx"]},
        "mergePatches": [{"patchData": "{\n \"metadata\" : {\n \"labels\" : {\n \"app\" : \"nginx1\"\n}\n}\n}"}]}]}"#;
    assert_eq!(apply_to(merge, &deployments(), &nginx).0["metadata"]["labels"], json!({"app": "nginx1"}));

    let strategic = "version: v1
resourceModifierRules:
- conditions:
    groupResource: pods
    resourceNameRegex: \"^nginx.*$\"
    namespaces:
    - default
  strategicPatches:
  - patchData: |
      {
        \"spec\": {
          \"containers\": [
            {
              \"name\": \"nginx\",
              \"image\": \"mcr.microsoft.com/cbl-mariner/base/nginx:1.22\"
            }
          ]
        }
      }
";
    let pod = json!({"metadata": {"name": "nginx-1", "namespace": "default"}, "spec": {"containers": [
        {"name": "log", "image": "log:1"}, {"name": "nginx", "image": "nginx:1", "tty": true}]}});
    assert_eq!(
        apply_to(strategic, &ty("", "pods", "Pod"), &pod).0["spec"]["containers"],
        json!([{"name": "log", "image": "log:1"},
            {"name": "nginx", "image": "mcr.microsoft.com/cbl-mariner/base/nginx:1.22", "tty": true}])
    );
}

#[test]
fn every_operation_works_as_in_veleros_library() {
    for (operation, pointer, value) in [
        ("operation: add, path: /spec/list/-, value: d", "/spec/list", json!(["a", "b", "c", "d"])),
        ("operation: add, path: /spec/list/1, value: d", "/spec/list", json!(["a", "d", "b", "c"])),
        ("operation: add, path: /spec/list/3, value: d", "/spec/list", json!(["a", "b", "c", "d"])),
        ("operation: add, path: /spec/list/-1, value: d", "/spec/list", json!(["a", "b", "c", "d"])),
        ("operation: add, path: /spec/list/-4, value: d", "/spec/list", json!(["d", "a", "b", "c"])),
        ("operation: add, path: /spec/new, value: '{\"a\": [1]}'", "/spec/new", json!({"a": [1]})),
        ("operation: ADD, path: /metadata/labels/a~1b, value: y", "/metadata/labels/a~1b", json!("y")),
        ("operation: remove, path: /spec/list/-1", "/spec/list", json!(["a", "b"])),
        ("operation: remove, path: /spec/list/0, value: ''", "/spec/list", json!(["b", "c"])),
        ("operation: Replace, path: /spec/list/-2, value: 'null'", "/spec/list", json!(["a", null, "c"])),
        ("operation: replace, path: /spec/list/2, value: null", "/spec/list", json!(["a", "b", null])),
        ("operation: replace, path: /spec/replicas, value: 12", "/spec/replicas", json!(12)),
        ("operation: replace, path: /spec/replicas, value: '\"12\"'", "/spec/replicas", json!("12")),
        ("operation: replace, path: /spec/replicas, value: 0.50", "/spec/replicas", json!(0.5)),
        ("operation: replace, path: /spec/replicas, value: True", "/spec/replicas", json!(true)),
        ("operation: replace, path: /spec/replicas, value: 0123", "/spec/replicas", json!("0123")),
        ("operation: replace, path: /spec/replicas, value: ~", "/spec/replicas", json!(null)),
        ("operation: replace, path: /spec/replicas, value:", "/spec/replicas", json!("")),
        ("operation: replace, path: /spec/replicas", "/spec/replicas", json!("")),
        (
            "operation: move, from: /spec/list/0, path: /spec/list/-, value: x",
            "/spec/list",
            json!(["b", "c", "a"]),
        ),
        ("operation: move, from: /spec/list/-1, path: /spec/replicas", "/spec/replicas", json!("c")),
        (
            "operation: copy, from: /spec/replicas, path: /spec/list/0",
            "/spec/list",
            json!([2, "a", "b", "c"]),
        ),
        (
            "operation: copy, from: /spec/template, path: /spec/list/-1/x",
            "/spec/list",
            json!(["a", "b", "c"]),
        ),
    ] {
        let (after, _) = apply(&operations(&[operation]));
        assert_eq!(after.pointer(pointer), Some(&value), "{operation}");
    }
}

#[test]
fn what_cannot_be_done_leaves_everything_as_it_was() {
    for operation in [
        "operation: remove, path: /spec/nothing",
        "operation: replace, path: /spec/nothing, value: x",
        "operation: add, path: /spec/nothing/below, value: x",
        "operation: add, path: /spec/list/4, value: x",
        "operation: add, path: /spec/list/-5, value: x",
        "operation: remove, path: /spec/list/3",
        "operation: remove, path: /spec/list/-",
        "operation: remove, path: /spec/list/+1",
        "operation: replace, path: /spec/replicas/x, value: x",
        "operation: move, from: /spec/template, path: /spec/template/spec/x",
        "operation: copy, from: /spec/nothing, path: /spec/x",
        "operation: test, path: /spec/nothing/below, value: 'null'",
        "operation: test, path: /spec/list/7, value: 'null'",
        "operation: replace, path: /metadata/name, value: other",
        "operation: remove, path: /metadata/namespace",
        "operation: replace, path: /kind, value: ReplicaSet",
        "operation: replace, path: /metadata/labels, value: '[]'",
        "operation: add, path: /metadata/annotations, value: x",
        "operation: replace, path: /metadata, value: null",
    ] {
        let (after, effects) =
            apply(&operations(&["operation: add, path: /spec/first, value: x", operation]));
        assert_eq!(after, deployment(), "{operation}");
        assert!(matches!(&effects[..], [Effect::Failed(_)]), "{operation}: {effects:?}");
    }
}

#[test]
fn a_test_that_fails_takes_the_rule_back_in_silence() {
    for (operation, holds) in [
        ("path: /spec/replicas, value: '2'", true),
        ("path: /spec/replicas, value: '3'", false),
        ("path: /spec/replicas, value: '\"2\"'", false),
        ("path: /spec/nothing, value: x", false),
        ("path: /spec/nothing, value: 'null'", true),
        ("path: /spec/paused, value: 'null'", true),
        ("path: /spec/replicas, value: 'null'", false),
        ("path: /spec/list/-1, value: c", true),
        ("path: /spec/list, value: '[\"a\",\"b\",\"c\"]'", true),
    ] {
        let test = format!("operation: test, {operation}");
        let (after, effects) = apply(&operations(&["operation: add, path: /spec/x, value: x", &test]));
        assert_eq!(after.pointer("/spec/x").is_some(), holds, "{operation}");
        assert!(
            matches!((&effects[..], holds), ([Effect::Applied], true) | ([Effect::TestFailed(_)], false)),
            "{operation}: {effects:?}"
        );
        let matches =
            rule("    matches: [{WHAT}]\n  mergePatches: [{patchData: '{\"spec\": {\"x\": 1}}'}]\n")
                .replace("WHAT", operation);
        assert_eq!(apply(&matches).1.len(), usize::from(holds), "as a condition: {operation}");
    }
    // What is a failure in a patch is no match in a condition.
    for nowhere in [
        "path: /spec/nothing/below, value: 'null'",
        "path: /spec/list/7, value: 'null'",
        "path: /x/y, value: z",
    ] {
        let matches =
            rule("    matches: [{WHAT}]\n  mergePatches: [{patchData: '{\"spec\": {\"x\": 1}}'}]\n")
                .replace("WHAT", nowhere);
        assert_eq!(apply(&matches).1, [], "{nowhere}");
    }
}

#[test]
fn conditions_see_the_object_as_it_was_and_effects_add_up() {
    let text = "version: v1
resourceModifierRules:
- conditions: {groupResource: deployments.apps}
  patches: [{operation: replace, path: /spec/replicas, value: 5}]
- conditions: {groupResource: deployments.apps, matches: [{path: /spec/replicas, value: 5}]}
  patches: [{operation: add, path: /spec/seen, value: x}]
- conditions: {groupResource: deployments.apps, matches: [{path: /spec/replicas, value: 2}]}
  patches: [{operation: copy, from: /spec/replicas, path: /spec/copied}]
- conditions: {groupResource: deployments.apps}
  patches: [{operation: remove, path: /nowhere/at/all}]
- conditions: {groupResource: deployments.apps, labelSelector: {matchExpressions: [
    {key: app, operator: In, values: [web, api]}, {key: tier, operator: DoesNotExist}, {key: a/b, operator: Exists}]}}
  mergePatches: [{patchData: 'metadata: {labels: {app: null}}'}, {patchData: 'spec: {list: [z], nothing: null}'}]
";
    let (after, applied) = apply_to(text, &deployments(), &deployment());
    assert_eq!(after["spec"]["replicas"], 5);
    assert_eq!(after["spec"]["copied"], 5);
    assert_eq!(after["spec"]["seen"], Value::Null);
    assert_eq!(after["metadata"]["labels"], json!({"a/b": "x"}));
    assert_eq!(after["spec"]["list"], json!(["z"]));
    let rules: Vec<usize> = applied.notes.iter().map(|note| note.rule).collect();
    assert_eq!(rules, [1, 3, 4, 5]);
    assert_eq!(applied.failures().map(|note| note.rule).collect::<Vec<_>>(), [4]);
}

#[test]
fn only_what_the_conditions_name_is_touched() {
    let volumes = ty("", "persistentvolumes", "PersistentVolume");
    let volume = json!({"metadata": {"name": "pv"}});
    let namespaces = ty("", "namespaces", "Namespace");
    let text = |conditions: &str| {
        format!(
            "version: v1\nresourceModifierRules:\n- conditions: {{{conditions}}}\n  mergePatches: [{{patchData: '{{\"x\": 1}}'}}]\n"
        )
    };
    for (conditions, ty, object, matched) in [
        ("groupResource: \"*\"", &deployments(), &deployment(), false),
        ("groupResource: \"*.*\"", &deployments(), &deployment(), true),
        ("groupResource: \"**\"", &deployments(), &deployment(), true),
        ("groupResource: \"*\"", &volumes, &volume, true),
        ("groupResource: \"**\"", &namespaces, &json!({"metadata": {"name": "shop"}}), false),
        ("groupResource: \"**\", namespaces: [other]", &volumes, &volume, true),
        ("groupResource: \"**\", namespaces: [other, 'sh*']", &deployments(), &deployment(), true),
        ("groupResource: \"**\", namespaces: [other]", &deployments(), &deployment(), false),
        ("groupResource: \"**\", resourceNameRegex: eb", &deployments(), &deployment(), true),
        ("groupResource: \"**\", resourceNameRegex: ^eb", &deployments(), &deployment(), false),
        (r#"groupResource: "**", resourceNameRegex: '^\w{3}$'"#, &deployments(), &deployment(), true),
        (
            r#"groupResource: "**", resourceNameRegex: '^[^x]\w+(-\w{10}-\w{5})?$'"#,
            &deployments(),
            &deployment(),
            true,
        ),
        (r#"groupResource: "**", resourceNameRegex: '^\p{L}+$'"#, &deployments(), &deployment(), true),
        (
            "groupResource: \"**\", labelSelector: {matchLabels: {app: web}}",
            &deployments(),
            &deployment(),
            true,
        ),
        (
            "groupResource: \"**\", labelSelector: {matchLabels: {app: api}}",
            &deployments(),
            &deployment(),
            false,
        ),
        ("groupResource: \"**\", labelSelector: {matchLabels: {app: api}}", &volumes, &volume, false),
    ] {
        assert_eq!(apply_to(&text(conditions), ty, object).1.matched(), matched, "{conditions}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (text, words) in [
        ("", "the document lacks version"),
        ("version: v2\nresourceModifierRules: []", "line 1, column 10: version must be v1"),
        ("version: v1", "the document lacks resourceModifierRules"),
        ("version: v1\nresourceModifierRules: []", "at least one rule"),
        (
            "version: v1\nversion: v1",
            "line 2, column 1: the modifiers are not valid YAML: the field version is given twice",
        ),
        ("version: v1\nrules: []", "rules is unknown; what can stand here is version, resourceModifierRules"),
        (&rule(""), "resourceModifierRules[0] changes nothing"),
        (&rule("  patches: []\n"), "resourceModifierRules[0] changes nothing"),
        (
            &operations(&["operation: add, path: /a", "operation: delete, path: /a"]),
            "line 7, column 17: resourceModifierRules[0].patches[1].operation is \"delete\"; use add",
        ),
        (&operations(&["operation: add, path: a/b"]), "patches[0].path must be a JSON pointer"),
        (&operations(&["operation: add, path: /a~2"]), "patches[0].path is no JSON pointer"),
        (&operations(&["operation: move, path: /a"]), "patches[0].operation is move, which needs a `from`"),
        (&operations(&["operation: add, path: /a, value: {a: 1}"]), "patches[0].value must be text"),
        (&operations(&["operation: add, path: /a, value: '[x'"]), "patches[0].value begins like JSON"),
        (&operations(&["operation: add"]), "patches[0] lacks path"),
        (
            &rule("  mergePatches:\n  - patchData: '[1]'\n"),
            "line 6, column 16: resourceModifierRules[0].mergePatches[0].patchData must be a map",
        ),
        (&rule("  mergePatches:\n  - patchData: {a: 1}\n"), "patchData must be text"),
        (
            &rule("  mergePatches:\n  - patchData: |\n      a: 1\n      a: 2\n"),
            "in its line 2: the field a is given twice",
        ),
        (
            &rule("  mergePatches: [{patchData: 'a: 1'}]\n  strategicPatches: [{patchData: 'a: 1'}]\n"),
            "strategicPatches is a second kind of patch",
        ),
        (&rule("    resourceNameRegex: '('\n  patches: []\n"), "resourceNameRegex is no regular expression"),
        (
            &rule("    resourceNameRegex: '(a{1000}){1000}'\n  patches: []\n"),
            "resourceNameRegex is no regular expression",
        ),
        (&rule("    namespaces: ['{a']\n"), "namespaces[0] opens a {"),
        (
            &rule("    labelSelector: {matchExpressions: [{key: a, operator: Is}]}\n"),
            "matchExpressions[0] has an operator other than",
        ),
        (
            &rule("    labelSelector: {matchLabels: {'a,b': x}}\n"),
            "matchLabels.a,b has a key that no label can have",
        ),
        (
            "version: v1\nresourceModifierRules: [{conditions: {}, patches: []}]",
            "conditions lacks groupResource",
        ),
        (
            "version: v1\nresourceModifierRules: [{conditions: {groupResource: ''}}]",
            "groupResource must be a resource",
        ),
        ("version: v1\nresourceModifierRules: {a: b}", "resourceModifierRules must be a list"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: *d", "no anchor"),
        ("version: v1\n---\nversion: v1", "line"),
    ] {
        let error = Modifiers::parse(text).expect_err(text).to_string();
        assert!(error.contains(words), "{text}\n{error}");
    }
    let huge = "x".repeat(2 * 1024 * 1024);
    assert!(matches!(Modifiers::parse(&huge), Err(ModifiersError::TooLarge { .. })));
    let bomb = (1..30)
        .fold("a0: &a0 [x]\n".to_owned(), |text, n| format!("{text}a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1));
    assert!(Modifiers::parse(&bomb).is_err());
}

#[test]
fn patch_data_is_typed_as_kubectl_types_it() {
    let text = rule(
        "  mergePatches:\n  - patchData: |\n      spec: {mode: 0644, on: yes, off: \"no\", float: 1.5, at: 2024-01-01, tilde: ~, list: [1, a, null]}\n",
    );
    let spec = &apply(&text).0["spec"];
    assert_eq!((&spec["mode"], &spec["on"], &spec["off"]), (&json!(420), &json!(true), &json!("no")));
    assert_eq!(
        (&spec["float"], &spec["at"], &spec["list"]),
        (&json!(1.5), &json!("2024-01-01"), &json!([1, "a", null]))
    );
    let json = rule(
        "  mergePatches:\n  - patchData: |\n      {\n      \t\"spec\": {\"x\": \"\\ud83d\\ude00\\/\"}\n      }\n",
    );
    assert_eq!(apply(&json).0["spec"]["x"], "\u{1F600}/");
}

#[test]
fn a_config_map_holds_them_under_any_one_key() {
    let text = operations(&["operation: remove, path: /spec"]);
    let map = |data: Value| json!({"kind": "ConfigMap", "data": data});
    assert_eq!(Modifiers::from_config_map(&map(json!({"any": text}))).unwrap().text(), text);
    let manifest = format!("kind: ConfigMap\ndata:\n  any: |\n    {}\n", text.replace('\n', "\n    "));
    assert_eq!(Modifiers::from_file(&manifest).unwrap().text().trim(), text.trim());
    assert_eq!(Modifiers::from_file(&text).unwrap().rule_count(), 1);
    let error = Modifiers::from_file("kind: ConfigMap\ndata: {any: 'version: v1'}").unwrap_err().to_string();
    assert!(error.starts_with("in the text that the ConfigMap holds: line 1"), "{error}");
    for (data, words) in [
        (json!({"a": text, "b": ""}), "several keys"),
        (json!({}), "empty"),
        (json!(null), "no data"),
        (json!([]), "no map"),
        (json!({"a": 1}), "not text"),
    ] {
        let error = Modifiers::from_config_map(&map(data)).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn copies_of_copies_stop_before_they_are_too_large_or_deep() {
    let doubling: Vec<String> =
        (0..60).map(|n| format!("operation: copy, from: /spec, path: /spec/x{n}")).collect();
    let doubling: Vec<&str> = doubling.iter().map(String::as_str).collect();
    let nesting = ["operation: copy, from: /spec, path: /spec/x"; 200];
    let removing =
        ["operation: copy, from: /spec, path: /spec/x", "operation: remove, path: /spec/x"].repeat(400);
    for (patches, works) in [(&doubling[..], false), (&nesting, false), (&removing, true)] {
        let (after, effects) = apply(&operations(patches));
        assert_eq!(after, deployment());
        assert_eq!(effects == [Effect::NoEffect], works, "{effects:?}");
    }
}
