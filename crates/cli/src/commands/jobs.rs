//! `holdfast jobs`

use std::fmt::Write;

use holdfast_model::report::Outcome;
use holdfast_store::job::{Job, JobEntry, JobFilter, JobId, JobPhase, Jobs, LogLine, log_line};
use holdfast_store::volumes::HookRun;
use jiff::Timestamp;
use serde_json::json;

use crate::args::{self, Format, JobsCommand};
use crate::failure::Failure;
use crate::output::{self, printable, size};

pub(crate) async fn run(args: &args::Jobs, format: Format) -> Result<bool, Failure> {
    match &args.command {
        JobsCommand::List { vault, kind, state, limit } => {
            let filter = JobFilter { kind: *kind, state: *state, limit: *limit };
            list(&open(vault).await?, &filter, format).await?;
        }
        JobsCommand::Show { vault, id, log, items } => {
            show(&open(vault).await?, id, *log, *items, format).await?;
        }
        JobsCommand::Report(args) => super::report::run(args, format).await?,
        JobsCommand::Cancel { vault, id } => {
            open(vault).await?.request_cancel(id).await?;
            if format == Format::Table {
                output::text(&format!(
                    "job {id} is asked to stop; `holdfast jobs show` tells when it has\n"
                ))?;
            } else {
                output::value(&json!({"job": id, "cancelRequested": true}), format)?;
            }
        }
    }
    Ok(true)
}

pub(super) async fn open(args: &args::Vault) -> Result<Jobs, Failure> {
    Ok(crate::access::open(args).await?.jobs())
}

async fn list(jobs: &Jobs, filter: &JobFilter, format: Format) -> Result<(), Failure> {
    let entries = jobs.list(filter).await?;
    if format != Format::Table {
        return output::value(&entries, format);
    }
    let rows = entries.iter().map(|entry| match entry {
        JobEntry::Readable(job) => {
            let record = &job.record;
            vec![
                record.id.to_string(),
                format!("{:?}", record.kind),
                format!("{:?}", record.state),
                took(record.started, record.ended),
                record.counts.objects.to_string(),
                record.cluster.clone().unwrap_or_default(),
                record.point.clone().unwrap_or_default(),
                note(job),
            ]
        }
        JobEntry::Unreadable { id, reason } => {
            let empty = String::new;
            vec![
                id.to_string(),
                empty(),
                "Unreadable".to_owned(),
                empty(),
                empty(),
                empty(),
                empty(),
                reason.clone(),
            ]
        }
    });
    output::table(&["ID", "KIND", "STATE", "TOOK", "OBJECTS", "CLUSTER", "POINT", "NOTE"], rows)
}

/// What it does just now, or the first thing to know about how it ended.
fn note(job: &Job) -> String {
    if job.cancel_requested {
        return "asked to stop".to_owned();
    }
    if let Some(progress) = &job.progress {
        let total = progress.total.map(|total| format!(" of {total}")).unwrap_or_default();
        return format!("{}: {}{total} {}", progress.phase, progress.done, progress.detail)
            .trim_end()
            .to_owned();
    }
    match (&job.record.error, job.record.warnings.as_slice()) {
        (Some(error), _) => error.message.clone(),
        (None, []) => String::new(),
        (None, [one]) if one.count == 1 => one.message.clone(),
        (None, several) => format!("{} warnings", several.iter().map(|warning| warning.count).sum::<u64>()),
    }
}

fn took(started: Timestamp, ended: Option<Timestamp>) -> String {
    // Of two clocks one may be behind the other.
    let seconds = |ended: Timestamp| ended.duration_since(started).as_secs_f64().max(0.0);
    ended.map(|ended| format!("{:.1} s", seconds(ended))).unwrap_or_default()
}

