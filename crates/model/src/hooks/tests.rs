//! What hooks are read as, what is said of wrong ones, and what is planned for a pod.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const BACKUP_PAGE: &str = "\
apiVersion: clusterbackup.dataprotection.microsoft.com/v1alpha1
kind: BackupHook
metadata:
  # BackupHook CR Name and Namespace
  name: bkphookname0
  namespace: default
spec:
  backupHook:
  - name: hook1
    includedNamespaces:
    - hrweb
    excludedNamespaces:
    labelSelector:
    preHooks:
    - exec:
        container: webcontainer
        command:
        - /bin/uname
        - -a
        onError: Continue
        timeout: 10s
    - exec:
        command:
        - /bin/bash
        - -c
        - echo hello > hello.txt && echo goodbye > goodbye.txt
        container: webcontainer
        onError: Continue
    postHooks:
    - exec:
        container: webcontainer
        command:
        - /bin/uname
        - -a
        onError: Continue
        timeout: 10s
";
const RESTORE_PAGE: &str = "\
apiVersion: clusterbackup.dataprotection.microsoft.com/v1alpha1
kind: RestoreHook
metadata:
  name: restorehookname0
  namespace: default
spec:
  restoreHook:
  - name: myhook-1
    includedNamespaces:
    excludedNamespaces:
    labelSelector:
    postHooks:
    - exec:
        container: webcontainer
        command:
        - /bin/bash
        - -c
        - echo hello > hello.txt && echo goodbye > goodbye.txt
        onError: Continue
        execTimeout: 30s
        waitTimeout: 5m
";

fn object(kind: &str, hooks: &Value) -> Value {
    let list = if kind == "BackupHook" { "backupHook" } else { "restoreHook" };
    json!({
        "apiVersion": format!("{GROUP}/{VERSION}"), "kind": kind,
        "metadata": {"name": "hooks", "namespace": "default", "uid": "1", "managedFields": []},
        "spec": {list: hooks},
    })
}

fn backup(hooks: &Value) -> BackupHooks {
    BackupHooks::from_object(&object("BackupHook", hooks)).unwrap().0
}

fn restore(hooks: &Value) -> RestoreHooks {
    RestoreHooks::from_object(&object("RestoreHook", hooks)).unwrap().0
}

fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// What a backup runs in `shop/db-0` with the containers `db` and `proxy`.
fn planned(annotations: &[(&str, &str)], objects: &[BackupHooks]) -> PodCommands {
    let (labels, annotations) = (map(&[("app", "db")]), map(annotations));
    let containers = ["db".to_owned(), "proxy".to_owned()];
    let pod = HookedPod {
        namespace: "shop",
        name: "db-0",
        labels: &labels,
        annotations: &annotations,
        containers: &containers,
    };
    backup_commands(&pod, objects)
}

fn words(list: &[PlannedExec]) -> Vec<(&str, &str, &str)> {
    list.iter()
        .map(|exec| (exec.hook.as_str(), exec.container.as_str(), exec.exec.command[0].as_str()))
        .collect()
}

#[test]
fn the_examples_of_the_page_are_read() {
    let linted = lint(&format!("{BACKUP_PAGE}---\n{RESTORE_PAGE}")).unwrap();
    let exec = |command: &[&str], timeout| Exec {
        container: Some("webcontainer".to_owned()),
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        on_error: OnError::Continue,
        timeout: Duration::from_secs(timeout),
    };
    let shell = ["/bin/bash", "-c", "echo hello > hello.txt && echo goodbye > goodbye.txt"];
    let BackupHooks { source, hooks } = &linted.backup[0];
    assert_eq!(source.to_string(), "default/bkphookname0");
    assert_eq!(hooks[0].pre, [exec(&["/bin/uname", "-a"], 10), exec(&shell, 30)]);
    assert_eq!(hooks[0].post, [exec(&["/bin/uname", "-a"], 10)]);
    let RestoreHooks { source, hooks } = &linted.restore[0];
    assert_eq!((source.namespace(), source.name()), ("default", "restorehookname0"));
    assert_eq!(
        hooks[0].post,
        [RestoreExec {
            container: Some("webcontainer".to_owned()),
            command: shell.map(str::to_owned).to_vec(),
            on_error: OnError::Continue,
            exec_timeout: Duration::from_secs(30),
            wait_timeout: Duration::from_mins(5),
            wait_for_ready: false,
        }]
    );
    let advice: Vec<String> = linted.advice.iter().map(ToString::to_string).collect();
    assert_eq!(
        advice,
        [
            "line 23, column 9: spec.backupHook[0].preHooks[1].exec lacks timeout, which then is 30s",
            "line 45, column 5: spec.restoreHook[0] takes every pod of every namespace that is backed up or restored; name \
             them in includedNamespaces",
        ]
    );
}

