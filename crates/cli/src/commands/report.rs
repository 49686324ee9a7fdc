//! `holdfast jobs report`

use std::io::{self, BufWriter, Write};

use holdfast_engine::report::{ReportFile, ReportFormat};
use holdfast_store::job::JobState;
use serde_json::json;

use crate::args::{Format, Report};
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(args: &Report, format: Format) -> Result<(), Failure> {
    let by_name = args.to.as_deref().and_then(ReportFormat::of_path);
    let form = match (args.format, &args.to) {
        (Some(form), _) => form,
        (None, None) => ReportFormat::Json,
        (None, Some(file)) => by_name.ok_or_else(|| {
            let file = file.display();
            Failure::Usage(format!(
                "the name {file} does not tell a format; say --format json, csv, xlsx or html"
            ))
        })?,
    };
    if form == ReportFormat::Xlsx && args.to.is_none() {
        return Err(Failure::Usage("a workbook is no text; say where it goes with --to FILE".to_owned()));
    }
    let jobs = super::jobs::open(&args.vault).await?;
    let job = jobs.get(&args.id).await?;
    if job.record.state == JobState::Running {
        let id = &args.id;
        return Err(Failure::Missing(format!(
            "job {id} still runs; its report is there when it has ended (`holdfast jobs show {id}` tells how far it is)"
        )));
    }
    let report = ReportFile::new(&job.record, jobs.report(&args.id).await?);
    let Some(file) = args.to.clone() else {
        let mut out = BufWriter::new(io::stdout().lock());
        report.write(form, &mut out)?;
        return Ok(out.flush()?);
    };
    let items = report.items.len();
    let path = file.clone();
    let writing = move || report.write_file(form, &path);
    tokio::task::spawn_blocking(writing).await.map_err(io::Error::from)??;
    if format == Format::Table {
        output::text(&format!("report of job {}: {items} objects, in {}\n", args.id, file.display()))
    } else {
        output::value(&json!({"job": args.id, "path": file, "format": form.ending(), "items": items}), format)
    }
}
