//! The first screen, from what was seen last: no cluster and no vault is waited for.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::App;
use crate::api::{
    Attention, AttentionKind, ClusterKind, ClusterRow, DayCount, Failure, JobKind, JobRow, JobState,
    LastBackup, Overview, PointRow, PointState,
};
use crate::clusters::{SANDBOX, id_of};
use crate::read_model::VaultFacts;

/// Jobs shown.
const JOBS: usize = 8;
/// Days shown.
const DAYS: i64 = 7;

impl App {
    /// The first screen.
    pub async fn overview(&self) -> Result<Overview, Failure> {
        self.look_at_all();
        let points = self.inner.model.points().await;
        let seen = self.inner.model.vaults().await;
        let jobs = self.all_jobs().await;
        let mut clusters = self.clusters().await?;
        let mut attention = self.attention_of_files().await?;
        attention.extend(self.attention_of_vaults(&seen));
        attention.extend(attention_of_clusters(&clusters, &points, &jobs));
        let pressing = |item: &Attention| match item.kind {
            AttentionKind::KubeconfigBroken => 0,
            AttentionKind::LastFailed => 1,
            AttentionKind::VaultFailing => 2,
            AttentionKind::PointUnreadable => 3,
            AttentionKind::LastPartial => 4,
            AttentionKind::FileReset => 5,
            AttentionKind::NeverBackedUp => 6,
        };
        attention.sort_by_key(pressing);
        let worst = |row: &ClusterRow| match row.last_backup.as_ref().map(|backup| backup.state) {
            None => 0,
            Some(PointState::Unreadable) => 1,
            Some(PointState::Partial) => 2,
            Some(PointState::Completed) => 3,
        };
        let failed = |row: &ClusterRow| {
            attention
                .iter()
                .any(|a| a.kind == AttentionKind::LastFailed && a.cluster_id.as_ref() == Some(&row.id))
        };
        clusters.sort_by_key(|row| (!failed(row), worst(row)));
        let overview = Overview {
            protected: clusters.iter().filter(|row| row.last_backup.is_some()).count() as u64,
            clusters,
            vaults: self.inner.vaults.all().len() as u64,
            points: points.len() as u64,
            attention,
            days: self.days(&points, &jobs),
            jobs: jobs.into_iter().take(JOBS).collect(),
            as_of: self.now().to_string(),
        };
        self.tell_first_screen();
        Ok(overview)
    }

    async fn attention_of_files(&self) -> Result<Vec<Attention>, Failure> {
        let mut found = Vec::new();
        if let Some(failure) = &self.kubeconfig().await?.failure {
            found.push(attention(AttentionKind::KubeconfigBroken, "kubeconfig", failure.message.clone()));
        }
        for aside in &self.inner.set_aside {
            let name = aside.file_name().unwrap_or_default().to_string_lossy();
            let what = name.split('.').next().unwrap_or_default().to_owned();
            let message = format!(
                "The {what} were damaged and begin anew; what was there is kept in {}.",
                aside.display()
            );
            found.push(attention(AttentionKind::FileReset, &what, message));
        }
        Ok(found)
    }

    fn attention_of_vaults(&self, seen: &HashMap<String, (VaultFacts, String)>) -> Vec<Attention> {
        let vaults = self.inner.vaults.all();
        let failing = vaults.iter().filter_map(|vault| {
            let (facts, as_of) = seen.get(&vault.id)?;
            let failure = facts.failure.as_ref()?;
            Some(Attention {
                vault_id: Some(vault.id.clone()),
                time: Some(as_of.clone()),
                ..attention(AttentionKind::VaultFailing, &vault.name, failure.message.clone())
            })
        });
        failing.collect()
    }

    /// The last days in the user's time zone, oldest first.
    fn days(&self, points: &[PointRow], jobs: &[JobRow]) -> Vec<DayCount> {
        let zone = &self.inner.environment.time_zone;
        let day_of = |time: &str| Some(time.parse::<Timestamp>().ok()?.to_zoned(zone.clone()).date());
        let mut taken: HashMap<Date, u64> = HashMap::new();
        for day in points.iter().filter_map(|point| day_of(point.started.as_deref()?)) {
            *taken.entry(day).or_default() += 1;
        }
        let mut failed: HashMap<Date, u64> = HashMap::new();
        for day in jobs.iter().filter(|job| is_failed_backup(job)).filter_map(|job| day_of(&job.started)) {
            *failed.entry(day).or_default() += 1;
        }
        let today = self.now().to_zoned(zone.clone()).date();
        let days = (0..DAYS).rev().map(|ago| today.saturating_sub(ago.days()));
        let count = |counts: &HashMap<Date, u64>, day| counts.get(&day).copied().unwrap_or_default();
        days.map(|day| DayCount {
            day: day.to_string(),
            points: count(&taken, day),
            failed: count(&failed, day),
        })
        .collect()
    }
}

