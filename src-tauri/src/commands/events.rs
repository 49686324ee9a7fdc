//! The event channel, and the answer to one of its questions.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use holdfast_app::App;
use holdfast_app::api::{Event, Failure};
use serde::Deserialize;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tauri::{AppHandle, Runtime, State, Window};

use crate::window;

/// The tasks that pass events on, one for each window. A page that was loaded again takes the old one's place.
#[derive(Default)]
pub(crate) struct Subscriptions(Mutex<HashMap<String, JoinHandle<()>>>);

/// What to do about a window that was asked to close.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CloseAnswer {
    Stay,
    Background,
    Quit,
}

#[tauri::command]
pub(crate) async fn subscribe<R: Runtime>(
    window: Window<R>,
    app: State<'_, App>,
    subscriptions: State<'_, Subscriptions>,
    channel: Channel<Event>,
) -> Result<(), Failure> {
    let mut events = app.subscribe();
    let task = tauri::async_runtime::spawn(async move {
        while let Some(event) = events.next().await {
            if channel.send(event).is_err() {
                return;
            }
        }
    });
    let mut all = subscriptions.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = all.insert(window.label().to_owned(), task) {
        before.abort();
    }
    Ok(())
}

#[tauri::command]
pub(crate) async fn answer_close<R: Runtime>(
    tauri: AppHandle<R>,
    app: State<'_, App>,
    answer: CloseAnswer,
) -> Result<(), Failure> {
    match answer {
        CloseAnswer::Stay => {}
        CloseAnswer::Background => {
            if let Err(error) = window::to_background(&tauri, &app) {
                tracing::warn!(%error, "the window cannot be hidden");
            }
        }
        CloseAnswer::Quit => {
            app.cancel_jobs().await;
            tauri.exit(0);
        }
    }
    Ok(())
}
