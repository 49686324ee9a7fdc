//! The LIST that goes on to its end: pages, tokens that expire, connections that break.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use kube::client::Body;
use tokio_util::task::AbortOnDropHandle;

use super::ListRequest;
use super::cutter::CutError;
use super::page::{Page, PageError, Start};
use crate::api_error::ApiError;
use crate::cluster::{attempt, collection_target};
use crate::retry::backoff;
use crate::transport::{Call, Transport};

/// How often one page is read again after its body broke off.
const PAGE_RETRIES: u32 = 3;

type Answer = Result<Response<Body>, ApiError>;

/// A LIST under way. Dropping it ends its requests.
///
/// Objects come in the server's order, each once, as they stand on the wire: those of built-in resources have no
/// `apiVersion` and `kind`. They may share the memory of the answer they were cut from, so they should be consumed
/// or copied, not kept.
pub struct Lister {
    transport: Arc<Transport>,
    request: ListRequest,
    attempt: String,
    /// Where the page being read, or the next one to be read, begins.
    start: Start,
    page: Option<Page>,
    /// The request for the page after this one, with its token.
    ahead: Option<(String, AbortOnDropHandle<Answer>)>,
    /// Repetitions of this page.
    tries: u32,
    /// Pause before the next request.
    pause: Option<Duration>,
    ended: bool,
    non_atomic: bool,
    resource_version: Option<String>,
    remaining: Option<u64>,
}

impl Lister {
    pub(crate) fn new(transport: Arc<Transport>, request: ListRequest) -> Self {
        let attempt = attempt("list", &request.ty, request.namespace.as_deref(), None);
        Self {
            transport,
            request,
            attempt,
            start: Start::default(),
            page: None,
            ahead: None,
            tries: 0,
            pause: None,
            ended: false,
            non_atomic: false,
            resource_version: None,
            remaining: None,
        }
    }

