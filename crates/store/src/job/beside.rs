//! What stands beside a job's documents: its log, its report and the hooks it ran, compressed.

use bytes::Bytes;
use jiff::Timestamp;
use object_store::path::Path;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::task::spawn_blocking;

use super::document::{folder, unreadable};
use super::id::JobId;
use super::record::{JobBlob, JobItem, LogLevel, LogLine};
use super::{Jobs, json};
use crate::error::StoreError;
use crate::gzip;
use crate::limits::{MAX_JOB_LOG_BYTES, MAX_TEXT_BYTES};
use crate::volumes::HookRun;

fn log_path(id: &JobId) -> Path {
    folder(id).join("log.gz")
}

fn report_path(id: &JobId) -> Path {
    folder(id).join("report.json.gz")
}

fn hooks_path(id: &JobId) -> Path {
    folder(id).join("hooks.json.gz")
}

/// The items of a report, or hooks, as they are stored: one JSON array, an item to a line.
#[derive(Clone, Debug, Default)]
pub struct JobItems {
    json: Vec<u8>,
    items: u64,
}

impl JobItems {
    /// Adds an item: a [`JobItem`] or a [`HookRun`], or whatever serialises like one.
    pub fn push(&mut self, item: &impl Serialize) {
        self.json.extend_from_slice(if self.items == 0 { b"[" } else { b",\n" });
        self.json.extend_from_slice(&json(item));
        self.items += 1;
    }

    /// Compresses the items. CPU work: for a thread that may block.
    pub fn pack(mut self) -> Packed {
        self.json.extend_from_slice(if self.items == 0 { b"[]\n" } else { b"]\n" });
        Packed::new(&self.json, self.items)
    }
}

/// A log, a report or hooks, as they are stored.
#[derive(Clone, Debug)]
pub struct Packed {
    pub(super) bytes: Bytes,
    entries: u64,
}

impl Packed {
    fn new(raw: &[u8], entries: u64) -> Self {
        Self { bytes: gzip::compress(raw).into(), entries }
    }

    /// Compresses a log: lines as [`log_line`] makes them. CPU work: for a thread that may block.
    pub fn log(text: &[u8], lines: u64) -> Self {
        Self::new(text, lines)
    }

    /// What a document says of it.
    pub fn blob(&self) -> JobBlob {
        JobBlob { bytes: self.bytes.len() as u64, entries: self.entries }
    }
}

impl Jobs {
    /// Keeps the log of a job.
    pub async fn put_log(&self, id: &JobId, log: Packed) -> Result<(), StoreError> {
        self.put(&log_path(id), log).await
    }

    /// Keeps the report of a job.
    pub async fn put_report(&self, id: &JobId, report: Packed) -> Result<(), StoreError> {
        self.put(&report_path(id), report).await
    }

    /// Keeps the hooks that a job ran.
    pub async fn put_hooks(&self, id: &JobId, hooks: Packed) -> Result<(), StoreError> {
        self.put(&hooks_path(id), hooks).await
    }

    async fn put(&self, path: &Path, packed: Packed) -> Result<(), StoreError> {
        self.vault.check_writable()?;
        // The job writes each of them once; one that is there is its own.
        self.vault.blobs().create(path, packed.bytes).await?;
        Ok(())
    }

    /// The log of a job; empty if none is kept, as when its process was killed at its very end.
    pub async fn log(&self, id: &JobId) -> Result<Vec<LogLine>, StoreError> {
        let text = self.read(id, &log_path(id), MAX_JOB_LOG_BYTES).await?;
        Ok(String::from_utf8_lossy(&text).lines().filter_map(parse_line).collect())
    }

    /// What a restore did to each object; empty if that is not kept.
    pub async fn report(&self, id: &JobId) -> Result<Vec<JobItem>, StoreError> {
        self.items(id, &report_path(id)).await
    }

    /// The commands that a job ran in pods, or was to run; empty if there were none, or they are not kept.
    pub async fn hooks(&self, id: &JobId) -> Result<Vec<HookRun>, StoreError> {
        self.items(id, &hooks_path(id)).await
    }

    async fn items<T: DeserializeOwned>(&self, id: &JobId, path: &Path) -> Result<Vec<T>, StoreError> {
        let json = self.read(id, path, MAX_TEXT_BYTES).await?;
        if json.is_empty() {
            return Ok(Vec::new());
        }
        serde_json::from_slice(&json).map_err(|error| unreadable(id, format!("{path}: {error}")))
    }

    async fn read(&self, id: &JobId, path: &Path, max: u64) -> Result<Vec<u8>, StoreError> {
        let packed = match self.vault.blobs().get(path, max).await {
            Ok(Some(packed)) => packed,
            Ok(None) => return Ok(Vec::new()),
            Err(error) if error.is_bad_blob() => return Err(unreadable(id, error.to_string())),
            Err(error) => return Err(error),
        };
        spawn_blocking(move || gzip::text(&packed, max))
            .await
            .map_err(StoreError::Task)?
            .map_err(|problem| unreadable(id, format!("{path}: {problem}")))
    }
}

/// `<time> <level> <message>`, as one line.
pub fn log_line(line: &LogLine) -> String {
    let level = match line.level {
        LogLevel::Info => "info",
        LogLevel::Warning => "warning",
        LogLevel::Error => "error",
    };
    let message = line.message.replace(['\n', '\r'], " ");
    format!("{} {level} {message}\n", line.time)
}

fn parse_line(line: &str) -> Option<LogLine> {
    let mut parts = line.splitn(3, ' ');
    let time: Timestamp = parts.next()?.parse().ok()?;
    let level = match parts.next()? {
        "info" => LogLevel::Info,
        "warning" => LogLevel::Warning,
        "error" => LogLevel::Error,
        _ => return None,
    };
    Some(LogLine { time, level, message: parts.next().unwrap_or_default().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_log_comes_back_as_one_line() {
        let time = "2026-11-25T15:20:03.5Z".parse().unwrap();
        let line = LogLine { time, level: LogLevel::Error, message: "a  b\nc ".into() };
        let text = log_line(&line);
        assert_eq!(text.lines().count(), 1);
        assert_eq!(
            parse_line(text.trim_end_matches('\n')),
            Some(LogLine { message: "a  b c ".into(), ..line })
        );
        assert_eq!(parse_line("yesterday info x"), None);
        assert_eq!(parse_line(""), None);
    }
}
