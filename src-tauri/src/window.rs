//! The window: its looks before the page is there, where it may go, and what closing it does.

use holdfast_app::api::Appearance;
use holdfast_app::{App, Closing};
use tauri::webview::Color;
use tauri::{AppHandle, Manager, Runtime, Theme, Url, WebviewUrl, WebviewWindowBuilder, Window, WindowEvent};
use tauri_plugin_window_state::StateFlags;

/// The one window.
pub(crate) const LABEL: &str = "main";
/// Width and height of a first window, and the least.
const SIZE: (f64, f64) = (1280.0, 800.0);
const LEAST: (f64, f64) = (960.0, 600.0);
/// What is seen until the page is painted: the backgrounds of the light and the dark theme.
const LIGHT: Color = Color(250, 250, 250, 255);
const DARK: Color = Color(31, 31, 31, 255);

/// Remembers where the window was; whether it was hidden is no part of that.
pub(crate) fn state<R: Runtime>() -> tauri::plugin::TauriPlugin<R> {
    let flags = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN;
    tauri_plugin_window_state::Builder::default().with_state_flags(flags).build()
}

/// Opens the window.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>, appearance: Appearance) -> tauri::Result<()> {
    let wanted = match appearance {
        Appearance::System => None,
        Appearance::Light => Some(Theme::Light),
        Appearance::Dark => Some(Theme::Dark),
    };
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Holdfast")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(LEAST.0, LEAST.1)
        .background_color(if wanted == Some(Theme::Dark) { DARK } else { LIGHT })
        .on_navigation(is_own_page)
        .visible(false)
        .build()?;
    let dark = wanted.or_else(|| window.theme().ok()) == Some(Theme::Dark);
    window.set_background_color(Some(if dark { DARK } else { LIGHT }))?;
    window.show()
}

/// The window shows the pages that are built in and nothing else.
fn is_own_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // As Windows calls the same.
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

/// Brings the window to the front.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "the window cannot be shown");
    }
}

/// Asks before a window is closed under running jobs.
pub(crate) fn on_event<R: Runtime>(window: &Window<R>, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event
        && let Some(app) = window.try_state::<App>()
        && app.request_close() == Closing::Asked
    {
        api.prevent_close();
    }
}

/// Goes on without a window; ends when the last job has, unless the window was brought back.
pub(crate) fn to_background<R: Runtime>(tauri: &AppHandle<R>, app: &App) -> tauri::Result<()> {
    let Some(window) = tauri.get_webview_window(LABEL) else { return Ok(()) };
    window.hide()?;
    let (tauri, app) = (tauri.clone(), app.clone());
    tauri::async_runtime::spawn(async move {
        app.wait_for_jobs().await;
        if !window.is_visible().unwrap_or(true) {
            tauri.exit(0);
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_cannot_lead_the_window_elsewhere() {
        for own in ["tauri://localhost/", "tauri://localhost/index.html#/jobs", "http://tauri.localhost/"] {
            assert!(is_own_page(&own.parse().unwrap()), "{own}");
        }
        for other in ["https://example.com/", "http://localhost/", "file:///etc/passwd", "data:text/html,x"] {
            assert!(!is_own_page(&other.parse().unwrap()), "{other}");
        }
    }
}
