//! The journal of a restore: enough to go on with it, and to undo it.
//!
//! It begins with what was asked for ([`Head`]). Before an object is changed or deleted its live form is kept
//! ([`Line::Kept`]), and only when the vault has it the change is sent. What was written is noted after the answer
//! ([`Line::Done`]), or that it was refused ([`Line::Left`]), not waited for: when the process is killed, at most the last of these notes are missing, and whoever
//! reads the journal finds them out again. An object that this run creates carries the job's name as its field manager
//! ([`manager`]); one that it patched says what the recovery point says.
//!
//! Kept objects are whole, Secrets included. They are in the vault, beside the recovery points that hold such objects too.

mod history;
mod writer;

use holdfast_model::report::Outcome;
use holdfast_model::resource::ResourceType;
use holdfast_store::Point;
use holdfast_store::job::JobId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::RestoreRequest;

pub use history::{History, HistoryError, Past};
pub use writer::Journal;

/// Format of the journals that this version writes and reads.
const FORMAT: u32 = 1;

/// What a restore began with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    format: u32,
    /// The recovery point.
    pub point: PointIdentity,
    /// The target, by the name that the person knows.
    pub cluster: String,
    /// The UID of the target's namespace `kube-system`, which no two clusters share; unknown where it may not be read.
    pub cluster_uid: Option<String>,
    /// What was asked for.
    pub request: RestoreRequest,
    /// The job that this one goes on with.
    pub continues: Option<JobId>,
}

impl Head {
    /// The head of a new restore.
    pub fn new(
        point: PointIdentity,
        cluster: &str,
        cluster_uid: Option<String>,
        request: RestoreRequest,
    ) -> Self {
        Self { format: FORMAT, point, cluster: cluster.to_owned(), cluster_uid, request, continues: None }
    }

    /// The head of a restore that goes on with another.
    #[must_use]
    pub fn continuing(mut self, job: JobId) -> Self {
        self.continues = Some(job);
        self
    }
}

/// Which recovery point something is about: one that was deleted and made again under its name is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PointIdentity {
    /// Its name.
    pub name: String,
    completed: Option<Timestamp>,
    objects: u64,
}

impl PointIdentity {
    /// The identity of a point.
    pub fn of(point: &Point) -> Self {
        let summary = point.summary();
        Self { name: summary.name.to_string(), completed: summary.completed, objects: summary.objects }
    }

    /// Objects in it.
    pub fn objects(&self) -> u64 {
        self.objects
    }
}

/// An object in the target.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetObject {
    /// Its type.
    #[serde(flatten)]
    pub ty: ResourceType,
    /// Its namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "line")]
enum Line {
    /// The first line.
    Head(Box<Head>),
    /// The live form of an object that is about to be changed or deleted.
    Kept { object: TargetObject, live: Value },
    /// What was done about an object.
    Done {
        object: TargetObject,
        outcome: Outcome,
        /// The UID that it has since.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uid: Option<String>,
    },
    /// An object that was kept is as it was: the server refused the change, or nothing was sent.
    Left { object: TargetObject },
    /// The last line of a run that was not killed.
    End,
}

/// The field manager of what a job creates, so that its work is known when its notes are lost. At most 128 characters, as
/// the API server asks: ids of jobs are short.
pub fn manager(job: &JobId) -> String {
    format!("holdfast-{job}")
}
