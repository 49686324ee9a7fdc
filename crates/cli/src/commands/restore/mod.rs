//! `holdfast restore`

mod earlier;
mod print;
mod undo;

use std::path::Path;
use std::time::Instant;

use holdfast_engine::job::{Job, JobEnd};
use holdfast_engine::restore::{
    self, Earlier, ReportItem, RestorePlan, RestoreReport, RestoreRequest, SavedPlan, plan_rest, plan_saved,
};
use holdfast_engine::{Context, EngineError, ProgressReceiver, progress_channel};
use holdfast_model::modifiers::Modifiers;
use holdfast_model::name::PointName;
use holdfast_model::preflight::Finding;
use holdfast_model::report::{Counts, RestoreState};
use holdfast_store::job::{JobId, JobKind};
use holdfast_store::volumes::HookRun;
use holdfast_store::{Access, StoreError, Vault};
use jiff::Timestamp;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::args::{Format, Restore, Validation};
use crate::failure::Failure;
use crate::kept::{self, Kept};
use crate::output;
use crate::progress::Display;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result_<'a> {
    recovery_point: &'a str,
    cluster: &'a str,
    state: RestoreState,
    counts: Counts,
    items: Vec<ReportItem<'a>>,
    /// What was run in restored pods, or was to be.
    hooks: &'a [HookRun],
    warnings: &'a [String],
    /// What was found before anything was written, with `--validate server`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    findings: &'a [Finding],
    duration_ms: u64,
    /// Absent for a plan, which is no job.
    job: Option<&'a JobId>,
}

/// Where a plan comes from.
enum Source {
    /// The options.
    Request(Box<RestoreRequest>),
    /// A file.
    Saved(Box<SavedPlan>),
    /// A restore that goes on.
    Earlier(Box<Earlier>),
}

/// A plan, its report, and the names it goes by.
struct Done {
    plan: RestorePlan,
    report: RestoreReport,
    cluster: String,
}

pub(crate) async fn run(args: &Restore, format: Format, cancel: CancellationToken) -> Result<bool, Failure> {
    let clock = Instant::now();
    let (context, progress) = progress_channel(cancel, Timestamp::now);
    let cache_dir = super::cache_dir()?;
    let access = context.cancel.run_until_cancelled(crate::access::of(&args.vault)).await;
    let access = access.ok_or(EngineError::Cancelled)??;
    if let Some(report) = &args.going_on.undo {
        let job = earlier::job(report)?;
        let undoing = undo::run(args, &job, format, &cache_dir, &access, &context, progress);
        return Box::pin(undoing).await;
    }
    let saved = args.going_on.from_plan.as_deref().map(earlier::saved_plan).transpose()?;
    let earlier = args.going_on.retry.as_ref().or(args.going_on.resume.as_ref());
    let earlier = earlier.map(|report| earlier::job(report)).transpose()?;
    let only_plan = args.plan || args.save_plan.is_some();

    let mut job = None;
    let modifiers = args.resource_modifiers_file.as_deref().map(super::modifiers::read).transpose()?;
    let asked = Asked { args, saved, modifiers, earlier, only_plan };
    let done = Box::pin(restore(asked, &cache_dir, &access, &context, progress, &mut job)).await;
    let kept = match (only_plan, &done) {
        (true, _) => Kept::NoVault,
        (false, Ok(done)) => Kept::finish(job, JobEnd::restore(&done.plan, &done.report)).await,
        (false, Err(error)) => Kept::finish(job, JobEnd::failed(error)).await,
    };
    let Done { plan, report, cluster } = done?;
    if let Some(path) = &args.save_plan {
        earlier::save_plan(path, &SavedPlan::new(&plan, &cluster, context.now()))?;
    }

    if format == Format::Table {
        print::restore(&plan, &report, &cluster)?;
        if let Some(path) = &args.save_plan {
            output::text(&format!(
                "\nthe plan is in {}; run it with --from-plan\n",
                output::printable(&path.display().to_string())
            ))?;
        }
        kept.note()?;
    } else {
        let result = Result_ {
            recovery_point: plan.point.summary().name.as_str(),
            cluster: &cluster,
            state: report.state,
            counts: report.counts(),
            items: report.items(&plan).collect(),
            hooks: &report.hooks,
            warnings: &report.warnings,
            findings: &plan.findings,
            duration_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
            job: kept.id(),
        };
        output::value(&result, format)?;
    }
    match report.state {
        RestoreState::Cancelled => Err(EngineError::Cancelled.into()),
        RestoreState::Planned => {
            Ok(report.counts().blocked == 0 && plan.missing.is_empty() && plan.modifier_failures() == 0)
        }
        RestoreState::Completed => Ok(true),
        RestoreState::Partial => Ok(false),
    }
}

