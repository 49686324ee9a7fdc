//! Declares the commands, so that each has a permission of its own, and chooses the pages that are built in.

use std::path::Path;

/// Every command of `src/commands`; what is not listed cannot be called from a page.
const COMMANDS: &[&str] = &[
    "add_vault",
    "allow_plugin",
    "answer_close",
    "app_info",
    "backup_command",
    "backup_hooks",
    "cancel_job",
    "cancel_request",
    "check_hooks",
    "check_vault",
    "cluster_status",
    "clusters",
    "copy_text",
    "delete_point",
    "export_report",
    "forget_vault",
    "hook_templates",
    "job",
    "job_items",
    "job_log",
    "job_volumes",
    "job_hooks",
    "jobs",
    "lint_hooks",
    "lint_modifiers",
    "modifier_templates",
    "object_text",
    "open_plan",
    "open_text",
    "overview",
    "pick_file",
    "pick_folder",
    "plan_diff",
    "plan_items",
    "plan_restore",
    "plan_retry",
    "plan_text",
    "plan_undo",
    "point",
    "point_log",
    "point_objects",
    "point_tree",
    "point_volumes",
    "points",
    "preview_selection",
    "refresh_vault",
    "rehearse",
    "restore_hooks",
    "reveal_secret",
    "save_settings",
    "save_text",
    "settings",
    "show_log_folder",
    "start_backup",
    "start_restore",
    "start_undo",
    "storage_classes",
    "subscribe",
    "suggest_point_name",
    "try_modifiers",
    "undo_items",
    "validate_plan",
    "vaults",
];

/// The front end, as `cargo xtask ui` builds it.
const PAGES: &str = "../ui/dist";
/// A page that says how to build it.
const PLACEHOLDER: &str = r#"{"build":{"frontendDist":"placeholder"}}"#;

fn main() {
    println!("cargo::rerun-if-changed={PAGES}");
    if !Path::new(PAGES).join("index.html").is_file() {
        println!(
            "cargo::warning=the front end is not built, so the window only says so; run `cargo xtask ui`"
        );
        // What the macro that builds the pages in reads beside tauri.conf.json.
        println!("cargo::rustc-env=TAURI_CONFIG={PLACEHOLDER}");
    }
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)).unwrap_or_else(|error| {
        println!("cargo::error={error:#}");
    });
}
