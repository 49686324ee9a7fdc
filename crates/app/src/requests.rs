//! Calls that take long: each can be cancelled by the id that the window gave with it, and tells how far it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_engine::{Context, progress_channel};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::App;
use crate::api::Failure;

/// The calls under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests(Arc<Mutex<HashMap<String, CancellationToken>>>);

/// A call under way. Dropping it ends its progress and forgets its id.
pub(crate) struct Request {
    pub context: Context,
    id: String,
    all: Requests,
    _progress: AbortOnDropHandle<()>,
}

impl App {
    /// Begins a call.
    pub(crate) fn request(&self, id: String) -> Request {
        let cancel = CancellationToken::new();
        let (context, progress) = progress_channel(cancel.clone(), self.inner.environment.now);
        let forward = tokio::spawn(self.inner.events.clone().forward(id.clone(), progress));
        let all = self.inner.requests.clone();
        all.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), cancel);
        Request { context, id, all, _progress: AbortOnDropHandle::new(forward) }
    }

    /// Stops a call; nothing happens where it has ended.
    #[expect(clippy::unused_async, reason = "every call of the window is asynchronous")]
    pub async fn cancel_request(&self, request_id: String) -> Result<(), Failure> {
        let requests = self.inner.requests.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cancel) = requests.get(&request_id) {
            cancel.cancel();
        }
        Ok(())
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
