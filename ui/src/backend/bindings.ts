// Generated from crates/app/src/api by `cargo xtask bindings`. Do not edit.

/**
 * What a test of access found.
 */
export type AccessReport = {
/**
 * Whether the vault can be used for backups.
 */
ok: boolean,
/**
 * Whether there is a vault already.
 */
exists: boolean,
/**
 * Whether it can only be read.
 */
readOnly: boolean,
/**
 * The identity that was used, as far as it is known.
 */
identity: string,
/**
 * The steps, in order.
 */
steps: Array<AccessStep>,
/**
 * What is wrong, naming the role that is missing.
 */
failure?: Failure, };

/**
 * One step of a test of access.
 */
export type AccessStep = {
/**
 * What was tried, such as `List blobs`.
 */
name: string,
/**
 * Whether it went well; absent where an earlier failure made it pointless.
 */
ok?: boolean,
/**
 * What came of it.
 */
message: string, };

/**
 * What would happen to an object.
 */
export type Action = "create" | "patch" | "recreate" | "delete" | "skip" | "identical" | "blocked" | "derived" | "unchecked";

/**
 * How many entries per action.
 */
export type ActionCounts = { create: number, patch: number, recreate: number, delete: number, skip: number, identical: number, blocked: number, derived: number, unchecked: number, };

/**
 * A vault to add or to test. The SAS is handed over separately and never comes back.
 */
export type AddVault = {
/**
 * As shown; empty for the last part of the address.
 */
name: string,
/**
 * `file:///path`, an absolute path, or `https://account.blob.core.windows.net/container[/prefix]`.
 */
url: string,
/**
 * How to sign in; ignored for folders.
 */
auth: VaultAuth,
/**
 * A SAS for [`VaultAuth::Sas`]; kept in the keyring.
 */
sas?: string,
/**
 * Create the vault where there is none.
 */
create: boolean, };

/**
 * What the program says of itself.
 */
export type AppInfo = {
/**
 * Version.
 */
version: string,
/**
 * `linux`, `macos` or `windows`.
 */
platform: string,
/**
 * Folder of settings and read model.
 */
dataDir: string,
/**
 * The log file.
 */
logFile: string,
/**
 * Where a vault is proposed, as an address.
 */
suggestedVault: string, };

/**
 * Light, dark, or as the system.
 */
export type Appearance = "system" | "light" | "dark";

/**
 * One thing that needs attention.
 */
export type Attention = {
/**
 * What it is.
 */
kind: AttentionKind,
/**
 * What it is about: name of a cluster, vault or point.
 */
subject: string,
/**
 * In one sentence.
 */
message: string,
/**
 * Cluster it concerns.
 */
clusterId?: string,
/**
 * Vault it concerns.
 */
vaultId?: string,
/**
 * Recovery point it concerns.
 */
point?: string,
/**
 * Job it concerns.
 */
jobId?: string,
/**
 * When it happened.
 */
time?: string, };

/**
 * What needs attention.
 */
export type AttentionKind = "neverBackedUp" | "lastPartial" | "lastFailed" | "vaultFailing" | "pointUnreadable" | "kubeconfigBroken" | "fileReset";

/**
 * A backup to start.
 */
export type BackupRequest = {
/**
 * [`super::ClusterRow::id`].
 */
clusterId: string,
/**
 * [`super::VaultRow::id`].
 */
vaultId: string,
/**
 * Name of the recovery point: a DNS-1123 label of at most 63 characters.
 */
name: string,
/**
 * What to take.
 */
selection: Selection,
/**
 * What to do about volumes.
 */
volumes: VolumeChoice, };

/**
 * Where a cluster is known from.
 */
export type ClusterKind = "sandbox" | "context";

/**
 * One cluster; nothing of this needs the cluster to answer.
 */
export type ClusterRow = {
/**
 * `sandbox`, or the name of the context.
 */
id: string,
/**
 * As shown: `Sandbox (built in)`, or the name of the context.
 */
name: string,
/**
 * Where it is known from.
 */
kind: ClusterKind,
/**
 * Address of the API server.
 */
server?: string,
/**
 * Whether it is the kubeconfig's current context.
 */
current: boolean,
/**
 * The newest recovery point known.
 */
lastBackup?: LastBackup,
/**
 * Number of recovery points known.
 */
points: number, };

/**
 * Which cluster-scoped objects go along.
 */
export type ClusterScoped = "auto" | "all" | "none";

/**
 * What a cluster answered.
 */
export type ClusterStatus = {
/**
 * Whether it can be worked with.
 */
reachable: boolean,
/**
 * Version, such as `v1.35.4`.
 */
version?: string,
/**
 * Its namespaces, by name.
 */
namespaces: Array<NamespaceRow>,
/**
 * Why it cannot be worked with, or not wholly.
 */
failure?: Failure,
/**
 * How long `/version` took.
 */
latencyMs: number,
/**
 * When it was asked.
 */
asOf: string, };

