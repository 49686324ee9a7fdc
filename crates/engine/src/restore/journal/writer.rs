//! Writing a journal: lines of many tasks, gathered into segments.

use std::sync::atomic::{AtomicBool, Ordering};

use holdfast_model::report::Outcome;
use holdfast_store::StoreError;
use holdfast_store::job::{JobId, Jobs};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

use super::{Head, Line, TargetObject, manager};
use crate::job::PATIENCE;

/// Lines that wait for the segment before theirs to be written. Who has more to say waits.
const LINES_WAITING: usize = 4096;
/// A segment takes no more lines when it has reached this many bytes.
const SEGMENT_BYTES: usize = 4 << 20;

type Answer = Result<(), String>;

/// One entry for the writing task.
struct Message {
    line: String,
    /// Who waits until the line is kept.
    answer: Option<oneshot::Sender<Answer>>,
}

/// The journal of a restore that runs. What is given to it while a segment is written goes into the next one, so many
/// tasks that wait at the same time wait for one request.
#[derive(Debug)]
pub struct Journal {
    jobs: Jobs,
    messages: mpsc::Sender<Message>,
    writing: AbortOnDropHandle<Result<(), StoreError>>,
    manager: String,
    /// Whether something could not be noted.
    lossy: AtomicBool,
}

impl Journal {
    /// Begins the journal of a job and waits until its head is kept.
    ///
    /// # Errors
    /// Fails where the vault cannot be written to.
    pub async fn begin(jobs: Jobs, job: &JobId, head: Head) -> Result<Self, StoreError> {
        let text = text(&Line::Head(Box::new(head)));
        jobs.put_journal(job, 0, text.into_bytes()).await?;
        let (messages, inbox) = mpsc::channel(LINES_WAITING);
        let writing = AbortOnDropHandle::new(tokio::spawn(write(jobs.clone(), job.clone(), inbox)));
        Ok(Self { jobs, messages, writing, manager: manager(job), lossy: AtomicBool::new(false) })
    }

    /// The jobs of the vault that keeps it.
    pub(crate) fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// The field manager for what this job creates.
    pub(crate) fn manager(&self) -> &str {
        &self.manager
    }

    /// Keeps the live form of an object that is about to be changed or deleted. When this returns without an error, the
    /// vault has it.
    pub(crate) async fn keep(&self, object: TargetObject, live: Value) -> Result<(), String> {
        let (answer, answered) = oneshot::channel();
        let message = Message { line: text(&Line::Kept { object, live }), answer: Some(answer) };
        let gone = || "the journal cannot be written any more".to_owned();
        self.messages.send(message).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Notes what was done about an object.
    pub(crate) async fn done(&self, object: TargetObject, outcome: Outcome, uid: Option<String>) {
        self.note(&Line::Done { object, outcome, uid }).await;
    }

    /// Notes that an object that was kept is as it was.
    pub(crate) async fn left(&self, object: TargetObject) {
        self.note(&Line::Left { object }).await;
    }

    /// A vault that does not answer must not hold the run up for ever: what cannot be noted is found out by whoever reads
    /// a journal without its end.
    async fn note(&self, line: &Line) {
        let Err(full) = self.messages.try_send(Message { line: text(line), answer: None }) else { return };
        let sending = self.messages.send(full.into_inner());
        if !matches!(tokio::time::timeout(PATIENCE, sending).await, Ok(Ok(()))) {
            self.lossy.store(true, Ordering::Relaxed);
        }
    }

    /// Writes what is left, and that nothing is missing.
    ///
    /// # Errors
    /// Fails when some part could not be written: undoing and going on then find out by themselves what was done.
    pub async fn finish(self) -> Result<(), StoreError> {
        if !self.lossy.load(Ordering::Relaxed) {
            let _ = self.messages.send(Message { line: text(&Line::End), answer: None }).await;
        }
        drop(self.messages);
        self.writing.await.map_err(StoreError::Task)?
    }
}

fn text(line: &Line) -> String {
    #[expect(clippy::expect_used, reason = "plain structs of strings and JSON values are always JSON")]
    let mut text = serde_json::to_string(line).expect("a line of a journal as JSON");
    text.push('\n');
    text
}

async fn write(jobs: Jobs, job: JobId, mut inbox: mpsc::Receiver<Message>) -> Result<(), StoreError> {
    let mut number = 1;
    let mut failure: Option<StoreError> = None;
    while let Some(first) = inbox.recv().await {
        let mut lines = first.line.into_bytes();
        let mut waiting: Vec<_> = first.answer.into_iter().collect();
        while lines.len() < SEGMENT_BYTES {
            let Ok(next) = inbox.try_recv() else { break };
            lines.extend_from_slice(next.line.as_bytes());
            waiting.extend(next.answer);
        }
        // After a failure a later segment would seem to follow the one before the gap.
        let answer = match &failure {
            Some(failure) => Err(failure.to_string()),
            None => match jobs.put_journal(&job, number, lines).await {
                Ok(()) => {
                    number += 1;
                    Ok(())
                }
                Err(error) => {
                    let words = error.to_string();
                    failure = Some(error);
                    Err(words)
                }
            },
        };
        for waiting in waiting {
            // Whoever waited may have been cancelled.
            let _ = waiting.send(answer.clone());
        }
    }
    failure.map_or(Ok(()), Err)
}
