//! Jobs of a vault: what runs, and what ran.
//!
//! A job is a folder `jobs/<id>/` with documents `<revision>.json` that are created
//! and never overwritten: the first when it begins, the next when it has ended. The
//! highest revision counts. Whoever loses the race for a number re-reads and decides
//! again. While it runs its process shows in `live/` that it lives.
//!
//! A job whose newest document says Running is Interrupted if its process is proven
//! to have ended on this machine, or if its last sign of life is older than
//! [`SILENT_AFTER`](crate::SILENT_AFTER) by the store's clock. The next job that
//! ends writes that down ([`Jobs::sweep`]). A process that was only asleep may write
//! a further revision, which then counts.
//!
//! Jobs say what happened; no recovery point depends on them. One that cannot be
//! written or read never keeps a backup or a restore from being done. Only what
//! undoes or continues a restore needs its journal, in `journals/<id>/`.

mod beside;
mod bodies;
mod document;
mod id;
mod journal;
mod list;
mod live;
mod record;
mod sweep;

use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::vault::Vault;

pub use beside::{JobItems, Packed, log_line};
pub use document::{Revised, Revision};
pub use id::{JobId, JobIdError};
pub use live::JobLive;
pub use record::{
    Job, JobBlob, JobCounts, JobEntry, JobError, JobFilter, JobItem, JobKind, JobPhase, JobProgress,
    JobRecord, JobState, JobWarning, LogLevel, LogLine,
};
pub use sweep::SweptJobs;

/// Jobs that are kept, the newest ones.
pub const KEPT_JOBS: usize = 1000;

/// Days that a job is kept.
pub const KEPT_DAYS: i64 = 400;

/// Old jobs that one sweep removes at most, so that no job's end takes long.
pub const JOBS_REMOVED_AT_ONCE: usize = 20;

/// The jobs of a vault. Cheap to clone; clones share what they have read.
#[derive(Clone, Debug)]
pub struct Jobs {
    vault: Vault,
    bodies: Arc<bodies::Bodies>,
    clock: Arc<Mutex<Option<live::Clock>>>,
}

impl Vault {
    /// The jobs of this vault. Whoever looks often keeps the value: it remembers what it has read.
    pub fn jobs(&self) -> Jobs {
        Jobs { vault: self.clone(), bodies: Arc::default(), clock: Arc::default() }
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    #[expect(
        clippy::expect_used,
        reason = "plain structs of strings, numbers and JSON values are always JSON"
    )]
    serde_json::to_vec(value).expect("a job as JSON")
}
