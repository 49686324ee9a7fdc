//! What the engine tells the window without being asked, over one channel.
//!
//! An event is a hint: nothing is lost when one is not delivered, because data is
//! always fetched by command. Progress arrives at most ten times a second.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::JobRow;

/// How far something is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// What is being done, such as `listing` or `workloads`.
    pub phase: String,
    /// What it is being done to.
    pub detail: String,
    /// Objects done.
    pub done: u64,
    /// Objects there are, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub total: Option<u64>,
    /// Objects a second, lately.
    pub rate: u64,
    /// What is left, where that can be estimated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub remaining_ms: Option<u64>,
}

/// Data that changed and should be fetched again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Topic {
    /// Clusters: the kubeconfig was edited, or a status changed.
    Clusters,
    /// Recovery points.
    Points,
    /// Jobs.
    Jobs,
    /// Vaults.
    Vaults,
    /// Settings, changed by another window.
    Settings,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Event {
    /// A job of this process went on.
    Job {
        /// The job as it is now.
        job: JobRow,
    },
    /// A job of this process ended.
    JobEnded {
        /// The job as it ended.
        job: JobRow,
    },
    /// A command that takes long, such as planning, went on.
    #[serde(rename_all = "camelCase")]
    Request {
        /// The id that the window gave with the command.
        request_id: String,
        /// How far it is.
        progress: Progress,
    },
    /// Data changed.
    Changed {
        /// Which.
        topics: Vec<Topic>,
    },
    /// The window was asked to close while jobs run: ask whether to go on.
    CloseRequested {
        /// Number of jobs that run in this process.
        running: u32,
    },
}
