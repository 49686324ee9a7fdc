//! What a cluster is found to serve, whatever state its groups are in.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use holdfast_cluster::{Cluster, Discovery};
use support::{Answer, Log, Seen, cluster};
use tokio::time::Instant;

fn resources(list: &[(&str, &str, bool, &str)]) -> Answer {
    let resources: Vec<_> = list
        .iter()
        .map(|(name, kind, namespaced, verbs)| {
            serde_json::json!({
                "name": name, "singularName": name.trim_end_matches('s'), "kind": kind, "namespaced": namespaced,
                "verbs": verbs.split(' ').collect::<Vec<_>>(), "shortNames": ["x"],
            })
        })
        .collect();
    Answer::ok(serde_json::json!({"kind": "APIResourceList", "resources": resources}).to_string())
}

fn group(name: &str, versions: &[&str], preferred: &str) -> serde_json::Value {
    let version = |v: &&str| serde_json::json!({"groupVersion": format!("{name}/{v}"), "version": v});
    serde_json::json!({
        "name": name,
        "versions": versions.iter().map(version).collect::<Vec<_>>(),
        "preferredVersion": version(&preferred),
    })
}

const ALL: &str = "create delete get list patch update watch";

/// A server with `groups` besides the core group, whose documents `document` gives.
fn serving(
    groups: Vec<serde_json::Value>,
    document: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static,
) -> (Cluster, Log) {
    cluster(move |seen: &Seen| match seen.target.as_str() {
        "/api" => Some(Answer::ok(r#"{"kind":"APIVersions","versions":["v1"]}"#)),
        "/apis" => {
            Some(Answer::ok(serde_json::json!({"kind": "APIGroupList", "groups": groups}).to_string()))
        }
        "/api/v1" => Some(resources(&[
            ("configmaps", "ConfigMap", true, ALL),
            ("namespaces", "Namespace", false, ALL),
            ("namespaces/finalize", "Namespace", false, "update"),
            ("bindings", "Binding", true, "create"),
        ])),
        other => document(other),
    })
}

fn versions(found: &Discovery) -> Vec<(String, String, Vec<&str>)> {
    let row = |served: &holdfast_cluster::ServedType| {
        (served.ty.to_string(), served.ty.version.clone(), Vec::new())
    };
    let mut rows: Vec<(String, String, Vec<&str>)> = found.types.iter().map(row).collect();
    for (row, served) in rows.iter_mut().zip(&found.types) {
        row.2 = served.other_versions.iter().map(String::as_str).collect();
    }
    rows
}

#[tokio::test]
async fn every_resource_comes_in_the_best_version_that_serves_it() {
    let groups = vec![group("batch", &["v1", "v1beta1"], "v1"), group("x.io", &["v1", "v2"], "v2")];
    let (cluster, _) = serving(groups, |path| {
        Some(match path {
            "/apis/batch/v1" => resources(&[("jobs", "Job", true, ALL), ("jobs/status", "Job", true, "get")]),
            "/apis/batch/v1beta1" => {
                resources(&[("cronjobs", "CronJob", true, ALL), ("jobs", "Job", true, ALL)])
            }
            "/apis/x.io/v1" => {
                resources(&[("old-things", "OldThing", false, ALL), ("things", "Thing", true, ALL)])
            }
            "/apis/x.io/v2" => resources(&[("things", "Thing", true, "get list")]),
            other => panic!("unexpected request {other}"),
        })
    });
    let found = cluster.discover().await.unwrap();
    let row =
        |name: &str, versions: &'static [&'static str]| (name.into(), versions[0].into(), versions.to_vec());
    assert_eq!(
        versions(&found),
        [
            row("bindings", &["v1"]),
            row("configmaps", &["v1"]),
            row("namespaces", &["v1"]),
            row("cronjobs.batch", &["v1beta1"]),
            row("jobs.batch", &["v1", "v1beta1"]),
            row("old-things.x.io", &["v1"]),
            row("things.x.io", &["v2", "v1"]),
        ]
    );
    assert_eq!(found.unavailable, []);
    let things = found.types.iter().find(|t| t.ty.plural == "things").unwrap();
    assert!(things.verbs.list && things.verbs.get && !things.verbs.create && !things.verbs.patch);
    assert_eq!((things.singular.as_str(), &*things.short_names), ("thing", &["x".to_owned()][..]));
    assert!(found.types.iter().any(|t| t.ty.plural == "namespaces" && !t.ty.namespaced));
}

#[tokio::test(start_paused = true)]
async fn dead_groups_are_named_with_the_servers_words_and_hold_nothing_up() {
    let groups = vec![
        group("apps", &["v1"], "v1"),
        group("metrics.k8s.io", &["v1beta1"], "v1beta1"),
        group("deaf.io", &["v1"], "v1"),
        group("gone.io", &["v1"], "v1"),
        group("half.io", &["v2", "v1"], "v2"),
        group("odd.io", &["v1"], "v1"),
        group("silent.io", &["v1"], "v1"),
    ];
    let (cluster, log) = serving(groups, |path| match path {
        "/apis/apps/v1" => Some(resources(&[("deployments", "Deployment", true, ALL)])),
        "/apis/metrics.k8s.io/v1beta1" => Some(
            Answer::status(503, "ServiceUnavailable", "the server is currently unable to handle the request")
                .header("retry-after", "20"),
        ),
        "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io" => Some(Answer::ok(
            r#"{"status":{"conditions":[{"type":"Available","status":"False","reason":"MissingEndpoints",
                "message":"endpoints for service/metrics-server in \"kube-system\" have no addresses"}]}}"#,
        )),
        "/apis/deaf.io/v1" => Some(Answer::new(503, "service unavailable\n")),
        "/apis/apiregistration.k8s.io/v1/apiservices/v1.deaf.io" => {
            Some(Answer::status(403, "Forbidden", "no"))
        }
        "/apis/gone.io/v1" => Some(Answer::new(404, "404 page not found\n")),
        "/apis/half.io/v2" => None,
        "/apis/half.io/v1" => Some(resources(&[("halves", "Half", true, ALL)])),
        "/apis/odd.io/v1" => Some(Answer::ok("<html>")),
        "/apis/silent.io/v1" => Some(Answer::streamed(200, futures::stream::pending())),
        other => panic!("unexpected request {other}"),
    });
    let start = Instant::now();
    let found = cluster.discover().await.unwrap();
    assert!(start.elapsed() <= Duration::from_secs(10), "{:?}", start.elapsed());
    let mut targets = log.targets();
    targets.sort();
    targets.dedup();
    assert_eq!(targets.len(), log.targets().len(), "nothing is asked twice");
    assert!(found.types.iter().any(|t| t.ty.is("apps", "deployments")));
    let half = found.types.iter().find(|t| t.ty.plural == "halves").unwrap();
    assert_eq!(half.ty.version, "v1", "what one version does not say, another may");
    let reasons: Vec<_> =
        found.unavailable.iter().map(|u| format!("{}: {}", u.group_version, u.reason)).collect();
    let expected = [
        "deaf.io/v1: service unavailable (503 Service Unavailable)",
        "gone.io/v1: 404 page not found (404 Not Found)",
        "half.io/v2: the connection broke off",
        "metrics.k8s.io/v1beta1: the server is currently unable to handle the request (503 ServiceUnavailable): \
         MissingEndpoints: endpoints for service/metrics-server in \"kube-system\" have no addresses",
        "odd.io/v1: the answer cannot be understood",
        "silent.io/v1: no answer from fake for 10 s",
    ];
    assert_eq!(reasons.len(), expected.len());
    for (reason, expected) in reasons.iter().zip(expected) {
        assert!(reason.starts_with(expected), "{reason}");
    }
}

