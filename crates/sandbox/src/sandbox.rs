//! The sandbox as a service, and what can be done to it besides.

use std::convert::Infallible;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use jiff::Timestamp;
use serde_json::json;

use crate::api::{Answer, MAX_BODY_BYTES, Request};
use crate::controllers::snapshots::STORED;
use crate::error::SandboxError;
use crate::journal::Journal;
use crate::sample;
use crate::server::Server;

/// A Kubernetes API in this process. Cheap to clone; clones are the same cluster.
#[derive(Clone)]
pub struct Sandbox {
    server: Arc<Mutex<Server>>,
    /// Whether answering may wait for the disk and for other processes.
    on_disk: bool,
    latency: Duration,
}

impl Sandbox {
    /// The name by which the sandbox is addressed as a cluster.
    pub const NAME: &str = "sandbox";
    /// The name by which it is shown.
    pub const TITLE: &str = "Sandbox (built in)";

    /// The sandbox whose state is in this folder; with the sample if there is none yet. Blocks for a few milliseconds.
    pub fn open(folder: &Path) -> Result<Self, SandboxError> {
        let server = Server::with(Journal::at(folder)?, Timestamp::now)?;
        Ok(Self::of(server, true))
    }

    /// A sandbox with the sample that is gone with its last clone.
    ///
    /// # Errors
    /// [`SandboxError::Sample`], which a test of this crate excludes.
    pub fn in_memory() -> Result<Self, SandboxError> {
        Ok(Self::of(Server::in_memory(Timestamp::now)?, false))
    }

    fn of(server: Server, on_disk: bool) -> Self {
        Self { server: Arc::new(Mutex::new(server)), on_disk, latency: Duration::ZERO }
    }

    /// Waits this long before each answer, as a cluster far away does.
    #[must_use]
    pub fn with_latency(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }

    /// Puts the sample as it was into this folder, whatever state is there. Processes that use it go on with the sample.
    pub fn reset(folder: &Path) -> Result<(), SandboxError> {
        let world = sample::world(Timestamp::now())?;
        let mut journal = Journal::at(folder)?;
        let lock = journal.lock()?;
        journal.replace(&lock, &world)
    }

    /// Deletes a namespace with all that is in it: a loss, for trying out a restore. Returns how many objects that took,
    /// the namespace and its volumes included.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] when there is no such namespace, or a cluster cannot be without it.
    pub fn lose(&self, namespace: &str) -> Result<usize, SandboxError> {
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let path = format!("/api/v1/namespaces/{namespace}");
        // Takes over what other processes did, so that only this loss is counted.
        refused(&server.handle(&request(Method::GET, &path, Bytes::new())))?;
        let before = served(&server);
        refused(&server.handle(&request(Method::DELETE, &path, Bytes::new())))?;
        Ok(before.saturating_sub(served(&server)))
    }

    /// Scales every Deployment of a namespace to nothing, which no recovery point says: a drift, for trying out a
    /// restore with the conflict policy Patch. Returns how many were changed.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] when there is no such namespace.
    pub fn drift(&self, namespace: &str) -> Result<usize, SandboxError> {
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let path = format!("/api/v1/namespaces/{namespace}");
        refused(&server.handle(&request(Method::GET, &path, Bytes::new())))?;
        let deployments = server.world().list("apps", "deployments", Some(namespace));
        let scaled = deployments.filter(|(_, deployment)| deployment["spec"]["replicas"] != 0);
        let names: Vec<String> = scaled.map(|(key, _)| key.name.clone()).collect();
        let patch = Bytes::from(json!({"spec": {"replicas": 0}}).to_string());
        for name in &names {
            let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}");
            refused(&server.handle(&request(Method::PATCH, &path, patch.clone())))?;
        }
        Ok(names.len())
    }
}

/// How many objects a client could see.
fn served(server: &Server) -> usize {
    server.world().objects().filter(|(key, _)| !key.is(STORED.0, STORED.1)).count()
}

fn request(method: Method, target: &str, body: Bytes) -> Request {
    Request {
        method,
        target: target.to_owned(),
        content_type: "application/merge-patch+json".to_owned(),
        body,
    }
}

fn refused(answer: &Answer) -> Result<(), SandboxError> {
    if answer.is_success() { Ok(()) } else { Err(SandboxError::Refused(answer.message())) }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("on_disk", &self.on_disk).finish_non_exhaustive()
    }
}

impl<B> tower::Service<http::Request<B>> for Sandbox
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let sandbox = self.clone();
        Box::pin(async move { Ok(response(sandbox.answer(request).await)) })
    }
}

impl Sandbox {
    async fn answer<B>(&self, request: http::Request<B>) -> Answer
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        // Also the end of a body that breaks off: nobody is left to read the answer then.
        let Ok(body) = Limited::new(body, MAX_BODY_BYTES).collect().await else { return Answer::too_large() };
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let request = Request {
            method: parts.method,
            target: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            content_type: content_type.unwrap_or_default().to_owned(),
            body: body.to_bytes(),
        };
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        if !self.on_disk {
            return self.handle(&request);
        }
        let sandbox = self.clone();
        let answering = tokio::task::spawn_blocking(move || sandbox.handle(&request));
        answering.await.unwrap_or_else(|error| Answer::internal(&error.to_string()))
    }

    fn handle(&self, request: &Request) -> Answer {
        self.server.lock().unwrap_or_else(PoisonError::into_inner).handle(request)
    }
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    response
}