/**
 * What to do about objects that exist.
 */
export type ConflictPolicy = "skip" | "patch";

/**
 * Backups of one day, in local time.
 */
export type DayCount = {
/**
 * Such as `2026-11-25`.
 */
day: string,
/**
 * Recovery points taken.
 */
points: number,
/**
 * Backups that failed.
 */
failed: number, };

/**
 * One event.
 */
export type Event = { "type": "job",
/**
 * The job as it is now.
 */
job: JobRow, } | { "type": "jobEnded",
/**
 * The job as it ended.
 */
job: JobRow, } | { "type": "request",
/**
 * The id that the window gave with the command.
 */
requestId: string,
/**
 * How far it is.
 */
progress: Progress, } | { "type": "changed",
/**
 * Which.
 */
topics: Array<Topic>, } | { "type": "closeRequested",
/**
 * Number of jobs that run in this process.
 */
running: number, };

/**
 * A failure at the window.
 */
export type Failure = {
/**
 * What failed, for programs.
 */
code: FailureCode,
/**
 * What failed, on which object.
 */
message: string,
/**
 * What to do about it; empty where nothing can be said.
 */
guidance: string,
/**
 * Whether the same may succeed later without anything being changed.
 */
retryable: boolean,
/**
 * The server's words and further causes, to copy.
 */
details?: string, };

/**
 * What failed, for programs. The window decides by this code, never by the words.
 */
export type FailureCode = "invalidInput" | "notFound" | "alreadyExists" | "clusterUnreachable" | "clusterUnauthorized" | "clusterForbidden" | "pluginNotAllowed" | "kubeconfig" | "vaultUnreachable" | "vaultForbidden" | "vaultReadOnly" | "vaultGone" | "notAVault" | "damaged" | "cancelled" | "busy" | "planOutdated" | "internal";

/**
 * One differing field. Values of Secrets are masked.
 */
export type FieldChange = {
/**
 * JSON pointer (RFC 6901).
 */
path: string,
/**
 * The live value as JSON text; empty where there is none.
 */
live: string,
/**
 * The recovery point's value as JSON text; empty where there is none.
 */
point: string, };

/**
 * Something that trying a plan found.
 */
export type Finding = {
/**
 * How much it matters.
 */
level: FindingLevel,
/**
 * What it is about.
 */
check: FindingCheck,
/**
 * What was found.
 */
message: string,
/**
 * What to do about it; empty where the message says it.
 */
guidance: string,
/**
 * How many objects of the plan it concerns.
 */
objects: number, };

/**
 * What a finding is about.
 */
export type FindingCheck = "kinds" | "permissions" | "quotas" | "webhooks" | "storageClasses" | "version" | "trial";

/**
 * How much a finding matters.
 */
export type FindingLevel = "blocking" | "warning" | "info";

/**
 * When a hook ran.
 */
export type HookPhase = "pre" | "post" | "restore";

/**
 * Something that is wrong in a text of hooks, or could be better.
 */
export type HookProblem = {
/**
 * The line it is in, counted from 1; 0 where no line is to blame.
 */
line: number,
/**
 * The column, counted from 1; 0 where none is to blame.
 */
column: number,
/**
 * The field it is about, such as `spec.backupHook[0].preHooks[1].exec.timeout`.
 */
field: string,
/**
 * What is to be said of it: the rest of a sentence that begins with the field.
 */
problem: string, };

/**
 * One command that ran, or could not, in one container.
 */
export type HookRow = {
/**
 * Namespace of the pod.
 */
namespace: string,
/**
 * The pod.
 */
pod: string,
/**
 * The container.
 */
container: string,
/**
 * Where the command comes from: `namespace/name: hook`, or `annotation`.
 */
hook: string,
/**
 * When it ran.
 */
phase: HookPhase,
/**
 * The command and its arguments.
 */
command: Array<string>,
/**
 * When it began.
 */
started: string,
/**
 * How long it took.
 */
durationMs: number,
/**
 * Why it failed; empty for success.
 */
failure: string,
/**
 * What it wrote; one that was too long says at its end that it is cut off.
 */
output: string, };

/**
 * A hook to begin with.
 */
export type HookTemplate = {
/**
 * How it is called, such as `postgresql`.
 */
name: string,
/**
 * What it does.
 */
title: string,
/**
 * When what it does makes a snapshot consistent, and when it is not needed or not enough.
 */
consistency: string,
/**
 * Its text.
 */
text: string, };

