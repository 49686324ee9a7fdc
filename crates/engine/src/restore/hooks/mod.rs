//! Restore hooks: commands in the containers that a restore brings up, once everything is written.
//!
//! Which pods: those that the run created, and those whose workload it created or recreated, told by the UID of their
//! controller. Pods that were there before get none, whatever the conflict policy is (Azure: restore hooks do not run where
//! "no new container is spawned"). Nothing is listed or waited for unless hooks apply to a pod or a template as it is written.
//!
//! The containers of a pod are waited for and served side by side, each with its own commands in their order. Claims may be
//! waited for meanwhile: a pod gets its commands as soon as its container is there.

mod expect;
mod follow;
mod look;
mod pod;
mod watcher;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use holdfast_model::hooks::RestoreHooks;
use holdfast_model::report::{Outcome, ReportEntry};
use holdfast_model::resource::ResourceType;
use holdfast_store::job::LogLevel;
use holdfast_store::volumes::HookRun;
use serde_json::Value;

use super::run::Run;

pub(super) use expect::{Expected, Noted, is_workload};

/// What a run knows about hooks while it writes.
pub(super) struct Hooks {
    objects: Vec<RestoreHooks>,
    /// By entry.
    noted: Mutex<BTreeMap<usize, Noted>>,
}

/// What came of the hooks of a restore.
#[derive(Debug, Default)]
pub(super) struct Hooked {
    /// What was run, or was to be run in a pod that was there.
    pub runs: Vec<HookRun>,
    /// What is to be told of the hooks themselves.
    pub notes: Vec<String>,
    /// The commands that failed, in words. The context has been told of them.
    pub failures: Vec<String>,
    /// What else was not done as asked.
    pub problems: Vec<String>,
}

impl Hooked {
    /// Whether all was done as asked; a restore is Partial otherwise.
    pub(super) fn is_clean(&self) -> bool {
        self.failures.is_empty() && self.problems.is_empty()
    }
}

impl Hooks {
    pub(super) fn new(objects: Vec<RestoreHooks>) -> Self {
        Self { objects, noted: Mutex::default() }
    }

    /// Looks at what is about to be written.
    pub(super) fn note(&self, at: usize, ty: &ResourceType, namespace: &str, name: &str, object: &Value) {
        if let Some(noted) = Noted::of(ty, namespace, name, object, &self.objects) {
            self.noted.lock().unwrap_or_else(PoisonError::into_inner).insert(at, noted);
        }
    }
}

impl Run<'_> {
    /// What hooks are run for, now that everything is written.
    pub(super) fn noted(&self, entries: &[ReportEntry]) -> Vec<Noted> {
        let noted = std::mem::take(&mut *self.hooks.noted.lock().unwrap_or_else(PoisonError::into_inner));
        let is_new = |at: usize| {
            entries
                .get(at)
                .is_some_and(|entry| matches!(entry.outcome, Outcome::Created | Outcome::Recreated))
        };
        let noted: Vec<Noted> =
            noted.into_iter().filter(|(at, _)| is_new(*at)).map(|(_, noted)| noted).collect();
        if !self.hooks.objects.is_empty() && noted.iter().all(|noted| noted.expected.is_none()) {
            self.context.log(LogLevel::Info, "no restore hook applies to what was created");
        }
        noted
    }
}
