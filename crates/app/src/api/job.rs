//! Jobs: what runs and what ran.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Failure, Progress, VaultFailure};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum JobKind {
    /// Takes a recovery point.
    Backup,
    /// Restores from one.
    Restore,
    /// Deletes one.
    Delete,
    /// Takes back what a restore did.
    Undo,
    /// Something that a newer Holdfast does.
    Other,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum JobState {
    /// It runs.
    Running,
    /// All done.
    Completed,
    /// Done, but something is missing, failed or was blocked.
    Partial,
    /// It failed.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// Its process ended without saying how the job ended.
    Interrupted,
}

/// One phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JobPhase {
    /// Such as `listing` or `workloads`.
    pub name: String,
    /// When it began.
    pub started: String,
    /// When it ended; absent while it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ended: Option<String>,
    /// Objects done in it.
    pub done: u64,
}

/// One job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JobRow {
    /// Identity; sorts by time.
    pub id: String,
    /// Vault it belongs to.
    pub vault_id: String,
    /// Name of that vault.
    pub vault_name: String,
    /// What it does.
    pub kind: JobKind,
    /// How far it is.
    pub state: JobState,
    /// The recovery point.
    pub point: String,
    /// The cluster; empty for deletions.
    pub cluster: String,
    /// What it does in words, such as `shop → staging`; may be empty.
    pub summary: String,
    /// When it began.
    pub started: String,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ended: Option<String>,
    /// Objects done.
    pub objects: u64,
    /// Number of warnings.
    pub warnings: u64,
    /// Number of objects that failed or were blocked.
    pub failures: u64,
    /// How far it is, while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub progress: Option<Progress>,
    /// Whether it runs in this process.
    pub own: bool,
}

/// The jobs of all vaults, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JobList {
    /// The jobs.
    pub jobs: Vec<JobRow>,
    /// Vaults that could not be listed.
    pub failures: Vec<VaultFailure>,
    /// When this was read.
    pub as_of: String,
}

/// Warnings of one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JobWarning {
    /// What happened.
    pub message: String,
    /// How often.
    pub count: u64,
}

/// One job in full.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JobDetails {
    /// The job.
    pub row: JobRow,
    /// Its phases, in order.
    pub phases: Vec<JobPhase>,
    /// Its warnings, by cause.
    pub warnings: Vec<JobWarning>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub failure: Option<Failure>,
    /// Objects per outcome of a restore, such as `created`; empty for other kinds.
    pub outcomes: Vec<(String, u64)>,
    /// Whether a report with one entry per object is there.
    pub has_report: bool,
    /// How many commands ran in pods, or were to run, as far as that is kept.
    pub hooks: u64,
    /// Computer and user it runs or ran on, as far as they are known.
    pub origin: String,
}

/// How serious a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the usual levels")]
pub enum LogLevel {
    Info,
    Warning,
    Error,
}

/// Which log lines to show.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LogQuery {
    /// Only lines with this text, in any case.
    pub text: String,
    /// Only lines at least as serious.
    pub level: LogLevel,
    /// First line.
    pub offset: u64,
    /// Number of lines; at most 1,000.
    pub limit: u64,
}

/// One line of a job's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Number within the log.
    pub number: u64,
    /// When.
    pub time: String,
    /// How serious.
    pub level: LogLevel,
    /// What.
    pub text: String,
}

/// Some lines of those that match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LogPage {
    /// How many match.
    pub total: u64,
    /// First line of this page.
    pub offset: u64,
    /// The lines.
    pub lines: Vec<LogLine>,
}
