//! Hooks as they are written.

use serde::Serialize;
use ts_rs::TS;

/// Something that is wrong in a text of hooks, or could be better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HookProblem {
    /// The line it is in, counted from 1; 0 where no line is to blame.
    pub line: u32,
    /// The column, counted from 1; 0 where none is to blame.
    pub column: u32,
    /// The field it is about, such as `spec.backupHook[0].preHooks[1].exec.timeout`.
    pub field: String,
    /// What is to be said of it: the rest of a sentence that begins with the field.
    pub problem: String,
}

/// What is in a text of hooks, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HooksLint {
    /// Its `BackupHook` objects as `namespace/name`; none where something is wrong, as with the other numbers.
    pub backup: Vec<String>,
    /// Its `RestoreHook` objects as `namespace/name`.
    pub restore: Vec<String>,
    /// How many hooks they have together.
    pub hooks: u32,
    /// What is wrong.
    pub problems: Vec<HookProblem>,
    /// What is allowed, and hardly meant.
    pub advice: Vec<HookProblem>,
}

/// A hook to begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HookTemplate {
    /// How it is called, such as `postgresql`.
    pub name: String,
    /// What it does.
    pub title: String,
    /// When what it does makes a snapshot consistent, and when it is not needed or not enough.
    pub consistency: String,
    /// Its text.
    pub text: String,
}
