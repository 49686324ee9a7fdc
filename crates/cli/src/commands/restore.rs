//! `holdfast restore`

use std::fmt::Write;
use std::time::Instant;

use holdfast_cluster::Kubeconfig;
use holdfast_engine::restore::{self, ReportItem, RestorePlan, RestoreReport, RestoreRequest};
use holdfast_engine::{EngineError, progress_channel};
use holdfast_model::plan::Action;
use holdfast_model::report::{Counts, Outcome, RestoreState};
use jiff::Timestamp;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::args::{Format, Restore};
use crate::failure::Failure;
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
}

pub(crate) async fn run(args: &Restore, format: Format, cancel: CancellationToken) -> Result<bool, Failure> {
    let clock = Instant::now();
    let (context, progress) = progress_channel(cancel.clone(), Timestamp::now);
    let connecting = async {
        let kubeconfig = Kubeconfig::load(args.kubeconfig.kubeconfig.as_deref())?;
        let vault = crate::access::open(&args.vault).await?;
        let point = vault.point(&args.point).await?;
        let cluster = kubeconfig.connect(&args.cluster).await?;
        cluster.version().await?;
        Ok::<_, Failure>((cluster, point))
    };
    let (cluster, point) = cancel.run_until_cancelled(connecting).await.ok_or(EngineError::Cancelled)??;
    let request = RestoreRequest {
        selection: args.selection.selection(),
        mappings: args.namespace_mappings.clone().unwrap_or_default(),
        conflict_policy: args.conflict_policy,
        volume_mode: args.volume_mode,
    };
    let display = Display::start(progress);
    let plan = restore::plan(&cluster, &point, &request, &context).await?;
    let report = if args.plan {
        RestoreReport::planned(&plan)
    } else {
        restore::run(&cluster, &plan, &context).await?
    };
    drop(display);

    if format == Format::Table {
        print(&plan, &report, cluster.name())?;
    } else {
        let result = Result_ {
            recovery_point: args.point.as_str(),
            cluster: cluster.name(),
            state: report.state,
            counts: report.counts(),
            items: report.items(&plan).collect(),
            warnings: &report.warnings,
            duration_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        output::value(&result, format)?;
    }
    match report.state {
        RestoreState::Cancelled => Err(EngineError::Cancelled.into()),
        RestoreState::Planned => Ok(report.counts().blocked == 0),
        RestoreState::Completed => Ok(true),
        RestoreState::Partial => Ok(false),
    }
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
