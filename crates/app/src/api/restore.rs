//! Restore: request, plan, report.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{PointKey, Selection};

/// What to do about objects that exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ConflictPolicy {
    /// Leave them.
    #[default]
    Skip,
    /// Make them say what the recovery point says.
    Patch,
}

/// What to do about claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum VolumeMode {
    /// Bring their data back.
    #[default]
    WithData,
    /// Make them again, empty.
    WithoutData,
}

/// A namespace that is restored into another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceMapping {
    /// In the recovery point.
    pub from: String,
    /// In the target.
    pub to: String,
}

/// What to restore, where to and how.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RestoreRequest {
    /// The recovery point.
    pub point: PointKey,
    /// The target: [`super::ClusterRow::id`].
    pub cluster_id: String,
    /// What to take, by original names.
    pub selection: Selection,
    /// Of that, only these objects, as `resource/namespace/name` or `resource/name`; empty for all.
    #[serde(default)]
    pub objects: Vec<String>,
    /// Where namespaces go.
    pub mappings: Vec<NamespaceMapping>,
    /// What to do about objects that exist.
    pub conflict_policy: ConflictPolicy,
    /// What to do about claims.
    pub volume_mode: VolumeMode,
}

/// What would happen to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// It is not there: create it.
    Create,
    /// It is there and differs: change it.
    Patch,
    /// It is left as it is.
    Skip,
    /// It already says what the recovery point says.
    Identical,
    /// It cannot be restored as things are.
    Blocked,
    /// Something else makes it again.
    Derived,
    /// Whether it is there could not be found out.
    Unchecked,
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Nothing yet, or not reached.
    Planned,
    /// Created.
    Created,
    /// Changed.
    Patched,
    /// Left as it was.
    Skipped,
    /// Already as wanted.
    Identical,
    /// Left to whatever makes it.
    Derived,
    /// Not restorable as things are, and not tried.
    Blocked,
    /// Refused by the server.
    Failed,
}

/// How many entries per action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each is the number of entries of the action of its name")]
pub struct ActionCounts {
    pub create: u64,
    pub patch: u64,
    pub skip: u64,
    pub identical: u64,
    pub blocked: u64,
    pub derived: u64,
    pub unchecked: u64,
}

/// A plan, which stays with the engine under its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanSummary {
    /// Identity; gone when the program ends or a newer plan of the same window takes its place.
    pub id: String,
    /// Entries.
    pub entries: u64,
    /// Entries per action.
    pub counts: ActionCounts,
    /// Target namespaces that will be written to, by name.
    pub target_namespaces: Vec<String>,
    /// What concerns the plan as a whole.
    pub warnings: Vec<String>,
    /// The `holdfast restore` that does the same.
    pub command: String,
    /// When it was made.
    pub as_of: String,
    /// How long planning took.
    pub duration_ms: u64,
}

/// What plan entries are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PlanSort {
    /// In the order in which they are written.
    #[default]
    Order,
    /// By kind, namespace, name.
    Kind,
    /// By name.
    Name,
    /// By target namespace, kind, name.
    Namespace,
    /// By action (in a report: by outcome).
    Action,
}

/// Which entries to show.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanQuery {
    /// Only these actions; empty for all.
    pub actions: Vec<Action>,
    /// Only these outcomes; empty for all.
    pub outcomes: Vec<Outcome>,
    /// Words as in [`super::ObjectQuery::text`]; reasons are searched too.
    pub text: String,
    /// Order.
    pub sort: PlanSort,
    /// The other way round.
    pub descending: bool,
    /// First row.
    pub offset: u64,
    /// Number of rows; at most 1,000.
    pub limit: u64,
}

/// One entry of a plan or a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanRow {
    /// Number within the plan.
    pub entry: u32,
    /// API group; empty for core.
    pub group: String,
    /// Version.
    pub version: String,
    /// Kind.
    pub kind: String,
    /// Namespace in the recovery point; empty for cluster-scoped objects.
    pub namespace: String,
    /// Name in the recovery point.
    pub name: String,
    /// Namespace in the target.
    pub target_namespace: String,
    /// Name in the target.
    pub target_name: String,
    /// What would happen.
    pub action: Action,
    /// What happened.
    pub outcome: Outcome,
    /// Why, in the server's words where it refused.
    pub reason: String,
    /// The first differing fields in short, such as `replicas 3 → 5`; empty where there are none.
    pub summary: String,
    /// Number of differing fields.
    pub changes: u32,
    /// Paths that were left because they cannot change.
    pub pruned: Vec<String>,
}

/// Some rows of those that match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanPage {
    /// How many match.
    pub total: u64,
    /// How many there are.
    pub of: u64,
    /// First row of this page.
    pub offset: u64,
    /// The rows.
    pub rows: Vec<PlanRow>,
}

/// One differing field. Values of Secrets are masked.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// JSON pointer (RFC 6901).
    pub path: String,
    /// The live value as JSON text; empty where there is none.
    pub live: String,
    /// The recovery point's value as JSON text; empty where there is none.
    pub point: String,
}

/// One entry in full.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanDiff {
    /// The entry.
    pub row: PlanRow,
    /// The live object as YAML, without what the server sets; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub live: Option<String>,
    /// What it would be (Create, Patch) or what the recovery point holds (Skip, Blocked), as YAML.
    pub after: String,
    /// The differing fields.
    pub changes: Vec<FieldChange>,
}

/// Form of an exported report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ReportFormat {
    /// JSON.
    Json,
    /// Comma-separated values.
    Csv,
    /// A workbook.
    Xlsx,
    /// A page for any browser.
    Html,
}
