//! How a job ended, made from what the work returned.

use holdfast_model::report::RestoreState;
use holdfast_store::job::{JobCounts, JobError, JobItems, JobState};
use holdfast_store::volumes::HookRun;
use holdfast_store::{Deleted, PointState};

use crate::backup::BackupReport;
use crate::error::EngineError;
use crate::restore::{RestorePlan, RestoreReport, UndoPlan, UndoReport};

/// Longest message of an error that is kept, in characters.
const MAX_ERROR_CHARS: usize = 4000;

/// How a job ended. Phases, warnings and log are in the job's context.
#[derive(Debug)]
pub struct JobEnd {
    pub(super) state: JobState,
    pub(super) counts: JobCounts,
    pub(super) error: Option<JobError>,
    pub(super) report: Option<JobItems>,
    pub(super) hooks: Option<JobItems>,
}

impl JobEnd {
    fn new(state: JobState, counts: JobCounts) -> Self {
        Self { state, counts, error: None, report: None, hooks: None }
    }

    /// The end of a backup that made a point.
    pub fn backup(report: &BackupReport) -> Self {
        let state = match report.point.state {
            PointState::Completed => JobState::Completed,
            PointState::Partial => JobState::Partial,
        };
        let bytes = report.point.archive_bytes.unwrap_or_default();
        let counts = JobCounts { objects: report.point.objects, bytes, outcomes: None };
        Self { hooks: items_of(&report.volumes.hooks), ..Self::new(state, counts) }
    }

    /// The end of a restore that wrote, or began to.
    pub fn restore(plan: &RestorePlan, report: &RestoreReport) -> Self {
        let outcomes = report.counts();
        let objects = outcomes.written();
        let mut items = JobItems::default();
        for item in report.items(plan) {
            items.push(&item);
        }
        let counts = JobCounts { objects, bytes: 0, outcomes: Some(outcomes) };
        let hooks = items_of(&report.hooks);
        Self { report: Some(items), hooks, ..Self::new(state_of(report.state), counts) }
    }

    /// The end of the undoing of a restore.
    pub fn undo(plan: &UndoPlan, report: &UndoReport) -> Self {
        let outcomes = report.counts();
        let mut items = JobItems::default();
        for item in report.items(plan) {
            items.push(&item);
        }
        let counts = JobCounts { objects: outcomes.written(), bytes: 0, outcomes: Some(outcomes) };
        Self { report: Some(items), ..Self::new(state_of(report.state), counts) }
    }

    /// The end of a deletion.
    pub fn deletion(deleted: Deleted) -> Self {
        Self::new(JobState::Completed, JobCounts { objects: 0, bytes: deleted.bytes, outcomes: None })
    }

    /// The end of work that failed or was cancelled.
    pub fn failed(error: &EngineError) -> Self {
        if matches!(error, EngineError::Cancelled) {
            return Self::new(JobState::Cancelled, JobCounts::default());
        }
        let message = error.full_message().chars().take(MAX_ERROR_CHARS).collect();
        let guidance = error.guidance().map(str::to_owned);
        Self {
            error: Some(JobError { message, guidance }),
            ..Self::new(JobState::Failed, JobCounts::default())
        }
    }
}

/// The hooks that ran, where any did.
fn items_of(hooks: &[HookRun]) -> Option<JobItems> {
    let mut items = JobItems::default();
    for run in hooks {
        items.push(run);
    }
    (!hooks.is_empty()).then_some(items)
}

fn state_of(state: RestoreState) -> JobState {
    match state {
        RestoreState::Planned | RestoreState::Completed => JobState::Completed,
        RestoreState::Partial => JobState::Partial,
        RestoreState::Cancelled => JobState::Cancelled,
    }
}
