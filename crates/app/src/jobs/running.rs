//! The jobs that run in this process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use holdfast_engine::job::{Job, JobEnd, NotKept, Pace};
use holdfast_engine::restore::RestoreReport;
use holdfast_engine::{Context, EngineError, ProgressReceiver};
use holdfast_model::report::{Counts, RestoreState};

use crate::App;
use crate::api::{Event, Failure, JobRow, JobState, JobWarning, Topic};
use crate::events::{PROGRESS_EVERY, shown};
use crate::restore::Planned;
use crate::vaults::KnownVault;

/// Ended jobs that are remembered because their vault does not keep them, or with more than it keeps.
const REMEMBERED: usize = 20;

/// The jobs of this process: those that run, and the newest that have ended.
#[derive(Default)]
pub(crate) struct RunningJobs(Mutex<Vec<Arc<RunningJob>>>);

/// A job of this process.
pub(crate) struct RunningJob {
    pub known: KnownVault,
    pub context: Context,
    /// What a restore runs.
    pub planned: Option<Arc<Planned>>,
    state: Mutex<State>,
}

struct State {
    row: JobRow,
    failure: Option<Failure>,
    /// Why its end is not in the vault.
    not_kept: Option<NotKept>,
    /// What a restore did to each object, while the vault does not tell it.
    report: Option<Arc<RestoreReport>>,
}

impl RunningJobs {
    pub(crate) fn get(&self, vault_id: &str, job_id: &str) -> Option<Arc<RunningJob>> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |job: &&Arc<RunningJob>| job.known.id == vault_id && job.row().id == job_id;
        jobs.iter().find(same).filter(|job| job.is_running() || job.is_only_here()).cloned()
    }

    /// Why a job of this process failed, with everything that was known then.
    pub(super) fn failure(&self, job_id: &str) -> Option<Failure> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().find(|job| job.row().id == job_id)?.failure()
    }

    /// The rows that vaults do not tell, or not as freshly.
    pub(crate) fn rows(&self) -> Vec<JobRow> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().filter(|job| job.is_running() || job.is_only_here()).map(|job| job.row()).collect()
    }

    pub(crate) fn running(&self) -> Vec<Arc<RunningJob>> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().filter(|job| job.is_running()).cloned().collect()
    }

    fn put(&self, job: Arc<RunningJob>) {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.insert(0, job);
        let mut ended = 0;
        jobs.retain(|job| {
            let kept = !job.is_running() && !job.is_only_here();
            ended += usize::from(kept);
            !kept || ended <= REMEMBERED
        });
    }
}

impl RunningJob {
    pub(super) fn new(
        known: KnownVault,
        context: Context,
        row: JobRow,
        planned: Option<Arc<Planned>>,
    ) -> Self {
        let state = State { row, failure: None, not_kept: None, report: None };
        Self { known, context, planned, state: Mutex::new(state) }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn row(&self) -> JobRow {
        self.with(|state| state.row.clone())
    }

    pub(super) fn failure(&self) -> Option<Failure> {
        self.with(|state| state.failure.clone())
    }

    fn is_running(&self) -> bool {
        self.with(|state| state.row.state == JobState::Running)
    }

    fn is_only_here(&self) -> bool {
        self.with(|state| state.not_kept.is_some())
    }

    /// What a restore has done, once it has ended.
    pub(super) fn report(&self) -> Option<Arc<RestoreReport>> {
        self.with(|state| state.report.clone())
    }

    /// That the job is gone with this process, and why.
    pub(super) fn not_kept(&self) -> Option<JobWarning> {
        self.with(|state| {
            let error = state.not_kept.as_ref()?;
            let message = format!(
                "this job is not kept in its vault and will be forgotten when Holdfast ends; export what you need of it: \
                 {error}"
            );
            Some(JobWarning { message, count: 1 })
        })
    }
}

/// What work gives when it has ended: how, and the row's last state.
pub(crate) struct Ended {
    pub end: JobEnd,
    pub state: JobState,
    pub objects: u64,
    pub failures: u64,
    pub failure: Option<Failure>,
    /// What a restore did to each object.
    pub report: Option<RestoreReport>,
}

impl Ended {
    /// A restore, or an undoing, that came to an end.
    pub(crate) fn restored(state: RestoreState, counts: &Counts, end: JobEnd) -> Self {
        let state = match state {
            RestoreState::Planned | RestoreState::Completed => JobState::Completed,
            RestoreState::Partial => JobState::Partial,
            RestoreState::Cancelled => JobState::Cancelled,
        };
        let (objects, failures) = (counts.written(), counts.failed + counts.blocked);
        Self { end, state, objects, failures, failure: None, report: None }
    }

    pub(crate) fn failed(error: EngineError) -> Self {
        let end = JobEnd::failed(&error);
        let state =
            if matches!(error, EngineError::Cancelled) { JobState::Cancelled } else { JobState::Failed };
        let failure = (state == JobState::Failed).then(|| error.into());
        Self { end, state, objects: 0, failures: 0, failure, report: None }
    }
}

impl App {
    /// Lets a job run by itself; gives its id.
    pub(crate) fn run<F>(&self, job: Job, running: RunningJob, progress: ProgressReceiver, work: F) -> String
    where
        F: Future<Output = Ended> + Send + 'static,
    {
        let running = Arc::new(running);
        self.inner.jobs.put(Arc::clone(&running));
        self.inner.events.changed(&[Topic::Jobs]);
        let id = job.id().to_string();
        tracing::info!(job = id, what = running.row().summary, "a job begins");
        let app = self.clone();
        tokio::spawn(async move {
            let telling = tokio::spawn(app.clone().tell(Arc::clone(&running), progress));
            let ended = work.await;
            telling.abort();
            app.end(job, &running, ended).await;
        });
        id
    }

    async fn end(&self, job: Job, running: &RunningJob, ended: Ended) {
        let kept = job.finish(ended.end).await;
        running.with(|state| {
            state.row.state = ended.state;
            state.row.ended = Some(self.now().to_string());
            state.row.progress = None;
            state.row.objects = ended.objects;
            state.row.failures = ended.failures;
            state.row.warnings = running.context.warnings().iter().map(|warning| warning.count).sum();
            state.failure = ended.failure;
            if let Err(error) = kept {
                tracing::warn!(job = state.row.id, %error, "a job is not kept in its vault");
                state.not_kept = Some(error);
                state.report = ended.report.map(Arc::new);
            }
        });
        let row = running.row();
        tracing::info!(job = row.id, state = ?row.state, objects = row.objects, "a job ended");
        self.look(&running.known).await;
        self.inner.events.send(Event::JobEnded { job: row });
        self.inner.events.changed(&[Topic::Jobs, Topic::Points, Topic::Clusters, Topic::Vaults]);
    }

    /// Tells how far a job is.
    async fn tell(self, running: Arc<RunningJob>, mut progress: ProgressReceiver) {
        let mut pace = Pace::default();
        while progress.changed().await.is_ok() {
            let now = shown(pace.measure(&progress.borrow_and_update().clone(), Instant::now()));
            let job = running.with(|state| {
                if running.planned.is_none() {
                    state.row.objects = now.done;
                }
                state.row.progress = Some(now);
                state.row.clone()
            });
            self.inner.events.send(Event::Job { job });
            tokio::time::sleep(PROGRESS_EVERY).await;
        }
    }
}
