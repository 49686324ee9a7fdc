//! One request, from bytes to bytes: credentials, retries, and errors in words.

use std::error::Error as StdError;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::client::Body;
use serde::Deserialize;

use crate::api_error::{ApiError, Cause, StatusError};
use crate::connect::{SignIn, chain, explain, find};
use crate::retry::Patience;
use crate::text::printable;

/// Longest silence of the server that is waited for. Its own limit for a request is 60 s
/// (`kube-apiserver --request-timeout`), so that its words about a slow request still arrive.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(75);

/// Most of an error's body that is read.
const MAX_REFUSAL_BYTES: usize = 1024 * 1024;

/// One request, in a form that can be sent again.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What is being done, as it stands in errors.
    pub(crate) attempt: String,
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    /// Forms of the answer that are understood, best first.
    pub(crate) accept: &'static str,
    /// Content type of the body, for those that have one.
    pub(crate) content_type: Option<&'static str>,
    /// The headers that ask for another protocol on the connection. Boxed: calls are part of every future.
    pub(crate) upgrade: Option<Box<HeaderMap>>,
    pub(crate) body: Bytes,
    pub(crate) patience: Patience,
}

impl Call {
    pub(crate) fn get(attempt: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            attempt: attempt.into(),
            method: Method::GET,
            target: target.into(),
            accept: "application/json",
            content_type: None,
            upgrade: None,
            body: Bytes::new(),
            patience: Patience::Full,
        }
    }

    /// Whether an answer with this code is what was asked for.
    fn is_met_by(&self, code: StatusCode) -> bool {
        code.is_success() || (code == StatusCode::SWITCHING_PROTOCOLS && self.upgrade.is_some())
    }

    fn request(&self) -> Result<Request<Body>, ApiError> {
        let mut request =
            Request::builder().method(self.method.clone()).uri(&self.target).header(ACCEPT, self.accept);
        if let Some(content_type) = self.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        if let (Some(headers), Some(upgrade)) = (request.headers_mut(), &self.upgrade) {
            headers.extend((**upgrade).clone());
        }
        request.body(Body::from(self.body.clone())).map_err(|error| ApiError::BadName {
            attempt: self.attempt.clone(),
            reason: format!("{:?} cannot be requested: {error}", printable(&self.target)),
        })
    }
}

/// The way to one API server. Shared by all clones of a cluster.
pub(crate) struct Transport {
    client: kube::Client,
    /// Address without credentials, for errors.
    server: String,
    sign_in: Option<SignIn>,
    /// Whether the server ever answered.
    reached: AtomicBool,
}

impl Transport {
    pub(crate) fn new(client: kube::Client, server: String, sign_in: Option<SignIn>) -> Self {
        Self { client, server, sign_in, reached: AtomicBool::new(false) }
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Sends until there is a successful answer, whose body is not read yet, or an error that stands.
    pub(crate) async fn send(&self, call: &Call) -> Result<Response<Body>, ApiError> {
        let mut repeat = 0;
        let mut renewed = false;
        loop {
            let credential = self.credential(call).await?;
            let error = match self.send_once(call, credential.clone()).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            if let (ApiError::Unauthorized { .. }, false) = (&error, renewed)
                && let (Some(sign_in), Some(refused)) = (&self.sign_in, credential)
            {
                sign_in.refused(&refused).await;
                renewed = true;
                continue;
            }
            let reached = self.reached.load(Ordering::Relaxed);
            let Some(pause) = call.patience.pause(repeat, &error, reached) else { return Err(error) };
            tracing::debug!(%error, ?pause, repeat, "request is repeated");
            repeat += 1;
            tokio::time::sleep(pause).await;
        }
    }

    /// As [`Self::send`], with the whole body, which may have `limit` bytes.
    pub(crate) async fn fetch(&self, call: &Call, limit: usize) -> Result<Bytes, ApiError> {
        let body = self.send(call).await?.into_body();
        match Limited::new(body, limit).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {
                Err(ApiError::TooLarge { attempt: call.attempt.clone(), limit })
            }
            Err(error) => Err(self.broken(&call.attempt, error.as_ref())),
        }
    }

    /// As [`Self::fetch`], for answers that are small and must not be waited for long.
    pub(crate) async fn fetch_within(
        &self,
        limit: Duration,
        call: &Call,
        max_bytes: usize,
    ) -> Result<Bytes, ApiError> {
        tokio::time::timeout(limit, self.fetch(call, max_bytes)).await.unwrap_or_else(|_| {
            Err(ApiError::Timeout {
                attempt: call.attempt.clone(),
                server: self.server.clone(),
                after: limit,
            })
        })
    }