/**
 * What is in a text of hooks, and what is wrong with it.
 */
export type HooksLint = {
/**
 * Its `BackupHook` objects as `namespace/name`; none where something is wrong, as with the other numbers.
 */
backup: Array<string>,
/**
 * Its `RestoreHook` objects as `namespace/name`.
 */
restore: Array<string>,
/**
 * How many hooks they have together.
 */
hooks: number,
/**
 * What is wrong.
 */
problems: Array<HookProblem>,
/**
 * What is allowed, and hardly meant.
 */
advice: Array<HookProblem>, };

/**
 * One job in full.
 */
export type JobDetails = {
/**
 * The job.
 */
row: JobRow,
/**
 * Its phases, in order.
 */
phases: Array<JobPhase>,
/**
 * Its warnings, by cause.
 */
warnings: Array<JobWarning>,
/**
 * Why it failed.
 */
failure?: Failure,
/**
 * Objects per outcome of a restore, such as `created`; empty for other kinds.
 */
outcomes: Array<[string, number]>,
/**
 * Whether a report with one entry per object is there.
 */
hasReport: boolean,
/**
 * How many commands ran in pods, or were to run, as far as that is kept.
 */
hooks: number,
/**
 * Computer and user it runs or ran on, as far as they are known.
 */
origin: string, };

/**
 * What a job does.
 */
export type JobKind = "backup" | "restore" | "delete" | "undo" | "other";

/**
 * The jobs of all vaults, newest first.
 */
export type JobList = {
/**
 * The jobs.
 */
jobs: Array<JobRow>,
/**
 * Vaults that could not be listed.
 */
failures: Array<VaultFailure>,
/**
 * When this was read.
 */
asOf: string, };

/**
 * One phase.
 */
export type JobPhase = {
/**
 * Such as `listing` or `workloads`.
 */
name: string,
/**
 * When it began.
 */
started: string,
/**
 * When it ended; absent while it goes on.
 */
ended?: string,
/**
 * Objects done in it.
 */
done: number, };

/**
 * One job.
 */
export type JobRow = {
/**
 * Identity; sorts by time.
 */
id: string,
/**
 * Vault it belongs to.
 */
vaultId: string,
/**
 * Name of that vault.
 */
vaultName: string,
/**
 * What it does.
 */
kind: JobKind,
/**
 * How far it is.
 */
state: JobState,
/**
 * The recovery point.
 */
point: string,
/**
 * The cluster; empty for deletions.
 */
cluster: string,
/**
 * What it does in words, such as `shop → staging`; may be empty.
 */
summary: string,
/**
 * When it began.
 */
started: string,
/**
 * When it ended.
 */
ended?: string,
/**
 * Objects done.
 */
objects: number,
/**
 * Number of warnings.
 */
warnings: number,
/**
 * Number of objects that failed or were blocked.
 */
failures: number,
/**
 * How far it is, while it runs.
 */
progress?: Progress,
/**
 * Whether it runs in this process.
 */
own: boolean, };

/**
 * How far a job is.
 */
export type JobState = "running" | "completed" | "partial" | "failed" | "cancelled" | "interrupted";

/**
 * Warnings of one cause.
 */
export type JobWarning = {
/**
 * What happened.
 */
message: string,
/**
 * How often.
 */
count: number, };

/**
 * How many objects of one kind.
 */
export type KindCount = {
/**
 * API group; empty for core.
 */
group: string,
/**
 * Version.
 */
version: string,
/**
 * Kind, such as `Deployment`.
 */
kind: string,
/**
 * Plural with group, such as `deployments.apps`.
 */
resource: string,
/**
 * Whether its objects are in namespaces.
 */
namespaced: boolean,
/**
 * Number of objects.
 */
objects: number, };

/**
 * The newest recovery point of a cluster over all vaults.
 */
export type LastBackup = {
/**
 * Vault it is in.
 */
vaultId: string,
/**
 * Its name.
 */
point: string,
/**
 * When it was taken.
 */
time: string,
/**
 * Whether everything asked for is in it.
 */
state: PointState,
/**
 * Number of objects.
 */
objects: number,
/**
 * Size as stored.
 */
bytes: number, };

/**
 * What is written to the log file.
 */
export type LogFilter = "error" | "warn" | "info" | "debug" | "trace";

/**
 * How serious a log line is.
 */
export type LogLevel = "info" | "warning" | "error";

/**
 * One line of a job's log.
 */
export type LogLine = {
/**
 * Number within the log.
 */
number: number,
/**
 * When.
 */
time: string,
/**
 * How serious.
 */
level: LogLevel,
/**
 * What.
 */
text: string, };

/**
 * Some lines of those that match.
 */
