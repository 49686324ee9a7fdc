//! The form that programs read, and that is read again here.

use std::io::Write;

use holdfast_store::job::JobWarning;
use serde::{Deserialize, Deserializer};

use super::{ReportError, ReportFile};

/// Longest report that is read, in bytes: some 500,000 objects.
pub const MAX_REPORT_BYTES: usize = 256 << 20;

impl ReportFile {
    pub(super) fn json(&self, out: &mut impl Write) -> Result<(), ReportError> {
        serde_json::to_writer_pretty(&mut *out, self).map_err(ReportError::Json)?;
        Ok(out.write_all(b"\n")?)
    }

    /// Reads a report that was written as JSON, also what `holdfast restore -o json` printed.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReportError> {
        if bytes.len() > MAX_REPORT_BYTES {
            return Err(ReportError::TooLarge { bytes: bytes.len(), max: MAX_REPORT_BYTES });
        }
        serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map_err(|error| {
            match error.classify() {
                serde_json::error::Category::Eof => ReportError::Truncated,
                serde_json::error::Category::Data => ReportError::NotAReport(error),
                _ => ReportError::NotJson(error),
            }
        })
    }
}

/// A warning as jobs keep it, or as `restore` prints it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Warning {
    Plain(String),
    Grouped(JobWarning),
}

pub(super) fn warnings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<JobWarning>, D::Error> {
    let warnings = Vec::<Warning>::deserialize(deserializer)?;
    let grouped = |warning| match warning {
        Warning::Plain(message) => JobWarning { message, count: 1, objects: Vec::new() },
        Warning::Grouped(warning) => warning,
    };
    Ok(warnings.into_iter().map(grouped).collect())
}
