//! Single objects: what is sent, what comes back, and what is tried again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use holdfast_cluster::{ApiError, Cause, DeleteOptions, MAX_OBJECT_BYTES, WriteOptions};
use support::{Answer, cluster, configmaps};
use tokio::time::Instant;

const BODY: Bytes = Bytes::from_static(br#"{"metadata":{"name":"a"}}"#);
const ANY: DeleteOptions<'_> = DeleteOptions { uid: None, resource_version: None, owned_first: false };

#[tokio::test]
async fn requests_are_what_the_api_asks_for() {
    let (cluster, log) = cluster(|_| Some(Answer::ok(BODY)));
    let ty = configmaps();
    assert_eq!(cluster.get(&ty, Some("shop"), "a:b").await.unwrap(), Some(BODY));
    assert_eq!(cluster.create(&ty, Some("shop"), BODY, WriteOptions::default()).await.unwrap(), BODY);
    assert_eq!(
        cluster.merge_patch(&ty, Some("shop"), "a", BODY, WriteOptions::default()).await.unwrap(),
        BODY
    );
    cluster.delete(&ty, Some("shop"), "a", ANY).await.unwrap();
    let tried = WriteOptions { dry_run: true, manager: Some("holdfast-1 2") };
    cluster.create(&ty, Some("shop"), BODY, tried).await.unwrap();
    let only = DeleteOptions { uid: Some("u"), resource_version: Some("7"), owned_first: true };
    cluster.delete(&ty, Some("shop"), "a", only).await.unwrap();
    let deleted = log.all().last().unwrap().body.clone();
    let expected = serde_json::json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground",
        "preconditions": {"uid": "u", "resourceVersion": "7"}});
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&deleted).unwrap(), expected);
    let seen: Vec<_> =
        log.all().into_iter().map(|s| (s.method, s.target, s.content_type, s.body == BODY)).collect();
    let row = |method: &str, target: &str, content: &str, body| {
        (method.into(), target.into(), content.into(), body)
    };
    assert_eq!(
        seen,
        [
            row("GET", "/api/v1/namespaces/shop/configmaps/a:b", "", false),
            row("POST", "/api/v1/namespaces/shop/configmaps", "application/json", true),
            row("PATCH", "/api/v1/namespaces/shop/configmaps/a", "application/merge-patch+json", true),
            row("DELETE", "/api/v1/namespaces/shop/configmaps/a", "application/json", false),
            row(
                "POST",
                "/api/v1/namespaces/shop/configmaps?dryRun=All&fieldManager=holdfast-1+2",
                "application/json",
                true
            ),
            row("DELETE", "/api/v1/namespaces/shop/configmaps/a", "application/json", false),
        ]
    );
}