export type LogPage = {
/**
 * How many match.
 */
total: number,
/**
 * First line of this page.
 */
offset: number,
/**
 * The lines.
 */
lines: Array<LogLine>, };

/**
 * Which log lines to show.
 */
export type LogQuery = {
/**
 * Only lines with this text, in any case.
 */
text: string,
/**
 * Only lines at least as serious.
 */
level: LogLevel,
/**
 * First line.
 */
offset: number,
/**
 * Number of lines; at most 1,000.
 */
limit: number, };

/**
 * What a selection matches in a cluster now.
 */
export type MatchPreview = {
/**
 * Number of objects.
 */
objects: number,
/**
 * Number of namespaces with at least one of them.
 */
namespaces: number,
/**
 * Number of persistent volume claims among them.
 */
claims: number,
/**
 * By kind, most objects first.
 */
kinds: Array<KindCount>,
/**
 * Kinds that cannot be listed, and why: the point will be Partial.
 */
gaps: Array<string>,
/**
 * When the cluster was read.
 */
asOf: string, };

/**
 * What resource modifiers make of one object.
 */
export type ModifierEffect = {
/**
 * API group; empty for core.
 */
group: string,
/**
 * Kind.
 */
kind: string,
/**
 * Namespace in the recovery point; empty for cluster-scoped objects.
 */
namespace: string,
/**
 * Name.
 */
name: string,
/**
 * Whether it is another object than before.
 */
changed: boolean,
/**
 * Whether some rule failed.
 */
failed: boolean,
/**
 * What became of each rule that fits it.
 */
notes: Array<string>,
/**
 * The fields that differ from the recovery point: `live` is before, `point` after. Values of Secrets are masked.
 */
changes: Array<FieldChange>, };

/**
 * Resource modifiers to begin with.
 */
export type ModifierTemplate = {
/**
 * What they are for.
 */
title: string,
/**
 * Their text.
 */
text: string, };

/**
 * What resource modifiers would do to the objects of a recovery point.
 */
export type ModifierTrial = {
/**
 * How many objects some rule fits.
 */
matched: number,
/**
 * How many of them change.
 */
changed: number,
/**
 * How many of them some rule fails for.
 */
failed: number,
/**
 * The first of them; those that failed come first.
 */
effects: Array<ModifierEffect>, };

/**
 * What is wrong with resource modifiers, or that nothing is.
 */
export type ModifiersLint = {
/**
 * How many rules they have; 0 where they cannot be read.
 */
rules: number,
/**
 * What is wrong; empty where nothing is.
 */
problem: string,
/**
 * The line it is in, counted from 1; 0 where no line is to blame.
 */
line: number,
/**
 * The column, counted from 1; 0 where none is to blame.
 */
column: number, };

/**
 * A namespace that is restored into another.
 */
export type NamespaceMapping = {
/**
 * In the recovery point.
 */
from: string,
/**
 * In the target.
 */
to: string, };

/**
 * One namespace of a cluster.
 */
export type NamespaceRow = {
/**
 * Name.
 */
name: string,
/**
 * `Active` or `Terminating`.
 */
phase: string,
/**
 * Whether backups always skip it.
 */
alwaysSkipped: boolean, };

/**
 * Some rows of those that match.
 */
export type ObjectPage = {
/**
 * How many match.
 */
total: number,
/**
 * How many the point holds.
 */
of: number,
/**
 * First row of this page.
 */
offset: number,
/**
 * The rows.
 */
rows: Array<ObjectRow>, };

/**
 * Which objects to show.
 */
export type ObjectQuery = {
/**
 * The point.
 */
point: PointKey,
/**
 * Words as typed, all of which must hold: `kind:Deployment`, `ns:shop`, `name:web`, `label:app=web`, or a part
 * of name, namespace or kind. A leading `-` negates.
 */
text: string,
/**
 * Only this namespace; the empty name is for cluster-scoped objects.
 */
namespace?: string,
/**
 * Only this resource, such as `deployments.apps`.
 */
resource?: string,
/**
 * Order.
 */
sort: ObjectSort,
/**
 * The other way round.
 */
descending: boolean,
/**
 * First row.
 */
offset: number,
/**
 * Number of rows; at most 1,000.
 */
limit: number, };

/**
 * One object.
 */
export type ObjectRow = {
/**
 * Number within the point.
 */
row: number,
/**
 * API group; empty for core.
 */
group: string,
/**
 * Version.
 */
version: string,
/**
 * Kind.
 */
kind: string,
/**
 * Plural with group.
 */
resource: string,
/**
 * Namespace; empty for cluster-scoped objects.
 */
namespace: string,
/**
 * Name.
 */
name: string,
/**
 * Size of its JSON.
 */
bytes: number,
/**
 * Owner that controls it, as `Kind.group/name`.
 */
owner?: string,
/**
 * Labels.
 */
labels: { [key in string]: string }, };