#[test]
fn what_is_not_said_has_the_documented_default() {
    let exec = json!({"exec": {"command": ["true"]}});
    let hooks = backup(&json!([{"name": "a", "preHooks": [exec], "postHooks": null}]));
    assert_eq!(
        hooks.hooks[0].pre,
        [Exec {
            container: None,
            command: vec!["true".to_owned()],
            on_error: OnError::Fail,
            timeout: Duration::from_secs(30),
        }]
    );
    let hooks = restore(&json!([{"name": "a", "postHooks": [exec]}]));
    let RestoreExec { on_error, exec_timeout, wait_timeout, wait_for_ready, .. } = &hooks.hooks[0].post[0];
    assert_eq!(
        (*on_error, exec_timeout.as_secs(), wait_timeout.as_secs(), *wait_for_ready),
        (OnError::Continue, 30, 300, false)
    );
    assert!(backup(&Value::Null).hooks.is_empty(), "a list of nothing is an empty one");
}

#[test]
fn what_is_wrong_is_named_by_its_field() {
    let command = |fields: &str| {
        format!(
            "apiVersion: {GROUP}/{VERSION}\nkind: BackupHook\nmetadata: {{name: a, namespace: b}}\nspec:\n  backupHook:\n  \
             - name: x\n    preHooks:\n    - exec: {{{fields}}}\n"
        )
    };
    let exec = "spec.backupHook[0].preHooks[0].exec";
    let hook = |fields: &str| {
        format!(
            "apiVersion: {GROUP}/{VERSION}\nkind: RestoreHook\nmetadata: {{name: a, namespace: b}}\nspec:\n  \
             restoreHook:\n  - {fields}\n"
        )
    };
    for (text, told) in [
        (
            command("command: [a], timeout: 2h"),
            format!("line 8, column 37: {exec}.timeout is longer than 1h"),
        ),
        (command("command: [a], timeout: 30"), format!("{exec}.timeout has no unit; write 30s")),
        (
            command("command: [sleep, 5]"),
            format!("{exec}.command[1] must be text: put it within quotes, \"5\""),
        ),
        (
            command("command: [echo, yes]"),
            format!("{exec}.command[1] must be text: put it within quotes, \"yes\""),
        ),
        (command("command: sleep 5"), format!("{exec}.command must be a list")),
        (command("command: []"), format!("{exec}.command names no program")),
        (command("timeout: 5s"), format!("{exec} lacks command")),
        (command("command: [a], onError: fail"), format!("{exec}.onError is \"fail\"; use Continue or Fail")),
        (command("command: [a], container: A_b"), format!("{exec}.container is \"A_b\"")),
        (command("command: [a], execTimeout: 5s"), format!("{exec}.execTimeout is unknown; write timeout")),
        (
            command("command: [a], user: root"),
            format!("{exec}.user is unknown; what can stand here is container"),
        ),
        (hook("postHooks: []"), "spec.restoreHook[0] lacks name".to_owned()),
        (hook("{name: x, preHooks: []}"), "preHooks cannot be in a restore hook".to_owned()),
        (hook("{name: x, postHooks: [{init: {}}]}"), "postHooks[0].init cannot be used".to_owned()),
        (hook("{name: x, includedNamespaces: [Shop]}"), "includedNamespaces[0] cannot be used".to_owned()),
        (
            hook("{name: x, labelSelector: {matchExpressions: [{key: a, operator: Is}]}}"),
            "matchExpressions[0] has an operator other than".to_owned(),
        ),
        (hook("{name: x, name: y}"), "the field name is given twice".to_owned()),
        (command("command: [a]").replace("v1alpha1", "v1"), "apiVersion is".to_owned()),
        (
            command("command: [a]").replace("name: a", "name: A"),
            "metadata.name cannot be referred to".to_owned(),
        ),
        ("kind: Pod".to_owned(), "kind is \"Pod\"; it must be BackupHook or RestoreHook".to_owned()),
        (String::new(), "the text is empty".to_owned()),
        ("# nothing\n---\n".to_owned(), "the text is empty".to_owned()),
    ] {
        let problems: Vec<String> = lint(&text).unwrap_err().iter().map(ToString::to_string).collect();
        let found = problems.iter().any(|problem| problem.contains(&told));
        assert!(found, "{told}\nis not in\n{problems:#?}");
    }
}