async fn show(jobs: &Jobs, id: &JobId, log: bool, items: bool, format: Format) -> Result<(), Failure> {
    let job = jobs.get(id).await?;
    let lines = if log { Some(jobs.log(id).await?) } else { None };
    let items = if items { Some(jobs.report(id).await?) } else { None };
    let hooks = if job.record.hooks.is_some() { jobs.hooks(id).await? } else { Vec::new() };
    if format != Format::Table {
        let mut value = serde_json::to_value(&job)?;
        if let Some(lines) = &lines {
            value["logLines"] = serde_json::to_value(lines)?;
        }
        if let Some(items) = &items {
            value["items"] = serde_json::to_value(items)?;
        }
        // Their number is in the document, under the same name.
        if !hooks.is_empty() {
            value["hookRuns"] = serde_json::to_value(&hooks)?;
        }
        return output::value(&value, format);
    }
    output::text(&describe(&job))?;
    if !hooks.is_empty() {
        output::text("\n")?;
        output::table(&["HOOK", "PHASE", "POD", "CONTAINER", "TOOK", "RESULT"], hooks.iter().map(hook_row))?;
    }
    if let Some(items) = items {
        let quiet = |outcome| matches!(outcome, Outcome::Identical | Outcome::Derived);
        let rows = items.into_iter().filter(|item| !quiet(item.outcome)).map(|item| {
            let kind =
                if item.group.is_empty() { item.kind } else { format!("{}.{}", item.kind, item.group) };
            let name = item.target_name.unwrap_or(item.name);
            vec![
                format!("{:?}", item.outcome),
                kind,
                item.target_namespace,
                name,
                item.reason.unwrap_or_default(),
            ]
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            output::text("\n")?;
            output::table(&["", "KIND", "NAMESPACE", "NAME", "WHY"], rows)?;
        }
    }
    if let Some(lines) = &lines {
        output::text("\n")?;
        output::text(&lines.iter().map(plain).collect::<String>())?;
    }
    Ok(())
}

fn hook_row(run: &HookRun) -> Vec<String> {
    vec![
        run.hook.clone(),
        format!("{:?}", run.phase),
        format!("{}/{}", run.namespace, run.pod),
        run.container.clone(),
        format!("{} ms", run.millis),
        run.failure.clone().unwrap_or_else(|| "succeeded".to_owned()),
    ]
}

fn plain(line: &LogLine) -> String {
    log_line(&LogLine { message: printable(&line.message), ..line.clone() })
}

fn describe(job: &Job) -> String {
    let record = &job.record;
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "{name:<11}{}", printable(value));
        }
    };
    line("id", record.id.as_str());
    line("kind", &format!("{:?}", record.kind));
    line(
        "state",
        &format!("{:?}{}", record.state, if job.cancel_requested { ", asked to stop" } else { "" }),
    );
    line("cluster", record.cluster.as_deref().unwrap_or_default());
    line("point", record.point.as_deref().unwrap_or_default());
    line("machine", record.host.as_deref().unwrap_or_default());
    line("started", &record.started.to_string());
    line("ended", &record.ended.map(|time| time.to_string()).unwrap_or_default());
    line("took", &took(record.started, record.ended));
    line("objects", &record.counts.objects.to_string());
    if record.counts.bytes > 0 {
        line("size", &size(record.counts.bytes));
    }
    for phase in &record.phases {
        line("phase", &timeline(phase));
    }
    if let Some(progress) = &job.progress {
        let rate = progress.rate.map(|rate| format!("{rate:.0}/s")).unwrap_or_default();
        let left = progress.remaining_seconds.map(|left| format!(", {left} s left")).unwrap_or_default();
        line("now", &format!("{} {rate}{left}", progress.detail));
    }
    for warning in &record.warnings {
        let objects = if warning.objects.is_empty() {
            String::new()
        } else {
            let more = if warning.count > warning.objects.len() as u64 { ", …" } else { "" };
            format!(" ({}{more})", warning.objects.join(", "))
        };
        line("warning", &format!("{} × {}{objects}", warning.count, warning.message));
    }
    if let Some(error) = &record.error {
        line("error", &error.message);
        line("to do", error.guidance.as_deref().unwrap_or_default());
    }
    text
}

fn timeline(phase: &JobPhase) -> String {
    let total = phase.total.map(|total| format!(" of {total}")).unwrap_or_default();
    let time = phase.ended.map_or_else(
        || "since".to_owned() + &format!(" {}", phase.started),
        |_| took(phase.started, phase.ended),
    );
    let done = if phase.done > 0 { format!(", {}{total} objects", phase.done) } else { String::new() };
    format!("{}: {time}{done}", phase.name)
}
