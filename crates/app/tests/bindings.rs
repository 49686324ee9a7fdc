//! The checked-in TypeScript types are those of the Rust ones.
//!
//! `cargo xtask bindings` sets `HOLDFAST_WRITE_BINDINGS` and so writes them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where its expectation fails")]

use std::fmt::Write;
use std::path::Path;

use holdfast_app::api;
use ts_rs::{Config, TS};

const HEADER: &str = "// Generated from crates/app/src/api by `cargo xtask bindings`. Do not edit.\n";

macro_rules! types {
    ($($name:ident),+ $(,)?) => {
        fn declarations(config: &Config) -> Vec<String> {
            vec![$(api::$name::export_to_string(config).unwrap()),+]
        }
    };
}

types!(
    AccessReport,
    AccessStep,
    Action,
    ActionCounts,
    AddVault,
    AppInfo,
    Appearance,
    Attention,
    AttentionKind,
    BackupRequest,
    ClusterKind,
    ClusterRow,
    ClusterScoped,
    ClusterStatus,
    ConflictPolicy,
    DayCount,
    Event,
    Failure,
    FailureCode,
    FieldChange,
    Finding,
    FindingCheck,
    FindingLevel,
    HookPhase,
    HookProblem,
    HookRow,
    HookTemplate,
    HooksLint,
    JobDetails,
    JobKind,
    JobList,
    JobPhase,
    JobRow,
    JobState,
    JobWarning,
    KindCount,
    LastBackup,
    LogFilter,
    LogLevel,
    LogLine,
    LogPage,
    LogQuery,
    MatchPreview,
    ModifierEffect,
    ModifierTemplate,
    ModifierTrial,
    ModifiersLint,
    NamespaceMapping,
    NamespaceRow,
    ObjectPage,
    ObjectQuery,
    ObjectRow,
    ObjectSort,
    ObjectText,
    Outcome,
    Overview,
    PlanDiff,
    PlanPage,
    PlanQuery,
    PlanRow,
    PlanSort,
    PlanSummary,
    PodHold,
    PointDetails,
    PointKey,
    PointList,
    PointRow,
    PointState,
    PointVolumes,
    PointWarning,
    Progress,
    Rehearsal,
    ReportFormat,
    RestoreRequest,
    Revealed,
    Selection,
    Settings,
    SnapshotFacts,
    StorageClassMapping,
    StorageClassRow,
    TimeDisplay,
    Topic,
    TreeGroup,
    UndoSummary,
    VaultAuth,
    VaultFailure,
    VaultKind,
    VaultRow,
    VolumeChoice,
    VolumeMode,
    VolumeRow,
    VolumeState,
);

#[test]
fn the_checked_in_types_are_fresh() {
    let config = Config::new().with_large_int("number");
    let mut text = HEADER.to_owned();
    for declaration in declarations(&config) {
        text.push('\n');
        for line in declaration.trim().lines() {
            if !line.starts_with("// This file was") && !line.starts_with("import type") {
                writeln!(text, "{}", line.trim_end()).unwrap();
            }
        }
    }
    // ts-rs leaves one empty line after its header and its imports.
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/backend/bindings.ts");
    if std::env::var_os("HOLDFAST_WRITE_BINDINGS").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let checked_in = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(checked_in == text, "{} is stale; run `cargo xtask bindings`", file.display());
}