#[test]
fn everything_that_is_wrong_is_told() {
    let text = "apiVersion: x\nkind: BackupHook\nmetadata: {name: a, namespace: b}\nspec:\n  backupHook:\n  - name: x\n    \
                preHooks: [{exec: {command: [1, 2]}}, {exec: {command: [a], timeout: 9}}]\n";
    let problems = lint(&format!("{text}---\n{text}")).unwrap_err();
    assert_eq!(problems.len(), 8, "{problems:?}");
    assert_eq!((problems[0].at.line, problems[4].at.line), (1, 9), "lines are those of the file");
    let object = object("BackupHook", &json!([{}, {}, {}, {}, {}, {}, {}]));
    let error = BackupHooks::from_object(&object).unwrap_err();
    assert!(error.to_string().ends_with("; and 2 more"), "{error}");
}

#[test]
fn the_flattened_sample_is_told_how_to_be_right() {
    let text = "apiVersion: clusterbackup.dataprotection.microsoft.com/v1alpha1\nkind: BackupHook\nmetadata:\n  name: a\n  \
                namespace: default\nspec:\n  name: fsfreeze-hook\n  includedNamespaces: [hrweb]\n  preHooks: []\n";
    let problems = lint(text).unwrap_err();
    assert_eq!(problems.len(), 1);
    let told = problems[0].to_string();
    assert!(told.contains("spec has name, includedNamespaces, preHooks directly"), "{told}");
    assert!(told.contains("write `backupHook:` under `spec:`"), "{told}");
}

#[test]
fn a_cluster_may_have_fields_of_later_versions() {
    let hooks =
        json!([{"name": "a", "later": 1, "postHooks": [{"exec": {"command": ["true"], "timeout": "0s"}}]}]);
    let (read, notes) = BackupHooks::from_object(&object("BackupHook", &hooks)).unwrap();
    assert_eq!(read.hooks[0].post[0].timeout, DEFAULT_TIMEOUT);
    let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "spec.backupHook[0].later is unknown and passed over",
            "spec.backupHook[0].postHooks[0].exec.timeout is no time at all; 30s is taken",
        ]
    );
    assert!(RestoreHooks::from_object(&object("BackupHook", &json!([]))).is_err());
    let lacking = json!([{"name": "a", "preHooks": []}]);
    assert!(
        RestoreHooks::from_object(&object("RestoreHook", &lacking)).is_err(),
        "not run, and not passed over either"
    );
}

#[test]
fn lists_of_objects_are_read_as_kubectl_prints_them() {
    let hooks = json!([{"name": "a", "includedNamespaces": ["shop"], "postHooks": []}]);
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [object("BackupHook", &hooks), object("RestoreHook", &hooks)]});
    let linted = lint(&list.to_string()).unwrap();
    assert_eq!((linted.backup.len(), linted.restore.len()), (1, 1));
    let wrong = list.to_string().replace("\"a\"", "1");
    assert!(
        lint(&wrong).unwrap_err()[0].to_string().contains("items[0].spec.backupHook[0].name must be text")
    );
}