    /// Failure while a body was being read.
    pub(crate) fn broken(&self, attempt: &str, error: &(dyn StdError + 'static)) -> ApiError {
        let attempt = attempt.to_owned();
        if timed_out(error) {
            return ApiError::Timeout { attempt, server: self.server.clone(), after: READ_TIMEOUT };
        }
        ApiError::Interrupted { attempt, reason: explain(error) }
    }

    /// What the sign-in command gave, for contexts that have one and for commands that give a token.
    async fn credential(&self, call: &Call) -> Result<Option<HeaderValue>, ApiError> {
        let Some(sign_in) = &self.sign_in else { return Ok(None) };
        sign_in.header().await.map_err(|error| ApiError::Credentials {
            attempt: call.attempt.clone(),
            reason: error.to_string(),
        })
    }

    async fn send_once(
        &self,
        call: &Call,
        credential: Option<HeaderValue>,
    ) -> Result<Response<Body>, ApiError> {
        let mut request = call.request()?;
        if let Some(credential) = credential {
            request.headers_mut().insert(AUTHORIZATION, credential);
        }
        let response = self.client.send(request).await.map_err(|error| self.failure(call, &error))?;
        self.reached.store(true, Ordering::Relaxed);
        if call.is_met_by(response.status()) { Ok(response) } else { Err(self.refusal(call, response).await) }
    }

    fn failure(&self, call: &Call, error: &kube::Error) -> ApiError {
        let attempt = call.attempt.clone();
        if let Some(auth) = find::<kube::client::AuthError>(error) {
            return ApiError::Credentials { attempt, reason: printable(&auth.to_string()) };
        }
        let server = self.server.clone();
        if find::<hyper_util::client::legacy::Error>(error)
            .is_some_and(hyper_util::client::legacy::Error::is_connect)
        {
            return ApiError::Unreachable { attempt, server, reason: explain(error) };
        }
        if timed_out(error) {
            return ApiError::Timeout { attempt, server, after: READ_TIMEOUT };
        }
        ApiError::Interrupted { attempt, reason: explain(error) }
    }

    async fn refusal(&self, call: &Call, response: Response<Body>) -> ApiError {
        let code = response.status();
        let header = response.headers().get(http::header::RETRY_AFTER).and_then(|v| v.to_str().ok());
        let header = header.and_then(|v| v.parse().ok());
        let body = Limited::new(response.into_body(), MAX_REFUSAL_BYTES).collect().await;
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let status = read_status(&call.attempt, code, header, &body);
        match code.as_u16() {
            401 => ApiError::Unauthorized {
                attempt: status.attempt,
                server: self.server.clone(),
                message: status.message,
            },
            _ => ApiError::Status(Box::new(status)),
        }
    }
}

fn timed_out(error: &(dyn StdError + 'static)) -> bool {
    chain(error).filter_map(|e| e.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::TimedOut)
}

/// <https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#Status>, as far as it is used.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(crate) struct WireStatus {
    pub(crate) kind: String,
    /// `Success` or `Failure`.
    pub(crate) status: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) details: Option<WireDetails>,
    metadata: Option<WireMetadata>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WireDetails {
    pub(crate) causes: Option<Vec<WireCause>>,
    retry_after_seconds: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireMetadata {
    r#continue: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireCause {
    field: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) message: Option<String>,
}

fn read_status(attempt: &str, code: StatusCode, retry_after: Option<u64>, body: &[u8]) -> StatusError {
    let phrase = code.canonical_reason().unwrap_or("unknown status");
    let wire: Option<WireStatus> =
        serde_json::from_slice(body).ok().filter(|s: &WireStatus| s.kind == "Status");
    let from_api = wire.is_some();
    let wire = wire.unwrap_or_else(|| WireStatus {
        message: Some(String::from_utf8_lossy(body).into_owned()),
        ..WireStatus::default()
    });
    let details = wire.details.unwrap_or_default();
    let said = |text: Option<String>| text.map(|t| printable(&t)).filter(|t| !t.is_empty());
    StatusError {
        attempt: attempt.to_owned(),
        code: code.as_u16(),
        reason: said(wire.reason).unwrap_or_else(|| phrase.to_owned()),
        message: said(wire.message).unwrap_or_else(|| phrase.to_owned()),
        causes: details.causes.unwrap_or_default().into_iter().map(cause).collect(),
        retry_after: retry_after.or(details.retry_after_seconds).map(Duration::from_secs),
        continue_token: wire.metadata.and_then(|m| m.r#continue).filter(|t| !t.is_empty()),
        from_api,
    }
}

fn cause(wire: WireCause) -> Cause {
    let said = |text: Option<String>| printable(&text.unwrap_or_default());
    Cause { field: said(wire.field), reason: said(wire.reason), message: said(wire.message) }
}
