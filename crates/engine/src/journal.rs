//! What a piece of work notes while it runs: phases, warnings by cause, and a log. All of it is bounded.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_store::job::{JobPhase, JobWarning, LogLevel, LogLine, log_line};
use jiff::Timestamp;
use serde::Serialize;

/// Phases noted at most; a restore has a dozen.
const MAX_PHASES: usize = 64;
/// Causes told apart at most; whatever comes after them is one group.
const MAX_CAUSES: usize = 64;
/// Objects named for one cause; the others are only counted.
const MAX_NAMED: usize = 20;
/// Longest message, in characters; the rest is cut off.
const MAX_MESSAGE_CHARS: usize = 1000;
/// Lines of the log that are held; the oldest go first. With messages of the greatest length that is 5 MB.
pub const MAX_LOG_LINES: usize = 5000;

/// What stands for the object's name in a message that concerns several.
const ANY: &str = "…";

/// Lines of a log from a given one on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLines {
    /// The lines.
    pub lines: Vec<LogLine>,
    /// How many of those asked for are held no more.
    pub dropped: u64,
    /// Number of the next line, to ask from next time.
    pub next: u64,
}

/// Shared by all clones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Arc<Mutex<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    phases: Vec<JobPhase>,
    causes: Vec<Cause>,
    lines: VecDeque<LogLine>,
    dropped: u64,
}

#[derive(Debug)]
struct Cause {
    /// The message without the object's name.
    key: String,
    warning: JobWarning,
}

impl Journal {
    fn with<T>(&self, change: impl FnOnce(&mut Notes) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends the phase that runs, which did this much, and begins another.
    pub(crate) fn phase(
        &self,
        next: Option<&str>,
        total: Option<u64>,
        done: u64,
        bytes: u64,
        now: Timestamp,
    ) {
        self.with(|notes| {
            notes.end_phase(done, bytes, now);
            if let Some(name) = next.filter(|_| notes.phases.len() < MAX_PHASES) {
                let name = name.to_owned();
                notes.phases.push(JobPhase { name, started: now, ended: None, done: 0, total, bytes: 0 });
            }
        });
    }

    /// The phases so far; the one that runs has done this much.
    pub(crate) fn phases(&self, done: u64, bytes: u64) -> Vec<JobPhase> {
        let mut phases = self.with(|notes| notes.phases.clone());
        if let Some(last) = phases.last_mut().filter(|last| last.ended.is_none()) {
            (last.done, last.bytes) = (done, bytes);
        }
        phases
    }

    pub(crate) fn log(&self, line: LogLine) {
        self.with(|notes| notes.log(line));
    }

    /// Notes something under its cause: `message` without `name`, the object's.
    pub(crate) fn warn(&self, message: &str, object: Option<String>, name: Option<&str>) {
        let message = shorten(message);
        let key = name.map_or_else(|| message.clone(), |name| without_name(&message, name));
        self.with(|notes| notes.warn(key, message, object));
    }

    pub(crate) fn warnings(&self) -> Vec<JobWarning> {
        self.with(|notes| notes.causes.iter().map(|cause| cause.warning.clone()).collect())
    }

    pub(crate) fn lines_from(&self, first: u64) -> LogLines {
        self.with(|notes| {
            let dropped = notes.dropped.saturating_sub(first);
            let skip = usize::try_from(first.saturating_sub(notes.dropped)).unwrap_or(usize::MAX);
            LogLines {
                lines: notes.lines.iter().skip(skip).cloned().collect(),
                dropped,
                next: notes.dropped + notes.lines.len() as u64,
            }
        })
    }

    /// The log as text, and how many lines it has.
    pub(crate) fn text(&self) -> (Vec<u8>, u64) {
        self.with(|notes| {
            let mut text = String::new();
            let mut count = 0;
            if let Some(first) = notes.lines.front().filter(|_| notes.dropped > 0) {
                let message = format!("{} earlier lines are not kept", notes.dropped);
                text.push_str(&log_line(&LogLine { time: first.time, level: LogLevel::Info, message }));
                count += 1;
            }
            for line in &notes.lines {
                text.push_str(&log_line(line));
                count += 1;
            }
            (text.into_bytes(), count)
        })
    }
}

impl Notes {
    fn end_phase(&mut self, done: u64, bytes: u64, now: Timestamp) {
        if let Some(last) = self.phases.last_mut().filter(|last| last.ended.is_none()) {
            (last.ended, last.done, last.bytes) = (Some(now), done, bytes);
        }
    }

