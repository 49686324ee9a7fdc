//! Calls that are the engine's alone.

use holdfast_app::App;
use holdfast_app::api::{
    AccessReport, AddVault, AppInfo, BackupRequest, ClusterRow, ClusterStatus, Failure, HookRow,
    HookTemplate, HooksLint, JobDetails, JobList, LogPage, LogQuery, MatchPreview, ModifierTemplate,
    ModifierTrial, ModifiersLint, ObjectPage, ObjectQuery, ObjectText, Overview, PlanDiff, PlanPage,
    PlanQuery, PlanSummary, PointDetails, PointKey, PointList, PointVolumes, Rehearsal, RestoreRequest,
    Revealed, Selection, Settings, StorageClassRow, TreeGroup, UndoSummary, VaultRow,
};
use tauri::State;

/// What every call gives: data, or a failure that the window shows.
type Answer<T> = Result<T, Failure>;

/// One command for each method of [`App`] of the same name.
macro_rules! calls {
    ($($name:ident($($argument:ident: $ty:ty),*) -> $answer:ty;)+) => {
        $(
            #[tauri::command]
            pub(crate) async fn $name(app: State<'_, App>, $($argument: $ty),*) -> Answer<$answer> {
                app.$name($($argument),*).await
            }
        )+
    };
}

calls! {
    app_info() -> AppInfo;
    settings() -> Settings;
    save_settings(settings: Settings) -> Settings;
    overview() -> Overview;
    clusters() -> Vec<ClusterRow>;
    cluster_status(cluster_id: String) -> ClusterStatus;
    allow_plugin(command: String) -> ();
    rehearse(what: Rehearsal, namespace: String) -> u64;
    preview_selection(cluster_id: String, selection: Selection, fresh: bool, request_id: String) -> MatchPreview;
    suggest_point_name(cluster_id: String) -> String;
    backup_command(request: BackupRequest) -> String;
    start_backup(request: BackupRequest) -> String;
    vaults() -> Vec<VaultRow>;
    check_vault(vault: AddVault, request_id: String) -> AccessReport;
    add_vault(vault: AddVault) -> VaultRow;
    forget_vault(vault_id: String) -> ();
    refresh_vault(vault_id: String) -> VaultRow;
    points() -> PointList;
    point(key: PointKey) -> PointDetails;
    point_log(key: PointKey) -> String;
    point_objects(query: ObjectQuery) -> ObjectPage;
    point_tree(query: ObjectQuery) -> Vec<TreeGroup>;
    object_text(key: PointKey, row: u32, plain: bool) -> ObjectText;
    reveal_secret(key: PointKey, row: u32, secret_key: String) -> Revealed;
    delete_point(key: PointKey) -> String;
    plan_restore(request: RestoreRequest, request_id: String) -> PlanSummary;
    plan_items(plan_id: String, query: PlanQuery) -> PlanPage;
    plan_diff(plan_id: String, entry: u32) -> PlanDiff;
    validate_plan(plan_id: String, request_id: String) -> PlanSummary;
    plan_text(plan_id: String) -> String;
    open_plan(vault_id: String, cluster_id: String, text: String, accept_drift: bool, request_id: String) -> PlanSummary;
    start_restore(plan_id: String) -> String;
    plan_retry(vault_id: String, job_id: String, request_id: String) -> PlanSummary;
    plan_undo(vault_id: String, job_id: String, request_id: String) -> UndoSummary;
    undo_items(undo_id: String, query: PlanQuery) -> PlanPage;
    start_undo(undo_id: String) -> String;
    lint_modifiers(text: String) -> ModifiersLint;
    try_modifiers(key: PointKey, selection: Selection, text: String, request_id: String) -> ModifierTrial;
    modifier_templates() -> Vec<ModifierTemplate>;
    point_volumes(key: PointKey) -> PointVolumes;
    backup_hooks(cluster_id: String) -> Vec<String>;
    restore_hooks(cluster_id: String) -> Vec<String>;
    storage_classes(cluster_id: String) -> Vec<StorageClassRow>;
    lint_hooks(text: String) -> HooksLint;
    check_hooks(references: Vec<String>) -> Vec<String>;
    hook_templates() -> Vec<HookTemplate>;
    cancel_request(request_id: String) -> ();
    jobs() -> JobList;
    job(vault_id: String, job_id: String) -> JobDetails;
    job_volumes(vault_id: String, job_id: String) -> Option<PointVolumes>;
    job_hooks(vault_id: String, job_id: String) -> Vec<HookRow>;
    job_log(vault_id: String, job_id: String, query: LogQuery) -> LogPage;
    job_items(vault_id: String, job_id: String, query: PlanQuery) -> PlanPage;
    cancel_job(vault_id: String, job_id: String) -> ();
}
