import type {
	AccessReport,
	AddVault,
	AppInfo,
	BackupRequest,
	ClusterRow,
	ClusterStatus,
	Event,
	HookRow,
	HooksLint,
	HookTemplate,
	JobDetails,
	JobList,
	LogPage,
	LogQuery,
	MatchPreview,
	ModifiersLint,
	ModifierTemplate,
	ModifierTrial,
	ObjectPage,
	ObjectQuery,
	ObjectText,
	Overview,
	PlanDiff,
	PlanPage,
	PlanQuery,
	PlanSummary,
	PointDetails,
	PointKey,
	PointList,
	PointVolumes,
	Rehearsal,
	ReportFormat,
	RestoreRequest,
	Revealed,
	Selection,
	Settings,
	StorageClassRow,
	TreeGroup,
	UndoSummary,
	VaultRow,
} from './bindings';

/**
 * Everything the window can ask of the engine. Every call either gives data or rejects with a `Failure`.
 *
 * Reads may be repeated at will. A call that takes a `requestId` can be stopped by `cancelRequest`, and tells how far
 * it is by `request` events. Jobs are started and go on by themselves; `subscribe` tells about them.
 */
export interface Backend {
	appInfo(): Promise<AppInfo>;
	settings(): Promise<Settings>;
	saveSettings(settings: Settings): Promise<Settings>;
	/** Opens the system's file picker; null where the person chose nothing. */
	pickFile(purpose: 'kubeconfig' | 'caFile'): Promise<string | null>;
	pickFolder(purpose: 'vault'): Promise<string | null>;
	/** Asks where to, and writes the text as a file; gives where it is, or null where the person chose nothing. */
	saveText(suggestedName: string, text: string): Promise<string | null>;
	/** Asks which file of JSON to open, and gives its text; null where the person chose nothing. */
	openText(): Promise<string | null>;
	/** Shows the folder of the log file in the system's file manager. */
	showLogFolder(): Promise<void>;
	copyText(text: string): Promise<void>;

	overview(): Promise<Overview>;

	clusters(): Promise<ClusterRow[]>;
	/** Asks the cluster itself, which may take up to 15 seconds. */
	clusterStatus(clusterId: string): Promise<ClusterStatus>;
	/** Lets a kubeconfig's sign-in command be run from now on. */
	allowPlugin(command: string): Promise<void>;
	/** Breaks the sandbox, or makes it whole again; gives the number of objects concerned. */
	rehearse(what: Rehearsal, namespace: string): Promise<number>;

	/** The `BackupHook` objects of a cluster as `namespace/name`; none where it does not serve them. */
	backupHooks(clusterId: string): Promise<string[]>;
	/** The same of its `RestoreHook` objects. */
	restoreHooks(clusterId: string): Promise<string[]>;
	storageClasses(clusterId: string): Promise<StorageClassRow[]>;

	/** What a selection matches now. The cluster is read at most once a minute; `fresh` reads it again. */
	previewSelection(clusterId: string, selection: Selection, fresh: boolean, requestId: string): Promise<MatchPreview>;
	/** A free and valid name for a recovery point of this cluster. */
	suggestPointName(clusterId: string): Promise<string>;
	/** The `holdfast backup` that does the same. */
	backupCommand(request: BackupRequest): Promise<string>;
	/** What is wrong with each of these references to hooks; an empty text where nothing is. */
	checkHooks(references: string[]): Promise<string[]>;
	/** Gives the job's id. */
	startBackup(request: BackupRequest): Promise<string>;

	vaults(): Promise<VaultRow[]>;
	checkVault(vault: AddVault, requestId: string): Promise<AccessReport>;
	addVault(vault: AddVault): Promise<VaultRow>;
	/** Forgets the vault; nothing in it is touched. */
	forgetVault(vaultId: string): Promise<void>;
	/** Looks at the vault now instead of showing what was seen last. */
	refreshVault(vaultId: string): Promise<VaultRow>;

