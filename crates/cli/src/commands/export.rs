//! `holdfast points export`

use holdfast_engine::export::{self, ExportFormat, ExportReport, ExportRequest, Why};
use holdfast_engine::{EngineError, progress_channel};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::args::{Export, Format};
use crate::failure::Failure;
use crate::output::{self, printable, size};
use crate::progress::Display;

pub(super) async fn run(args: &Export, format: Format, cancel: CancellationToken) -> Result<bool, Failure> {
    let (context, progress) = progress_channel(cancel, Timestamp::now);
    let request = ExportRequest {
        selection: args.selection.selection(),
        objects: args.include_objects.clone(),
        mappings: args.namespace_mappings.clone().unwrap_or_default(),
        format: args.format.unwrap_or_else(|| ExportFormat::of_path(&args.to)),
        to: args.to.clone(),
        replace: args.force,
    };
    let opening =
        async { Ok::<_, Failure>(crate::access::open(&args.vault).await?.point(&args.point).await?) };
    let point = context.cancel.run_until_cancelled(opening).await.ok_or(EngineError::Cancelled)??;
    let display = Display::start(progress);
    let report = export::export(&point, &request, &context).await?;
    drop(display);
    let complete = report.is_complete();
    let printed = if format == Format::Table { print(&report) } else { output::value(&report, format) };
    printed.map(|()| complete)
}

/// What was written, then every object that is missing from it, but for what others make again.
fn print(report: &ExportReport) -> Result<(), Failure> {
    let path = printable(&report.path.display().to_string());
    output::text(&format!(
        "{} objects of {} are in {path} ({}, {:.1} s)\n",
        report.objects,
        report.recovery_point,
        size(report.bytes),
        report.duration.as_secs_f64()
    ))?;
    let counts = report.left_out_counts.iter();
    let counts: Vec<String> = counts.map(|(why, count)| format!("{count} {}", why.label())).collect();
    if !counts.is_empty() {
        output::text(&format!("left out: {}\n", counts.join(", ")))?;
    }
    for warning in &report.warnings {
        output::text(&format!("warning: {}\n", printable(warning)))?;
    }
    if report.secrets > 0 {
        output::text(&format!("note: the values of {} Secrets stand in it, readable\n", report.secrets))?;
    }
    output::text(&format!(
        "apply it with: kubectl apply --server-side {}\n",
        words(report.format, &quoted(&path))
    ))?;
    let shown = report.left_out.iter().filter(|object| object.why != Why::MadeAgain);
    let rows: Vec<Vec<String>> = shown
        .map(|object| {
            let kind = if object.group.is_empty() {
                object.kind.clone()
            } else {
                format!("{}.{}", object.kind, object.group)
            };
            vec![kind, object.namespace.clone(), object.name.clone(), object.reason.clone().into_owned()]
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    output::text("\n")?;
    output::table(&["KIND", "NAMESPACE", "NAME", "LEFT OUT BECAUSE"], rows)
}

fn words(format: ExportFormat, path: &str) -> String {
    match format {
        ExportFormat::Folder => format!("-R -f {path}"),
        ExportFormat::Yaml => format!("-f {path}"),
        ExportFormat::Kustomize => format!("-k {path}"),
        ExportFormat::Tar => format!("-R -f FOLDER, after tar xf {path}"),
    }
}

/// A path as a shell takes it for one word.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:".contains(c);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}
