//! What a restore goes on from: reports and saved plans.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use holdfast_engine::EngineError;
use holdfast_engine::report::ReportFile;
use holdfast_engine::restore::{MAX_PLAN_BYTES, SavedPlan};
use holdfast_store::job::JobId;

use crate::failure::Failure;

/// The job that a report is of: its id, or a file that names it.
pub(super) fn job(report: &str) -> Result<JobId, Failure> {
    let path = Path::new(report);
    if !path.is_file() {
        return report.parse().map_err(|error| {
            Failure::Usage(format!("{error}; and there is no file of that name with a report as JSON"))
        });
    }
    let file = ReportFile::parse(&read(path)?).map_err(|error| {
        Failure::Usage(format!(
            "{report} is no whole report as JSON ({error}): give the id of the job instead"
        ))
    })?;
    file.job.ok_or_else(|| {
        Failure::Usage(format!(
            "{report} names no job: it is of a plan, or of a restore that its vault could not keep. Restore again instead"
        ))
    })
}

/// A plan in a file.
pub(super) fn saved_plan(path: &Path) -> Result<SavedPlan, Failure> {
    SavedPlan::parse(&read(path)?).map_err(|error| EngineError::from(error).into())
}

/// Writes a plan, whole or not at all.
pub(super) fn save_plan(path: &Path, plan: &SavedPlan) -> Result<(), Failure> {
    let text = plan.text().map_err(EngineError::from)?;
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = Path::new(&name);
    let written = File::create(part).and_then(|mut file| {
        file.write_all(&text)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(part, path)).map_err(|error| named(path, "written", &error))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let limit = u64::try_from(MAX_PLAN_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let opened = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut text));
    opened.map_err(|error| named(path, "read", &error))?;
    Ok(text)
}

fn named(path: &Path, verb: &str, error: &io::Error) -> Failure {
    Failure::Usage(format!("{} cannot be {verb}: {error}", path.display()))
}
