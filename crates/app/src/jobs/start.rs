//! Starting backups, restores and deletions.

use std::sync::Arc;

use holdfast_cluster::Cluster;
use holdfast_engine::job::{Job, JobEnd, JobStart};
use holdfast_engine::points::{self, SnapshotsOf};
use holdfast_engine::{Context, ProgressReceiver, backup, progress_channel, restore};
use holdfast_model::name::PointName;
use holdfast_sandbox::Sandbox;
use holdfast_store::job::JobKind as Kind;
use holdfast_store::{PointState, StoreError, Vault, Writer};
use tokio_util::sync::CancellationToken;

use super::rows::summary;
use super::running::{Ended, RunningJob};
use crate::App;
use crate::api::{BackupRequest, Failure, FailureCode, JobKind, JobRow, JobState, PointKey};
use crate::clusters::id_of;
use crate::restore::Planned;
use crate::selection;
use crate::vaults::KnownVault;

/// A job that is about to run.
pub(crate) struct Begun {
    pub job: Job,
    pub context: Context,
    pub progress: ProgressReceiver,
    pub running: RunningJob,
}

impl App {
    /// Starts a backup; gives the job's id.
    pub async fn start_backup(&self, request: BackupRequest) -> Result<String, Failure> {
        let name = selection::point_name(&request.name)?;
        let selection = selection::selection(&request.selection)?;
        let volumes = selection::volume_options(&request.volumes)?;
        let (known, vault) = self.vault(&request.vault_id).await?;
        check_writable(&vault, &known)?;
        let taken = self.inner.model.points().await;
        if taken.iter().any(|point| point.vault_id == known.id && point.name == name.as_str()) {
            return Err(StoreError::PointExists(name.to_string()).into());
        }
        let cluster = self.cluster(&request.cluster_id).await?;
        let begun = self.begin(JobKind::Backup, &known, &vault, cluster.name(), name.as_str(), None);
        let (context, wanted) = (begun.context.clone(), backup::BackupRequest { name, selection, volumes });
        Ok(self.run(begun.job, begun.running, begun.progress, async move {
            match backup::run(&cluster, &vault, &wanted, &Writer::new(), &context).await {
                Ok(report) => Ended {
                    state: match report.point.state {
                        PointState::Completed => JobState::Completed,
                        PointState::Partial => JobState::Partial,
                    },
                    objects: report.point.objects,
                    failures: 0,
                    failure: None,
                    report: None,
                    end: JobEnd::backup(&report),
                },
                Err(error) => Ended::failed(error),
            }
        }))
    }

    /// Starts the restore of a plan, which is used up by it; gives the job's id.
    pub async fn start_restore(&self, plan_id: String) -> Result<String, Failure> {
        let planned = self.inner.plans.get(&plan_id)?;
        let (known, vault) = self.vault(&planned.request.point.vault_id).await?;
        // Only now: a vault that does not answer leaves the plan as it is.
        let planned = self.inner.plans.take(&plan_id)?;
        let point = planned.request.point.point.clone();
        let begun = self.begin(
            JobKind::Restore,
            &known,
            &vault,
            planned.cluster.name(),
            &point,
            Some(Arc::clone(&planned)),
        );
        let context = begun.context.clone();
        let journals = begun.job.journals();
        Ok(self.run(begun.job, begun.running, begun.progress, async move {
            match restore::run_as(
                &journals,
                &planned.cluster,
                &planned.plan,
                planned.earlier.as_ref(),
                &context,
            )
            .await
            {
                Ok(report) => {
                    let end = JobEnd::restore(&planned.plan, &report);
                    let ended = Ended::restored(report.state, &report.counts(), end);
                    Ended { report: Some(report), ..ended }
                }
                Err(error) => Ended::failed(error),
            }
        }))
    }

