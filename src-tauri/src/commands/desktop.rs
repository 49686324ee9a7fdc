//! Calls that need the desktop: pickers, clipboard, file manager. Paths come from the system's own dialogs, never
//! from a page.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use holdfast_app::App;
use holdfast_app::api::{Failure, FailureCode, ReportFormat};
use serde::Deserialize;
use tauri::{Runtime, State, Window};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder, FilePath};
use tokio::sync::oneshot;

/// Longest text that is copied, in bytes.
const MAX_COPIED: usize = 4 << 20;
/// Longest text that is opened, in bytes: a plan of some hundred thousand objects.
const MAX_OPENED: u64 = 256 << 20;

/// What a file is picked for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum FilePurpose {
    Kubeconfig,
    CaFile,
}

/// What a folder is picked for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum FolderPurpose {
    Vault,
}

fn failed(doing: &str, error: &dyn std::error::Error) -> Failure {
    Failure {
        code: FailureCode::Internal,
        message: format!("{doing} failed: {error}"),
        guidance: String::new(),
        retryable: true,
        details: None,
    }
}

/// Waits for what a dialog gives; `None` where it was closed.
async fn picked(choice: oneshot::Receiver<Option<FilePath>>) -> Option<PathBuf> {
    choice.await.ok().flatten().and_then(|path| path.into_path().ok())
}

fn dialog<R: Runtime>(window: &Window<R>, title: &str) -> FileDialogBuilder<R> {
    window.dialog().file().set_parent(window).set_title(title)
}

#[tauri::command]
pub(crate) async fn pick_file<R: Runtime>(
    window: Window<R>,
    purpose: FilePurpose,
) -> Result<Option<PathBuf>, Failure> {
    let builder = match purpose {
        FilePurpose::Kubeconfig => dialog(&window, "Choose a kubeconfig file"),
        FilePurpose::CaFile => dialog(&window, "Choose a file of certificate authorities")
            .add_filter("Certificates", &["pem", "crt", "cer"]),
    };
    let (sender, choice) = oneshot::channel();
    builder.pick_file(move |path| drop(sender.send(path)));
    Ok(picked(choice).await)
}

#[tauri::command]
pub(crate) async fn pick_folder<R: Runtime>(
    window: Window<R>,
    purpose: FolderPurpose,
) -> Result<Option<PathBuf>, Failure> {
    let title = match purpose {
        FolderPurpose::Vault => "Choose a folder for the vault",
    };
    let (sender, choice) = oneshot::channel();
    dialog(&window, title).pick_folder(move |path| drop(sender.send(path)));
    Ok(picked(choice).await)
}

#[tauri::command]
pub(crate) async fn export_report<R: Runtime>(
    window: Window<R>,
    app: State<'_, App>,
    vault_id: String,
    job_id: String,
    format: ReportFormat,
) -> Result<Option<PathBuf>, Failure> {
    let extension = App::report_ending(format);
    let (sender, choice) = oneshot::channel();
    dialog(&window, "Save the report")
        .set_file_name(App::report_file_name(&job_id, format))
        .add_filter(extension.to_uppercase(), &[extension])
        .save_file(move |path| drop(sender.send(path)));
    let Some(file) = picked(choice).await else { return Ok(None) };
    app.export_report_to(vault_id, job_id, format, &file).await?;
    Ok(Some(file))
}

#[tauri::command]
pub(crate) async fn save_text<R: Runtime>(
    window: Window<R>,
    app: State<'_, App>,
    suggested_name: String,
    text: String,
) -> Result<Option<PathBuf>, Failure> {
    let (sender, choice) = oneshot::channel();
    dialog(&window, "Save the file")
        .set_file_name(App::proposed_file_name(&suggested_name))
        .save_file(move |path| drop(sender.send(path)));
    let Some(file) = picked(choice).await else { return Ok(None) };
    app.save_text(text, &file).await?;
    Ok(Some(file))
}

#[tauri::command]
pub(crate) async fn open_text<R: Runtime>(window: Window<R>) -> Result<Option<String>, Failure> {
    let (sender, choice) = oneshot::channel();
    dialog(&window, "Open a saved plan")
        .add_filter("JSON", &["json"])
        .pick_file(move |path| drop(sender.send(path)));
    let Some(file) = picked(choice).await else { return Ok(None) };
    let read = tauri::async_runtime::spawn_blocking(move || read_text(&file)).await;
    read.map_err(|error| failed("opening the file", &error))?.map(Some)
}

fn read_text(file: &Path) -> Result<String, Failure> {
    let unusable = |message: String| {
        let (guidance, code) = (String::new(), FailureCode::InvalidInput);
        Failure { code, message, guidance, retryable: false, details: None }
    };
    let opened = File::open(file).map_err(|error| failed("opening the file", &error))?;
    let mut bytes = Vec::new();
    // One byte more tells that there is more, whatever the file's length was said to be.
    opened
        .take(MAX_OPENED + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed("reading the file", &error))?;
    if bytes.len() as u64 > MAX_OPENED {
        return Err(unusable(format!("files of more than {} MiB are not opened", MAX_OPENED >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| unusable("this file is no text".to_owned()))
}

#[tauri::command]
pub(crate) async fn show_log_folder(app: State<'_, App>) -> Result<(), Failure> {
    open::that_detached(app.log_folder()).map_err(|error| failed("opening the folder of the log", &error))
}

/// The system's clipboard. On Linux what was copied lasts as long as this does, so it is kept.
#[derive(Default)]
pub(crate) struct Clipboard(Mutex<Option<arboard::Clipboard>>);

impl Clipboard {
    fn set(&self, text: String) -> Result<(), arboard::Error> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let clipboard = match &mut *open {
            Some(clipboard) => clipboard,
            None => open.insert(arboard::Clipboard::new()?),
        };
        clipboard.set_text(text)
    }
}

#[tauri::command]
pub(crate) async fn copy_text(clipboard: State<'_, Clipboard>, text: String) -> Result<(), Failure> {
    if text.len() > MAX_COPIED {
        let message = format!("texts of more than {} MiB are not copied", MAX_COPIED >> 20);
        let (guidance, code) = (String::new(), FailureCode::InvalidInput);
        return Err(Failure { code, message, guidance, retryable: false, details: None });
    }
    clipboard.set(text).map_err(|error| failed("copying", &error))
}