    /// The next objects, at least one; `None` at the end of the list.
    ///
    /// The future may be dropped and called for again without losing or repeating an object. After an error the
    /// list is over.
    pub async fn next(&mut self) -> Result<Option<Vec<Bytes>>, ApiError> {
        while !self.ended {
            match self.step().await {
                Ok(objects) if objects.is_empty() => {}
                Ok(objects) => return Ok(Some(objects)),
                Err(error) => {
                    self.ended = true;
                    self.page = None;
                    self.ahead = None;
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    /// Whether the list shows more than one moment, because its token expired on the way. Final at the end.
    pub fn non_atomic(&self) -> bool {
        self.non_atomic
    }

    /// `resourceVersion` of the first page, once it has arrived.
    pub fn resource_version(&self) -> Option<&str> {
        self.resource_version.as_deref()
    }

    /// Objects after the current page, where the server counts them. It does not with a selector.
    pub fn remaining(&self) -> Option<u64> {
        self.remaining
    }

    /// Opens a page or reads on in the one that is open.
    async fn step(&mut self) -> Result<Vec<Bytes>, ApiError> {
        let Some(page) = &mut self.page else {
            self.open().await?;
            return Ok(Vec::new());
        };
        let read = page.read().await;
        match read {
            Ok(Some(objects)) => {
                self.note_metadata();
                Ok(objects)
            }
            Ok(None) => {
                self.note_metadata();
                self.advance()?;
                Ok(Vec::new())
            }
            Err(error) => {
                self.broken_off(error)?;
                Ok(Vec::new())
            }
        }
    }

    /// Gets the answer for the page at `start`, whose body is not read yet.
    async fn open(&mut self) -> Result<(), ApiError> {
        if let Some(pause) = self.pause {
            tokio::time::sleep(pause).await;
            self.pause = None;
        }
        let call = self.call(self.start.token.as_deref())?;
        let answer = match &mut self.ahead {
            Some((token, handle)) if Some(&*token) == self.start.token.as_ref() => {
                let answer = handle.await;
                self.ahead = None;
                match answer {
                    Ok(answer) => answer,
                    Err(_) => self.transport.send(&call).await,
                }
            }
            _ => self.transport.send(&call).await,
        };
        match answer {
            Ok(answer) => {
                self.page = Some(Page::new(answer.into_body(), &self.start));
                Ok(())
            }
            Err(ApiError::Status(status)) if status.code == 410 => match status.continue_token {
                // A token made for the newest state cannot expire; a server that says so again would go on forever.
                Some(token) if self.start.pinned && self.start.emitted.is_empty() => {
                    tracing::warn!(
                        list = self.attempt,
                        "continue token expired; the list goes on in a newer state"
                    );
                    self.non_atomic = true;
                    self.ahead = None;
                    self.start = Start { token: Some(token), ..Start::default() };
                    Ok(())
                }
                _ => Err(ApiError::Expired { attempt: self.attempt.clone(), message: status.message }),
            },
            Err(error) if error.status().is_some_and(|s| s.reason == "ServerTimeout") => self.again(error),
            Err(error) => Err(error),
        }
    }

    fn call(&self, token: Option<&str>) -> Result<Call, ApiError> {
        let collection =
            collection_target(&self.attempt, &self.request.ty, self.request.namespace.as_deref())?;
        let call = Call::get(self.attempt.clone(), self.request.target(&collection, token));
        Ok(Call { accept: self.request.accept(), ..call })
    }

    /// Takes over what the page says about the list, and asks for the next page.
    fn note_metadata(&mut self) {
        let Some(metadata) = self.page.as_ref().and_then(Page::metadata) else { return };
        self.remaining = metadata.remaining_item_count;
        if self.resource_version.is_none() {
            self.resource_version.clone_from(&metadata.resource_version);
        }
        let Some(token) = metadata.next_page().filter(|_| self.request.prefetch && self.ahead.is_none())
        else {
            return;
        };
        let token = token.to_owned();
        if let Ok(call) = self.call(Some(&token)) {
            let transport = self.transport.clone();
            let answer = tokio::spawn(async move { transport.send(&call).await });
            self.ahead = Some((token, AbortOnDropHandle::new(answer)));
        }
    }

    /// Goes to the next page, or ends the list.
    fn advance(&mut self) -> Result<(), ApiError> {
        let token =
            self.page.as_ref().and_then(Page::metadata).and_then(|m| m.next_page()).map(str::to_owned);
        self.page = None;
        self.tries = 0;
        match token {
            None => self.ended = true,
            Some(token) if self.start.token.as_ref() == Some(&token) => {
                return Err(self.malformed("the next page has the token of this one".into()));
            }
            Some(token) => self.start = Start { token: Some(token), pinned: true, ..Start::default() },
        }
        Ok(())
    }

    /// Prepares another try at the page whose body broke off, if there is one left.
    fn broken_off(&mut self, error: PageError) -> Result<(), ApiError> {
        let error = match error {
            PageError::Body(error) => self.transport.broken(&self.attempt, &error),
            PageError::Cut(error @ CutError::Truncated(_)) => {
                ApiError::Interrupted { attempt: self.attempt.clone(), reason: error.to_string() }
            }
            PageError::Cut(error) => return Err(self.malformed(error.to_string())),
            PageError::Changed => {
                return Err(ApiError::Interrupted {
                    attempt: self.attempt.clone(),
                    reason: "read again, the page had changed, so the list cannot be completed".into(),
                });
            }
        };
        if let Some(page) = self.page.take() {
            self.start.emitted = page.emitted().clone();
            if !self.start.pinned {
                // Its token belongs to the page that was lost, which need not be the one that comes now.
                self.ahead = None;
            }
        }
        self.again(error)
    }

    fn again(&mut self, error: ApiError) -> Result<(), ApiError> {
        if self.tries == PAGE_RETRIES {
            return Err(error);
        }
        tracing::debug!(%error, tries = self.tries, "page is read again");
        self.pause = Some(backoff(self.tries));
        self.tries += 1;
        Ok(())
    }

    fn malformed(&self, reason: String) -> ApiError {
        ApiError::Malformed { attempt: self.attempt.clone(), reason }
    }
}