#[test]
fn a_freeze_without_its_end_is_noticed() {
    let text = templates::find("mongodb").unwrap().text;
    let without = &text[..text.find("    postHooks").unwrap()];
    let linted = lint(&without.replace("fsync: 1, lock: true", "fsyncLock: 1")).unwrap();
    assert!(linted.advice[0].problem.contains("no postHooks"), "{:?}", linted.advice);
}

#[test]
fn commands_keep_the_order_of_references_and_lists() {
    let exec = |word: &str| json!({"exec": {"command": [word]}});
    let first = backup(&json!([
        {"name": "1", "preHooks": [exec("a"), exec("b")], "postHooks": [exec("x")]},
        {"name": "2", "includedNamespaces": ["other"], "preHooks": [exec("never")]},
        {"name": "3", "excludedNamespaces": ["sh*"], "preHooks": [exec("never")]},
        {"name": "4", "labelSelector": {"matchLabels": {"app": "web"}}, "preHooks": [exec("never")]},
    ]));
    let second = backup(&json!([
        {"name": "5", "includedNamespaces": ["s?op"], "labelSelector": {"matchExpressions": [
            {"key": "app", "operator": "In", "values": ["db"]}]}, "preHooks": [{"exec": {"container": "proxy", "command": ["c"]}}]},
    ]));
    let commands = planned(&[], &[first.clone(), second.clone()]);
    let (one, five) = ("default/hooks: 1", "default/hooks: 5");
    assert_eq!(words(&commands.pre), [(one, "db", "a"), (one, "db", "b"), (five, "proxy", "c")]);
    assert_eq!(words(&commands.post), [(one, "db", "x")]);
    assert!(commands.notes.is_empty());
    assert_eq!(words(&planned(&[], &[second, first]).pre)[0], (five, "proxy", "c"));
}

#[test]
fn a_container_that_is_not_there_is_a_failure_and_no_wait() {
    let hooks =
        backup(&json!([{"name": "1", "preHooks": [{"exec": {"container": "sidecar", "command": ["a"]}}]}]));
    let commands = planned(&[], &[hooks]);
    assert_eq!(commands.pre[0].container, "sidecar");
    let problem = commands.pre[0].problem.as_deref();
    assert_eq!(problem, Some("the pod has no container sidecar, only db, proxy"));
    assert_eq!(commands.notes.len(), 1);
}

