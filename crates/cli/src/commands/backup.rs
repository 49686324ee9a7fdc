//! `holdfast backup`

use std::path::Path;
use std::time::Instant;

use holdfast_engine::backup::{self, BackupReport, BackupRequest};
use holdfast_engine::job::{Job, JobEnd};
use holdfast_engine::{EngineError, progress_channel};
use holdfast_model::name::PointName;
use holdfast_store::job::JobKind;
use holdfast_store::{Access, PointState, Vault, Writer};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::args::{Backup, Format};
use crate::failure::Failure;
use crate::kept::{self, Kept};
use crate::output::{self, printable};
use crate::progress::Display;

pub(crate) async fn run(args: &Backup, format: Format, cancel: CancellationToken) -> Result<bool, Failure> {
    let clock = Instant::now();
    let name = match &args.name {
        Some(name) => name.clone(),
        None => backup::proposed_name(&args.cluster, Timestamp::now()),
    };
    let (taken, kept) = take_as_job(args, &name, cancel).await;
    let report = match taken {
        Ok(report) => report,
        Err(source) => {
            let result = json!({
                "recoveryPoint": name,
                "state": "Failed",
                "objects": 0,
                "warnings": [],
                "durationMs": millis(clock),
                "job": kept.id(),
            });
            return Err(Failure::WithResult { result, source: Box::new(source) });
        }
    };
    if format == Format::Table {
        let point = &report.point;
        let seconds = clock.elapsed().as_secs_f64();
        let bytes = output::size(point.archive_bytes.unwrap_or_default());
        output::text(&format!(
            "recovery point {}: {:?}, {} objects, {bytes}, {seconds:.1} s\n",
            point.name, point.state, point.objects
        ))?;
        super::volumes::print(&report.volumes)?;
        for warning in &report.warnings {
            output::text(&format!("warning: {}\n", printable(&warning.message)))?;
        }
        kept.note()?;
    } else {
        output::value(&result(&report, millis(clock), &kept), format)?;
    }
    Ok(report.point.state == PointState::Completed)
}

async fn take_as_job(
    args: &Backup,
    name: &PointName,
    cancel: CancellationToken,
) -> (Result<BackupReport, Failure>, Kept) {
    let access = cancel.run_until_cancelled(crate::access::of(&args.vault)).await;
    let access = access.unwrap_or_else(|| Err(EngineError::Cancelled.into()));
    let (cache_dir, access) = match super::cache_dir().and_then(|cache_dir| Ok((cache_dir, access?))) {
        Ok(both) => both,
        Err(failure) => return (Err(failure), Kept::NoVault),
    };
    let mut job = None;
    let taken = take(args, name, &cache_dir, &access, cancel, &mut job).await;
    let end = taken.as_ref().map_or_else(JobEnd::failed, JobEnd::backup);
    (taken.map_err(Failure::from), Kept::finish(job, end).await)
}

/// Takes the point. `job` is begun as soon as there is a vault, which for one that exists is before the cluster answers.
async fn take(
    args: &Backup,
    name: &PointName,
    cache_dir: &Path,
    access: &Access,
    cancel: CancellationToken,
    job: &mut Option<Job>,
) -> Result<BackupReport, EngineError> {
    let (context, progress) = progress_channel(cancel.clone(), Timestamp::now);
    let mut begin = |vault: &Vault| {
        let start = kept::start(JobKind::Backup, Some(&args.cluster), name);
        *job = Some(Job::begin(vault, start, &context));
    };
    let connecting = async {
        let cluster = super::connect(&args.cluster, &args.kubeconfig).await?;
        cluster.version().await?;
        Ok::<_, EngineError>(cluster)
    };
    let opening = async {
        let vault = Vault::open(&args.vault.vault, access, cache_dir)
            .await
            .ok()
            .filter(|vault| !vault.is_read_only());
        vault.inspect(&mut begin)
    };
    let both = Box::pin(async { tokio::join!(connecting, opening) });
    let (cluster, vault) = cancel.run_until_cancelled(both).await.ok_or(EngineError::Cancelled)?;
    let cluster = cluster?;
    let vault = if let Some(vault) = vault {
        vault
    } else {
        // Only now: a vault that was made for a cluster that does not answer would be a surprise.
        let vault = Vault::open_or_create(&args.vault.vault, access, cache_dir).await?;
        begin(&vault);
        vault
    };
    let request =
        BackupRequest { name: name.clone(), selection: args.selection.selection(), volumes: args.volumes() };
    let _display = Display::start(progress);
    backup::run(&cluster, &vault, &request, &Writer::new(), &context).await
}

fn result(report: &BackupReport, duration_ms: u64, kept: &Kept) -> Value {
    let point = &report.point;
    json!({
        "recoveryPoint": point.name,
        "state": point.state,
        "objects": point.objects,
        "archiveBytes": point.archive_bytes,
        "rawBytes": point.raw_bytes,
        "cluster": point.cluster,
        "warnings": report.warnings,
        "volumes": report.volumes.volumes,
        "hooks": report.volumes.hooks,
        "freezes": report.volumes.freezes,
        "durationMs": duration_ms,
        "job": kept.id(),
    })
}

fn millis(clock: Instant) -> u64 {
    u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX)
}
