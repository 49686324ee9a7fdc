//! A restore's report as a file: JSON with every difference, or one line of CSV for each object.
//!
//! Values of Secrets are masked in reports. A field of CSV that a spreadsheet would take for a formula gets an
//! apostrophe before it (<https://owasp.org/www-community/attacks/CSV_Injection>).

use std::io::Write;
use std::path::Path;

use holdfast_store::job::JobItem;

use super::items::Report;
use crate::api::{Failure, ReportFormat};
use crate::{App, blocking, saved};

/// The columns.
const HEADER: [&str; 11] = [
    "group",
    "version",
    "kind",
    "namespace",
    "name",
    "target namespace",
    "target name",
    "action",
    "outcome",
    "reason",
    "differing fields",
];

impl App {
    /// How the file of a report is proposed to be called.
    pub fn report_file_name(job_id: &str, format: ReportFormat) -> String {
        let extension = match format {
            ReportFormat::Json => "json",
            ReportFormat::Csv => "csv",
        };
        let id: String = job_id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(80).collect();
        format!("holdfast-restore-{id}.{extension}")
    }

    /// Writes the report of a job that has ended into a file, replacing what is there.
    pub async fn export_report_to(
        &self,
        vault_id: String,
        job_id: String,
        format: ReportFormat,
        file: &Path,
    ) -> Result<(), Failure> {
        let report = self.report(&vault_id, &job_id).await?;
        let file = file.to_owned();
        blocking("writing the report", move || {
            write(&report, format, &file).map_err(|error| Failure::file(&file, &*error))
        })
        .await?
    }
}

fn write(
    report: &Report,
    format: ReportFormat,
    file: &Path,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    saved::whole(file, |mut out| {
        match format {
            ReportFormat::Json => {
                serde_json::to_writer_pretty(&mut out, &report.items)?;
                out.write_all(b"\n")?;
            }
            ReportFormat::Csv => csv(&mut out, &report.items)?,
        }
        Ok(())
    })
}

fn csv(out: impl Write, items: &[JobItem]) -> Result<(), csv::Error> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(HEADER)?;
    for item in items {
        let differing: Vec<&str> = item.diff.iter().map(|change| change.path.as_str()).collect();
        let fields = [
            item.group.as_str(),
            &item.version,
            &item.kind,
            &item.namespace,
            &item.name,
            &item.target_namespace,
            item.target_name.as_deref().unwrap_or(&item.name),
            &format!("{:?}", item.action),
            &format!("{:?}", item.outcome),
            item.reason.as_deref().unwrap_or_default(),
            &differing.join(" "),
        ];
        csv.write_record(fields.map(no_formula))?;
    }
    csv.flush()?;
    Ok(())
}

fn no_formula(field: &str) -> String {
    match field.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{field}"),
        _ => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use holdfast_model::plan::{Action, Change};
    use holdfast_model::report::Outcome;

    use super::*;

    #[test]
    fn no_field_is_a_formula_and_every_field_comes_back() {
        let item = JobItem {
            group: "apps".into(),
            version: "v1".into(),
            kind: "Deployment".into(),
            namespace: "shop".into(),
            name: "web".into(),
            target_namespace: "shop".into(),
            target_name: None,
            action: Action::Patch,
            outcome: Outcome::Failed,
            reason: Some("=HYPERLINK(\"http://x\")\nsecond \"line\", with comma".into()),
            diff: vec![Change { path: "/spec/replicas".into(), live: 1.into(), point: 2.into() }],
            pruned_paths: Vec::new(),
            modifiers: Vec::new(),
            earlier: false,
        };
        let mut out = Vec::new();
        csv(&mut out, &[item]).unwrap();
        let mut reader = ::csv::Reader::from_reader(out.as_slice());
        assert_eq!(reader.headers().unwrap().len(), HEADER.len());
        let record = reader.records().next().unwrap().unwrap();
        assert_eq!(&record[4], "web");
        assert_eq!(&record[8], "Failed");
        assert_eq!(&record[9], "'=HYPERLINK(\"http://x\")\nsecond \"line\", with comma");
        assert_eq!(&record[10], "/spec/replicas");
    }
}
