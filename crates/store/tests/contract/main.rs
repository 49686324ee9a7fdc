//! What every store must do with recovery points, run on memory and on a folder.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops where it is")]

mod claims;
mod faults;
mod foreign;
mod jobs;
mod points;
mod stores;
mod tamper;
mod velero;
