//! One job in full, and its log.

use holdfast_model::report::{Counts, Outcome, ReportEntry};
use holdfast_store::job::{self, JobRecord, LogLine as Line};

use super::rows;
use super::running::RunningJob;
use crate::App;
use crate::api::{Failure, FailureCode, HookRow, JobDetails, JobKind, LogLevel, LogLine, LogPage, LogQuery};
use crate::points::{MAX_PAGE, hook_rows};

impl App {
    /// One job, as it is now.
    pub async fn job(&self, vault_id: String, job_id: String) -> Result<JobDetails, Failure> {
        if let Some(running) = self.inner.jobs.get(&vault_id, &job_id) {
            return Ok(of_running(&running));
        }
        let known = self.inner.vaults.get(&vault_id)?;
        let (jobs, id) = self.kept_job(&vault_id, &job_id).await?;
        let job = jobs.get(&id).await?;
        let record = &job.record;
        let failure = self.inner.jobs.failure(&job_id).or_else(|| failure_of(record));
        Ok(JobDetails {
            phases: rows::phases(&record.phases),
            warnings: rows::warnings(&record.warnings),
            failure,
            outcomes: record.counts.outcomes.as_ref().map(outcomes).unwrap_or_default(),
            has_report: record.report.is_some(),
            hooks: record.hooks.map(|hooks| hooks.entries).unwrap_or_default(),
            origin: record.host.clone().unwrap_or_default(),
            row: rows::of_job(&known, &job),
        })
    }

    /// The commands that a job ran in pods, or was to run, in the order in which they began; told once it has ended.
    pub async fn job_hooks(&self, vault_id: String, job_id: String) -> Result<Vec<HookRow>, Failure> {
        if let Some(running) = self.inner.jobs.get(&vault_id, &job_id) {
            return Ok(running.report().map(|report| hook_rows(&report.hooks)).unwrap_or_default());
        }
        let (jobs, id) = self.kept_job(&vault_id, &job_id).await?;
        Ok(hook_rows(&jobs.hooks(&id).await?))
    }

    /// Some lines of a job's log.
    pub async fn job_log(
        &self,
        vault_id: String,
        job_id: String,
        query: LogQuery,
    ) -> Result<LogPage, Failure> {
        if let Some(running) = self.inner.jobs.get(&vault_id, &job_id) {
            let lines = running.context.lines_from(0);
            return Ok(page(&lines.lines, &query));
        }
        let (jobs, id) = self.kept_job(&vault_id, &job_id).await?;
        Ok(page(&jobs.log(&id).await?, &query))
    }
}

fn of_running(running: &RunningJob) -> JobDetails {
    let row = running.row();
    let mut warnings = rows::warnings(&running.context.warnings());
    warnings.extend(running.not_kept());
    JobDetails {
        phases: rows::phases(&running.context.phases()),
        warnings,
        failure: running.failure(),
        outcomes: outcomes(&match running.report() {
            Some(report) => report.counts(),
            None => running.context.with_entries(counts),
        }),
        has_report: row.kind == JobKind::Restore && running.planned.is_some(),
        hooks: running.report().map(|report| report.hooks.len() as u64).unwrap_or_default(),
        origin: String::new(),
        row,
    }
}

/// What a document tells of a failure: the words are kept, what programs know of it is not.
fn failure_of(record: &JobRecord) -> Option<Failure> {
    match &record.error {
        Some(error) => {
            let guidance = error.guidance.clone().unwrap_or_default();
            Some(Failure::new(FailureCode::Internal, error.message.clone(), guidance))
        }
        None if record.state == job::JobState::Interrupted => Some(Failure::new(
            FailureCode::Internal,
            "its process ended, or fell silent, without saying how the job ended",
            "Start it again; what is done already stays.",
        )),
        None => None,
    }
}

/// What a restore has done so far.
fn counts(entries: &[ReportEntry]) -> Counts {
    let mut counts = Counts::default();
    for entry in entries {
        counts.add(entry.outcome);
    }
    counts
}

fn outcomes(counts: &Counts) -> Vec<(String, u64)> {
    let named = [
        ("created", Outcome::Created),
        ("patched", Outcome::Patched),
        ("recreated", Outcome::Recreated),
        ("deleted", Outcome::Deleted),
        ("skipped", Outcome::Skipped),
        ("identical", Outcome::Identical),
        ("derived", Outcome::Derived),
        ("blocked", Outcome::Blocked),
        ("failed", Outcome::Failed),
        ("planned", Outcome::Planned),
    ];
    let counted = named.into_iter().map(|(name, outcome)| (name.to_owned(), counts.of(outcome)));
    counted.filter(|(_, count)| *count > 0).collect()
}

/// The lines of a page, out of those that match; numbers are those of the whole log.
fn page(lines: &[Line], query: &LogQuery) -> LogPage {
    let text = query.text.to_lowercase();
    let matching = lines.iter().enumerate().filter(|(_, line)| {
        level(line.level) >= query.level && (text.is_empty() || line.message.to_lowercase().contains(&text))
    });
    let (mut total, mut shown) = (0, Vec::new());
    for (number, line) in matching {
        if total >= query.offset && (shown.len() as u64) < query.limit.min(MAX_PAGE) {
            shown.push(LogLine {
                number: number as u64,
                time: line.time.to_string(),
                level: level(line.level),
                text: line.message.clone(),
            });
        }
        total += 1;
    }
    LogPage { total, offset: query.offset, lines: shown }
}

fn level(level: job::LogLevel) -> LogLevel {
    match level {
        job::LogLevel::Info => LogLevel::Info,
        job::LogLevel::Warning => LogLevel::Warning,
        job::LogLevel::Error => LogLevel::Error,
    }
}
