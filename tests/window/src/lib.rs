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

pub mod axe;
mod desk;
mod display;
mod screen;

pub use desk::{Desk, Start};
pub use screen::PATIENCE;
