//! Reports as files: what a job did, and what happened to each object of a restore.
//!
//! One value, [`ReportFile`], is written in four forms: JSON, which [`ReportFile::parse`] reads again, CSV, a workbook
//! and a page. Values of Secrets are masked in reports already. Texts of a report come from clusters and recovery points,
//! so that each form defends its readers: no cell is a formula, and no text is part of the page's markup.

mod csv;
mod error;
mod html;
mod json;
mod page;
#[cfg(test)]
mod tests;
mod xlsx;

use std::io::Write;
use std::path::Path;

use holdfast_model::report::{Counts, Outcome};
use holdfast_store::job::{JobError, JobId, JobItem, JobKind, JobRecord, JobState, JobWarning};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use error::ReportError;
pub use json::MAX_REPORT_BYTES;

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// An object with everything in it.
    Json,
    /// A line for each object.
    Csv,
    /// A workbook: summary, objects, warnings.
    Xlsx,
    /// A page that needs nothing but itself.
    Html,
}

impl ReportFormat {
    /// The ending of its files, without a dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Html => "html",
        }
    }

    /// The form whose files end so.
    pub fn of_ending(ending: &str) -> Option<Self> {
        let all = [Self::Json, Self::Csv, Self::Xlsx, Self::Html];
        all.into_iter().find(|format| format.ending().eq_ignore_ascii_case(ending))
    }

    /// The form that the name of a file asks for.
    pub fn of_path(path: &Path) -> Option<Self> {
        path.extension().and_then(|ending| Self::of_ending(&ending.to_string_lossy()))
    }
}

/// What a job did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportFile {
    /// The job; `None` for a restore that was not kept as one.
    pub job: Option<JobId>,
    /// What it did.
    #[serde(default = "restore")]
    pub kind: JobKind,
    /// How it ended.
    pub state: JobState,
    /// The cluster.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The recovery point.
    #[serde(default)]
    pub recovery_point: Option<String>,
    /// The machine it ran on.
    #[serde(default)]
    pub machine: Option<String>,
    /// When it began.
    #[serde(default)]
    pub started: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    pub ended: Option<Timestamp>,
    /// Objects backed up, restored or deleted.
    #[serde(default)]
    pub objects: u64,
    /// How many objects of a restore ended in each way.
    #[serde(default)]
    pub counts: Counts,
    /// Warnings and failures, grouped by cause.
    #[serde(default, deserialize_with = "json::warnings")]
    pub warnings: Vec<JobWarning>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<JobError>,
    /// What happened to each object of a restore.
    pub items: Vec<JobItem>,
}

fn restore() -> JobKind {
    JobKind::Restore
}

impl ReportFile {
    /// The report of a job that is kept, with the items that are kept beside it.
    pub fn new(record: &JobRecord, items: Vec<JobItem>) -> Self {
        let mut counted = Counts::default();
        for item in &items {
            counted.add(item.outcome);
        }
        Self {
            job: Some(record.id.clone()),
            kind: record.kind,
            state: record.state,
            cluster: record.cluster.clone(),
            recovery_point: record.point.clone(),
            machine: record.host.clone(),
            started: Some(record.started),
            ended: record.ended,
            objects: record.counts.objects,
            counts: record.counts.outcomes.unwrap_or(counted),
            warnings: record.warnings.clone(),
            error: record.error.clone(),
            items,
        }
    }

    /// Writes the report. CPU work: for a thread that may block.
    pub fn write(&self, format: ReportFormat, out: &mut impl Write) -> Result<(), ReportError> {
        match format {
            ReportFormat::Json => self.json(out),
            ReportFormat::Csv => self.csv(out),
            ReportFormat::Xlsx => self.xlsx(out),
            ReportFormat::Html => self.html(out),
        }
    }

    /// Writes the report into a file, replacing what is there; it is written beside and put in place whole.
    pub fn write_file(&self, format: ReportFormat, file: &Path) -> Result<(), ReportError> {
        let failed = |source| ReportError::File { path: file.to_owned(), source };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut out = std::io::BufWriter::new(tempfile::NamedTempFile::new_in(folder).map_err(failed)?);
        self.write(format, &mut out)?;
        let out = out.into_inner().map_err(|error| failed(error.into_error()))?;
        out.as_file().sync_all().map_err(failed)?;
        out.persist(file).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// What there is to say of the job as a whole, as names and values.
    fn head(&self) -> Vec<(&'static str, String)> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
        let mut head = vec![
            ("Job", self.job.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("Kind", format!("{:?}", self.kind)),
            ("State", format!("{:?}", self.state)),
            ("Cluster", text(&self.cluster)),
            ("Recovery point", text(&self.recovery_point)),
            ("Machine", text(&self.machine)),
            ("Started", time(self.started)),
            ("Ended", time(self.ended)),
            ("Objects", self.objects.to_string()),
        ];
        if let Some(error) = &self.error {
            head.push(("Error", error.message.clone()));
            head.push(("What to do", error.guidance.clone().unwrap_or_default()));
        }
        head.retain(|(_, value)| !value.is_empty());
        head
    }

    /// The numbers of [`Counts`] that are not zero, what was not restored first.
    fn numbers(&self) -> Vec<(&'static str, u64)> {
        let named = ORDER.iter().map(|outcome| (label(*outcome), self.counts.of(*outcome)));
        named.filter(|(_, number)| *number > 0).collect()
    }
}

/// Outcomes in the order in which people want to know of them.
const ORDER: [Outcome; 10] = [
    Outcome::Failed,
    Outcome::Blocked,
    Outcome::Planned,
    Outcome::Deleted,
    Outcome::Recreated,
    Outcome::Patched,
    Outcome::Created,
    Outcome::Skipped,
    Outcome::Identical,
    Outcome::Derived,
];

/// An outcome as people read it.
fn label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Planned => "Not reached",
        Outcome::Created => "Created",
        Outcome::Patched => "Patched",
        Outcome::Recreated => "Recreated",
        Outcome::Deleted => "Deleted",
        Outcome::Skipped => "Skipped",
        Outcome::Identical => "Identical",
        Outcome::Derived => "Derived",
        Outcome::Blocked => "Blocked",
        Outcome::Failed => "Failed",
    }
}

/// The columns of tables.
const COLUMNS: [&str; 13] = [
    "group",
    "version",
    "kind",
    "namespace",
    "name",
    "target namespace",
    "target name",
    "action",
    "outcome",
    "reason",
    "differing fields",
    "fields left as they were",
    "resource modifiers",
];
/// Where the outcome stands among [`COLUMNS`].
const OUTCOME: usize = 8;

/// An object as a row of [`COLUMNS`].
fn row(item: &JobItem) -> [String; 13] {
    let differing: Vec<&str> = item.diff.iter().map(|change| change.path.as_str()).collect();
    [
        item.group.clone(),
        item.version.clone(),
        item.kind.clone(),
        item.namespace.clone(),
        item.name.clone(),
        item.target_namespace.clone(),
        item.target_name.clone().unwrap_or_else(|| item.name.clone()),
        format!("{:?}", item.action),
        format!("{:?}", item.outcome),
        item.reason.clone().unwrap_or_default(),
        differing.join(" "),
        item.pruned_paths.join(" "),
        item.modifiers.join("; "),
    ]
}
