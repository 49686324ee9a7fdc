//! A restore report: what happened to each object of the plan.

use serde::{Deserialize, Serialize};

use crate::plan::Action;

/// What happened to one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// Nothing yet: the plan was not run, or was cancelled before it came to this object.
    Planned,
    /// It was created.
    Created,
    /// It was changed.
    Patched,
    /// It was deleted and created anew.
    Recreated,
    /// It was deleted, to undo a restore that had created it.
    Deleted,
    /// It was left as it was.
    Skipped,
    /// It already said what the recovery point says.
    Identical,
    /// It is left to whatever makes it.
    Derived,
    /// It could not be restored, and was not tried.
    Blocked,
    /// The server refused it, or could not be reached.
    Failed,
}

/// How a restore ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RestoreState {
    /// Only planned; nothing was written.
    Planned,
    /// Every object is as planned.
    Completed,
    /// Some objects failed or were blocked.
    Partial,
    /// It was cancelled; objects not reached are still Planned.
    Cancelled,
}

/// The report on one object.
#[derive(Clone, Debug)]
pub struct ReportEntry {
    /// What happened.
    pub outcome: Outcome,
    /// What was tried, where running found the object otherwise than planning did.
    pub action: Action,
    /// Why, in the server's words where it refused; absent where the plan says it.
    pub reason: Option<Box<str>>,
    /// Paths that were left as they were because they cannot change.
    pub pruned: Option<Box<[String]>>,
}

/// How many objects ended (or, for a plan, would end) in each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// Created.
    pub created: u64,
    /// Changed.
    pub patched: u64,
    /// Deleted and created anew.
    pub recreated: u64,
    /// Deleted.
    pub deleted: u64,
    /// Left as they were.
    pub skipped: u64,
    /// Already as wanted.
    pub identical: u64,
    /// Left to whatever makes them.
    pub derived: u64,
    /// Not restorable as things are.
    pub blocked: u64,
    /// Refused by the server.
    pub failed: u64,
    /// Not reached, because the restore was cancelled.
    pub cancelled: u64,
}

impl Outcome {
    /// Whether the target is other than before because of it.
    pub fn is_written(self) -> bool {
        matches!(self, Self::Created | Self::Patched | Self::Recreated | Self::Deleted)
    }

    /// Whether the object is not as it should be, so that running again may help.
    pub fn is_unfinished(self) -> bool {
        matches!(self, Self::Planned | Self::Blocked | Self::Failed)
    }
}

impl Counts {
    /// The objects that were written.
    pub fn written(&self) -> u64 {
        self.created + self.patched + self.recreated + self.deleted
    }

    /// How many ended in this way.
    pub fn of(&self, outcome: Outcome) -> u64 {
        let mut counts = *self;
        *counts.place(outcome)
    }

    /// Counts an outcome.
    pub fn add(&mut self, outcome: Outcome) {
        *self.place(outcome) += 1;
    }

    fn place(&mut self, outcome: Outcome) -> &mut u64 {
        match outcome {
            Outcome::Planned => &mut self.cancelled,
            Outcome::Created => &mut self.created,
            Outcome::Patched => &mut self.patched,
            Outcome::Recreated => &mut self.recreated,
            Outcome::Deleted => &mut self.deleted,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Identical => &mut self.identical,
            Outcome::Derived => &mut self.derived,
            Outcome::Blocked => &mut self.blocked,
            Outcome::Failed => &mut self.failed,
        }
    }

    /// Counts what an action would lead to.
    pub fn add_planned(&mut self, action: Action) {
        self.add(match action {
            Action::Create | Action::Unchecked => Outcome::Created,
            Action::Patch => Outcome::Patched,
            Action::Recreate => Outcome::Recreated,
            Action::Delete => Outcome::Deleted,
            Action::Skip => Outcome::Skipped,
            Action::Identical => Outcome::Identical,
            Action::Blocked => Outcome::Blocked,
            Action::Derived => Outcome::Derived,
        });
    }
}
