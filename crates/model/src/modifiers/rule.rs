//! One rule: which objects it is about, and what it does to them.

use json_patch::jsonptr::PointerBuf;
use regex::bytes::Regex;
use serde_json::Value;

use super::Subject;
use super::glob::Glob;
use super::operation::{self, Operation, Tested};
use crate::selection::LabelSelector;

/// A rule with everything compiled that can be.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub conditions: Conditions,
    pub patch: Patch,
}

/// Conditions; all of them must hold.
#[derive(Clone, Debug)]
pub(super) struct Conditions {
    pub group_resource: Glob,
    pub name: Option<Regex>,
    /// Globs of original namespaces; empty for all.
    pub namespaces: Vec<Glob>,
    pub labels: LabelSelector,
    /// Values that the object must have.
    pub matches: Vec<(PointerBuf, Value)>,
}

/// What a rule does; exactly one kind of patch.
#[derive(Clone, Debug)]
pub(super) enum Patch {
    Json(Vec<Operation>),
    Merge(Vec<Value>),
    Strategic(Vec<Value>),
}

impl Conditions {
    /// Whether everything but `matches` holds.
    pub(super) fn concern(&self, subject: &Subject<'_>) -> bool {
        self.group_resource.matches(&subject.ty.group_resource().to_string())
            && self.name.as_ref().is_none_or(|name| name.is_match(subject.name.as_bytes()))
            && (!subject.ty.namespaced
                || self.namespaces.is_empty()
                || self.namespaces.iter().any(|glob| glob.matches(subject.namespace)))
            && self.labels.matches_json(subject.labels)
    }

    /// Whether the object has the values that `matches` asks for. A path that leads nowhere is no match.
    pub(super) fn hold(&self, object: &Value) -> bool {
        self.matches.iter().all(|(path, value)| matches!(operation::test(object, path, value), Tested::Holds))
    }
}
