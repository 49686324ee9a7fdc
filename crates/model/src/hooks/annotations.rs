//! Hooks that a pod carries itself, as Velero's annotations.
//!
//! A phase has one command at most. What is malformed is noted, and read as if it was not
//! there; a command that cannot be read is planned with its problem, because whoever wrote
//! it counts on its being run.

use std::time::Duration;

use super::matching::{HookedPod, PlannedExec, planned};
use super::read::{check, is_container, on_error};
use super::{DEFAULT_TIMEOUT, DEFAULT_WAIT, Exec, OnError, RestoreExec, duration};
use crate::document::short;

const PRE: &str = "pre.hook.backup.velero.io/";
/// The same from before there were two phases. What has a phase goes first.
const LEGACY_PRE: &str = "hook.backup.velero.io/";
const POST: &str = "post.hook.backup.velero.io/";
const RESTORE: &str = "post.hook.restore.velero.io/";
const RESTORE_INIT: &str = "init.hook.restore.velero.io/";

/// How plans name a hook that is an annotation.
const SOURCE: &str = "annotation";

/// The command before the cut, if the pod says one.
pub(super) fn pre(pod: &HookedPod<'_>, notes: &mut Vec<String>) -> Option<PlannedExec> {
    let given = backup(pod, PRE, notes);
    let legacy = backup(pod, LEGACY_PRE, notes);
    if given.is_some() && legacy.is_some() {
        notes.push(format!("{pod}: annotations {LEGACY_PRE}* are passed over, because there are {PRE}* too"));
    }
    given.or(legacy)
}

/// The command after the cut, if the pod says one.
pub(super) fn post(pod: &HookedPod<'_>, notes: &mut Vec<String>) -> Option<PlannedExec> {
    backup(pod, POST, notes)
}

/// The command after the restore, if the pod says one.
pub(super) fn restore(pod: &HookedPod<'_>, notes: &mut Vec<String>) -> Option<PlannedExec<RestoreExec>> {
    if pod.annotations.keys().any(|key| key.starts_with(RESTORE_INIT)) {
        notes.push(format!(
            "{pod}: not supported: annotations {RESTORE_INIT}*, which add an init container; a resource modifier can add \
             it, and {RESTORE}* run a command in a container of the pod"
        ));
    }
    let mut set = Set { pod, prefix: RESTORE, notes };
    let (command, problem) =
        set.command(&["container", "on-error", "exec-timeout", "wait-timeout", "wait-for-ready"])?;
    let exec = RestoreExec {
        container: set.container(),
        command,
        on_error: set.on_error(OnError::RESTORE),
        exec_timeout: set.duration("exec-timeout", DEFAULT_TIMEOUT),
        wait_timeout: set.duration("wait-timeout", DEFAULT_WAIT),
        wait_for_ready: set.flag("wait-for-ready"),
    };
    let container = exec.container.clone();
    Some(planned(pod, SOURCE.to_owned(), container.as_deref(), exec, problem, notes))
}

fn backup(pod: &HookedPod<'_>, prefix: &'static str, notes: &mut Vec<String>) -> Option<PlannedExec> {
    let mut set = Set { pod, prefix, notes };
    let (command, problem) = set.command(&["container", "on-error", "timeout"])?;
    let exec = Exec {
        container: set.container(),
        command,
        on_error: set.on_error(OnError::BACKUP),
        timeout: set.duration("timeout", DEFAULT_TIMEOUT),
    };
    let container = exec.container.clone();
    Some(planned(pod, SOURCE.to_owned(), container.as_deref(), exec, problem, notes))
}

/// The annotations with one prefix.
struct Set<'a> {
    pod: &'a HookedPod<'a>,
    prefix: &'static str,
    notes: &'a mut Vec<String>,
}

impl<'a> Set<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        let value = self.pod.annotations.get(&format!("{}{key}", self.prefix))?;
        (!value.is_empty()).then_some(value)
    }

    fn note(&mut self, key: &str, words: &str) {
        self.notes.push(format!("{}: annotation {}{} {words}", self.pod, self.prefix, short(key)));
    }

    /// The command, with what is wrong with it. Notes annotations without effect.
    fn command(&mut self, others: &[&str]) -> Option<(Vec<String>, Option<String>)> {
        let given: Vec<&str> =
            self.pod.annotations.keys().filter_map(|key| key.strip_prefix(self.prefix)).collect();
        let text = self.get("command").map(str::to_owned);
        for key in given {
            if key == "command" {
                if text.is_none() {
                    self.note(key, "is empty, so that nothing is run");
                }
            } else if !others.contains(&key) {
                self.note(key, &format!("is unknown; known are command, {}", others.join(", ")));
            } else if text.is_none() {
                self.note(key, "is without effect: there is no command");
            }
        }
        let text = text?;
        let (command, problem) = if text.starts_with('[') {
            match serde_json::from_str::<Vec<String>>(&text) {
                Ok(command) => {
                    let problem = check(&command).err();
                    (command, problem)
                }
                Err(_) => (
                    vec![text],
                    Some(
                        "begins like a list and is no JSON list of texts, such as [\"/bin/ls\", \"-l\"]"
                            .to_owned(),
                    ),
                ),
            }
        } else {
            let command = vec![text];
            let problem = check(&command).err();
            (command, problem)
        };
        if let Some(problem) = &problem {
            self.note("command", problem);
        } else if let [word] = &command[..]
            && word.trim().contains(char::is_whitespace)
        {
            self.note(
                "command",
                "is one word with spaces, which is run as a program of that name; write a JSON list of its words",
            );
        }
        let problem = problem.map(|problem| format!("annotation {}command {problem}", self.prefix));
        Some((command, problem))
    }

    fn container(&mut self) -> Option<String> {
        // A name that no container has is found out when it is looked for.
        let name = self.get("container")?.to_owned();
        if is_container(&name) {
            return Some(name);
        }
        let words = format!("is \"{}\"; no container has such a name", short(&name));
        self.note("container", &words);
        Some(short(&name))
    }

    fn on_error(&mut self, default: OnError) -> OnError {
        let Some(text) = self.get("on-error") else { return default };
        on_error(text).unwrap_or_else(|| {
            let words = format!("is \"{}\", neither Continue nor Fail; {default:?} is taken", short(text));
            self.note("on-error", &words);
            default
        })
    }

    fn duration(&mut self, key: &str, default: Duration) -> Duration {
        let Some(text) = self.get(key) else { return default };
        let problem = match duration::parse(text) {
            Ok(Duration::ZERO) => "is no time at all".to_owned(),
            Ok(duration) => return duration,
            Err(problem) => problem,
        };
        let words = format!("({}) {problem}; {} is taken", short(text), duration::shown(default));
        self.note(key, &words);
        default
    }

    fn flag(&mut self, key: &str) -> bool {
        match self.get(key) {
            // What Go reads as a boolean.
            Some("1" | "t" | "T" | "true" | "TRUE" | "True") => true,
            None | Some("0" | "f" | "F" | "false" | "FALSE" | "False") => false,
            Some(text) => {
                let words = format!("is \"{}\", neither true nor false; false is taken", short(text));
                self.note(key, &words);
                false
            }
        }
    }
}
