//! Jobs: a backup, a restore or a deletion that is kept in its vault.
//!
//! [`Job::begin`] gives the id at once and writes the first document beside the
//! work; [`Job::finish`] writes how it ended. In between a task of its own shows in
//! the vault that the job lives and how far it is, at most every [`LOOK_EVERY`], and
//! cancels the [`Context`] when another process asks for it. Everything else about
//! the work stays with its caller:
//!
//! ```ignore
//! let job = Job::begin(&vault, start, &context);
//! let result = backup::run(&cluster, &vault, &request, &writer, &context).await;
//! let end = result.as_ref().map_or_else(JobEnd::failed, JobEnd::backup);
//! let kept = job.finish(end).await;
//! ```
//!
//! No job is worth failing its work: what cannot be written is the answer of
//! [`Job::finish`], which takes at most [`PATIENCE`] for each of its two steps. A
//! job dropped without its end is shown as Interrupted, as one whose process died.

mod end;
mod keeper;
mod pace;
#[cfg(test)]
mod tests;

use std::time::Duration;

use holdfast_store::job::{
    JobCounts, JobId, JobItems, JobKind, JobRecord, JobState, Jobs, LogLevel, Packed, Revised,
};
use holdfast_store::{ProcessIdentity, StoreError, Vault};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

pub use end::JobEnd;
pub use keeper::LOOK_EVERY;
pub use pace::Pace;

use crate::context::Context;
use crate::restore::journal::{Head, Journal};

/// How long the end of a job waits for the vault: for what its beginning still writes, and again for its end.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How often the last document is written anew because another process wrote one meanwhile.
const ATTEMPTS: u32 = 5;

/// What is known about a job when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStart {
    /// What it does.
    pub kind: JobKind,
    /// The cluster that it reads or writes.
    pub cluster: Option<String>,
    /// The recovery point that it makes, restores from or deletes.
    pub point: Option<String>,
    /// Name of this machine, for people.
    pub host: Option<String>,
    /// Version of the program.
    pub version: String,
}

impl JobStart {
    /// A job of this machine.
    pub fn here(kind: JobKind, cluster: Option<String>, point: Option<String>, version: &str) -> Self {
        Self { kind, cluster, point, host: host(), version: version.to_owned() }
    }
}

/// What this machine calls itself; only shown, so that no answer is better than a guess.
fn host() -> Option<String> {
    let of_linux = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = of_linux.or_else(|| std::env::var("COMPUTERNAME").ok())?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Why a job is not kept in its vault. What it did is not affected.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// The vault cannot be written to.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault did not answer in time.
    #[error("the vault did not answer for {} s", PATIENCE.as_secs())]
    Silent,
}

/// A job that runs.
#[derive(Debug)]
pub struct Job {
    jobs: Jobs,
    record: JobRecord,
    context: Context,
    stop: CancellationToken,
    keeper: AbortOnDropHandle<Result<u32, StoreError>>,
}

/// Where a job keeps its journal.
#[derive(Clone, Debug)]
pub struct JournalOf {
    jobs: Jobs,
    job: JobId,
}

impl JournalOf {
    /// Begins the journal.
    ///
    /// # Errors
    /// Fails where the vault cannot be written to.
    pub async fn begin(&self, head: Head) -> Result<Journal, StoreError> {
        Journal::begin(self.jobs.clone(), &self.job, head).await
    }
}

impl Job {
    /// Begins a job and returns without waiting for the vault. Must be called within a tokio runtime.
    pub fn begin(vault: &Vault, start: JobStart, context: &Context) -> Self {
        let now = context.now();
        let record = JobRecord {
            id: JobId::new(now),
            kind: start.kind,
            state: JobState::Running,
            started: now,
            ended: None,
            cluster: start.cluster,
            point: start.point,
            host: start.host,
            version: start.version,
            process: ProcessIdentity::current(),
            phases: Vec::new(),
            counts: JobCounts::default(),
            warnings: Vec::new(),
            error: None,
            log: None,
            report: None,
            hooks: None,
        };
        let (jobs, stop) = (vault.jobs(), CancellationToken::new());
        let keeping = keeper::keep(jobs.clone(), record.clone(), context.clone(), stop.clone());
        let keeper = AbortOnDropHandle::new(tokio::spawn(keeping));
        Self { jobs, record, context: context.clone(), stop, keeper }
    }

