//! Reading what restores noted: one job, and those that it went on with.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use holdfast_model::report::Outcome;
use holdfast_store::StoreError;
use holdfast_store::job::{JobId, Jobs};
use serde_json::Value;

use super::{FORMAT, Head, Line, TargetObject};

/// Jobs that a chain may have. A restore that was gone on with this often is in need of a new plan.
const MAX_CHAIN: usize = 100;

/// Why a restore can be neither undone nor gone on with.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The vault cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The job is not a restore, or of a version that kept no journal.
    #[error(
        "job {0} has no journal: it is not a restore that wrote something, or its vault could only be read. \
         Restore again instead: what is there already is left alone"
    )]
    None(JobId),
    /// A line does not parse.
    #[error("the journal of job {job} is damaged in line {line}: {problem}. Restore again instead")]
    Line {
        /// The job.
        job: JobId,
        /// The line, counted from 1.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// It is of another version.
    #[error("the journal of job {job} has format {format}, and this version reads format {FORMAT}")]
    Format {
        /// The job.
        job: JobId,
        /// Its format.
        format: u32,
    },
    /// Jobs that go on with each other.
    #[error("job {0} is gone on with too often: restore again instead")]
    TooLong(JobId),
}

/// What is known of one object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// What was done about it last; `None` where something was begun and how it ended is not known.
    pub outcome: Option<Outcome>,
    /// The UID that it had then.
    pub uid: Option<String>,
    /// What it was before the first change.
    pub kept: Option<Value>,
}

/// What a restore did, as far as its journals say.
#[derive(Clone, Debug)]
pub struct History {
    /// The jobs, the last first.
    pub jobs: Vec<JobId>,
    /// What the last began with.
    pub head: Head,
    /// Every object that was written, or was about to be.
    pub objects: HashMap<TargetObject, Past>,
    /// Whether the last run ended by itself, so that nothing it did is missing here.
    pub whole: bool,
}

impl History {
    /// Reads the journal of a job, and of those that it went on with.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub async fn read(jobs: &Jobs, job: &JobId) -> Result<Self, HistoryError> {
        let mut chain = vec![job.clone()];
        let mut parsed = Vec::new();
        while let Some(next) = chain.get(parsed.len()).cloned() {
            let journal = parse(&next, &jobs.journal(&next).await?)?;
            if let Some(before) = &journal.0.continues {
                if chain.len() == MAX_CHAIN || chain.contains(before) {
                    return Err(HistoryError::TooLong(job.clone()));
                }
                chain.push(before.clone());
            }
            parsed.push(journal);
        }
        let mut history: Option<Self> = None;
        for (head, lines) in parsed.into_iter().rev() {
            let history = history.get_or_insert_with(|| Self {
                jobs: chain.clone(),
                head: head.clone(),
                objects: HashMap::new(),
                whole: false,
            });
            history.head = head;
            history.whole = false;
            for line in lines {
                history.note(line);
            }
        }
        history.ok_or_else(|| HistoryError::None(job.clone()))
    }

    fn note(&mut self, line: Line) {
        match line {
            Line::Head(_) => {}
            Line::End => self.whole = true,
            Line::Left { object } => {
                if self.objects.get(&object).is_some_and(|past| past.outcome.is_none()) {
                    self.objects.remove(&object);
                }
            }
            Line::Kept { object, live } => match self.objects.entry(object) {
                // What it was before the first change is what undoing brings back; a change that was refused because
                // somebody else had written meanwhile is none.
                Entry::Occupied(mut past) => {
                    if past.get().outcome.is_none() {
                        past.get_mut().kept = Some(live);
                    }
                }
                Entry::Vacant(place) => {
                    place.insert(Past { kept: Some(live), ..Past::default() });
                }
            },
            Line::Done { object, outcome, uid } => {
                let past = self.objects.entry(object).or_default();
                let again = outcome == Outcome::Created && past.kept.is_some();
                let outcome = if again { Outcome::Recreated } else { outcome };
                // A later run that patched what an earlier one had created leaves it created.
                if past.outcome != Some(Outcome::Created) {
                    past.outcome = Some(outcome);
                }
                past.uid = uid.or_else(|| past.uid.take());
            }
        }
    }
}

fn parse(job: &JobId, segments: &[Vec<u8>]) -> Result<(Head, Vec<Line>), HistoryError> {
    let mut head = None;
    let mut lines = Vec::new();
    let texts = segments.iter().flat_map(|segment| segment.split(|byte| *byte == b'\n'));
    for (number, text) in (1..).zip(texts.filter(|text| !text.is_empty())) {
        let line = serde_json::from_slice(text).map_err(|error| HistoryError::Line {
            job: job.clone(),
            line: number,
            problem: error.to_string(),
        })?;
        match line {
            Line::Head(first) if head.is_none() => head = Some(*first),
            line => lines.push(line),
        }
    }
    let head = head.ok_or_else(|| HistoryError::None(job.clone()))?;
    if head.format != FORMAT {
        return Err(HistoryError::Format { job: job.clone(), format: head.format });
    }
    Ok((head, lines))
}
