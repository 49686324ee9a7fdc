//! What can be wrong about the file of a report.

use std::io;
use std::path::PathBuf;

/// Why a report cannot be written, or a file is none.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file is larger than any report.
    #[error("it has {bytes} bytes, and reports of more than {max} bytes are not read")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The largest that is read.
        max: usize,
    },
    /// The file stops in the middle.
    #[error("it ends in the middle: the report was not written or copied to its end; export it again")]
    Truncated,
    /// The file is something else than JSON.
    #[error("it is not JSON ({0}); export the report again, as JSON")]
    NotJson(#[source] serde_json::Error),
    /// The file is JSON of something else.
    #[error("it is not a report of a job ({0}); make one with `holdfast jobs report ID --format json`")]
    NotAReport(#[source] serde_json::Error),
    /// JSON cannot be written.
    #[error("the report cannot be written: {0}")]
    Json(#[source] serde_json::Error),
    /// CSV cannot be written.
    #[error("the report cannot be written: {0}")]
    Csv(#[from] csv::Error),
    /// The workbook cannot be made.
    #[error("the workbook cannot be made: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// What it is written to takes no more.
    #[error("the report cannot be written: {0}")]
    Write(#[from] io::Error),
    /// The file cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}
