//! One HTTP client for `object_store` and `azure_core`, which signs each attempt and understands refusals.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::{AsyncRawResponse, Request};
use bytes::Bytes;
use futures::TryStreamExt;
use http::header::{AUTHORIZATION, IF_NONE_MATCH, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use jiff::Timestamp;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
    HttpService,
};

use super::IfAbsent;
use super::refusal::{self, Answer, Refusal};
use super::sign::{SignInFailed, Signature, Signer};
use super::unreachable::Unreachable;
use crate::url::BlobUrl;

/// The longest that is waited because `Retry-After` asks for it.
const MAX_RETRY_AFTER: Duration = Duration::from_mins(1);

/// Longest error document that is read, in bytes.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: reqwest::Client,
    signer: Signer,
    url: BlobUrl,
    host: String,
    port: u16,
    proxied: bool,
    /// Whether the host ever answered: before, a connection that fails is not tried again.
    answered: AtomicBool,
}

impl Transport {
    pub(crate) fn new(client: reqwest::Client, signer: Signer, url: BlobUrl, proxied: bool) -> Self {
        let endpoint = url::Url::parse(url.endpoint()).ok();
        let host = endpoint.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
        let host = host.trim_matches(['[', ']']).to_owned();
        let port = endpoint.and_then(|url| url.port_or_known_default()).unwrap_or(443);
        let answered = AtomicBool::new(false);
        Self { inner: Arc::new(Inner { client, signer, url, host, port, proxied, answered }) }
    }

    /// What a refusal means, judged with what is known of the sign-in.
    pub(crate) fn refusal(&self, answer: &Answer<'_>, signature: Option<&Signature>) -> Refusal {
        let signer = &self.inner.signer;
        let bearer = match signature {
            Some(Signature::Bearer(value)) => value.to_str().ok(),
            _ => None,
        };
        Refusal::new(answer, &self.inner.url, &signer.method, signer.sas()).with_bearer(bearer)
    }

    async fn send(&self, mut request: HttpRequest) -> Result<(HttpResponse, Signature), HttpError> {
        if request.extensions().get::<IfAbsent>().is_some() {
            request.headers_mut().insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
        }
        let signature = self.inner.signer.sign(Timestamp::now()).await.map_err(no_token)?;
        let response = self.attempt(request.clone(), &signature).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok((response, signature));
        }
        match self.inner.signer.renew(&signature).await.map_err(no_token)? {
            Some(signature) => Ok((self.attempt(request, &signature).await?, signature)),
            None => Ok((response, signature)),
        }
    }

    async fn attempt(&self, request: HttpRequest, signature: &Signature) -> Result<HttpResponse, HttpError> {
        let request = signed(request, signature)?;
        match HttpService::call(&self.inner.client, request).await {
            Ok(response) => {
                self.inner.answered.store(true, Ordering::Relaxed);
                Ok(response)
            }
            Err(error)
                if error.kind() == HttpErrorKind::Connect && !self.inner.answered.load(Ordering::Relaxed) =>
            {
                let Inner { url, host, port, proxied, .. } = &*self.inner;
                let why = Unreachable::explain(&error, url.account(), host, *port, *proxied).await;
                Err(HttpError::new(HttpErrorKind::Unknown, why))
            }
            // Every request here may be repeated: what creates recognises its own work, the rest gives the same again.
            Err(error) if matches!(error.kind(), HttpErrorKind::Interrupted | HttpErrorKind::Timeout) => {
                Err(HttpError::new(HttpErrorKind::Request, error))
            }
            Err(error) => Err(error),
        }
    }

    /// A refusal for good becomes an error; what `object_store` understands or repeats is left to it.
    async fn judge(&self, response: HttpResponse, signature: &Signature) -> Result<HttpResponse, HttpError> {
        let status = response.status();
        if !refusal::is_final(status.as_u16(), refusal::code(response.headers())) {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let body = beginning(body).await;
        let header = |name: &str| Some(parts.headers.get(name)?.to_str().ok()?.to_owned());
        let answer = Answer { status: status.as_u16(), header: &header, body: &body };
        Err(HttpError::new(HttpErrorKind::Unknown, self.refusal(&answer, Some(signature))))
    }
}

#[async_trait]
impl HttpService for Transport {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (response, signature) = self.send(request).await?;
        if let Some(wait) = retry_after(response.status(), response.headers()) {
            tracing::info!(seconds = wait.as_secs(), "the storage asks to be left alone for a while");
            tokio::time::sleep(wait).await;
        }
        self.judge(response, &signature).await
    }
}

impl HttpConnector for Transport {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl azure_core::http::HttpClient for Transport {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let signer = &self.inner.signer;
        let no_token =
            |error: SignInFailed| azure_core::Error::new(azure_core::error::ErrorKind::Credential, error);
        let signature = signer.sign(Timestamp::now()).await.map_err(no_token)?;
        let response = self.inner.client.execute_request(&signed_for_azure(request, &signature)).await?;
        if u16::from(response.status()) != StatusCode::UNAUTHORIZED.as_u16() {
            return Ok(response);
        }
        match signer.renew(&signature).await.map_err(no_token)? {
            Some(signature) => {
                self.inner.client.execute_request(&signed_for_azure(request, &signature)).await
            }
            None => Ok(response),
        }
    }
}

fn no_token(error: SignInFailed) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, error)
}

fn signed(mut request: HttpRequest, signature: &Signature) -> Result<HttpRequest, HttpError> {
    match signature {
        Signature::Bearer(value) => {
            request.headers_mut().insert(AUTHORIZATION, value.clone());
        }
        Signature::Query(sas) => {
            let uri = request.uri();
            let separator = if uri.query().is_some() { '&' } else { '?' };
            let text = format!("{uri}{separator}{}", sas.query());
            *request.uri_mut() = Uri::try_from(text).map_err(|_| {
                // The error would show the signature.
                let what = "the shared access signature has characters that no address can have";
                HttpError::new(HttpErrorKind::Unknown, std::io::Error::other(what))
            })?;
        }
    }
    Ok(request)
}

fn signed_for_azure(request: &Request, signature: &Signature) -> Request {
    let mut request = request.clone();
    match signature {
        Signature::Bearer(value) => {
            let value = value.to_str().unwrap_or_default().to_owned();
            request.insert_header("authorization", value);
        }
        Signature::Query(sas) => {
            let url = request.url_mut();
            let query = url.query().map_or_else(String::new, |query| format!("{query}&"));
            url.set_query(Some(&format!("{query}{}", sas.query())));
        }
    }
    request
}

/// How long the storage asks to wait before the request is repeated.
fn retry_after(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    let busy = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let seconds = headers.get(RETRY_AFTER).filter(|_| busy)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}

async fn beginning(body: HttpResponseBody) -> Bytes {
    let mut stream = body.bytes_stream();
    let mut text = Vec::new();
    while let Ok(Some(bytes)) = stream.try_next().await {
        let room = MAX_ERROR_BYTES - text.len();
        text.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if text.len() >= MAX_ERROR_BYTES {
            break;
        }
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_busy_storage_is_waited_for_and_not_for_ever() {
        let of = |status: StatusCode, text: &'static str| {
            retry_after(status, &HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]))
        };
        assert_eq!(of(StatusCode::SERVICE_UNAVAILABLE, "7"), Some(Duration::from_secs(7)));
        assert_eq!(of(StatusCode::TOO_MANY_REQUESTS, "86400"), Some(MAX_RETRY_AFTER));
        assert_eq!(of(StatusCode::OK, "7"), None);
        assert_eq!(of(StatusCode::SERVICE_UNAVAILABLE, "soon"), None);
    }
}