    /// Starts the deletion of a recovery point; gives the job's id.
    pub async fn delete_point(&self, key: PointKey) -> Result<String, Failure> {
        let name = selection::point_name(&key.point)?;
        let (known, vault) = self.vault(&key.vault_id).await?;
        check_writable(&vault, &known)?;
        let cluster = self.deleting_cluster(&vault, &name).await?;
        let label = cluster.as_ref().map(|cluster| cluster.name().to_owned()).unwrap_or_default();
        let begun = self.begin(JobKind::Delete, &known, &vault, &label, name.as_str(), None);
        let (context, app) = (begun.context.clone(), self.clone());
        Ok(self.run(begun.job, begun.running, begun.progress, async move {
            app.inner.points.forget(&key);
            let snapshots = match &cluster {
                Some(cluster) => SnapshotsOf::DeletedBy(cluster, points::SNAPSHOT_PATIENCE),
                None => SnapshotsOf::Unsaid,
            };
            // Half a deletion would leave what nobody can use: it is finished even where it was to be cancelled.
            match points::delete(&vault, &name, snapshots, &context).await {
                Ok(deleted) => {
                    let blobs = deleted.blobs.blobs;
                    let snapshots = deleted.snapshots + deleted.gone;
                    let words = format!("{blobs} blobs and {snapshots} snapshots deleted");
                    context.log(holdfast_store::job::LogLevel::Info, words);
                    Ended {
                        end: JobEnd::deletion(deleted.blobs),
                        state: JobState::Completed,
                        objects: 0,
                        failures: 0,
                        failure: None,
                        report: None,
                    }
                }
                Err(error) => Ended::failed(error),
            }
        }))
    }

    /// The cluster by which the snapshots of a point are deleted: the one that it was taken of. `None` where it has none.
    ///
    /// # Errors
    /// Those of connecting to it; a point with snapshots is not deleted without.
    async fn deleting_cluster(&self, vault: &Vault, name: &PointName) -> Result<Option<Cluster>, Failure> {
        let point = match vault.point(name).await {
            Ok(point) => point,
            // What is no whole point is deleted as it is.
            Err(error) if !error.is_of_storage() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let summary = point.summary();
        if summary.snapshots.unwrap_or_default() == 0 {
            return Ok(None);
        }
        // A context that is called like the sandbox would have been taken for it.
        let name = summary.cluster.name.as_str();
        let id = if name == Sandbox::NAME { name.to_owned() } else { id_of(name) };
        self.cluster(&id).await.map(Some)
    }

    pub(crate) fn begin(
        &self,
        kind: JobKind,
        known: &KnownVault,
        vault: &Vault,
        cluster: &str,
        point: &str,
        planned: Option<Arc<Planned>>,
    ) -> Begun {
        let (context, progress) = progress_channel(CancellationToken::new(), self.inner.environment.now);
        let of = match kind {
            JobKind::Backup => Kind::Backup,
            JobKind::Restore => Kind::Restore,
            JobKind::Undo => Kind::Undo,
            JobKind::Delete | JobKind::Other => Kind::Delete,
        };
        let set = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let start = JobStart::here(of, set(cluster), set(point), env!("CARGO_PKG_VERSION"));
        let job = Job::begin(vault, start, &context);
        let row = JobRow {
            id: job.id().to_string(),
            vault_id: known.id.clone(),
            vault_name: known.name.clone(),
            kind,
            state: JobState::Running,
            point: point.to_owned(),
            cluster: cluster.to_owned(),
            summary: summary(kind, point, cluster),
            started: context.now().to_string(),
            ended: None,
            objects: 0,
            warnings: 0,
            failures: 0,
            progress: None,
            own: true,
        };
        let running = RunningJob::new(known.clone(), context.clone(), row, planned);
        Begun { job, context, progress, running }
    }
}

fn check_writable(vault: &Vault, known: &KnownVault) -> Result<(), Failure> {
    if !vault.is_read_only() {
        return Ok(());
    }
    let message = format!("the vault {} can only be read: another program owns it", known.name);
    Err(Failure::new(FailureCode::VaultReadOnly, message, "Choose another vault."))
}
