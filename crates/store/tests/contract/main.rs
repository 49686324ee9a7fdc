//! What every store must do with recovery points, run on memory, on a folder and on an emulator of Azure Blob Storage.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops where it is")]

mod access;
mod azurite;
mod claims;
mod faults;
mod foreign;
mod frozen;
mod jobs;
mod line;
mod points;
#[cfg(target_os = "linux")]
mod processes;
mod stores;
mod tamper;
mod velero;