#[tokio::test]
async fn names_that_would_lead_out_of_a_path_are_named_and_left_out() {
    let groups = vec![
        group("../../evil", &["v1"], "v1"),
        group("x.io", &["v1/../..", "v1"], "v1"),
        group("", &["v1"], "v1"),
    ];
    let (cluster, log) = serving(groups, |path| match path {
        "/apis/x.io/v1" => Some(resources(&[
            ("..", "Evil", true, ALL),
            ("a%2fb", "Evil", true, ALL),
            ("goods", "../Evil", true, ALL),
            ("things", "Thing", true, ALL),
        ])),
        other => panic!("unexpected request {other}"),
    });
    let found = cluster.discover().await.unwrap();
    assert!(found.types.iter().any(|t| t.ty.plural == "things"));
    assert!(found.types.iter().all(|t| !t.ty.kind.contains("Evil")));
    assert_eq!(found.unavailable.len(), 5);
    assert!(log.targets().iter().all(|target| !target.contains("..")), "{:?}", log.targets());
}

#[tokio::test]
async fn a_server_that_does_not_say_what_it_serves_is_an_error() {
    let (cluster, _) = cluster(|_| Some(Answer::status(403, "Forbidden", "no")));
    let error = cluster.discover().await.unwrap_err();
    assert!(error.is_forbidden());
    // Both documents are asked for at once.
    let what = error.to_string();
    assert!(
        ["the core group", "API groups"]
            .iter()
            .any(|part| what == format!("discover {part}: no (403 Forbidden)")),
        "{what}"
    );
}

