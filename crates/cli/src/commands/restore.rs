//! `holdfast restore`

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use holdfast_engine::job::{Job, JobEnd};
use holdfast_engine::restore::{self, ReportItem, RestorePlan, RestoreReport, RestoreRequest};
use holdfast_engine::{Context, EngineError, ProgressReceiver, progress_channel};
use holdfast_model::plan::Action;
use holdfast_model::report::{Counts, Outcome, RestoreState};
use holdfast_store::job::{JobId, JobKind};
use holdfast_store::{Access, Vault};
use jiff::Timestamp;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::args::{Format, Restore};
use crate::failure::Failure;
use crate::kept::{self, Kept};
use crate::output::{self, printable};
use crate::progress::Display;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result_<'a> {
    recovery_point: &'a str,
    cluster: &'a str,
    state: RestoreState,
    counts: Counts,
    items: Vec<ReportItem<'a>>,
    warnings: &'a [String],
    duration_ms: u64,
    /// Absent for a plan, which is no job.
    job: Option<&'a JobId>,
}

pub(crate) async fn run(args: &Restore, format: Format, cancel: CancellationToken) -> Result<bool, Failure> {
    let clock = Instant::now();
    let (context, progress) = progress_channel(cancel, Timestamp::now);
    let cache_dir = super::cache_dir()?;
    let mut job = None;
    let access = context.cancel.run_until_cancelled(crate::access::of(&args.vault)).await;
    let access = access.ok_or(EngineError::Cancelled)??;
    let done = restore(args, &cache_dir, &access, &context, progress, &mut job).await;
    let kept = match (args.plan, &done) {
        (true, _) => Kept::NoVault,
        (false, Ok((plan, report))) => Kept::finish(job, JobEnd::restore(plan, report)).await,
        (false, Err(error)) => Kept::finish(job, JobEnd::failed(error)).await,
    };
    let (plan, report) = done?;

    if format == Format::Table {
        print(&plan, &report, &args.cluster)?;
        kept.note()?;
    } else {
        let result = Result_ {
            recovery_point: args.point.as_str(),
            cluster: &args.cluster,
            state: report.state,
            counts: report.counts(),
            items: report.items(&plan).collect(),
            warnings: &report.warnings,
            duration_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
            job: kept.id(),
        };
        output::value(&result, format)?;
    }
    match report.state {
        RestoreState::Cancelled => Err(EngineError::Cancelled.into()),
        RestoreState::Planned => Ok(report.counts().blocked == 0 && plan.missing.is_empty()),
        RestoreState::Completed => Ok(true),
        RestoreState::Partial => Ok(false),
    }
}

/// Plans and runs. `job` is begun once it is known that there is something to restore from, unless only a plan is wanted.
async fn restore(
    args: &Restore,
    cache_dir: &Path,
    access: &Access,
    context: &Context,
    progress: ProgressReceiver,
    job: &mut Option<Job>,
) -> Result<(RestorePlan, RestoreReport), EngineError> {
    let connecting = async {
        let vault = Vault::open(&args.vault.vault, access, cache_dir).await?;
        let point = vault.point(&args.point).await?;
        if !args.plan {
            let start = kept::start(JobKind::Restore, Some(&args.cluster), &args.point);
            *job = Some(Job::begin(&vault, start, context));
        }
        let cluster = super::connect(&args.cluster, &args.kubeconfig).await?;
        cluster.version().await?;
        Ok::<_, EngineError>((cluster, point))
    };
    let connected = context.cancel.run_until_cancelled(connecting).await;
    let (cluster, point) = connected.ok_or(EngineError::Cancelled)??;
    let request = RestoreRequest {
        selection: args.selection.selection(),
        objects: args.include_objects.clone(),
        mappings: args.namespace_mappings.clone().unwrap_or_default(),
        conflict_policy: args.conflict_policy,
        volume_mode: args.volume_mode,
    };
    let _display = Display::start(progress);
    let plan = restore::plan(&cluster, &point, &request, context).await?;
    let report = if args.plan {
        RestoreReport::planned(&plan)
    } else {
        restore::run(&cluster, &plan, context).await?
    };
    Ok((plan, report))
}

/// The counts, then every object that is not simply there already.
fn print(plan: &RestorePlan, report: &RestoreReport, cluster: &str) -> Result<(), Failure> {
    let planned = report.state == RestoreState::Planned;
    let counts = report.counts();
    let verbs = if planned {
        ["to create", "to patch", "to skip", "identical", "derived", "blocked", "failed", "not reached"]
    } else {
        ["created", "patched", "skipped", "identical", "derived", "blocked", "failed", "not reached"]
    };
    let Counts { created, patched, skipped, identical, derived, blocked, failed, cancelled } = counts;
    let numbers = [created, patched, skipped, identical, derived, blocked, failed, cancelled];
    let summary: Vec<String> = numbers
        .iter()
        .zip(verbs)
        .filter(|(number, _)| **number > 0)
        .map(|(number, verb)| format!("{number} {verb}"))
        .collect();
    let what = if planned { "plan for" } else { "restore into" };
    let point = &plan.point.summary().name;
    let summary = if summary.is_empty() { "nothing is selected".to_owned() } else { summary.join(", ") };
    output::text(&format!("{what} {cluster} from {point}: {summary}\n"))?;
    for warning in &report.warnings {
        output::text(&format!("warning: {}\n", printable(warning)))?;
    }
    let shown = report.items(plan).filter(|item| !matches!(item.action, Action::Identical | Action::Derived));
    let rows = shown.map(|item| row(&item, planned)).collect::<Vec<_>>();
    if rows.is_empty() {
        return Ok(());
    }
    output::text("\n")?;
    output::table(&["", "KIND", "NAMESPACE", "NAME", "WHY"], rows)
}

fn row(item: &ReportItem<'_>, planned: bool) -> Vec<String> {
    let what = if planned { format!("{:?}", item.action) } else { format!("{:?}", item.outcome) };
    let kind =
        if item.group.is_empty() { item.kind.to_owned() } else { format!("{}.{}", item.kind, item.group) };
    let mapped = |old: &str, new: &str| {
        if old == new { old.to_owned() } else { format!("{old} → {new}") }
    };
    let mut why = item.reason.unwrap_or_default().to_owned();
    if matches!(item.action, Action::Patch | Action::Skip) && !matches!(item.outcome, Outcome::Failed) {
        for change in item.diff.iter().take(4) {
            let shorten = |value: &serde_json::Value| value.to_string().chars().take(40).collect::<String>();
            let _ = write!(why, "; {} {} → {}", change.path, shorten(&change.live), shorten(&change.point));
        }
        if item.diff.len() > 4 {
            why.push_str("; …");
        }
    }
    vec![
        what,
        kind,
        mapped(item.namespace, item.target_namespace),
        mapped(item.name, item.target_name.unwrap_or(item.name)),
        why,
    ]
}
