//! `holdfast-desktop`, the window. No rule of the domain lives here: pages call commands, commands call
//! [`holdfast_app::App`].
//!
//! One process for each user: starting it again shows the window that there is. Closing the window while jobs run
//! asks what to do; a window that was closed to the background comes back the same way, and the program ends by
//! itself when the last job has.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod window;

use std::process::ExitCode;
use std::time::Instant;

use holdfast_app::api::LogFilter;
use holdfast_app::{App, Environment, log};
use tauri::Manager;
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};

fn main() -> ExitCode {
    let started = Instant::now();
    let environment = match Environment::of_process() {
        Ok(environment) => environment,
        Err(error) => {
            eprintln!("holdfast-desktop: {error}");
            return ExitCode::FAILURE;
        }
    };
    // Without a log the program still works; where it cannot be written the data folder is said to be unusable.
    let _log = log::start(&environment, LogFilter::Info)
        .inspect_err(|error| eprintln!("holdfast-desktop: {error}"))
        .ok();
    let built = tauri::Builder::default()
        // First, so that a second process ends before it does anything.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| window::show(app)))
        .plugin(window::state())
        .plugin(tauri_plugin_dialog::init())
        .manage(commands::Subscriptions::default())
        .manage(commands::Clipboard::default())
        .invoke_handler(commands::handler())
        .on_window_event(window::on_event)
        .setup(move |tauri| {
            match tauri::async_runtime::block_on(App::start(environment, started)) {
                Ok(app) => {
                    let appearance =
                        tauri::async_runtime::block_on(app.settings()).unwrap_or_default().appearance;
                    tauri.manage(app);
                    window::open(tauri.handle(), appearance)?;
                }
                Err(failure) => {
                    let handle = tauri.handle().clone();
                    tauri
                        .dialog()
                        .message(format!("{}\n\n{}", failure.message, failure.guidance))
                        .title("Holdfast cannot start")
                        .kind(MessageDialogKind::Error)
                        .show(move |_| handle.exit(1));
                }
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(tauri) => {
            tauri.run(|_, _| {});
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("holdfast-desktop: the window cannot be made: {error}");
            ExitCode::FAILURE
        }
    }
}