fn attention(kind: AttentionKind, subject: &str, message: String) -> Attention {
    Attention {
        kind,
        subject: subject.to_owned(),
        message,
        cluster_id: None,
        vault_id: None,
        point: None,
        job_id: None,
        time: None,
    }
}

fn is_failed_backup(job: &JobRow) -> bool {
    job.kind == JobKind::Backup && matches!(job.state, JobState::Failed | JobState::Interrupted)
}

/// The cluster that a point or a job names.
pub(crate) fn cluster_id(name: &str) -> String {
    // The sandbox's points carry its name; a context of that name would have another identity, and its points
    // cannot be told from the sandbox's.
    if name == SANDBOX { SANDBOX.to_owned() } else { id_of(name) }
}

/// Adds to each cluster its newest usable point over all vaults, and how many there are. `points` are newest first.
pub(crate) fn add_backups(rows: &mut [ClusterRow], points: &[PointRow]) {
    let mut of: HashMap<String, Vec<&PointRow>> = HashMap::new();
    for point in points.iter().filter(|point| point.state != PointState::Unreadable) {
        of.entry(cluster_id(&point.cluster)).or_default().push(point);
    }
    for row in rows {
        let Some(own) = of.get(&row.id) else { continue };
        row.points = own.len() as u64;
        row.last_backup = own.first().map(|point| LastBackup {
            vault_id: point.vault_id.clone(),
            point: point.name.clone(),
            time: point.completed.clone().or_else(|| point.started.clone()).unwrap_or_default(),
            state: point.state,
            objects: point.objects,
            bytes: point.archive_bytes,
        });
    }
}

fn attention_of_clusters(clusters: &[ClusterRow], points: &[PointRow], jobs: &[JobRow]) -> Vec<Attention> {
    let mut found = Vec::new();
    let mut last_jobs: HashMap<String, &JobRow> = HashMap::new();
    // Jobs are newest first.
    for job in jobs.iter().filter(|job| job.kind == JobKind::Backup && job.state != JobState::Running) {
        last_jobs.entry(cluster_id(&job.cluster)).or_insert(job);
    }
    for row in clusters {
        let about = |kind, message| Attention {
            cluster_id: Some(row.id.clone()),
            ..attention(kind, &row.name, message)
        };
        if let Some(job) = last_jobs.get(&row.id).filter(|job| is_failed_backup(job)) {
            let how = if job.state == JobState::Interrupted { "was interrupted" } else { "failed" };
            found.push(Attention {
                vault_id: Some(job.vault_id.clone()),
                job_id: Some(job.id.clone()),
                time: Some(job.ended.clone().unwrap_or_else(|| job.started.clone())),
                ..about(AttentionKind::LastFailed, format!("The last backup {how}."))
            });
        }
        match &row.last_backup {
            Some(backup) if backup.state == PointState::Partial => found.push(Attention {
                vault_id: Some(backup.vault_id.clone()),
                point: Some(backup.point.clone()),
                time: Some(backup.time.clone()),
                ..about(AttentionKind::LastPartial, "The newest recovery point lacks something.".to_owned())
            }),
            // The sandbox is there to be tried, not to be protected.
            None if row.kind == ClusterKind::Context => {
                found.push(about(
                    AttentionKind::NeverBackedUp,
                    "There is no recovery point of it.".to_owned(),
                ));
            }
            _ => {}
        }
    }
    found.extend(points.iter().filter(|point| point.state == PointState::Unreadable).map(|point| {
        Attention {
            vault_id: Some(point.vault_id.clone()),
            point: Some(point.name.clone()),
            ..attention(AttentionKind::PointUnreadable, &point.name, point.reason.clone().unwrap_or_default())
        }
    }));
    found
}
