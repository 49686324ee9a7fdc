//! The calls of `ui/src/backend/backend.ts`, one thin command each.

mod calls;
mod desktop;
mod events;

use tauri::Runtime;
use tauri::ipc::Invoke;

pub(crate) use desktop::Clipboard;
pub(crate) use events::Subscriptions;

/// All commands. Which of them a page may call is in `capabilities/main.json`.
pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        calls::add_vault,
        calls::allow_plugin,
        calls::app_info,
        calls::backup_command,
        calls::backup_hooks,
        calls::cancel_job,
        calls::cancel_request,
        calls::check_hooks,
        calls::check_vault,
        calls::cluster_status,
        calls::clusters,
        calls::delete_point,
        calls::forget_vault,
        calls::hook_templates,
        calls::job,
        calls::job_items,
        calls::job_log,
        calls::job_volumes,
        calls::job_hooks,
        calls::jobs,
        calls::lint_hooks,
        calls::lint_modifiers,
        calls::modifier_templates,
        calls::object_text,
        calls::open_plan,
        calls::overview,
        calls::plan_diff,
        calls::plan_items,
        calls::plan_restore,
        calls::plan_retry,
        calls::plan_text,
        calls::plan_undo,
        calls::point,
        calls::point_log,
        calls::point_objects,
        calls::point_tree,
        calls::point_volumes,
        calls::points,
        calls::preview_selection,
        calls::refresh_vault,
        calls::rehearse,
        calls::restore_hooks,
        calls::reveal_secret,
        calls::save_settings,
        calls::settings,
        calls::start_backup,
        calls::start_restore,
        calls::start_undo,
        calls::storage_classes,
        calls::suggest_point_name,
        calls::try_modifiers,
        calls::undo_items,
        calls::validate_plan,
        calls::vaults,
        desktop::copy_text,
        desktop::export_report,
        desktop::open_text,
        desktop::pick_file,
        desktop::pick_folder,
        desktop::save_text,
        desktop::show_log_folder,
        events::answer_close,
        events::subscribe,
    ]
}