    fn log(&mut self, mut line: LogLine) {
        line.message = shorten(&line.message);
        if self.lines.len() == MAX_LOG_LINES {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.lines.push_back(line);
    }

    fn warn(&mut self, key: String, message: String, object: Option<String>) {
        let at = self.causes.iter().position(|cause| cause.key == key);
        let cause = match at {
            Some(at) => {
                let cause = &mut self.causes[at];
                if cause.warning.message != cause.key {
                    cause.warning.message.clone_from(&cause.key);
                }
                cause
            }
            None if self.causes.len() < MAX_CAUSES => {
                self.causes
                    .push(Cause { key, warning: JobWarning { message, count: 0, objects: Vec::new() } });
                let last = self.causes.len() - 1;
                &mut self.causes[last]
            }
            None => {
                let last = &mut self.causes[MAX_CAUSES - 1];
                "and others of more causes; the log and the report name them"
                    .clone_into(&mut last.warning.message);
                last
            }
        };
        cause.warning.count += 1;
        if let Some(object) = object.filter(|_| cause.warning.objects.len() < MAX_NAMED) {
            cause.warning.objects.push(object);
        }
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `text` with `name` replaced wherever it stands as a word of its own.
fn without_name(text: &str, name: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = (!name.is_empty()).then(|| rest.find(name)).flatten() {
        let (before, behind) = (&rest[..at], &rest[at + name.len()..]);
        let before_is_part = before.chars().next_back().or(out.chars().next_back()).is_some_and(is_part);
        // A full stop behind the name ends the sentence.
        let mut next = behind.chars();
        let behind_is_part = match (next.next(), next.next()) {
            (Some('.'), after) => after.is_some_and(char::is_alphanumeric),
            (first, _) => first.is_some_and(is_part),
        };
        out.push_str(before);
        out.push_str(if before_is_part || behind_is_part { name } else { ANY });
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: &str) -> LogLine {
        LogLine { time: Timestamp::UNIX_EPOCH, level: LogLevel::Info, message: message.into() }
    }

    #[test]
    fn failures_of_one_cause_are_one_group_whatever_the_objects_are_called() {
        let journal = Journal::default();
        for name in ["web", "a", "e"] {
            let message =
                format!("create pods/{name} in staging: pods \"{name}\" is forbidden: exceeded quota");
            journal.warn(&message, Some(format!("Pod staging/{name}")), Some(name));
        }
        journal.warn("the API example.io/v1 does not answer", None, None);
        let warnings = journal.warnings();
        assert_eq!(warnings.len(), 2);
        assert_eq!(warnings[0].message, "create pods/… in staging: pods \"…\" is forbidden: exceeded quota");
        assert_eq!((warnings[0].count, warnings[0].objects.len()), (3, 3));
        assert_eq!(warnings[1].message, "the API example.io/v1 does not answer");
        assert_eq!(without_name("web-1 web.x web. web", "web"), "web-1 web.x …. …");
    }

    #[test]
    fn a_single_failure_keeps_its_words() {
        let journal = Journal::default();
        journal.warn("pods \"web\" is forbidden", None, Some("web"));
        assert_eq!(journal.warnings()[0].message, "pods \"web\" is forbidden");
    }

    #[test]
    fn nothing_grows_without_end_and_what_is_lost_is_counted() {
        let journal = Journal::default();
        for n in 0..20_000u64 {
            journal.log(line(&"x".repeat(3000)));
            journal.warn(&format!("cause {n}"), Some(n.to_string()), None);
            journal.phase(Some("again"), None, n, 0, Timestamp::UNIX_EPOCH);
        }
        let warnings = journal.warnings();
        assert_eq!(warnings.len(), MAX_CAUSES);
        assert_eq!(warnings.iter().map(|warning| warning.count).sum::<u64>(), 20_000);
        assert_eq!(journal.phases(0, 0).len(), MAX_PHASES);
        let all = journal.lines_from(0);
        assert_eq!((all.lines.len(), all.dropped, all.next), (MAX_LOG_LINES, 15_000, 20_000));
        let some = journal.lines_from(19_998);
        assert_eq!((some.lines.len(), some.dropped, some.next), (2, 0, 20_000));
        assert_eq!(journal.lines_from(20_000).lines, []);
        let (text, lines) = journal.text();
        assert_eq!(text.split(|b| *b == b'\n').count() as u64, lines + 1);
        assert!(text.starts_with(b"1970-01-01T00:00:00Z info 15000 earlier lines"));
        assert!(text.len() < 6 << 20);
    }

    #[test]
    fn a_phase_ends_with_what_was_done_in_it() {
        let journal = Journal::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        journal.phase(Some("listing"), None, 0, 0, at(1));
        assert_eq!(journal.phases(5, 50)[0].done, 5);
        journal.phase(Some("committing"), Some(7), 7, 70, at(2));
        journal.phase(None, None, 1, 0, at(3));
        let phases = journal.phases(99, 99);
        assert_eq!((phases[0].done, phases[0].bytes, phases[0].ended), (7, 70, Some(at(2))));
        assert_eq!((phases[1].done, phases[1].total, phases[1].ended), (1, Some(7), Some(at(3))));
    }
}
