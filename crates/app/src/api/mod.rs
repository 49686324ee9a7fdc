//! The types that cross to the web view. Each is exported to TypeScript by ts-rs;
//! a test compares what is checked in under `ui/src/backend/bindings` with a fresh export.
//!
//! Times are RFC 3339 texts in UTC, sizes are bytes, durations are milliseconds.

mod backup;
mod cluster;
mod event;
mod failure;
mod hook;
mod job;
mod object;
mod overview;
mod point;
mod restore;
mod selection;
mod settings;
mod vault;
mod volume;

pub use backup::{BackupRequest, KindCount, MatchPreview};
pub use cluster::{ClusterKind, ClusterRow, ClusterStatus, LastBackup, NamespaceRow, Rehearsal};
pub use event::{Event, Progress, Topic};
pub use failure::{Failure, FailureCode};
pub use hook::{HookProblem, HookTemplate, HooksLint};
pub use job::{
    JobDetails, JobKind, JobList, JobPhase, JobRow, JobState, JobWarning, LogLevel, LogLine, LogPage,
    LogQuery,
};
pub use object::{ObjectPage, ObjectQuery, ObjectRow, ObjectSort, ObjectText, Revealed, TreeGroup};
pub use overview::{Attention, AttentionKind, DayCount, Overview};
pub use point::{PointDetails, PointKey, PointList, PointRow, PointState, PointWarning, VaultFailure};
pub use restore::{
    Action, ActionCounts, ConflictPolicy, FieldChange, Finding, FindingCheck, FindingLevel, ModifierEffect,
    ModifierTemplate, ModifierTrial, ModifiersLint, NamespaceMapping, Outcome, PlanDiff, PlanPage, PlanQuery,
    PlanRow, PlanSort, PlanSummary, ReportFormat, RestoreRequest, StorageClassMapping, UndoSummary,
    VolumeMode,
};
pub use selection::{ClusterScoped, Selection};
pub use settings::{AppInfo, Appearance, LogFilter, Settings, TimeDisplay};
pub use vault::{AccessReport, AccessStep, AddVault, VaultAuth, VaultKind, VaultRow};
pub use volume::{
    HookPhase, HookRow, PodHold, PointVolumes, SnapshotFacts, StorageClassRow, VolumeChoice, VolumeRow,
    VolumeState,
};
