//! What a LIST gives, whatever happens on the way.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::channel::mpsc;
use holdfast_cluster::{ApiError, Cluster, ListRequest, Lister};
use support::{Answer, Piece, Seen, cluster, configmaps, names, page, parameter};
use tokio::time::Instant;

fn request() -> ListRequest {
    ListRequest { page_size: 2, prefetch: false, ..ListRequest::all(configmaps()) }
}

async fn all(lister: &mut Lister) -> Result<Vec<String>, ApiError> {
    let mut found = Vec::new();
    while let Some(objects) = lister.next().await? {
        assert!(!objects.is_empty());
        found.extend(names(&objects));
    }
    Ok(found)
}

fn token(seen: &Seen) -> Option<String> {
    parameter(&seen.target, "continue")
}

/// Pages `a b`, `c d` and `e`.
fn three_pages(seen: &Seen) -> Answer {
    Answer::ok(match token(seen).as_deref() {
        None => page(&["a", "b"], Some("2")),
        Some("2") => page(&["c", "d"], Some("3")),
        Some("3") => page(&["e"], None),
        other => panic!("unknown token {other:?}"),
    })
}

/// The beginning of a body, cut within the object `name`.
fn cut_within(body: &str, name: &str) -> String {
    let at = body.find(&format!("\"{name}\"")).unwrap();
    body[..at + 2].to_owned()
}

#[tokio::test]
async fn pages_are_followed_to_the_end() {
    for prefetch in [false, true] {
        let (cluster, log) = cluster(|seen| Some(three_pages(seen)));
        let mut lister = cluster.list(ListRequest { prefetch, ..request() });
        assert_eq!(all(&mut lister).await.unwrap(), ["a", "b", "c", "d", "e"]);
        assert_eq!(lister.next().await.unwrap(), None, "the end stays the end");
        assert!(!lister.non_atomic());
        assert_eq!(lister.resource_version(), Some("10"));
        assert_eq!(
            log.targets(),
            [
                "/api/v1/configmaps?limit=2",
                "/api/v1/configmaps?limit=2&continue=2",
                "/api/v1/configmaps?limit=2&continue=3"
            ]
        );
    }
}

#[tokio::test]
async fn namespace_and_selector_are_the_servers_to_apply() {
    let (cluster, log) = cluster(|_| Some(Answer::ok(page(&[], None))));
    let selected = ListRequest {
        namespace: Some("shop".into()),
        label_selector: Some("app in (web,api),!old".into()),
        page_size: 0,
        ..request()
    };
    assert_eq!(all(&mut cluster.list(selected)).await.unwrap(), [""; 0]);
    let target = &log.targets()[0];
    assert!(target.starts_with("/api/v1/namespaces/shop/configmaps?"), "{target}");
    assert_eq!(parameter(target, "labelSelector").unwrap(), "app in (web,api),!old");
    assert_eq!(parameter(target, "limit"), None);
}

