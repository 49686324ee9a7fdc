//! What a long piece of work is given from outside: cancellation, progress, the time.

use std::future::Future;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::error::EngineError;

/// How far a piece of work is. Only the newest value matters; receivers look when they like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, such as `listing` or the name of a wave.
    pub phase: &'static str,
    /// What it is being done to, such as the resource type read last.
    pub detail: String,
    /// Objects done.
    pub done: u64,
    /// Objects there are, where that is known.
    pub total: Option<u64>,
    /// Uncompressed bytes handled.
    pub bytes: u64,
}

/// Where progress arrives.
pub type ProgressReceiver = watch::Receiver<Progress>;

/// The surroundings of one piece of work.
#[derive(Clone, Debug)]
pub struct Context {
    /// Cancelled when the work shall stop.
    pub cancel: CancellationToken,
    progress: watch::Sender<Progress>,
    now: fn() -> Timestamp,
}

/// A context with the given clock, and where its progress can be watched.
pub fn progress_channel(cancel: CancellationToken, now: fn() -> Timestamp) -> (Context, ProgressReceiver) {
    let (progress, receiver) = watch::channel(Progress::default());
    (Context { cancel, progress, now }, receiver)
}

impl Context {
    /// The time by the clock that was passed in.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    pub(crate) fn phase(&self, phase: &'static str, total: Option<u64>) {
        self.progress.send_modify(|p| *p = Progress { phase, total, ..Progress::default() });
    }

    pub(crate) fn advance(&self, objects: u64, bytes: u64, detail: Option<&str>) {
        self.progress.send_modify(|p| {
            p.done += objects;
            p.bytes += bytes;
            if let Some(detail) = detail
                && p.detail != detail
            {
                detail.clone_into(&mut p.detail);
            }
        });
    }

    /// Fails when the work was cancelled.
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        if self.cancel.is_cancelled() { Err(EngineError::Cancelled) } else { Ok(()) }
    }

    /// Runs `work` until it ends or the context is cancelled; what `work` had under way is dropped then.
    pub(crate) async fn run<T, E: Into<EngineError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, EngineError> {
        match self.cancel.run_until_cancelled(work).await {
            Some(result) => result.map_err(Into::into),
            None => Err(EngineError::Cancelled),
        }
    }
}