    /// Its id.
    pub fn id(&self) -> &JobId {
        &self.record.id
    }

    /// Where this job, a restore, keeps its journal.
    pub fn journals(&self) -> JournalOf {
        JournalOf { jobs: self.jobs.clone(), job: self.id().clone() }
    }

    /// Ends a job: writes log, report and the last document, and does what the end of a job does for others.
    ///
    /// # Errors
    /// [`NotKept`]; the job is then unknown, or shown as Interrupted.
    pub async fn finish(self, end: JobEnd) -> Result<JobId, NotKept> {
        let Self { jobs, mut record, context, stop, keeper } = self;
        stop.cancel();
        context.end_phases();
        if let Some(error) = &end.error {
            context.log(LogLevel::Error, error.message.clone());
        }
        context.log(LogLevel::Info, format!("{:?}", end.state));
        record.state = end.state;
        record.ended = Some(context.now());
        record.counts = end.counts;
        record.error = end.error;
        record.phases = context.phases();
        record.warnings = context.warnings();
        let id = record.id.clone();
        let (text, lines) = context.log_text();
        let packing = spawn_blocking(move || {
            (Packed::log(&text, lines), end.report.map(JobItems::pack), end.hooks.map(JobItems::pack))
        });
        let (log, report, hooks) = packing.await.map_err(StoreError::Task)?;
        record.log = Some(log.blob());
        record.report = report.as_ref().map(Packed::blob);
        record.hooks = hooks.as_ref().map(Packed::blob);

        let opened = in_time(async { keeper.await.map_err(StoreError::Task) }).await?;
        // Trying again would not help.
        if let Err(
            error @ (StoreError::ReadOnly(_)
            | StoreError::NotWritable { .. }
            | StoreError::JobUnreadable { .. }),
        ) = opened
        {
            return Err(error.into());
        }
        let put_report = async {
            match report {
                Some(report) => jobs.put_report(&id, report).await,
                None => Ok(()),
            }
        };
        let put_hooks = async {
            match hooks {
                Some(hooks) => jobs.put_hooks(&id, hooks).await,
                None => Ok(()),
            }
        };
        // All at once, because the command waits for them.
        let writing = async {
            let (log, report, hooks, written, swept) = tokio::join!(
                jobs.put_log(&id, log),
                put_report,
                put_hooks,
                write_end(&jobs, &record, opened.unwrap_or_default()),
                jobs.sweep(&id),
            );
            let rest = [("log", log), ("report", report), ("hooks", hooks), ("other jobs", swept.map(drop))];
            for (what, result) in rest {
                if let Err(error) = result {
                    tracing::debug!(job = %id, %error, "the end of a job could not do all for its {what}");
                }
            }
            written
        };
        in_time(Box::pin(writing)).await?;
        if let Err(error) = jobs.quiet(&id).await {
            tracing::debug!(job = %id, %error, "the sign of life of a job that has ended could not be removed");
        }
        Ok(id)
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, NotKept> {
    Ok(tokio::time::timeout(PATIENCE, work).await.map_err(|_| NotKept::Silent)??)
}

/// This process knows how its job ended, so it also has the last word over one that took it for dead.
async fn write_end(jobs: &Jobs, record: &JobRecord, first: u32) -> Result<(), StoreError> {
    let mut after = first;
    for _ in 1..ATTEMPTS {
        match jobs.revise(record, after).await? {
            Revised::Ours(_) => return Ok(()),
            Revised::Lost(other) => after = other.number,
        }
    }
    jobs.revise(record, after).await.map(|_| ())
}
