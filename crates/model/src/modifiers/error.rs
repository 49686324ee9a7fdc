//! What is wrong with a text of resource modifiers, and where.

use crate::document::Place;

/// A text that is no valid set of resource modifiers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModifiersError {
    /// It is larger than a ConfigMap can be.
    #[error("the modifiers are {size} bytes long; at most {limit} are read, which is what a ConfigMap holds")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The largest size that is read.
        limit: usize,
    },
    /// It is neither YAML nor JSON.
    #[error("{at}the modifiers are not valid YAML: {reason}")]
    Malformed {
        /// Where the parser stopped.
        at: Place,
        /// Why it did.
        reason: String,
    },
    /// A field says something that it cannot say, is missing, or is unknown.
    #[error("{at}{field} {problem}")]
    Field {
        /// Where the field is, or what should have it.
        at: Place,
        /// Its path, such as `resourceModifierRules[0].patches[1].operation`.
        field: String,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// The ConfigMap that should hold them does not.
    #[error("the ConfigMap holds no modifiers: {0}")]
    ConfigMap(String),
    /// The text that the ConfigMap holds is wrong; places are counted within it.
    #[error("in the text that the ConfigMap holds: {0}")]
    Within(Box<ModifiersError>),
}

impl ModifiersError {
    /// Where it is, for an editor that can show it.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Malformed { at, .. } | Self::Field { at, .. } if at.line > 0 => Some(*at),
            _ => None,
        }
    }
}
