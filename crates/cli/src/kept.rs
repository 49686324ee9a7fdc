//! Commands that are kept as jobs in the vault.

use holdfast_engine::job::{Job, JobEnd, JobStart, NotKept};
use holdfast_model::name::PointName;
use holdfast_store::job::{JobId, JobKind};

use crate::failure::Failure;
use crate::output::{self, printable};

/// How a job of this program begins.
pub(crate) fn start(kind: JobKind, cluster: Option<&str>, point: &PointName) -> JobStart {
    let version = env!("CARGO_PKG_VERSION");
    JobStart::here(kind, cluster.map(str::to_owned), Some(point.to_string()), version)
}

/// What became of the job of a command.
pub(crate) enum Kept {
    /// It is in the vault.
    As(JobId),
    /// It is nowhere.
    Not(NotKept),
    /// The command ended before there was a vault to keep it in.
    NoVault,
}

impl Kept {
    pub(crate) async fn finish(job: Option<Job>, end: JobEnd) -> Self {
        match job {
            None => Self::NoVault,
            Some(job) => job.finish(end).await.map_or_else(Self::Not, Self::As),
        }
    }

    /// The id for scripts.
    pub(crate) fn id(&self) -> Option<&JobId> {
        match self {
            Self::As(id) => Some(id),
            Self::Not(_) | Self::NoVault => None,
        }
    }

    /// Says so where a command that was done is not kept.
    pub(crate) fn note(&self) -> Result<(), Failure> {
        match self {
            Self::Not(reason) => output::text(&format!(
                "note: this is not kept as a job: {}\n",
                printable(&reason.to_string())
            )),
            Self::As(_) | Self::NoVault => Ok(()),
        }
    }
}