#[tokio::test]
async fn an_object_that_is_not_there_differs_from_a_resource_that_is_not_served() {
    let (absent, _) = cluster(|_| Some(Answer::status(404, "NotFound", r#"configmaps "a" not found"#)));
    assert_eq!(absent.get(&configmaps(), Some("shop"), "a").await.unwrap(), None);
    let (unserved, _) = cluster(|_| Some(Answer::new(404, "404 page not found\n")));
    let error = unserved.get(&configmaps(), Some("shop"), "a").await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.to_string(), "get configmaps shop/a: 404 page not found (404 Not Found)");
}

#[tokio::test]
async fn names_that_would_address_something_else_are_never_sent() {
    let (cluster, log) = cluster(|_| Some(Answer::ok("{}")));
    for (namespace, name) in
        [("shop", ""), ("shop", "."), ("shop", ".."), ("", "a"), ("../..", "a"), ("a%2f", "a")]
    {
        let error = cluster.delete(&configmaps(), Some(namespace), name, ANY).await.unwrap_err();
        assert!(matches!(error, ApiError::BadName { .. }), "{namespace:?}/{name:?}: {error}");
    }
    assert_eq!(log.targets(), [""; 0]);
}

#[tokio::test]
async fn a_refusal_names_the_fields_to_blame() {
    let (cluster, _) = cluster(|_| {
        let body = serde_json::json!({
            "kind": "Status", "code": 422, "reason": "Invalid", "metadata": {},
            "message": "Deployment.apps \"a\" is invalid: spec.selector: Invalid value: field is immutable",
            "details": {"causes": [
                {"reason": "FieldValueInvalid", "message": "field is immutable", "field": "spec.selector"},
                {"message": "no field"},
            ]},
        });
        Some(Answer::new(422, body.to_string()))
    });
    let error = cluster
        .merge_patch(&configmaps(), Some("shop"), "a", BODY, WriteOptions::default())
        .await
        .unwrap_err();
    assert!(error.is_invalid() && !error.is_conflict() && !error.is_retryable());
    let cause = |field: &str, reason: &str, message: &str| Cause {
        field: field.into(),
        reason: reason.into(),
        message: message.into(),
    };
    assert_eq!(
        error.status().unwrap().causes,
        [cause("spec.selector", "FieldValueInvalid", "field is immutable"), cause("", "", "no field")]
    );
    assert!(error.to_string().starts_with("patch configmaps shop/a: Deployment.apps"), "{error}");
}

#[tokio::test]
async fn the_two_kinds_of_409_are_told_apart() {
    for (reason, exists) in [("AlreadyExists", true), ("Conflict", false)] {
        let (cluster, _) = cluster(move |_| Some(Answer::status(409, reason, "no")));
        let error =
            cluster.create(&configmaps(), Some("shop"), BODY, WriteOptions::default()).await.unwrap_err();
        assert_eq!((error.is_already_exists(), error.is_conflict()), (exists, !exists));
    }
}

/// Answers with `first` once per element, then with success.
fn recovering(first: Vec<fn() -> Option<Answer>>) -> (holdfast_cluster::Cluster, support::Log) {
    let tries = AtomicUsize::new(0);
    cluster(move |_| match first.get(tries.fetch_add(1, Ordering::Relaxed)) {
        Some(answer) => answer(),
        None => Some(Answer::ok(BODY)),
    })
}

#[tokio::test(start_paused = true)]
async fn a_busy_server_is_waited_for_as_long_as_it_asks() {
    let busy = || Some(Answer::status(429, "TooManyRequests", "busy").header("retry-after", "3"));
    let (cluster, log) = recovering(vec![busy, busy]);
    let start = Instant::now();
    assert_eq!(
        cluster.create(&configmaps(), Some("shop"), BODY, WriteOptions::default()).await.unwrap(),
        BODY
    );
    assert_eq!(start.elapsed().as_secs(), 6);
    assert!(log.all().iter().all(|seen| seen.body == BODY && seen.content_type == "application/json"));
    assert_eq!(log.all().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_is_waited_for_within_limits() {
    let (cluster, log) = cluster(|_| Some(Answer::new(503, "no backend")));
    let start = Instant::now();
    let error = cluster.create(&configmaps(), Some("shop"), BODY, WriteOptions::default()).await.unwrap_err();
    assert_eq!(error.status().unwrap().code, 503);
    assert!(error.is_retryable());
    assert!(log.all().len() > 5);
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_too_much_patience_is_not_waited_for() {
    let (cluster, log) =
        cluster(|_| Some(Answer::status(429, "TooManyRequests", "busy").header("retry-after", "86400")));
    let error = cluster.create(&configmaps(), Some("shop"), BODY, WriteOptions::default()).await.unwrap_err();
    assert_eq!(error.status().unwrap().retry_after, Some(Duration::from_hours(24)));
    assert_eq!(log.all().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_for_again_once_the_server_was_reached() {
    let (cluster, log) = recovering(vec![|| Some(Answer::ok(BODY)), || None, || None]);
    cluster.get(&configmaps(), Some("shop"), "a").await.unwrap();
    assert_eq!(
        cluster.create(&configmaps(), Some("shop"), BODY, WriteOptions::default()).await.unwrap(),
        BODY
    );
    assert_eq!(log.all().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answered_fails_at_once() {
    let (cluster, log) = cluster(|_| None);
    let error = cluster.version().await.unwrap_err();
    assert!(matches!(error, ApiError::Interrupted { .. }), "{error}");
    assert_eq!(log.all().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_speaks_is_given_up_within_fifteen_seconds() {
    let (cluster, _) = cluster(|_| Some(Answer::streamed(200, futures::stream::pending())));
    let start = Instant::now();
    let error = cluster.version().await.unwrap_err();
    assert!(matches!(error, ApiError::Timeout { .. }), "{error}");
    assert_eq!(start.elapsed().as_secs(), 15);
}

#[tokio::test]
async fn credentials_that_are_not_accepted_come_with_advice() {
    let (cluster, _) = cluster(|_| Some(Answer::status(401, "Unauthorized", "Unauthorized")));
    let error = cluster.version().await.unwrap_err();
    assert!(matches!(error, ApiError::Unauthorized { .. }));
    assert!(error.to_string().contains("Sign in again"), "{error}");
}

#[tokio::test]
async fn a_page_from_something_on_the_way_is_shown_as_plain_text() {
    let (cluster, _) = cluster(|_| Some(Answer::new(502, "<h1>\u{1b}[31mBad\r\nGateway</h1>")));
    let error = cluster.version().await.unwrap_err();
    assert_eq!(error.to_string(), "read the server's version: <h1> [31mBad  Gateway</h1> (502 Bad Gateway)");
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_refused() {
    let (cluster, _) = cluster(|_| Some(Answer::ok(vec![b' '; MAX_OBJECT_BYTES + 1])));
    let error = cluster.get(&configmaps(), Some("shop"), "a").await.unwrap_err();
    assert!(matches!(error, ApiError::TooLarge { limit: MAX_OBJECT_BYTES, .. }), "{error}");
}

#[tokio::test]
async fn the_version_is_read() {
    let (cluster, _) =
        cluster(|_| Some(Answer::ok(r#"{"major":"1","minor":"37+","gitVersion":"v1.37.2","x":1}"#)));
    let version = cluster.version().await.unwrap();
    assert_eq!((version.git_version.as_str(), version.minor.as_str()), ("v1.37.2", "37+"));
}
