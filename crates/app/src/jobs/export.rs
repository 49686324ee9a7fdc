//! A restore's report as a file, in the engine's forms.

use std::path::Path;

use holdfast_engine::report::{self, ReportFile};
use holdfast_model::report::Counts;
use holdfast_store::job::{JobKind, JobState, JobWarning};

use super::running::RunningJob;
use crate::api::{self, Failure, ReportFormat};
use crate::{App, blocking, saved};

impl App {
    /// How the file of a report is proposed to be called.
    pub fn report_file_name(job_id: &str, format: ReportFormat) -> String {
        let id: String = job_id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(80).collect();
        format!("holdfast-restore-{id}.{}", Self::report_ending(format))
    }

    /// The ending of a report's file, without a dot.
    pub fn report_ending(format: ReportFormat) -> &'static str {
        form(format).ending()
    }

    /// Writes the report of a job that has ended into a file, replacing what is there.
    pub async fn export_report_to(
        &self,
        vault_id: String,
        job_id: String,
        format: ReportFormat,
        file: &Path,
    ) -> Result<(), Failure> {
        let items = self.report(&vault_id, &job_id).await?.items.clone();
        let report = if let Some(running) = self.inner.jobs.get(&vault_id, &job_id) {
            of_running(&running, items)
        } else {
            let (jobs, id) = self.kept_job(&vault_id, &job_id).await?;
            ReportFile::new(&jobs.get(&id).await?.record, items)
        };
        let file = file.to_owned();
        blocking("writing the report", move || {
            saved::whole(&file, |out| {
                let mut out = std::io::BufWriter::new(out);
                report.write(form(format), &mut out)?;
                Ok(std::io::Write::flush(&mut out)?)
            })
            .map_err(|error| Failure::file(&file, &*error))
        })
        .await?
    }
}

fn form(format: ReportFormat) -> report::ReportFormat {
    match format {
        ReportFormat::Json => report::ReportFormat::Json,
        ReportFormat::Csv => report::ReportFormat::Csv,
        ReportFormat::Xlsx => report::ReportFormat::Xlsx,
        ReportFormat::Html => report::ReportFormat::Html,
    }
}

/// The report of a job that only this process knows, because its vault does not keep it.
fn of_running(running: &RunningJob, items: Vec<holdfast_store::job::JobItem>) -> ReportFile {
    let row = running.row();
    let mut counts = Counts::default();
    for item in &items {
        counts.add(item.outcome);
    }
    let mut warnings = running.context.warnings();
    warnings.extend(running.not_kept().map(|warning| JobWarning {
        message: warning.message,
        count: warning.count,
        objects: Vec::new(),
    }));
    let named = |text: String| Some(text).filter(|text| !text.is_empty());
    ReportFile {
        job: row.id.parse().ok(),
        kind: JobKind::Restore,
        state: state(row.state),
        cluster: named(row.cluster),
        recovery_point: named(row.point),
        machine: None,
        started: row.started.parse().ok(),
        ended: row.ended.and_then(|time| time.parse().ok()),
        objects: row.objects,
        counts,
        warnings,
        error: None,
        items,
    }
}

fn state(state: api::JobState) -> JobState {
    match state {
        api::JobState::Running => JobState::Running,
        api::JobState::Completed => JobState::Completed,
        api::JobState::Partial => JobState::Partial,
        api::JobState::Failed => JobState::Failed,
        api::JobState::Cancelled => JobState::Cancelled,
        api::JobState::Interrupted => JobState::Interrupted,
    }
}