/**
 * What objects are sorted by.
 */
export type ObjectSort = "kind" | "name" | "namespace" | "bytes";

/**
 * One object as text.
 */
export type ObjectText = {
/**
 * YAML; values of a Secret are `••••`.
 */
yaml: string,
/**
 * Keys of a Secret whose values can be revealed one by one; empty for other kinds.
 */
secretKeys: Array<string>, };

/**
 * What happened to an object.
 */
export type Outcome = "planned" | "created" | "patched" | "recreated" | "deleted" | "skipped" | "identical" | "derived" | "blocked" | "failed";

/**
 * The first screen.
 */
export type Overview = {
/**
 * All clusters, worst state first.
 */
clusters: Array<ClusterRow>,
/**
 * How many of them have a recovery point.
 */
protected: number,
/**
 * Number of vaults.
 */
vaults: number,
/**
 * Number of recovery points.
 */
points: number,
/**
 * What needs attention, most pressing first.
 */
attention: Array<Attention>,
/**
 * Running jobs, then the most recent ones; at most 8.
 */
jobs: Array<JobRow>,
/**
 * The last seven days, oldest first.
 */
days: Array<DayCount>,
/**
 * When this was read.
 */
asOf: string, };

/**
 * One entry in full.
 */
export type PlanDiff = {
/**
 * The entry.
 */
row: PlanRow,
/**
 * The live object as YAML, without what the server sets; absent where there is none.
 */
live?: string,
/**
 * What it would be (Create, Patch) or what the recovery point holds (Skip, Blocked), as YAML.
 */
after: string,
/**
 * The differing fields.
 */
changes: Array<FieldChange>, };

/**
 * Some rows of those that match.
 */
export type PlanPage = {
/**
 * How many match.
 */
total: number,
/**
 * How many there are.
 */
of: number,
/**
 * First row of this page.
 */
offset: number,
/**
 * The rows.
 */
rows: Array<PlanRow>, };

/**
 * Which entries to show.
 */
export type PlanQuery = {
/**
 * Only these actions; empty for all.
 */
actions: Array<Action>,
/**
 * Only these outcomes; empty for all.
 */
outcomes: Array<Outcome>,
/**
 * Words as in [`super::ObjectQuery::text`]; reasons are searched too.
 */
text: string,
/**
 * Order.
 */
sort: PlanSort,
/**
 * The other way round.
 */
descending: boolean,
/**
 * First row.
 */
offset: number,
/**
 * Number of rows; at most 1,000.
 */
limit: number, };

/**
 * One entry of a plan or a report.
 */
export type PlanRow = {
/**
 * Number within the plan.
 */
entry: number,
/**
 * API group; empty for core.
 */
group: string,
/**
 * Version.
 */
version: string,
/**
 * Kind.
 */
kind: string,
/**
 * Namespace in the recovery point; empty for cluster-scoped objects.
 */
namespace: string,
/**
 * Name in the recovery point.
 */
name: string,
/**
 * Namespace in the target.
 */
targetNamespace: string,
/**
 * Name in the target.
 */
targetName: string,
/**
 * What would happen.
 */
action: Action,
/**
 * What happened.
 */
outcome: Outcome,
/**
 * Why, in the server's words where it refused.
 */
reason: string,
/**
 * The first differing fields in short, such as `replicas 3 → 5`; empty where there are none.
 */
summary: string,
/**
 * Number of differing fields.
 */
changes: number,
/**
 * Paths that were left because they cannot change.
 */
pruned: Array<string>,
/**
 * What resource modifiers did to it, in words.
 */
modifiers: Array<string>,
/**
 * Whether an earlier run did it, which this one goes on with.
 */
earlier: boolean, };

/**
 * What plan entries are sorted by.
 */
export type PlanSort = "order" | "kind" | "name" | "namespace" | "action";

/**
 * A plan, which stays with the engine under its id.
 */
export type PlanSummary = {
/**
 * Identity; gone when the program ends or a newer plan of the same window takes its place.
 */
id: string,
/**
 * Entries.
 */
entries: number,
/**
 * Entries per action.
 */
counts: ActionCounts,
/**
 * Target namespaces that will be written to, by name.
 */
targetNamespaces: Array<string>,
/**
 * What concerns the plan as a whole.
 */
warnings: Array<string>,
/**
 * What was asked for. Of a plan that goes on with a restore, or that was opened from a file, this is what it says.
 */
request: RestoreRequest,
/**
 * Whether it was tried with the server.
 */
validated: boolean,
/**
 * What that found, what matters most first.
 */
findings: Array<Finding>,
/**
 * Entries that an earlier run settled, which this plan goes on with.
 */
earlier: number,
/**
 * The `holdfast restore` that does the same; empty where the terminal needs a file or a job for it.
 */
command: string,
/**
 * When it was made.
 */
asOf: string,
/**
 * How long planning took.
 */
durationMs: number, };

