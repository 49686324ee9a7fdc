//! A Kubernetes API in a closure.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]
#![allow(dead_code, reason = "every test program uses its own part")]

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use holdfast_cluster::Cluster;
use holdfast_model::resource::ResourceType;
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody};
use kube::client::Body;

/// A piece of a body, or the end of the connection.
pub type Piece = Result<Bytes, std::io::Error>;

/// What the fake server answers.
pub struct Answer {
    code: u16,
    headers: Vec<(&'static str, String)>,
    pieces: BoxStream<'static, Piece>,
}

impl Answer {
    pub fn ok(body: impl Into<Bytes>) -> Self {
        Self::new(200, body)
    }

    pub fn new(code: u16, body: impl Into<Bytes>) -> Self {
        Self::streamed(code, stream::iter([Ok(body.into())]))
    }

    pub fn streamed(code: u16, pieces: impl futures::Stream<Item = Piece> + Send + 'static) -> Self {
        Self { code, headers: Vec::new(), pieces: pieces.boxed() }
    }

    /// A body that breaks off a moment after `body`.
    pub fn broken(body: impl Into<Bytes>) -> Self {
        let end = stream::once(async {
            tokio::task::yield_now().await;
            Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
        });
        Self::streamed(200, stream::iter([Ok(body.into())]).chain(end))
    }

    /// A `Status`.
    pub fn status(code: u16, reason: &str, message: &str) -> Self {
        Self::new(
            code,
            serde_json::json!({
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                "code": code, "reason": reason, "message": message,
            })
            .to_string(),
        )
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// A request as the fake server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    /// Path and query, decoded enough to be read: `limit=2&continue=a`.
    pub target: String,
    pub content_type: String,
    pub accept: String,
    pub body: Bytes,
}

/// All requests so far.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<Seen>>>);

impl Log {
    pub fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap().clone()
    }

    pub fn targets(&self) -> Vec<String> {
        self.all().into_iter().map(|seen| seen.target).collect()
    }
}

/// A cluster whose API server is `answer`; `None` is a connection that breaks before there is an answer.
pub fn cluster(answer: impl Fn(&Seen) -> Option<Answer> + Send + Sync + 'static) -> (Cluster, Log) {
    let log = Log::default();
    let answer = Arc::new(answer);
    let seen_by_server = log.clone();
    let service = tower::service_fn(move |request: Request<Body>| {
        let (log, answer) = (seen_by_server.clone(), answer.clone());
        async move {
            let (parts, body) = request.into_parts();
            let header = |name| {
                let value: Option<&http::HeaderValue> = parts.headers.get(name);
                value.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
            };
            let seen = Seen {
                method: parts.method.to_string(),
                target: parts.uri.to_string(),
                content_type: header(http::header::CONTENT_TYPE),
                accept: header(http::header::ACCEPT),
                body: body.collect().await.unwrap().to_bytes(),
            };
            log.0.lock().unwrap().push(seen.clone());
            let answer = answer(&seen).ok_or(std::io::Error::from(std::io::ErrorKind::BrokenPipe))?;
            let mut response = Response::builder().status(answer.code);
            for (name, value) in answer.headers {
                response = response.header(name, value);
            }
            let frames = answer.pieces.map(|piece| piece.map(http_body::Frame::data));
            Ok::<_, std::io::Error>(response.body(StreamBody::new(frames)).unwrap())
        }
    });
    (Cluster::from_service("fake", service), log)
}

pub fn configmaps() -> ResourceType {
    ResourceType {
        group: String::new(),
        version: "v1".into(),
        plural: "configmaps".into(),
        kind: "ConfigMap".into(),
        namespaced: true,
    }
}

/// A page of objects with the given names, as the API server writes built-in lists.
pub fn page(names: &[&str], next: Option<&str>) -> String {
    let items: Vec<_> = names.iter().map(|name| serde_json::json!({"metadata": {"name": name}})).collect();
    let metadata = match next {
        Some(next) => serde_json::json!({"resourceVersion": "10", "continue": next}),
        None => serde_json::json!({"resourceVersion": "10"}),
    };
    let items = serde_json::to_string(&items).unwrap();
    format!(r#"{{"kind":"ConfigMapList","apiVersion":"v1","metadata":{metadata},"items":{items}}}"#)
}

/// The names in a group of objects.
pub fn names(objects: &[Bytes]) -> Vec<String> {
    let name = |object: &Bytes| {
        let object: serde_json::Value = serde_json::from_slice(object).unwrap();
        object["metadata"]["name"].as_str().unwrap().to_owned()
    };
    objects.iter().map(name).collect()
}

/// The value of one parameter of the query.
pub fn parameter(target: &str, name: &str) -> Option<String> {
    let (_, query) = target.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, v)| v.into_owned())
}
