//! What is wrong with an object of hooks, and where.

use std::fmt;

use crate::document::Place;

/// So many problems are told in one sentence.
const SHOWN: usize = 5;

/// A field and what is to be said of it: that it is wrong, or what would be better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the text it is; nowhere for what was not read from a text.
    pub at: Place,
    /// Its path, such as `spec.backupHook[0].preHooks[1].exec.timeout`.
    pub field: String,
    /// What is wrong with it and what to do, as the rest of a sentence that begins with the field.
    pub problem: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{} {}", self.at, self.field, self.problem)
    }
}

/// An object that holds no valid hooks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct HooksError {
    /// Everything that is wrong with it; at least one problem.
    pub problems: Vec<Problem>,
}

impl fmt::Display for HooksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().take(SHOWN).enumerate() {
            let joint = if at > 0 { "; " } else { "" };
            write!(f, "{joint}{problem}")?;
        }
        match self.problems.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}
