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

/// A storage class of the recovery point that another of the target takes the place of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StorageClassMapping {
    /// In the recovery point; empty for claims that name none.
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
    /// Objects that stay in the plan and are not written, named as in `objects`.
    #[serde(default)]
    pub exclusions: Vec<String>,
    /// Where namespaces go.
    pub mappings: Vec<NamespaceMapping>,
    /// What to do about objects that exist.
    pub conflict_policy: ConflictPolicy,
    /// What to do about single kinds or objects that exist: `resource=policy` or `resource/namespace/name=policy`, with
    /// `skip`, `patch` or `recreate`. The last that names an object counts.
    #[serde(default)]
    pub policies: Vec<String>,
    /// What to do about claims.
    pub volume_mode: VolumeMode,
    /// Which storage classes claims get. Those without a class of the target are left out.
    #[serde(default)]
    pub storage_classes: Vec<StorageClassMapping>,
    /// How long claims that are filled from snapshots are waited for, in seconds, zero for not at all; absent for the
    /// default of the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub volume_timeout_seconds: Option<u64>,
    /// Text of the resource modifiers that change objects on the way; empty for none.
    #[serde(default)]
    pub modifiers: String,
    /// The `RestoreHook` objects of the target to go by, in this order, as `namespace/name`.
    #[serde(default)]
    pub hooks: Vec<String>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum FindingLevel {
    /// Some objects cannot be restored as things are.
    Blocking,
    /// Something may go otherwise than expected.
    Warning,
    /// Good to know.
    Info,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum FindingCheck {
    /// Whether the target serves the kinds.
    Kinds,
    /// Whether this identity may do it.
    Permissions,
    /// Whether it fits into the quotas.
    Quotas,
    /// What admits, changes or refuses objects on their way.
    Webhooks,
    /// Whether the storage classes exist.
    StorageClasses,
    /// How the Kubernetes versions differ.
    Version,
    /// What the server said to trying each object.
    Trial,
}

/// Something that trying a plan found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// How much it matters.
    pub level: FindingLevel,
    /// What it is about.
    pub check: FindingCheck,
    /// What was found.
    pub message: String,
    /// What to do about it; empty where the message says it.
    pub guidance: String,
    /// How many objects of the plan it concerns.
    pub objects: u64,
}

/// What would happen to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// It is not there: create it.
    Create,
    /// It is there and differs: change it.
    Patch,
    /// It is there and differs: delete it, and create it anew.
    Recreate,
    /// A restore that is undone made it: delete it.
    Delete,
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
    /// Deleted and created anew.
    Recreated,
    /// Deleted.
    Deleted,
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
    pub recreate: u64,
    pub delete: u64,
    pub skip: u64,
    pub identical: u64,
    pub blocked: u64,
    pub derived: u64,
    pub unchecked: u64,
}

/// A plan, which stays with the engine under its id.
#[derive(Clone, Debug, Serialize, TS)]
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
    /// What was asked for. Of a plan that goes on with a restore, or that was opened from a file, this is what it says.
    pub request: RestoreRequest,
    /// Whether it was tried with the server.
    pub validated: bool,
    /// What that found, what matters most first.
    pub findings: Vec<Finding>,
    /// Entries that an earlier run settled, which this plan goes on with.
    pub earlier: u64,
    /// The `holdfast restore` that does the same; empty where the terminal needs a file or a job for it.
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
    /// What resource modifiers did to it, in words.
    pub modifiers: Vec<String>,
    /// Whether an earlier run did it, which this one goes on with.
    pub earlier: bool,
}

/// What undoing a restore would do; it stays with the engine under its id.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UndoSummary {
    /// Identity, for [`crate::App::undo_items`] and [`crate::App::start_undo`].
    pub id: String,
    /// The jobs that are undone, the last first.
    pub jobs: Vec<String>,
    /// The target.
    pub cluster: String,
    /// Entries.
    pub entries: u64,
    /// Entries per action.
    pub counts: ActionCounts,
    /// What concerns the undoing as a whole.
    pub warnings: Vec<String>,
    /// When it was planned.
    pub as_of: String,
}

/// What is wrong with resource modifiers, or that nothing is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModifiersLint {
    /// How many rules they have; 0 where they cannot be read.
    pub rules: u32,
    /// What is wrong; empty where nothing is.
    pub problem: String,
    /// The line it is in, counted from 1; 0 where no line is to blame.
    pub line: u32,
    /// The column, counted from 1; 0 where none is to blame.
    pub column: u32,
}

/// Resource modifiers to begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModifierTemplate {
    /// What they are for.
    pub title: String,
    /// Their text.
    pub text: String,
}

/// What resource modifiers make of one object.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModifierEffect {
    /// API group; empty for core.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Namespace in the recovery point; empty for cluster-scoped objects.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Whether it is another object than before.
    pub changed: bool,
    /// Whether some rule failed.
    pub failed: bool,
    /// What became of each rule that fits it.
    pub notes: Vec<String>,
    /// The fields that differ from the recovery point: `live` is before, `point` after. Values of Secrets are masked.
    pub changes: Vec<FieldChange>,
}

/// What resource modifiers would do to the objects of a recovery point.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModifierTrial {
    /// How many objects some rule fits.
    pub matched: u64,
    /// How many of them change.
    pub changed: u64,
    /// How many of them some rule fails for.
    pub failed: u64,
    /// The first of them; those that failed come first.
    pub effects: Vec<ModifierEffect>,
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