	points(): Promise<PointList>;
	point(key: PointKey): Promise<PointDetails>;
	pointLog(key: PointKey): Promise<string>;
	/** What became of the data of each claim, and the hooks that ran. */
	pointVolumes(key: PointKey): Promise<PointVolumes>;
	pointObjects(query: ObjectQuery): Promise<ObjectPage>;
	/** Namespaces and kinds of the objects that match `query`, whatever its page. */
	pointTree(query: ObjectQuery): Promise<TreeGroup[]>;
	/** `plain` leaves out what the server sets (uid, managedFields, status...). */
	objectText(key: PointKey, row: number, plain: boolean): Promise<ObjectText>;
	revealSecret(key: PointKey, row: number, secretKey: string): Promise<Revealed>;
	/** Gives the job's id. */
	deletePoint(key: PointKey): Promise<string>;

	/** Reads point and cluster, writes nothing. */
	planRestore(request: RestoreRequest, requestId: string): Promise<PlanSummary>;
	planItems(planId: string, query: PlanQuery): Promise<PlanPage>;
	planDiff(planId: string, entry: number): Promise<PlanDiff>;
	/** Sends every object of a plan as a dry run, which stores nothing. The plan that this gives takes its place. */
	validatePlan(planId: string, requestId: string): Promise<PlanSummary>;
	/** A plan as the text of a file, which `openPlan` takes. */
	planText(planId: string): Promise<string>;
	/** What a saved plan says, for the cluster as it is now; what changed since is Blocked unless that is accepted. */
	openPlan(
		vaultId: string,
		clusterId: string,
		text: string,
		acceptDrift: boolean,
		requestId: string,
	): Promise<PlanSummary>;
	/** Plans what is left of a restore that was stopped or failed in parts. */
	planRetry(vaultId: string, jobId: string, requestId: string): Promise<PlanSummary>;
	/** Writes what the plan says. Gives the job's id. */
	startRestore(planId: string): Promise<string>;
	/** Plans the undoing of a restore; writes nothing. */
	planUndo(vaultId: string, jobId: string, requestId: string): Promise<UndoSummary>;
	undoItems(undoId: string, query: PlanQuery): Promise<PlanPage>;
	/** Undoes the restore as planned. Gives the job's id. */
	startUndo(undoId: string): Promise<string>;
	/** Looks resource modifiers through; needs neither point nor cluster. */
	lintModifiers(text: string): Promise<ModifiersLint>;
	modifierTemplates(): Promise<ModifierTemplate[]>;
	/** What resource modifiers would make of the objects of a selection; needs no cluster. */
	tryModifiers(key: PointKey, selection: Selection, text: string, requestId: string): Promise<ModifierTrial>;
	/** Looks hooks through; needs no cluster. */
	lintHooks(text: string): Promise<HooksLint>;
	hookTemplates(): Promise<HookTemplate[]>;
	cancelRequest(requestId: string): Promise<void>;

	jobs(): Promise<JobList>;
	job(vaultId: string, jobId: string): Promise<JobDetails>;
	/** The volumes of the point that a backup made; null where there is not that point. */
	jobVolumes(vaultId: string, jobId: string): Promise<PointVolumes | null>;
	/** The commands that a job ran in pods, or was to run, in the order in which they began. */
	jobHooks(vaultId: string, jobId: string): Promise<HookRow[]>;
	jobLog(vaultId: string, jobId: string, query: LogQuery): Promise<LogPage>;
	/** The entries of a restore's report; while it runs, those of its plan with the outcomes so far. */
	jobItems(vaultId: string, jobId: string, query: PlanQuery): Promise<PlanPage>;
	cancelJob(vaultId: string, jobId: string): Promise<void>;
	/** Asks where to, and writes the report; null where the person chose nothing. */
	exportReport(vaultId: string, jobId: string, format: ReportFormat): Promise<string | null>;

	/** Calls `listener` for every event until the returned function is called. */
	subscribe(listener: (event: Event) => void): () => void;
	/** Answers `closeRequested`: stay, go on in the background without a window, or cancel the jobs and quit. */
	answerClose(answer: 'stay' | 'background' | 'quit'): Promise<void>;
}
