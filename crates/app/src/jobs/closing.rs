//! Closing the last window while jobs run.

use std::time::Duration;

use crate::App;
use crate::api::Event;

/// How long cancelled jobs are waited for before the program ends.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether they have ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What closing the window does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Nothing runs: the program may end.
    Now,
    /// The window was asked what to do.
    Asked,
}

impl App {
    /// Decides what closing the window does, and asks the window where jobs run.
    pub fn request_close(&self) -> Closing {
        let running = self.running_jobs();
        if running == 0 {
            return Closing::Now;
        }
        self.inner.events.send(Event::CloseRequested { running: u32::try_from(running).unwrap_or(u32::MAX) });
        Closing::Asked
    }

    /// Number of jobs that run in this process.
    pub fn running_jobs(&self) -> usize {
        self.inner.jobs.running().len()
    }

    /// Waits until no job runs in this process.
    pub async fn wait_for_jobs(&self) {
        while self.running_jobs() > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Cancels the jobs of this process and waits until they have written how they ended, for at most 30 s.
    pub async fn cancel_jobs(&self) {
        for job in self.inner.jobs.running() {
            job.context.cancel.cancel();
        }
        if tokio::time::timeout(PATIENCE, self.wait_for_jobs()).await.is_err() {
            tracing::warn!("jobs did not end in time; they will be shown as interrupted");
        }
    }
}