#[tokio::test]
async fn metadata_alone_is_asked_for_on_every_page_and_whole_objects_are_taken_too() {
    let (cluster, log) = cluster(|seen| Some(three_pages(seen)));
    let mut lister = cluster.list(ListRequest { metadata_only: true, ..request() });
    assert_eq!(all(&mut lister).await.unwrap(), ["a", "b", "c", "d", "e"]);
    assert_eq!(log.all().len(), 3);
    for seen in log.all() {
        let (first, second) = seen.accept.split_once(',').unwrap();
        assert_eq!(first, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        assert_eq!(second, "application/json");
    }
}

#[tokio::test]
async fn a_namespace_that_is_none_never_becomes_part_of_a_url() {
    let (cluster, log) = cluster(|_| Some(Answer::ok(page(&[], None))));
    for namespace in ["../../nodes", "a/b", "a?b", ""] {
        let mut lister = cluster.list(ListRequest { namespace: Some(namespace.into()), ..request() });
        assert!(matches!(lister.next().await, Err(ApiError::BadName { .. })), "{namespace}");
    }
    assert_eq!(log.targets(), [""; 0]);
}

fn expired(successor: Option<&str>) -> Answer {
    let metadata = successor.map(|token| serde_json::json!({ "continue": token })).unwrap_or_default();
    let body = serde_json::json!({
        "kind": "Status", "metadata": metadata, "code": 410, "reason": "Expired",
        "message": "The provided continue parameter is too old",
    });
    Answer::new(410, body.to_string())
}

#[tokio::test]
async fn an_expired_token_with_a_successor_goes_on_and_says_so() {
    for prefetch in [false, true] {
        let (cluster, _) = cluster(|seen| {
            Some(match token(seen).as_deref() {
                Some("2") => expired(Some("2b")),
                Some("2b") => Answer::ok(page(&["c", "d"], Some("3"))),
                _ => three_pages(seen),
            })
        });
        let mut lister = cluster.list(ListRequest { prefetch, ..request() });
        assert_eq!(all(&mut lister).await.unwrap(), ["a", "b", "c", "d", "e"]);
        assert!(lister.non_atomic());
    }
}

#[tokio::test]
async fn an_expired_token_without_a_way_on_is_an_error() {
    for successor in [None, Some("2")] {
        let (cluster, log) = cluster(move |seen| {
            Some(if token(seen).is_some() { expired(successor) } else { three_pages(seen) })
        });
        let mut lister = cluster.list(request());
        let error = all(&mut lister).await.unwrap_err();
        assert!(error.is_expired(), "{error}");
        assert!(error.to_string().starts_with("list configmaps: "), "{error}");
        assert!(error.to_string().contains("too old"), "{error}");
        assert!(log.targets().len() <= 3);
        assert_eq!(lister.next().await.unwrap(), None, "a failed list is over");
    }
}

/// Breaks within object `at` the first `times` times that its page is asked for.
fn breaking(at: &'static str, times: usize) -> (Cluster, Arc<AtomicUsize>) {
    let broken = Arc::new(AtomicUsize::new(0));
    let count = broken.clone();
    let (cluster, _) = cluster(move |seen| {
        let body = match token(seen).as_deref() {
            None => page(&["a", "b"], Some("2")),
            Some("2") => page(&["c", "d"], Some("3")),
            _ => page(&["e"], None),
        };
        if body.contains(&format!("\"{at}\"")) && broken.fetch_add(1, Ordering::Relaxed) < times {
            return Some(Answer::broken(cut_within(&body, at)));
        }
        Some(Answer::ok(body))
    });
    (cluster, count)
}

#[tokio::test(start_paused = true)]
async fn a_page_that_breaks_off_is_read_again_and_nothing_comes_twice() {
    for at in ["a", "b", "c", "d", "e"] {
        for prefetch in [false, true] {
            let (cluster, _) = breaking(at, 3);
            let mut lister = cluster.list(ListRequest { prefetch, ..request() });
            assert_eq!(all(&mut lister).await.unwrap(), ["a", "b", "c", "d", "e"], "broken within {at}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_keeps_breaking_off_is_an_error_after_three_more_tries() {
    let (cluster, tries) = breaking("d", usize::MAX);
    let error = all(&mut cluster.list(request())).await.unwrap_err();
    assert!(matches!(error, ApiError::Interrupted { .. }), "{error}");
    assert!(error.is_retryable());
    assert_eq!(tries.load(Ordering::Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_just_ends_is_a_page_that_broke_off() {
    let (cluster, log) = cluster(|_| Some(Answer::ok(cut_within(&page(&["a", "b"], None), "b"))));
    let error = all(&mut cluster.list(request())).await.unwrap_err();
    assert!(matches!(error, ApiError::Interrupted { .. }), "{error}");
    assert_eq!(log.targets().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_first_page_that_changed_meanwhile_is_not_stitched_together() {
    let tries = AtomicUsize::new(0);
    let (cluster, _) = cluster(move |_| {
        Some(match tries.fetch_add(1, Ordering::Relaxed) {
            0 => Answer::broken(cut_within(&page(&["a", "b", "c"], None), "c")),
            _ => Answer::ok(page(&["a", "aa", "b", "c"], None)),
        })
    });
    let mut lister = cluster.list(request());
    assert_eq!(names(&lister.next().await.unwrap().unwrap()), ["a", "b"]);
    let error = lister.next().await.unwrap_err();
    assert!(error.to_string().contains("had changed"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_lost_objects_meanwhile_is_noticed() {
    let tries = AtomicUsize::new(0);
    let (cluster, _) = cluster(move |_| {
        Some(match tries.fetch_add(1, Ordering::Relaxed) {
            0 => Answer::broken(cut_within(&page(&["a", "b", "c"], None), "c")),
            _ => Answer::ok(page(&["a"], None)),
        })
    });
    let error = all(&mut cluster.list(request())).await.unwrap_err();
    assert!(error.to_string().contains("had changed"), "{error}");
}

#[tokio::test]
async fn a_server_that_leads_in_a_circle_is_left() {
    let (cluster, log) = cluster(|_| Some(Answer::ok(page(&["a"], Some("2")))));
    let error = all(&mut cluster.list(request())).await.unwrap_err();
    assert!(matches!(error, ApiError::Malformed { .. }), "{error}");
    assert_eq!(log.targets().len(), 2);
}

#[tokio::test]
async fn an_answer_that_is_no_list_is_not_an_empty_list() {
    for body in ["{}", "", "<html>sign in</html>", r#"{"kind":"Status","status":"Success","metadata":{}}"#] {
        let (cluster, _) = cluster(move |_| Some(Answer::ok(body)));
        tokio::time::pause();
        let error = all(&mut cluster.list(request())).await.unwrap_err();
        tokio::time::resume();
        assert!(
            matches!(error, ApiError::Malformed { .. } | ApiError::Interrupted { .. }),
            "{body}: {error}"
        );
    }
}

#[tokio::test]
async fn a_refusal_comes_in_the_servers_words() {
    let (cluster, _) = cluster(|_| Some(Answer::status(403, "Forbidden", "configmaps is forbidden: no")));
    let error = all(&mut cluster.list(request())).await.unwrap_err();
    assert!(error.is_forbidden() && !error.is_retryable());
    assert_eq!(error.to_string(), "list configmaps: configmaps is forbidden: no (403 Forbidden)");
}

/// A first page whose body is fed by hand, and pages `c d` and `e` after it.
fn by_hand() -> (Cluster, support::Log, mpsc::UnboundedSender<Piece>) {
    let (send, receive) = mpsc::unbounded();
    let body = Mutex::new(Some(receive));
    let (cluster, log) = cluster(move |seen| {
        Some(match token(seen) {
            None => Answer::streamed(200, body.lock().unwrap().take().unwrap()),
            Some(_) => three_pages(seen),
        })
    });
    (cluster, log, send)
}

fn halves(body: &str, at: &str) -> (Piece, Piece) {
    let first = cut_within(body, at);
    let rest = body[first.len()..].to_owned();
    (Ok(Bytes::from(first)), Ok(Bytes::from(rest)))
}

#[tokio::test]
async fn the_next_page_is_asked_for_while_this_one_arrives_and_never_more() {
    let (cluster, log, body) = by_hand();
    let mut lister = cluster.list(ListRequest { prefetch: true, ..request() });
    let (first, rest) = halves(&page(&["a", "b"], Some("2")), "b");
    body.unbounded_send(first).unwrap();
    assert_eq!(names(&lister.next().await.unwrap().unwrap()), ["a"]);
    let asked = async {
        while log.targets().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked).await.expect("the next page is asked for");
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.targets().len(), 2, "one page ahead, not two");
    body.unbounded_send(rest).unwrap();
    drop(body);
    assert_eq!(all(&mut lister).await.unwrap(), ["b", "c", "d", "e"]);
    assert_eq!(log.targets().len(), 3, "every page is asked for once");
}

#[tokio::test]
async fn without_prefetch_the_next_page_waits_for_this_one() {
    let (cluster, log, body) = by_hand();
    let mut lister = cluster.list(request());
    let (first, _rest) = halves(&page(&["a", "b"], Some("2")), "b");
    body.unbounded_send(first).unwrap();
    assert_eq!(names(&lister.next().await.unwrap().unwrap()), ["a"]);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.targets().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_given_up_loses_nothing() {
    let (cluster, _, body) = by_hand();
    let mut lister = cluster.list(request());
    let (first, rest) = halves(&page(&["a", "b"], Some("2")), "b");
    let short = Duration::from_millis(10);
    assert!(tokio::time::timeout(short, lister.next()).await.is_err());
    body.unbounded_send(first).unwrap();
    assert_eq!(names(&lister.next().await.unwrap().unwrap()), ["a"]);
    assert!(tokio::time::timeout(short, lister.next()).await.is_err());
    body.unbounded_send(rest).unwrap();
    drop(body);
    assert_eq!(all(&mut lister).await.unwrap(), ["b", "c", "d", "e"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_short_of_leaders_is_asked_again() {
    let tries = AtomicUsize::new(0);
    let (cluster, _) = cluster(move |seen| {
        Some(match tries.fetch_add(1, Ordering::Relaxed) {
            1 => Answer::status(500, "ServerTimeout", "etcdserver: leader changed"),
            2 => Answer::status(429, "TooManyRequests", "slow down").header("retry-after", "5"),
            _ => three_pages(seen),
        })
    });
    let start = Instant::now();
    assert_eq!(all(&mut cluster.list(request())).await.unwrap(), ["a", "b", "c", "d", "e"]);
    assert!(start.elapsed() >= Duration::from_secs(5), "the server asked for 5 s: {:?}", start.elapsed());
}
