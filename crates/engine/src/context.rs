//! What a long piece of work is given from outside: cancellation, progress, the time, and where to note things.
//!
//! Progress is a value of which only the newest counts. Phases, warnings and log
//! lines are kept until the end; whoever shows them live asks for what is new
//! whenever progress changes.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_model::report::ReportEntry;
use holdfast_store::job::{JobPhase, JobWarning, LogLevel, LogLine};
use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::error::EngineError;
use crate::journal::{Journal, LogLines};

/// How far a piece of work is. Only the newest value matters; receivers look when they like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, such as `listing` or the name of a wave.
    pub phase: &'static str,
    /// What it is being done to, such as the resource type read last.
    pub detail: String,
    /// Objects done.
    pub done: u64,
    /// Objects there are, where that is known.
    pub total: Option<u64>,
    /// Uncompressed bytes handled.
    pub bytes: u64,
    /// Lines logged so far, to tell that there are new ones.
    pub lines: u64,
}

/// Where progress arrives.
pub type ProgressReceiver = watch::Receiver<Progress>;

/// The surroundings of one piece of work.
#[derive(Clone, Debug)]
pub struct Context {
    /// Cancelled when the work shall stop.
    pub cancel: CancellationToken,
    progress: watch::Sender<Progress>,
    journal: Journal,
    entries: Arc<Mutex<Vec<ReportEntry>>>,
    now: fn() -> Timestamp,
}

/// A context with the given clock, and where its progress can be watched.
pub fn progress_channel(cancel: CancellationToken, now: fn() -> Timestamp) -> (Context, ProgressReceiver) {
    let (progress, receiver) = watch::channel(Progress::default());
    let (journal, entries) = (Journal::default(), Arc::default());
    (Context { cancel, progress, journal, entries, now }, receiver)
}

impl Context {
    /// The time by the clock that was passed in.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// The phases so far, with what was done in each.
    pub fn phases(&self) -> Vec<JobPhase> {
        let (done, bytes) = self.done();
        self.journal.phases(done, bytes)
    }

    /// The warnings and failures so far, grouped by cause.
    pub fn warnings(&self) -> Vec<JobWarning> {
        self.journal.warnings()
    }

    /// The lines of the log from number `first` on, counted from 0.
    pub fn lines_from(&self, first: u64) -> LogLines {
        self.journal.lines_from(first)
    }

    /// Where progress can be watched, as by the receiver that was made with this context.
    pub fn progress(&self) -> ProgressReceiver {
        self.progress.subscribe()
    }

    /// Writes a line into the log.
    pub fn log(&self, level: LogLevel, message: impl Into<String>) {
        self.journal.log(LogLine { time: self.now(), level, message: message.into() });
        self.progress.send_modify(|p| p.lines += 1);
    }

    /// Notes what the result will lack.
    pub(crate) fn warn(&self, message: &str) {
        self.journal.warn(message, None, None);
        self.log(LogLevel::Warning, message);
    }

    /// Notes what went wrong with one object. `kind` and `namespace` are for people; `name` is looked for in the
    /// message, so that objects with the same trouble become one group.
    pub(crate) fn warn_about(&self, level: LogLevel, kind: &str, namespace: &str, name: &str, message: &str) {
        let object = if namespace.is_empty() {
            format!("{kind} {name}")
        } else {
            format!("{kind} {namespace}/{name}")
        };
        self.log(level, format!("{object}: {message}"));
        self.journal.warn(message, Some(object), Some(name));
    }

    /// What a restore has done so far, in the order of its plan; empty before it begins. It waits while `look` does.
    pub fn with_entries<T>(&self, look: impl FnOnce(&[ReportEntry]) -> T) -> T {
        look(&self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the plan alone settles.
    pub(crate) fn begin_entries(&self, entries: &[ReportEntry]) {
        entries.clone_into(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What happened to one object.
    pub(crate) fn settle(&self, at: usize, entry: &ReportEntry) {
        if let Some(kept) = self.entries.lock().unwrap_or_else(PoisonError::into_inner).get_mut(at) {
            entry.clone_into(kept);
        }
    }

    pub(crate) fn log_text(&self) -> (Vec<u8>, u64) {
        self.journal.text()
    }

    fn done(&self) -> (u64, u64) {
        let progress = self.progress.borrow();
        (progress.done, progress.bytes)
    }

    pub(crate) fn phase(&self, phase: &'static str, total: Option<u64>) {
        let (done, bytes) = self.done();
        self.journal.phase(Some(phase), total, done, bytes, self.now());
        self.log(LogLevel::Info, phase);
        self.progress.send_modify(|p| *p = Progress { phase, total, lines: p.lines, ..Progress::default() });
    }

    /// Ends the last phase.
    pub(crate) fn end_phases(&self) {
        let (done, bytes) = self.done();
        self.journal.phase(None, None, done, bytes, self.now());
    }

    pub(crate) fn advance(&self, objects: u64, bytes: u64, detail: Option<&str>) {
        self.progress.send_modify(|p| {
            p.done += objects;
            p.bytes += bytes;
            if let Some(detail) = detail
                && p.detail != detail
            {
                detail.clone_into(&mut p.detail);
            }
        });
    }

    /// Fails when the work was cancelled.
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        if self.cancel.is_cancelled() { Err(EngineError::Cancelled) } else { Ok(()) }
    }

    /// Runs `work` until it ends or the context is cancelled; what `work` had under way is dropped then.
    pub(crate) async fn run<T, E: Into<EngineError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, EngineError> {
        match self.cancel.run_until_cancelled(work).await {
            Some(result) => result.map_err(Into::into),
            None => Err(EngineError::Cancelled),
        }
    }
}