/// What the command line asks for.
struct Asked<'a> {
    args: &'a Restore,
    saved: Option<SavedPlan>,
    modifiers: Option<Modifiers>,
    earlier: Option<JobId>,
    only_plan: bool,
}

/// Plans and runs. `job` is begun once it is known that there is something to restore from, unless only a plan is wanted.
async fn restore(
    asked: Asked<'_>,
    cache_dir: &Path,
    access: &Access,
    context: &Context,
    progress: ProgressReceiver,
    job: &mut Option<Job>,
) -> Result<Done, EngineError> {
    let args = asked.args;
    let connecting = async {
        let vault = Vault::open(&args.vault.vault, access, cache_dir).await?;
        let (source, name, cluster) = match (asked.saved, &asked.earlier) {
            (Some(saved), _) => {
                let (name, cluster) = (saved.point.name.clone(), saved.cluster.clone());
                (Source::Saved(Box::new(saved)), name, cluster)
            }
            (None, Some(job)) => {
                let earlier = Earlier::read(&vault.jobs(), job).await?;
                let (name, cluster) = (earlier.head().point.name.clone(), earlier.head().cluster.clone());
                (Source::Earlier(Box::new(earlier)), name, cluster)
            }
            // The options require point and cluster then.
            (None, None) => {
                let name = args.point.as_ref().map(ToString::to_string).unwrap_or_default();
                (Source::Request(Box::new(request(args, asked.modifiers))), name, String::new())
            }
        };
        let cluster = args.cluster.clone().unwrap_or(cluster);
        let name = point_name(&name, args)?;
        let point = vault.point(&name).await?;
        if !asked.only_plan {
            let start = kept::start(JobKind::Restore, Some(&cluster), &name);
            *job = Some(Job::begin(&vault, start, context));
        }
        let connected = super::connect(&cluster, &args.kubeconfig).await?;
        connected.version().await?;
        Ok::<_, EngineError>((connected, point, source, cluster))
    };
    let connected = context.cancel.run_until_cancelled(connecting).await;
    let (connected, point, mut source, cluster) = connected.ok_or(EngineError::Cancelled)??;
    let _display = Display::start(progress);
    if let (Source::Request(request), Some((namespace, name))) = (&mut source, &args.resource_modifiers) {
        request.modifiers = Some(restore::modifiers_of(&connected, namespace, name, context).await?);
    }
    let mut plan = match &source {
        Source::Request(request) => restore::plan(&connected, &point, request, context).await?,
        Source::Saved(saved) => {
            Box::pin(plan_saved(&connected, &point, saved, args.accept_drift, context)).await?
        }
        Source::Earlier(earlier) => plan_rest(&connected, &point, earlier, context).await?,
    };
    if args.validate == Validation::Server {
        restore::validate(&connected, &mut plan, context).await?;
    }
    let earlier = match &source {
        Source::Earlier(earlier) => Some(&**earlier),
        Source::Request(_) | Source::Saved(_) => None,
    };
    let report = match job {
        Some(job) => restore::run_as(&job.journals(), &connected, &plan, earlier, context).await?,
        None => RestoreReport::planned(&plan),
    };
    Ok(Done { plan, report, cluster })
}

/// The name of a point as a file or a journal has it.
fn point_name(name: &str, args: &Restore) -> Result<PointName, StoreError> {
    let unknown = |_| StoreError::UnknownPoint {
        name: name.chars().take(80).collect(),
        vault: args.vault.vault.to_string(),
    };
    name.parse().map_err(unknown)
}

fn request(args: &Restore, modifiers: Option<Modifiers>) -> RestoreRequest {
    RestoreRequest {
        selection: args.selection.selection(),
        objects: args.include_objects.iter().cloned().collect(),
        exclusions: args.exclude_objects.iter().cloned().collect(),
        mappings: args.namespace_mappings.clone().unwrap_or_default(),
        conflict_policy: args.conflict_policy,
        policies: args.policy_for.clone(),
        volume_mode: args.volume_mode,
        storage_classes: args.storage_class_mappings.iter().cloned().collect(),
        volume_timeout: args.volume_timeout,
        modifiers,
        hooks: args.hooks.clone(),
    }
}
