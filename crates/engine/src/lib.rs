//! The pipeline: what joins clusters, recovery points and the rules over both.
//!
//! - [`backup::run`] reads a cluster into a recovery point.
//! - [`restore::plan`] compares a recovery point with a cluster, writing nothing;
//!   [`restore::run`] carries such a plan out.
//! - [`export::export`] writes a part of a recovery point as files for `kubectl apply`.
//! - [`job::Job`] keeps in the vault what either of them, or a deletion, does.
//! - [`report::ReportFile`] is what a job did, as a file.
//!
//! Each is one call that ends with a report, can be cancelled at any await point
//! through its [`Context`], and may be repeated: a backup that did not commit left
//! nothing that counts, a restore that did not finish is finished by the next one.
//! Retries of single requests are the cluster's and the store's; here is only what
//! takes a decision, such as what to do about a conflict.

pub mod backup;
mod cleanup;
mod context;
mod error;
pub mod export;
pub mod hooks;
pub mod job;
mod journal;
pub mod points;
pub mod report;
pub mod restore;
mod snapshots;

pub use backup::namespace_type;
pub use cleanup::{Cleanup, cleanup};
pub use context::{Context, Progress, ProgressReceiver, progress_channel};
pub use error::EngineError;
pub use journal::{LogLines, MAX_LOG_LINES};
