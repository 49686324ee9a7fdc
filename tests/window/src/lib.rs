//! The real window under a display of its own, driven through `WebKitWebDriver` as a person would: by what can be
//! read on the screen.
//!
//! `cargo xtask test` sets `HOLDFAST_DESKTOP_BIN`; a test that finds it missing fails. Screenshots go to
//! `HOLDFAST_SCREENSHOTS`, where it is set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test ends where its expectation fails"
)]

use std::time::Duration;

pub mod axe;
mod desk;
mod display;
mod gate;
mod layout;
mod picture;
mod screen;
mod scroll;
mod terminal;

pub use desk::{Desk, Start};
pub use gate::Gate;
pub use picture::Picture;
pub use screen::ENTER;
pub use scroll::Scrolled;
pub use terminal::terminal;

/// No story of a test takes longer, on a slow machine.
const STORY_WITHIN: Duration = Duration::from_mins(10);

/// Lets a test run, and ends it when the window or its driver hangs.
pub async fn in_time(story: impl Future<Output = ()>) {
    tokio::time::timeout(STORY_WITHIN, story).await.expect("the window or its driver hangs");
}