#[test]
fn an_annotation_takes_the_place_of_hooks_for_its_phase() {
    let exec = json!({"exec": {"command": ["spec"]}});
    let hooks = [backup(&json!([{"name": "1", "preHooks": [exec], "postHooks": [exec]}]))];
    let commands = planned(
        &[
            ("pre.hook.backup.velero.io/command", r#"["/bin/sh", "-c", "sync"]"#),
            ("pre.hook.backup.velero.io/container", "proxy"),
            ("pre.hook.backup.velero.io/on-error", "Continue"),
            ("pre.hook.backup.velero.io/timeout", "1m30s"),
        ],
        &hooks,
    );
    assert_eq!(words(&commands.pre), [("annotation", "proxy", "/bin/sh")]);
    assert_eq!(commands.pre[0].exec.command, ["/bin/sh", "-c", "sync"]);
    assert_eq!(
        (commands.pre[0].exec.on_error, commands.pre[0].exec.timeout.as_secs()),
        (OnError::Continue, 90)
    );
    assert_eq!(words(&commands.post), [("default/hooks: 1", "db", "spec")]);
    assert!(commands.notes.is_empty(), "{:?}", commands.notes);

    let legacy = planned(&[("hook.backup.velero.io/command", "/freeze")], &hooks);
    assert_eq!(words(&legacy.pre), [("annotation", "db", "/freeze")]);
    let post = planned(&[("post.hook.backup.velero.io/command", "/thaw")], &hooks);
    assert_eq!((words(&post.pre)[0].0, words(&post.post)[0].2), ("default/hooks: 1", "/thaw"));
}

#[test]
fn malformed_annotations_are_noted_and_never_silently_passed_over() {
    for (annotations, told, problem) in [
        (&[("pre.hook.backup.velero.io/command", "[\"a")][..], "no JSON list", true),
        (&[("pre.hook.backup.velero.io/command", "[1]")], "no JSON list", true),
        (&[("pre.hook.backup.velero.io/command", "[]")], "names no program", true),
        (&[("pre.hook.backup.velero.io/command", "echo hi")], "one word with spaces", false),
        (
            &[("pre.hook.backup.velero.io/command", "a"), ("pre.hook.backup.velero.io/timeout", "5")],
            "write 5s",
            false,
        ),
        (
            &[("pre.hook.backup.velero.io/command", "a"), ("pre.hook.backup.velero.io/on-error", "no")],
            "Fail is taken",
            false,
        ),
        (
            &[("pre.hook.backup.velero.io/command", "a"), ("pre.hook.backup.velero.io/onError", "Fail")],
            "is unknown",
            false,
        ),
        (
            &[("pre.hook.backup.velero.io/command", "a"), ("hook.backup.velero.io/command", "b")],
            "passed over",
            false,
        ),
        (
            &[("pre.hook.backup.velero.io/command", "a"), ("pre.hook.backup.velero.io/container", "x")],
            "no container x",
            true,
        ),
        (
            &[("pre.hook.backup.velero.io/command", "a"), ("pre.hook.backup.velero.io/container", "X")],
            "such a name",
            true,
        ),
    ] {
        let commands = planned(annotations, &[]);
        assert!(commands.notes.iter().any(|note| note.contains(told)), "{told}: {:?}", commands.notes);
        assert!(
            commands.notes.iter().all(|note| note.starts_with("pod shop/db-0: ")),
            "{:?}",
            commands.notes
        );
        assert_eq!(commands.pre[0].problem.is_some(), problem, "{annotations:?}");
    }
    let without = planned(&[("post.hook.backup.velero.io/timeout", "5s")], &[]);
    assert!(without.post.is_empty() && without.notes[0].contains("there is no command"), "{without:?}");
}

#[test]
fn restores_look_at_the_target() {
    let hooks = [restore(&json!([
        {"name": "1", "includedNamespaces": ["shop-copy"], "postHooks": [{"exec": {"command": ["a"], "waitForReady": true}}]},
    ]))];
    let containers = ["db".to_owned()];
    let none = BTreeMap::new();
    let init = map(&[("init.hook.restore.velero.io/command", "[\"a\"]")]);
    let given = map(&[
        ("post.hook.restore.velero.io/command", "/check"),
        ("post.hook.restore.velero.io/wait-timeout", "0"),
        ("post.hook.restore.velero.io/wait-for-ready", "yes"),
        ("post.hook.restore.velero.io/exec-timeout", "2m"),
    ]);
    let commands = |namespace, annotations| {
        let pod = HookedPod { namespace, name: "db-0", labels: &none, annotations, containers: &containers };
        restore_commands(&pod, &hooks)
    };
    assert!(commands("shop", &none).is_empty());
    let RestoreCommands { post, notes } = commands("shop-copy", &init);
    assert!(post[0].exec.wait_for_ready && post[0].hook == "default/hooks: 1");
    assert!(notes[0].contains("not supported"), "{notes:?}");
    let RestoreCommands { post, notes } = commands("shop-copy", &given);
    assert_eq!(
        (post.len(), post[0].hook.as_str(), post[0].exec.exec_timeout.as_secs()),
        (1, "annotation", 120)
    );
    assert_eq!((post[0].exec.wait_timeout, post[0].exec.wait_for_ready), (DEFAULT_WAIT, false));
    assert_eq!(notes.len(), 2, "{notes:?}");
}

#[test]
fn references_are_parsed_whole() {
    let reference: HookReference = "default/bkphookname0".parse().unwrap();
    let json = serde_json::to_value(&reference).unwrap();
    assert_eq!(json, json!({"namespace": "default", "name": "bkphookname0"}));
    assert_eq!(serde_json::from_value::<HookReference>(json).unwrap(), reference);
    assert_eq!(reference.to_string().parse(), Ok(reference));
    assert!("a/b.c-d.e".parse::<HookReference>().is_ok());
    for bad in ["", "a", "/", "a/", "/a", "a/b/c", "A/b", "a/B", "a/-b", "a/b..c", "a.b/c"] {
        assert!(bad.parse::<HookReference>().is_err(), "{bad}");
    }
    assert!(serde_json::from_value::<HookReference>(json!({"namespace": "A", "name": "b"})).is_err());
}

/// Values with the names that the reader looks for.
fn any_object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..3_i64).prop_map(Value::from),
        "[a-z0-9*./$ -]{0,6}".prop_map(Value::from),
        prop::sample::select(vec!["10s", "Fail", "In", "[", "-1s", "1h1ms"]).prop_map(Value::from),
    ];
    let inner = leaf.prop_recursive(6, 60, 4, |inner| {
        let key = prop::sample::select(vec![
            "name",
            "includedNamespaces",
            "excludedNamespaces",
            "labelSelector",
            "matchLabels",
            "matchExpressions",
            "key",
            "operator",
            "values",
            "preHooks",
            "postHooks",
            "exec",
            "init",
            "container",
            "command",
            "onError",
            "timeout",
            "execTimeout",
            "waitTimeout",
            "waitForReady",
            "x",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.prop_map(str::to_owned), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    (inner, prop::sample::select(vec!["BackupHook", "RestoreHook"]))
        .prop_map(|(hooks, kind)| object(kind, &hooks))
}

proptest! {
    #[test]
    fn no_object_makes_the_reader_panic(object in any_object()) {
        for error in [BackupHooks::from_object(&object).err(), RestoreHooks::from_object(&object).err()].into_iter().flatten() {
            prop_assert!(!error.problems.is_empty() && !error.to_string().is_empty());
        }
        if let Ok((hooks, _)) = BackupHooks::from_object(&object) {
            for exec in hooks.hooks.iter().flat_map(|hook| hook.pre.iter().chain(&hook.post)) {
                prop_assert!(!exec.command.is_empty() && !exec.timeout.is_zero() && exec.timeout <= MAX_TIMEOUT);
            }
            let _ = planned(&[], &[hooks]);
        }
        // What a cluster may store and what may be written differ in unknown fields alone.
        if lint(&object.to_string()).is_ok() {
            prop_assert!(BackupHooks::from_object(&object).is_ok() || RestoreHooks::from_object(&object).is_ok());
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(problems) = lint(&String::from_utf8_lossy(&bytes)) {
            prop_assert!(!problems.is_empty());
        }
    }

    #[test]
    fn no_spoiled_text_makes_the_reader_panic(from in 0..800_usize, length in 0..80_usize, put in "[-:{}\\[\\]\n \"a0|>&*]{0,6}") {
        let mut text: Vec<char> = BACKUP_PAGE.chars().collect();
        let from = from.min(text.len());
        let to = (from + length).min(text.len());
        text.splice(from..to, put.chars());
        if let Err(problems) = lint(&text.into_iter().collect::<String>()) {
            prop_assert!(!problems.is_empty());
        }
    }

    #[test]
    fn no_annotation_makes_the_planner_panic(command in ".{0,30}|\\[.{0,20}", timeout in ".{0,8}", container in ".{0,8}") {
        let commands = planned(&[
            ("pre.hook.backup.velero.io/command", &command),
            ("pre.hook.backup.velero.io/timeout", &timeout),
            ("pre.hook.backup.velero.io/container", &container),
        ], &[]);
        prop_assert_eq!(commands.pre.is_empty(), command.is_empty());
    }
}
