//! Jobs: those of this process, which run here, and those that vaults tell of.
//!
//! A job is started by a call that gives its id at once; it goes on by itself, tells how far it is at most ten times
//! a second, and is kept in its vault by the engine. Its vault is looked at when it ends, so that its point and its
//! document are there when the window hears of the end.

mod closing;
mod details;
mod export;
mod items;
mod rows;
mod running;
mod start;
mod volumes;

use holdfast_store::Vault;
use holdfast_store::job::{JobFilter, JobId, Jobs};

use crate::App;
use crate::api::{Failure, JobList, JobRow};
use crate::vaults::KnownVault;

pub use closing::Closing;
pub(crate) use items::{Report, Reports};
pub(crate) use running::{Ended, RunningJobs};

impl App {
    /// The jobs of all vaults as they were seen last, those of this process as they are.
    pub async fn jobs(&self) -> Result<JobList, Failure> {
        self.look_at_all();
        let jobs = self.all_jobs().await;
        Ok(JobList { jobs, failures: self.vault_failures().await, as_of: self.now().to_string() })
    }

    /// Running ones first, then newest first.
    pub(crate) async fn all_jobs(&self) -> Vec<JobRow> {
        let own = self.inner.jobs.rows();
        let mut seen = self.inner.model.jobs().await;
        let vaults = self.inner.vaults.all();
        seen.retain_mut(|job| {
            let vault = vaults.iter().find(|vault| vault.id == job.vault_id);
            vault.inspect(|vault| vault.name.clone_into(&mut job.vault_name)).is_some()
                && !own.iter().any(|own| own.id == job.id)
        });
        let mut jobs: Vec<JobRow> = own.into_iter().chain(seen).collect();
        let running = |job: &JobRow| job.state == crate::api::JobState::Running;
        jobs.sort_by(|a, b| running(b).cmp(&running(a)).then_with(|| b.id.cmp(&a.id)));
        jobs
    }

    /// Asks a job to stop; it ends a little later. Jobs of other processes hear of it through their vault.
    pub async fn cancel_job(&self, vault_id: String, job_id: String) -> Result<(), Failure> {
        if let Some(running) = self.inner.jobs.get(&vault_id, &job_id) {
            tracing::info!(job = job_id, "a job is asked to stop");
            running.context.cancel.cancel();
            return Ok(());
        }
        let (jobs, id) = self.kept_job(&vault_id, &job_id).await?;
        Ok(jobs.request_cancel(&id).await?)
    }

    /// The jobs of a vault, and the parsed id of one of them.
    pub(crate) async fn kept_job(&self, vault_id: &str, job_id: &str) -> Result<(Jobs, JobId), Failure> {
        let id = job_id.parse().map_err(|error| Failure::invalid("jobId", &error))?;
        let (_, vault) = self.vault(vault_id).await?;
        Ok((vault.jobs(), id))
    }

    /// What a vault tells of its jobs.
    pub(crate) async fn see_jobs(&self, known: &KnownVault, vault: &Vault) -> Result<Vec<JobRow>, Failure> {
        let entries = vault.jobs().list(&JobFilter::default()).await?;
        Ok(entries.into_iter().map(|entry| rows::of_entry(known, entry)).collect())
    }
}
