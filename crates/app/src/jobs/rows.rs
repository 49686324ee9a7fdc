//! Jobs as rows.

use holdfast_store::job::{self, Job, JobEntry, JobRecord};

use crate::api::{JobKind, JobPhase, JobRow, JobState, JobWarning};
use crate::events::shown;
use crate::vaults::KnownVault;

/// One line of the list of jobs.
pub(super) fn of_entry(known: &KnownVault, entry: JobEntry) -> JobRow {
    match entry {
        JobEntry::Readable(job) => of_job(known, &job),
        JobEntry::Unreadable { id, reason } => JobRow {
            vault_id: known.id.clone(),
            vault_name: known.name.clone(),
            kind: JobKind::Other,
            state: JobState::Failed,
            point: String::new(),
            cluster: String::new(),
            summary: reason,
            started: id.time().to_string(),
            ended: None,
            objects: 0,
            warnings: 0,
            failures: 0,
            progress: None,
            own: false,
            id: id.to_string(),
        },
    }
}

/// A job that a vault tells of.
pub(super) fn of_job(known: &KnownVault, job: &Job) -> JobRow {
    let record = &job.record;
    JobRow { progress: job.progress.clone().map(shown), ..of_record(known, record) }
}

/// What is kept of a job.
pub(super) fn of_record(known: &KnownVault, record: &JobRecord) -> JobRow {
    let outcomes = record.counts.outcomes.unwrap_or_default();
    let (point, cluster) =
        (record.point.clone().unwrap_or_default(), record.cluster.clone().unwrap_or_default());
    let kind = kind(record.kind);
    JobRow {
        id: record.id.to_string(),
        vault_id: known.id.clone(),
        vault_name: known.name.clone(),
        kind,
        state: state(record.state),
        summary: summary(kind, &point, &cluster),
        point,
        cluster,
        started: record.started.to_string(),
        ended: record.ended.map(|time| time.to_string()),
        objects: record.counts.objects,
        warnings: record.warnings.iter().map(|warning| warning.count).sum(),
        failures: outcomes.failed + outcomes.blocked,
        progress: None,
        own: false,
    }
}

/// What a job does, in words.
pub(super) fn summary(kind: JobKind, point: &str, cluster: &str) -> String {
    match kind {
        JobKind::Backup => format!("{cluster} → {point}"),
        JobKind::Restore => format!("{point} → {cluster}"),
        JobKind::Delete => format!("delete {point}"),
        JobKind::Undo => format!("undo {point} → {cluster}"),
        JobKind::Other => String::new(),
    }
}

fn kind(kind: job::JobKind) -> JobKind {
    match kind {
        job::JobKind::Backup => JobKind::Backup,
        job::JobKind::Restore => JobKind::Restore,
        job::JobKind::Delete => JobKind::Delete,
        job::JobKind::Undo => JobKind::Undo,
        job::JobKind::Unknown => JobKind::Other,
    }
}

fn state(state: job::JobState) -> JobState {
    match state {
        job::JobState::Running => JobState::Running,
        // A newer version knows how it ended; here only that it did.
        job::JobState::Completed | job::JobState::Unknown => JobState::Completed,
        job::JobState::Partial => JobState::Partial,
        job::JobState::Failed => JobState::Failed,
        job::JobState::Cancelled => JobState::Cancelled,
        job::JobState::Interrupted => JobState::Interrupted,
    }
}

pub(super) fn phases(phases: &[job::JobPhase]) -> Vec<JobPhase> {
    let phase = |phase: &job::JobPhase| JobPhase {
        name: phase.name.clone(),
        started: phase.started.to_string(),
        ended: phase.ended.map(|time| time.to_string()),
        done: phase.done,
    };
    phases.iter().map(phase).collect()
}

pub(super) fn warnings(warnings: &[job::JobWarning]) -> Vec<JobWarning> {
    let warning = |warning: &job::JobWarning| {
        let message = match warning.objects.as_slice() {
            [object] if warning.count == 1 => format!("{object}: {}", warning.message),
            _ => warning.message.clone(),
        };
        JobWarning { message, count: warning.count }
    };
    warnings.iter().map(warning).collect()
}
