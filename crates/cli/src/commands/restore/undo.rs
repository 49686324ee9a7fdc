//! `holdfast restore --undo`

use std::io::{self, BufRead, IsTerminal};
use std::path::Path;
use std::time::Instant;

use holdfast_cluster::Cluster;
use holdfast_engine::job::{Job, JobEnd};
use holdfast_engine::restore::{Earlier, UndoPlan, UndoReport, plan_undo, run_undo};
use holdfast_engine::{Context, EngineError, ProgressReceiver};
use holdfast_model::name::PointName;
use holdfast_model::report::{Counts, RestoreState};
use holdfast_store::job::{JobId, JobItem, JobKind};
use holdfast_store::{Access, Vault};
use serde::Serialize;

use super::print;
use crate::args::{Format, Restore};
use crate::failure::Failure;
use crate::kept::{self, Kept};
use crate::output;
use crate::progress::Display;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result_<'a> {
    /// The jobs that were undone, the last first.
    undone: &'a [JobId],
    recovery_point: &'a str,
    cluster: &'a str,
    state: RestoreState,
    counts: Counts,
    items: Vec<JobItem>,
    warnings: &'a [String],
    duration_ms: u64,
    job: Option<&'a JobId>,
}

/// Plans the undoing of a restore, shows it, and runs it.
pub(super) async fn run(
    args: &Restore,
    undone: &JobId,
    format: Format,
    cache_dir: &Path,
    access: &Access,
    context: &Context,
    progress: ProgressReceiver,
) -> Result<bool, Failure> {
    let clock = Instant::now();
    let display = Display::start(progress.clone());
    let planning = Box::pin(plan(args, undone, cache_dir, access, context));
    let planned = context.cancel.run_until_cancelled(planning).await;
    let (vault, cluster, plan, name) = planned.ok_or(EngineError::Cancelled)??;
    drop(display);
    let mut report = UndoReport::planned(&plan);
    let mut kept = Kept::NoVault;
    let nothing = report.counts().written() == 0;
    if format == Format::Table {
        print::undo(&plan, &report, &name)?;
    }
    if !args.plan && nothing {
        // No job for that; the report says of each object why.
        report = run_undo(&cluster, &plan, context).await?;
    } else if !args.plan {
        if !args.yes && io::stdin().is_terminal() {
            confirm(&report, &name)?;
        }
        let _display = Display::start(progress);
        let point: Option<PointName> = plan.head.point.name.parse().ok();
        let job =
            point.map(|point| Job::begin(&vault, kept::start(JobKind::Undo, Some(&name), &point), context));
        let done = run_undo(&cluster, &plan, context).await;
        let end = done.as_ref().map_or_else(JobEnd::failed, |report| JobEnd::undo(&plan, report));
        kept = Kept::finish(job, end).await;
        report = done?;
    }
    if format != Format::Table {
        let result = Result_ {
            undone: &plan.jobs,
            recovery_point: &plan.head.point.name,
            cluster: &name,
            state: report.state,
            counts: report.counts(),
            items: report.items(&plan).collect(),
            warnings: &report.warnings,
            duration_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
            job: kept.id(),
        };
        output::value(&result, format)?;
    } else if report.state != RestoreState::Planned {
        output::text("\n")?;
        print::undo(&plan, &report, &name)?;
        kept.note()?;
    }
    match report.state {
        RestoreState::Cancelled => Err(EngineError::Cancelled.into()),
        RestoreState::Planned | RestoreState::Completed => Ok(true),
        RestoreState::Partial => Ok(false),
    }
}

async fn plan(
    args: &Restore,
    undone: &JobId,
    cache_dir: &Path,
    access: &Access,
    context: &Context,
) -> Result<(Vault, Cluster, UndoPlan, String), EngineError> {
    let vault = Vault::open(&args.vault.vault, access, cache_dir).await?;
    let earlier = Earlier::read(&vault.jobs(), undone).await?;
    let name = args.cluster.clone().unwrap_or_else(|| earlier.head().cluster.clone());
    let cluster = super::super::connect(&name, &args.kubeconfig).await?;
    cluster.version().await?;
    // Only a killed restore needs its point; that this one is gone is then a warning of the plan.
    let point = match earlier.head().point.name.parse::<PointName>() {
        Ok(point) => vault.point(&point).await.ok(),
        Err(_) => None,
    };
    let plan = plan_undo(&cluster, &earlier, point.as_ref(), context).await?;
    Ok((vault, cluster, plan, name))
}

fn confirm(report: &UndoReport, cluster: &str) -> Result<(), Failure> {
    let Counts { created, patched, recreated, deleted, .. } = report.counts();
    eprint!(
        "{deleted} objects will be deleted and {} get their old form. Type the name of the cluster ({}) to do it: ",
        created + patched + recreated,
        output::printable(cluster)
    );
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == cluster {
        Ok(())
    } else {
        Err(Failure::Usage("nothing was undone: that is not its name".to_owned()))
    }
}