#[tokio::test]
async fn of_an_aggregated_document_only_what_is_stale_is_asked_for_again() {
    let resource = |name: &str, kind: &str| {
        serde_json::json!({"resource": name, "responseKind": {"group": "", "version": "v1", "kind": kind},
            "scope": "Namespaced", "singularResource": "x", "verbs": ["list", "get", "create"], "shortNames": ["s"],
            "subresources": [{"subresource": "status", "verbs": ["get"]}]})
    };
    let version = |name: &str, freshness: &str, resources: Vec<serde_json::Value>| serde_json::json!({"version": name, "freshness": freshness, "resources": resources});
    let list = |items: Vec<serde_json::Value>| {
        Answer::ok(serde_json::json!({"kind": "APIGroupDiscoveryList", "items": items}).to_string())
    };
    let (cluster, log) = cluster(move |seen: &Seen| match seen.target.as_str() {
        "/api" => Some(list(vec![serde_json::json!({"metadata": {},
            "versions": [version("v1", "Current", vec![resource("configmaps", "ConfigMap")])]})])),
        "/apis" => Some(list(vec![
            serde_json::json!({"metadata": {"name": "x.io"}, "versions": [
                version("v2", "Current", vec![resource("things", "Thing")]),
                version("v1", "Current", vec![resource("things", "Thing"), resource("old", "Old")])]}),
            serde_json::json!({"metadata": {"name": "dead.io"},
                "versions": [version("v1", "Stale", vec![resource("remembered", "Remembered")])]}),
        ])),
        "/apis/dead.io/v1" => Some(Answer::status(403, "Forbidden", "no")),
        other => panic!("unexpected request {other}"),
    });
    let found = cluster.discover().await.unwrap();
    let expected: [(String, String, Vec<&str>); 3] = [
        ("configmaps".into(), "v1".into(), vec!["v1"]),
        ("old.x.io".into(), "v1".into(), vec!["v1"]),
        ("things.x.io".into(), "v2".into(), vec!["v2", "v1"]),
    ];
    assert_eq!(versions(&found), expected);
    let thing = &found.types[2];
    assert!(thing.ty.namespaced && thing.verbs.list && !thing.verbs.patch && thing.ty.kind == "Thing");
    assert_eq!(found.unavailable.len(), 1);
    assert_eq!(found.unavailable[0].group_version, "dead.io/v1");
    assert_eq!(log.targets().len(), 3);
}
