//! Hooks: commands that are run in pods around the cut of a backup, and after a restore.
//!
//! They are written as `BackupHook` and `RestoreHook` objects in the format of AKS backup, or
//! as Velero's annotations on the pods themselves. Both are hostile until they are read: what
//! comes out of [`BackupHooks::from_object`], [`RestoreHooks::from_object`] and [`lint`] is
//! complete and within the limits below. [`backup_commands`] and [`restore_commands`] then say
//! what is to be run in one pod; nothing here runs anything.
//!
//! **Order.** Objects in the order in which they are referred to, within each the hooks in
//! their order, within each the commands in theirs; the same before the cut and after it. An
//! annotation takes the place of all that for its pod and phase.
//!
//! **What a caller must do.** Pods that have ended (`Succeeded`, `Failed`) run nothing. A
//! command with a [`PlannedExec::problem`] is reported as failed without being tried. With
//! [`OnError::Fail`] the pod's further commands of that phase are not run. Post commands of a
//! backup are run always, also where a pre command failed: a database that one command
//! froze must not stay frozen because of the next one.

mod advice;
mod annotations;
mod definitions;
mod duration;
mod fields;
mod lint;
mod matching;
mod problem;
mod read;
mod reference;
pub mod templates;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use crate::document::Place;
pub use definitions::crds;
pub use lint::{Linted, lint};
pub use matching::{HookedPod, PlannedExec, PodCommands, RestoreCommands, backup_commands, restore_commands};
pub use problem::{HooksError, Problem};
pub use reference::{HookReference, HookReferenceError};

use crate::selection::{Filter, LabelSelector, NamespacePattern};

/// API group of the objects.
pub const GROUP: &str = "clusterbackup.dataprotection.microsoft.com";
/// Version of the objects.
pub const VERSION: &str = "v1alpha1";

/// Most hooks in one object.
pub const MAX_HOOKS: usize = 100;
/// Most commands in one phase of one hook.
pub const MAX_COMMANDS: usize = 50;
/// Most arguments of one command, with the program itself.
pub const MAX_ARGUMENTS: usize = 100;
/// Most bytes that the arguments of one command have together. They travel in an address, where each may become three.
pub const MAX_COMMAND_BYTES: usize = 16 * 1024;
/// Most namespaces, or requirements of labels, in one list of a hook.
pub const MAX_CONDITIONS: usize = 1000;
/// Longest name of a hook, in bytes.
pub const MAX_NAME: usize = 253;
/// Longest time that a hook may ask for: one for a command, one for waiting before it.
pub const MAX_TIMEOUT: Duration = Duration::from_hours(1);

/// Time for a command that does not say (`timeout`, `execTimeout`): Velero's default.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// Time to wait for a restored container where a hook does not say (`waitTimeout`): that of AKS backup's example.
/// Velero waits for ever, so that its restore never ends where the container never starts.
pub const DEFAULT_WAIT: Duration = Duration::from_mins(5);

/// What happens to the rest when a command fails. Either way the failure is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnError {
    /// The others are run.
    Continue,
    /// The pod's other commands of the phase are not run.
    Fail,
}

impl OnError {
    /// Where a backup hook does not say: Fail, as Velero documents. (Velero's code then acts as for Continue.)
    pub const BACKUP: Self = Self::Fail;
    /// Where a restore hook does not say: Continue, as AKS backup documents.
    pub const RESTORE: Self = Self::Continue;
}

/// A command of a backup hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// Container to run it in; `None` for the pod's first.
    pub container: Option<String>,
    /// Program and arguments. Never empty. No shell reads them.
    pub command: Vec<String>,
    /// What happens when it fails; [`OnError::BACKUP`] by default.
    pub on_error: OnError,
    /// How long it may take; [`DEFAULT_TIMEOUT`] by default, [`MAX_TIMEOUT`] at most, never zero.
    pub timeout: Duration,
}

/// A command of a restore hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreExec {
    /// Container to run it in; `None` for the pod's first.
    pub container: Option<String>,
    /// Program and arguments. Never empty. No shell reads them.
    pub command: Vec<String>,
    /// What happens when it fails; [`OnError::RESTORE`] by default.
    pub on_error: OnError,
    /// How long it may take; [`DEFAULT_TIMEOUT`] by default, [`MAX_TIMEOUT`] at most, never zero.
    pub exec_timeout: Duration,
    /// How long the container is waited for before; [`DEFAULT_WAIT`] by default, [`MAX_TIMEOUT`] at most, never zero.
    pub wait_timeout: Duration,
    /// Whether the container must be ready, not only running. False by default.
    pub wait_for_ready: bool,
}

/// Which pods a hook is about; both must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Namespaces; all where none is included.
    pub namespaces: Filter<NamespacePattern>,
    /// Labels of the pod.
    pub labels: LabelSelector,
}

/// One hook of a `BackupHook` object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupHook {
    /// Its name.
    pub name: String,
    /// Which pods it is about.
    pub scope: Scope,
    /// What is run before the cut.
    pub pre: Vec<Exec>,
    /// What is run after the cut.
    pub post: Vec<Exec>,
}

/// One hook of a `RestoreHook` object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreHook {
    /// Its name.
    pub name: String,
    /// Which pods it is about, by their namespaces and labels in the target.
    pub scope: Scope,
    /// What is run once the container is there.
    pub post: Vec<RestoreExec>,
}

/// A `BackupHook` object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupHooks {
    /// Where it is.
    pub source: HookReference,
    /// Its hooks, in their order.
    pub hooks: Vec<BackupHook>,
}

/// A `RestoreHook` object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreHooks {
    /// Where it is.
    pub source: HookReference,
    /// Its hooks, in their order.
    pub hooks: Vec<RestoreHook>,
}

impl Scope {
    fn takes(&self, pod: &HookedPod<'_>) -> bool {
        self.namespaces.lets_through(|pattern| pattern.matches(pod.namespace))
            && self.labels.matches(pod.labels)
    }
}
