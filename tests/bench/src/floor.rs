//! The floors: bare loops of requests.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use http::{Method, Request};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::corpus::{self, Object};

/// POSTs the corpus; what must be there first is not timed.
pub(crate) async fn create(client: &Client, objects: usize, at_once: usize) -> Result<Value> {
    for object in corpus::foundation() {
        post(client, &encode(&object)).await?;
    }
    await_definition(client).await?;
    let requests: Vec<(String, Bytes)> = (0..objects).map(|n| encode(&corpus::object(n))).collect();
    let clock = Instant::now();
    stream::iter(&requests)
        .map(|request| post(client, request))
        .buffer_unordered(at_once)
        .try_collect::<()>()
        .await?;
    Ok(json!({ "ms": millis(clock), "objects": objects }))
}

fn encode(object: &Object) -> (String, Bytes) {
    (object.path.clone(), object.body.to_string().into())
}

pub(crate) async fn post(client: &Client, (path, body): &(String, Bytes)) -> Result<()> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_vec()))?;
    let response = client.send(request).await?;
    let status = response.status();
    let answer = response.into_body().collect().await?.to_bytes();
    ensure!(status.is_success(), "POST {path}: {status} {}", String::from_utf8_lossy(&answer));
    Ok(())
}

async fn await_definition(client: &Client) -> Result<()> {
    for _ in 0..200 {
        let answer = get(client, "/apis/bench.holdfast.dev/v1/widgets?limit=1").await;
        if answer.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    get(client, "/apis/bench.holdfast.dev/v1/widgets?limit=1")
        .await
        .context("the definition is not served")
        .map(drop)
}

/// LISTs everything that can be listed and created.
pub(crate) async fn list(client: &Client, at_once: usize, page_size: u32) -> Result<Value> {
    let collections = collections(client).await?;
    let kinds = collections.len();
    let clock = Instant::now();
    let bytes: Vec<usize> = stream::iter(collections)
        .map(|path| list_one(client, path, page_size))
        .buffer_unordered(at_once)
        .try_collect()
        .await?;
    Ok(json!({ "ms": millis(clock), "kinds": kinds, "bytes": bytes.iter().sum::<usize>() }))
}

#[derive(Deserialize)]
struct Page {
    metadata: PageMetadata,
}

#[derive(Deserialize)]
struct PageMetadata {
    #[serde(default, rename = "continue")]
    next: String,
}

/// A page without its items, which a floor must not pay for parsing: what stands before them or, in lists of
/// custom resources, behind them.
fn page(body: &[u8]) -> Result<Page> {
    const EDGE: usize = 4096;
    let head = &body[..body.len().min(EDGE)];
    let items = head.windows(9).position(|w| w == b"\"items\":[").unwrap_or(head.len());
    if let Ok(page) = serde_json::from_slice(&[&head[..items], b"\"items\":[]}"].concat()) {
        return Ok(page);
    }
    let tail = &body[body.len() - body.len().min(EDGE)..];
    let metadata =
        tail.windows(12).rposition(|w| w == b"\"metadata\":{").context("a list without metadata")?;
    Ok(serde_json::from_slice(&[b"{", &tail[metadata..]].concat())?)
}

async fn list_one(client: &Client, path: String, page_size: u32) -> Result<usize> {
    let mut bytes = 0;
    let mut uri = format!("{path}?limit={page_size}");
    loop {
        let body = get(client, &uri).await?;
        bytes += body.len();
        let page = page(&body).with_context(|| format!("LIST {path}"))?;
        if page.metadata.next.is_empty() {
            return Ok(bytes);
        }
        uri = format!("{path}?limit={page_size}&continue={}", page.metadata.next);
    }
}

pub(crate) async fn get(client: &Client, uri: &str) -> Result<Bytes> {
    let request =
        Request::builder().uri(uri).header(http::header::ACCEPT, "application/json").body(Body::empty())?;
    let response = client.send(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    ensure!(status.is_success(), "GET {uri}: {status}");
    Ok(body)
}

pub(crate) async fn delete(client: &Client, uri: &str) -> Result<()> {
    let request = Request::delete(uri).body(Body::empty())?;
    let status = client.send(request).await?.status();
    ensure!(status.is_success(), "DELETE {uri}: {status}");
    Ok(())
}

/// The collections of every group's preferred version.
async fn collections(client: &Client) -> Result<Vec<String>> {
    let groups: Value = serde_json::from_slice(&get(client, "/apis").await?)?;
    let mut roots = vec!["/api/v1".to_owned()];
    for group in groups["groups"].as_array().into_iter().flatten() {
        let version =
            group["preferredVersion"]["groupVersion"].as_str().context("a group without a version")?;
        roots.push(format!("/apis/{version}"));
    }
    let mut collections = Vec::new();
    for root in roots {
        let list: Value = serde_json::from_slice(&get(client, &root).await?)?;
        for resource in list["resources"].as_array().into_iter().flatten() {
            let name = resource["name"].as_str().unwrap_or_default();
            let verbs: Vec<&str> =
                resource["verbs"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if !name.contains('/')
                && ["list", "get", "create"].iter().all(|verb| verbs.contains(verb))
                && name != "events"
            {
                collections.push(format!("{root}/{name}"));
            }
        }
    }
    Ok(collections)
}

pub(crate) fn millis(clock: Instant) -> u64 {
    u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX)
}
