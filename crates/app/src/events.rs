//! Events for the windows: hints, of which nothing is lost when one is not delivered.

use std::sync::Weak;
use std::time::{Duration, Instant};

use holdfast_engine::ProgressReceiver;
use holdfast_engine::job::Pace;
use holdfast_store::job::JobProgress;
use tokio::sync::broadcast;

use crate::api::{Event, Progress, Topic};

/// Events kept for a window that is slow to take them.
const KEPT: usize = 512;
/// Shortest time between two progress events of one piece of work.
pub(crate) const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Where events are sent to.
#[derive(Clone, Debug)]
pub(crate) struct Events(broadcast::Sender<Event>);

/// The events from now on, for one window.
#[derive(Debug)]
pub struct Subscription(broadcast::Receiver<Event>);

impl Events {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }

    pub(crate) fn send(&self, event: Event) {
        // Nobody listens before the first window and after the last one.
        drop(self.0.send(event));
    }

    pub(crate) fn changed(&self, topics: &[Topic]) {
        if !topics.is_empty() {
            self.send(Event::Changed { topics: topics.to_vec() });
        }
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        Subscription(self.0.subscribe())
    }

    /// Tells about the progress of a request until its work ends.
    pub(crate) async fn forward(self, request_id: String, mut receiver: ProgressReceiver) {
        let mut pace = Pace::default();
        while receiver.changed().await.is_ok() {
            let progress = shown(pace.measure(&receiver.borrow_and_update().clone(), Instant::now()));
            self.send(Event::Request { request_id: request_id.clone(), progress });
            tokio::time::sleep(PROGRESS_EVERY).await;
        }
    }
}

impl Subscription {
    /// The next event; `None` when the program ends.
    pub async fn next(&mut self) -> Option<Event> {
        match self.0.recv().await {
            Ok(event) => Some(event),
            // Whatever was missed, fetching everything again makes good.
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Event::Changed {
                topics: vec![Topic::Clusters, Topic::Points, Topic::Jobs, Topic::Vaults, Topic::Settings],
            }),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

/// Progress for the window.
pub(crate) fn shown(progress: JobProgress) -> Progress {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is never negative, and shown to people only"
    )]
    let rate = progress.rate.unwrap_or_default() as u64;
    Progress {
        phase: progress.phase,
        detail: progress.detail,
        done: progress.done,
        total: progress.total,
        rate,
        remaining_ms: progress.remaining_seconds.map(|seconds| seconds.saturating_mul(1000)),
    }
}

/// Runs `tick` again and again until what it works on is gone.
pub(crate) fn every<T: Send + Sync + 'static, F>(
    pause: Duration,
    of: Weak<T>,
    tick: impl Fn(std::sync::Arc<T>) -> F + Send + 'static,
) where
    F: Future<Output = ()> + Send,
{
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(pause).await;
            let Some(alive) = of.upgrade() else { return };
            tick(alive).await;
        }
    });
}
