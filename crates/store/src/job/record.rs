//! What is kept about a job.

use holdfast_model::plan::{Action, Change};
use holdfast_model::report::{Counts, Outcome};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::JobId;
use crate::process::ProcessIdentity;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JobKind {
    /// Takes a recovery point.
    Backup,
    /// Restores from a recovery point.
    Restore,
    /// Deletes a recovery point.
    Delete,
    /// Takes back what a restore did.
    Undo,
    /// Something that a newer version does.
    #[serde(other)]
    Unknown,
}

/// How far a job is, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum JobState {
    /// It has not ended.
    Running,
    /// All that was asked for is done.
    Completed,
    /// Done, but not all that was asked for; the warnings say what is missing.
    Partial,
    /// Not done; the error says why.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
    /// Its process ended, or fell silent for longer than [`crate::SILENT_AFTER`], without saying how it ended.
    Interrupted,
    /// A state that a newer version knows.
    #[serde(other)]
    Unknown,
}

/// One phase of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobPhase {
    /// Name, such as `listing`.
    pub name: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    #[serde(default)]
    pub ended: Option<Timestamp>,
    /// Objects done in it.
    #[serde(default)]
    pub done: u64,
    /// Objects there were to do, where that was known.
    #[serde(default)]
    pub total: Option<u64>,
    /// Uncompressed bytes handled in it.
    #[serde(default)]
    pub bytes: u64,
}

/// What a job did, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobCounts {
    /// Objects backed up, restored (created or patched), or deleted with their point.
    pub objects: u64,
    /// Bytes stored or freed in the vault; zero for restores.
    pub bytes: u64,
    /// How many objects of a restore ended in each way.
    pub outcomes: Option<Counts>,
}

/// Warnings and failures of one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobWarning {
    /// What happened, with `…` for the name of the object where there were several.
    pub message: String,
    /// How often.
    pub count: u64,
    /// The first objects that it concerns, as `kind namespace/name`.
    #[serde(default)]
    pub objects: Vec<String>,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobError {
    /// What failed, on what, and why.
    pub message: String,
    /// What to do, where that is known.
    #[serde(default)]
    pub guidance: Option<String>,
}

/// A blob beside a job's documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobBlob {
    /// Its size as stored, in bytes.
    pub bytes: u64,
    /// Lines or items in it.
    pub entries: u64,
}

/// What is kept about a job: the content of its documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobRecord {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// How far it is, or how it ended.
    pub state: JobState,
    /// When it began, by the clock of its machine.
    pub started: Timestamp,
    /// When it ended, by the clock of its machine; for Interrupted the last sign of life, by the store's.
    #[serde(default)]
    pub ended: Option<Timestamp>,
    /// The cluster that it reads or writes.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The recovery point that it makes, restores from or deletes.
    #[serde(default)]
    pub point: Option<String>,
    /// Name of the machine it runs on.
    #[serde(default)]
    pub host: Option<String>,
    /// Version of the program.
    #[serde(default)]
    pub version: String,
    /// The process, so that others on its machine can tell at once when it is gone.
    #[serde(default)]
    pub process: Option<ProcessIdentity>,
    /// Its phases, in the order in which they began.
    #[serde(default)]
    pub phases: Vec<JobPhase>,
    /// What it did, in numbers.
    #[serde(default)]
    pub counts: JobCounts,
    /// Warnings and failures, grouped by cause.
    #[serde(default)]
    pub warnings: Vec<JobWarning>,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<JobError>,
    /// Its log, if one is kept.
    #[serde(default)]
    pub log: Option<JobBlob>,
    /// What happened to each object, if that is kept.
    #[serde(default)]
    pub report: Option<JobBlob>,
    /// The commands that it ran in pods, or was to run, if there were any.
    #[serde(default)]
    pub hooks: Option<JobBlob>,
}

/// What a running job says about itself every few seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobProgress {
    /// The phase.
    pub phase: String,
    /// What is being worked on, such as a resource type.
    pub detail: String,
    /// Objects done in this phase.
    pub done: u64,
    /// Objects there are to do, where that is known.
    pub total: Option<u64>,
    /// Uncompressed bytes handled in this phase.
    pub bytes: u64,
    /// Objects per second lately, once that can be told.
    pub rate: Option<f64>,
    /// Seconds that the phase will still take at this rate.
    pub remaining_seconds: Option<u64>,
}

/// A job as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// What is kept about it.
    #[serde(flatten)]
    pub record: JobRecord,
    /// What it does just now, while it runs; absent until it says so for the first time.
    pub progress: Option<JobProgress>,
    /// Whether it was asked to stop and has not yet.
    pub cancel_requested: bool,
    /// The last sign of life of one that has not ended by itself, by the store's clock.
    pub seen: Option<Timestamp>,
}

/// One line of the list of jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "entry")]
pub enum JobEntry {
    /// A job.
    Readable(Box<Job>),
    /// A job whose newest document cannot be read.
    #[serde(rename_all = "camelCase")]
    Unreadable {
        /// Its id.
        id: JobId,
        /// Why it cannot be read.
        reason: String,
    },
}

/// Which jobs to list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobFilter {
    /// Only jobs of this kind.
    pub kind: Option<JobKind>,
    /// Only jobs in this state.
    pub state: Option<JobState>,
    /// At most this many.
    pub limit: usize,
}

impl Default for JobFilter {
    fn default() -> Self {
        Self { kind: None, state: None, limit: super::KEPT_JOBS }
    }
}

/// How grave a line of a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LogLevel {
    /// What was done.
    Info,
    /// What the result lacks.
    Warning,
    /// What failed.
    Error,
}

/// One line of a job's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// When.
    pub time: Timestamp,
    /// How grave it is.
    pub level: LogLevel,
    /// What happened.
    pub message: String,
}

/// What a restore did to one object, as its job keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobItem {
    /// API group, empty for core.
    #[serde(default)]
    pub group: String,
    /// Version.
    #[serde(default)]
    pub version: String,
    /// Kind.
    pub kind: String,
    /// Namespace in the recovery point, empty for cluster-scoped objects.
    #[serde(default)]
    pub namespace: String,
    /// Name in the recovery point.
    pub name: String,
    /// Namespace in the target.
    #[serde(default)]
    pub target_namespace: String,
    /// Name in the target, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_name: Option<String>,
    /// What was planned, or tried where running found it otherwise.
    pub action: Action,
    /// What happened.
    pub outcome: Outcome,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What differed between the live object and the recovery point; values of Secrets are masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diff: Vec<Change>,
    /// Paths that were left as they were because they cannot change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pruned_paths: Vec<String>,
    /// What resource modifiers did to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<String>,
    /// Whether an earlier job did it, which this one went on with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub earlier: bool,
}

impl JobState {
    /// Whether nothing more will happen. A state that only a newer version knows counts as an end: this one
    /// cannot tell, and must not decide over it.
    pub fn is_ended(self) -> bool {
        self != Self::Running
    }
}
