//! The log file: one a day in the data folder, the newest seven kept, its level set while the program runs.
//!
//! Secrets do not reach it. The types that hold them hide them in `Debug`, other crates are heard only from their
//! warnings up, and as a last resort every line is searched for what looks like a credential.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::OnceLock;

use jiff::tz::TimeZone;
use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::{Registry, fmt};

use crate::api::LogFilter;
use crate::environment::Environment;

/// Days that are kept.
const KEPT_FILES: usize = 7;
const PREFIX: &str = "holdfast";
const SUFFIX: &str = "log";

/// What stands in place of a secret.
const REDACTED: &str = "[redacted]";

type Reload = Handle<EnvFilter, Registry>;

/// Subscribers are one for a process, and so is this way to change the level of ours.
static LEVEL: OnceLock<Reload> = OnceLock::new();

/// Keeps the log written. Dropping it writes what is still held.
#[derive(Debug)]
pub struct Log(#[expect(dead_code, reason = "its drop is what it is for")] WorkerGuard);

/// Why there is no log file.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The folder cannot be used.
    #[error("the folder {} for the log cannot be used", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    /// The file cannot be made.
    #[error("the log file in {} cannot be made", .0.display())]
    File(PathBuf, #[source] tracing_appender::rolling::InitError),
    /// The process has a subscriber already.
    #[error("this process logs elsewhere already")]
    Taken,
}

/// Sends what the program says of itself to the log file from now on.
pub fn start(environment: &Environment, level: LogFilter) -> Result<Log, LogError> {
    let folder = folder(environment);
    std::fs::create_dir_all(&folder).map_err(|error| LogError::Folder(folder.clone(), error))?;
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .filename_suffix(SUFFIX)
        .max_log_files(KEPT_FILES)
        .build(&folder)
        .map_err(|error| LogError::File(folder, error))?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let (filter, handle) = reload::Layer::new(filter(level));
    let lines = fmt::layer().with_ansi(false).with_writer(Redacting(writer));
    let subscriber = Registry::default().with(filter).with(lines);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LogError::Taken)?;
    // Only the subscriber that was just set has a handle.
    drop(LEVEL.set(handle));
    Ok(Log(guard))
}

/// Writes at another level from now on.
pub(crate) fn set_level(level: LogFilter) {
    if let Some(handle) = LEVEL.get()
        && let Err(error) = handle.reload(filter(level))
    {
        tracing::warn!(%error, "the level of the log cannot be changed");
    }
}

/// The folder of the log files.
pub fn folder(environment: &Environment) -> PathBuf {
    environment.data_dir.join("logs")
}

/// The file that is written to now; days are those of UTC.
pub(crate) fn current_file(environment: &Environment) -> PathBuf {
    let day = (environment.now)().to_zoned(TimeZone::UTC).date();
    folder(environment).join(format!("{PREFIX}.{day}.{SUFFIX}"))
}

fn filter(level: LogFilter) -> EnvFilter {
    let ours = match level {
        LogFilter::Error => "error",
        LogFilter::Warn => "warn",
        LogFilter::Info => "info",
        LogFilter::Debug => "debug",
        LogFilter::Trace => "trace",
    };
    let others = if level == LogFilter::Error { "error" } else { "warn" };
    let crates = ["app", "engine", "cluster", "store", "azure", "sandbox", "desktop"];
    let directives = crates.map(|name| format!("holdfast_{name}={ours}")).join(",");
    EnvFilter::new(format!("{others},{directives}"))
}

/// A writer of whole lines that blanks what looks like a credential.
#[derive(Clone, Debug)]
struct Redacting<W>(W);

impl<'a> MakeWriter<'a> for Redacting<NonBlocking> {
    type Writer = Redacting<NonBlocking>;

    fn make_writer(&'a self) -> Self::Writer {
        self.clone()
    }
}

impl<W: Write> Write for Redacting<W> {
    /// The subscriber writes each line at once.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(line) {
            Ok(text) => self.0.write_all(redact(text).as_bytes())?,
            Err(_) => self.0.write_all(b"[a line that is not text]\n")?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// What comes before a credential, in lower case.
const BEFORE_SECRETS: [&str; 11] = [
    "sig=",
    "bearer ",
    "basic ",
    "client_secret=",
    "client_assertion=",
    "access_token\":\"",
    "refresh_token\":\"",
    "\"token\":\"",
    "accountkey=",
    "password=",
    "sharedaccesssignature=",
];

/// The line with every credential that can be recognised blanked.
fn redact(line: &str) -> String {
    // Same length as the line: only ASCII letters change.
    let lower = line.to_ascii_lowercase();
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    while let Some((start, mark)) =
        BEFORE_SECRETS.iter().filter_map(|mark| Some((at + lower[at..].find(mark)?, *mark))).min()
    {
        let secret = start + mark.len();
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '&' | ';' | ',' | ')' | '}' | '<');
        let end = line[secret..].find(ends).map_or(line.len(), |length| secret + length);
        out.push_str(&line[at..secret]);
        if end > secret {
            out.push_str(REDACTED);
        }
        at = end;
    }
    out.push_str(&line[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_blanked_and_the_rest_stays() {
        for (line, shown) in [
            ("GET /c?sv=1&sig=aB%2Fc%3D&se=2 200\n", "GET /c?sv=1&sig=[redacted]&se=2 200\n"),
            ("Authorization: Bearer ey.J-x_y, next", "Authorization: Bearer [redacted], next"),
            ("{\"access_token\":\"abc\",\"x\":1}", "{\"access_token\":\"[redacted]\",\"x\":1}"),
            ("a sig=1 b SIG=2", "a sig=[redacted] b SIG=[redacted]"),
            ("plain ünïcode line", "plain ünïcode line"),
            ("sig=", "sig="),
        ] {
            assert_eq!(redact(line), shown);
        }
    }
}