/**
 * How long hooks held one pod.
 */
export type PodHold = {
/**
 * Namespace of the pod.
 */
namespace: string,
/**
 * The pod.
 */
pod: string,
/**
 * How long.
 */
durationMs: number, };

/**
 * One point, opened.
 */
export type PointDetails = {
/**
 * The point.
 */
row: PointRow,
/**
 * What is missing, and why.
 */
warnings: Array<PointWarning>,
/**
 * Its kinds, by resource name.
 */
kinds: Array<KindCount>,
/**
 * Its namespaces with their numbers of objects, by name; the empty name is for cluster-scoped objects.
 */
namespaces: Array<[string, number]>,
/**
 * Kinds that were listed over several moments.
 */
nonAtomic: Array<string>,
/**
 * What the backup was asked to take, as a Velero `BackupSpec` in YAML.
 */
spec: string, };

/**
 * Which point.
 */
export type PointKey = {
/**
 * [`super::VaultRow::id`].
 */
vaultId: string,
/**
 * Name of the point.
 */
point: string, };

/**
 * The points of all vaults, newest first.
 */
export type PointList = {
/**
 * The points; those of vaults that failed are as they were seen last.
 */
points: Array<PointRow>,
/**
 * Vaults that could not be listed.
 */
failures: Array<VaultFailure>,
/**
 * When this was read.
 */
asOf: string, };

/**
 * One point.
 */
export type PointRow = {
/**
 * Vault it is in.
 */
vaultId: string,
/**
 * Name of that vault.
 */
vaultName: string,
/**
 * Name.
 */
name: string,
/**
 * Whether everything asked for is in it.
 */
state: PointState,
/**
 * Name of the cluster it was taken of; empty if unknown.
 */
cluster: string,
/**
 * Version of that cluster; empty if unknown.
 */
clusterVersion: string,
/**
 * When it was begun.
 */
started?: string,
/**
 * When its last object was read.
 */
completed?: string,
/**
 * Number of objects.
 */
objects: number,
/**
 * Size as stored.
 */
archiveBytes: number,
/**
 * Size uncompressed.
 */
rawBytes: number,
/**
 * Number of volume snapshots that hold data of it; absent where it is unknown.
 */
snapshots?: number,
/**
 * Number of warnings.
 */
warnings: number,
/**
 * Whether another program wrote it.
 */
foreign: boolean,
/**
 * Why it cannot be read.
 */
reason?: string, };

/**
 * Whether everything asked for is in a point.
 */
export type PointState = "completed" | "partial" | "unreadable";

/**
 * What a recovery point says about volumes.
 */
export type PointVolumes = {
/**
 * The point.
 */
point: PointKey,
/**
 * Number of persistent volume claims among its objects. Where there are some and `volumes` is empty, it was taken
 * without volumes.
 */
claims: number,
/**
 * The region that its snapshots can be used in; empty if unknown.
 */
region: string,
/**
 * One for each claim, by namespace and name.
 */
volumes: Array<VolumeRow>,
/**
 * The commands that ran, in the order in which they began.
 */
hooks: Array<HookRow>,
/**
 * How long hooks held each pod, by namespace and name.
 */
holds: Array<PodHold>, };

/**
 * Something that a point does not hold as asked.
 */
export type PointWarning = {
/**
 * Resource as `plural.group`, if it concerns one.
 */
resource?: string,
/**
 * Namespace, if it concerns one.
 */
namespace?: string,
/**
 * The claim, if it is about the data of one.
 */
claim?: string,
/**
 * What happened.
 */
message: string, };

/**
 * How far something is.
 */
export type Progress = {
/**
 * What is being done, such as `listing` or `workloads`.
 */
phase: string,
/**
 * What it is being done to.
 */
detail: string,
/**
 * Objects done.
 */
done: number,
/**
 * Objects there are, where that is known.
 */
total?: number,
/**
 * Objects a second, lately.
 */
rate: number,
/**
 * What is left, where that can be estimated.
 */
remainingMs?: number, };

/**
 * What can be done to the sandbox to have something to restore.
 */
export type Rehearsal = "lose" | "drift" | "reset";

/**
 * Form of an exported report.
 */
export type ReportFormat = "json" | "csv" | "xlsx" | "html";

/**
 * What to restore, where to and how.
 */
