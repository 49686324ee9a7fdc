//! The task beside a job's work: writes its first document, then shows that it lives and looks for requests to stop.
//!
//! It never slows the work, and what it cannot write is logged and tried again.

use std::time::{Duration, Instant};

use holdfast_store::job::{JobLive, JobRecord, Jobs, LogLevel, Revised};
use holdfast_store::{HEARTBEAT_EVERY, StoreError};
use tokio_util::sync::CancellationToken;

use super::pace::Pace;
use crate::context::Context;

/// How often progress is written, if there is any, and requests to stop are looked for.
pub const LOOK_EVERY: Duration = Duration::from_secs(3);

/// Keeps a job until it is told to stop; returns the number of its first document.
pub(super) async fn keep(
    jobs: Jobs,
    record: JobRecord,
    context: Context,
    stop: CancellationToken,
) -> Result<u32, StoreError> {
    let first = open(&jobs, &record).await?;
    let mut receiver = context.progress();
    // What was done meanwhile is news to others.
    receiver.mark_changed();
    let mut pace = Pace::default();
    let mut written = Instant::now();
    let mut asked = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(first),
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        if !asked {
            match jobs.is_cancel_requested(&record.id).await {
                Ok(false) => {}
                Ok(true) => {
                    asked = true;
                    context.log(LogLevel::Info, "another process asked to cancel");
                    context.cancel.cancel();
                }
                Err(error) => {
                    tracing::debug!(job = %record.id, %error, "requests to cancel could not be looked for");
                }
            }
        }
        let changed = receiver.has_changed().unwrap_or(false);
        if changed || written.elapsed() >= HEARTBEAT_EVERY {
            let now = receiver.borrow_and_update().clone();
            let live = JobLive {
                progress: pace.measure(&now, Instant::now()),
                phases: context.phases(),
                process: record.process.clone(),
            };
            match jobs.beat(&record.id, &live).await {
                Ok(()) => written = Instant::now(),
                Err(error) => {
                    context.log(LogLevel::Info, format!("progress could not be written: {error}"));
                    tracing::debug!(job = %record.id, %error, "the progress of a job could not be written");
                }
            }
        }
    }
}

/// The sign of life goes first: it is by this that others find a job whose process died.
async fn open(jobs: &Jobs, record: &JobRecord) -> Result<u32, StoreError> {
    let live = JobLive { process: record.process.clone(), ..JobLive::default() };
    jobs.beat(&record.id, &live).await?;
    match jobs.revise(record, 0).await? {
        Revised::Ours(number) => Ok(number),
        Revised::Lost(other)
            if other.record.process == record.process && other.record.started == record.started =>
        {
            Ok(other.number)
        }
        Revised::Lost(_) => {
            let problem = "another job has its id".to_owned();
            Err(StoreError::JobUnreadable { id: record.id.to_string(), problem })
        }
    }
}