export type RestoreRequest = {
/**
 * The recovery point.
 */
point: PointKey,
/**
 * The target: [`super::ClusterRow::id`].
 */
clusterId: string,
/**
 * What to take, by original names.
 */
selection: Selection,
/**
 * Of that, only these objects, as `resource/namespace/name` or `resource/name`; empty for all.
 */
objects: Array<string>,
/**
 * Objects that stay in the plan and are not written, named as in `objects`.
 */
exclusions: Array<string>,
/**
 * Where namespaces go.
 */
mappings: Array<NamespaceMapping>,
/**
 * What to do about objects that exist.
 */
conflictPolicy: ConflictPolicy,
/**
 * What to do about single kinds or objects that exist: `resource=policy` or `resource/namespace/name=policy`, with
 * `skip`, `patch` or `recreate`. The last that names an object counts.
 */
policies: Array<string>,
/**
 * What to do about claims.
 */
volumeMode: VolumeMode,
/**
 * Which storage classes claims get. Those without a class of the target are left out.
 */
storageClasses: Array<StorageClassMapping>,
/**
 * How long claims that are filled from snapshots are waited for, in seconds, zero for not at all; absent for the
 * default of the engine.
 */
volumeTimeoutSeconds?: number,
/**
 * Text of the resource modifiers that change objects on the way; empty for none.
 */
modifiers: string,
/**
 * The `RestoreHook` objects of the target to go by, in this order, as `namespace/name`.
 */
hooks: Array<string>, };

/**
 * One value of a Secret.
 */
export type Revealed = {
/**
 * The value: as text where it is UTF-8, else Base64.
 */
value: string,
/**
 * Whether `value` is Base64 because the bytes are no text.
 */
binary: boolean, };

/**
 * A selection. Texts are parsed when it is used; what does not parse is `invalidInput` and names the field.
 */
export type Selection = {
/**
 * Namespaces to take, `*` and `?` allowed; empty for all, now and later.
 */
includeNamespaces: Array<string>,
/**
 * Namespaces to leave out.
 */
excludeNamespaces: Array<string>,
/**
 * Resource types to take, such as `deployments.apps`, `Secret`, `*.cert-manager.io`; empty for all.
 */
includeResources: Array<string>,
/**
 * Resource types to leave out.
 */
excludeResources: Array<string>,
/**
 * Label selector as for `kubectl -l`; empty for all.
 */
labelSelector: string,
/**
 * Which cluster-scoped objects go along.
 */
clusterScoped: ClusterScoped,
/**
 * Leave Secrets out.
 */
excludeSecrets: boolean, };

/**
 * What a person can set. Unknown fields of a newer version are kept out, missing ones are defaults.
 */
export type Settings = {
/**
 * Light, dark, or as the system.
 */
appearance: Appearance,
/**
 * Smaller rows.
 */
compact: boolean,
/**
 * How absolute times are shown.
 */
times: TimeDisplay,
/**
 * Kubeconfig files, merged in this order; empty for `KUBECONFIG` and `~/.kube/config`.
 */
kubeconfigFiles: Array<string>,
/**
 * Proxy for blob storage and for clusters without one of their own, such as `http://proxy:3128`; empty for the environment's.
 */
proxy: string,
/**
 * PEM file with further certificate authorities; empty for none.
 */
caFile: string,
/**
 * What is written to the log file.
 */
logLevel: LogFilter,
/**
 * Sign-in commands of kubeconfigs that may be run.
 */
allowedPlugins: Array<string>, };

/**
 * A snapshot in the storage system.
 */
export type SnapshotFacts = {
/**
 * The driver's name of it, such as its Azure resource id.
 */
handle: string,
/**
 * The CSI driver.
 */
driver: string,
/**
 * The `VolumeSnapshotClass` it was made with.
 */
class?: string,
/**
 * The `VolumeSnapshot` that the archive has of it.
 */
name: string,
/**
 * The `VolumeSnapshotContent` that the archive has of it.
 */
content: string,
/**
 * The smallest volume that can be made of it, in bytes.
 */
restoreBytes?: number,
/**
 * The moment whose data it holds.
 */
cut?: string,
/**
 * Whether it was ready to be used when the point was committed.
 */
ready: boolean,
/**
 * Whether it is incremental, where its class says so.
 */
incremental?: boolean,
/**
 * The resource group that its class names.
 */
resourceGroup?: string, };

/**
 * A storage class of the recovery point that another of the target takes the place of.
 */
export type StorageClassMapping = {
/**
 * In the recovery point; empty for claims that name none.
 */
from: string,
/**
 * In the target.
 */
to: string, };

/**
 * A storage class of a cluster.
 */
export type StorageClassRow = {
/**
 * Name.
 */
name: string,
/**
 * The driver that makes its volumes.
 */
provisioner: string,
/**
 * Whether claims that name none get it.
 */
default: boolean, };

/**
 * How absolute times are shown.
 */
export type TimeDisplay = "local" | "utc";

/**
 * Data that changed and should be fetched again.
 */
export type Topic = "clusters" | "points" | "jobs" | "vaults" | "settings";

/**
 * A namespace of the tree, with its kinds.
 */
export type TreeGroup = {
/**
 * Namespace; empty for cluster-scoped objects.
 */
namespace: string,
/**
 * Number of objects that match.
 */
objects: number,
/**
 * Kind, resource and number of each kind that matches, by kind.
 */
kinds: Array<[string, string, number]>, };

/**
 * What undoing a restore would do; it stays with the engine under its id.
 */
export type UndoSummary = {
/**
 * Identity, for [`crate::App::undo_items`] and [`crate::App::start_undo`].
 */
id: string,
/**
 * The jobs that are undone, the last first.
 */
jobs: Array<string>,
/**
 * The target.
 */
cluster: string,
/**
 * Entries.
 */
entries: number,
/**
 * Entries per action.
 */
counts: ActionCounts,
/**
 * What concerns the undoing as a whole.
 */
warnings: Array<string>,
/**
 * When it was planned.
 */
asOf: string, };

/**
 * How to sign in to a blob container.
 */
export type VaultAuth = "auto" | "cli" | "environment" | "managedIdentity" | "sas";

/**
 * Why one vault could not be listed.
 */
export type VaultFailure = {
/**
 * Which vault.
 */
vaultId: string,
/**
 * Its name.
 */
vaultName: string,
/**
 * Why.
 */
failure: Failure, };

/**
 * Where a vault is kept.
 */
export type VaultKind = "folder" | "blob";

/**
 * One vault.
 */
export type VaultRow = {
/**
 * Identity in this program.
 */
id: string,
/**
 * As shown.
 */
name: string,
/**
 * Address.
 */
url: string,
/**
 * Where it is kept.
 */
kind: VaultKind,
/**
 * How it signs in.
 */
auth: VaultAuth,
/**
 * Whether points can only be read here.
 */
readOnly: boolean,
/**
 * Number of recovery points at the last look.
 */
points: number,
/**
 * What their archives take, at the last look.
 */
bytes: number,
/**
 * Why it cannot be worked with, at the last look.
 */
failure?: Failure,
/**
 * When it was looked at last; absent before the first look.
 */
asOf?: string, };

/**
 * What a backup does about volumes.
 */
export type VolumeChoice = {
/**
 * Whether snapshots are taken and hooks run at all.
 */
snapshots: boolean,
/**
 * The `BackupHook` objects to go by, in this order, as `namespace/name`.
 */
hooks: Array<string>,
/**
 * How long each snapshot may take, in seconds.
 */
timeoutSeconds: number,
/**
 * How long a pod may be held by its hooks, in seconds.
 */
freezeSeconds: number,
/**
 * Snapshots that are taken at the same time.
 */
atOnce: number,
/**
 * The `VolumeSnapshotClass` for Azure disks; empty for the one that claims, labels and defaults lead to.
 */
snapshotClass: string, };

/**
 * What to do about claims.
 */
export type VolumeMode = "withData" | "withoutData";

/**
 * One claim, and what became of its data.
 */
export type VolumeRow = {
/**
 * Namespace of the claim.
 */
namespace: string,
/**
 * Name of the claim.
 */
claim: string,
/**
 * What became of its data.
 */
state: VolumeState,
/**
 * Why it was skipped, or why it failed; empty otherwise.
 */
reason: string,
/**
 * Name of the `PersistentVolume`; empty if unknown, as all texts below.
 */
volume: string,
/**
 * The CSI driver, or what stands for it in volumes of another kind, such as `nfs`.
 */
driver: string,
/**
 * The driver's name of the source volume, such as the resource id of a disk.
 */
volumeHandle: string,
/**
 * Storage class of the claim.
 */
storageClass: string,
/**
 * Access modes of the claim.
 */
accessModes: Array<string>,
/**
 * `Filesystem` or `Block`.
 */
volumeMode: string,
/**
 * File system, as the volume names it.
 */
filesystem: string,
/**
 * Capacity of the volume, as a Kubernetes quantity.
 */
size: string,
/**
 * The same in bytes.
 */
bytes?: number,
/**
 * What becomes of the volume when its claim goes: `Delete` or `Retain`.
 */
reclaimPolicy: string,
/**
 * The pods that used it while it was cut.
 */
pods: Array<string>,
/**
 * The snapshot.
 */
snapshot?: SnapshotFacts, };

/**
 * What became of the data of a claim.
 */
export type VolumeState = "snapshotted" | "skipped" | "failed";
