//! Resource modifiers: rules that change objects on their way from a recovery point into a cluster.
//!
//! The format and its meaning are those of Velero's resource modifiers, which AKS backup
//! uses too: a ConfigMap with one key that holds YAML or JSON. What [`Modifiers::parse`]
//! accepts is complete: globs, regular expressions, pointers and patches are read and
//! compiled then, so nothing but an object itself can make a rule fail later.
//!
//! Rules apply in their order, each to what the ones before it left; their conditions
//! are asked of the object as it was before all of them. A rule works wholly or not at
//! all: one that fails is noted, leaves the object as it found it, and the others go on.
//!
//! Where Velero differs from its own documentation, its code is followed; where its code
//! loses what was meant, it is not, and the module concerned says so: values that
//! need escapes, operation names in capitals, strategic patches of custom resources
//! (applied as merge patches, and noted), rules without patches (refused at once), and
//! rules that make another object of an object (without effect).

mod bounds;
mod changes;
mod error;
mod glob;
mod operation;
mod read;
mod rule;
mod strategic;
pub mod templates;
mod typing;

use std::fmt;
use std::sync::Arc;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

pub use crate::document::Place;
pub use changes::{Difference, differences};
pub use error::ModifiersError;

use crate::document;
use crate::patch;
use crate::resource::ResourceType;
use operation::Stop;
use rule::{Patch, Rule};

/// A set of rules, read and compiled. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Modifiers {
    text: Arc<str>,
    rules: Arc<[Rule]>,
}

/// The object that rules are asked about: what an index knows of it, by its original names.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its type.
    pub ty: &'a ResourceType,
    /// Its namespace in the recovery point; empty for cluster-scoped objects.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its labels as JSON; `None` where it has none.
    pub labels: Option<&'a str>,
}

/// What rules did to one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Whether the object is another than before.
    pub changed: bool,
    /// What became of each rule whose conditions held, in the order of the rules.
    pub notes: Vec<Note>,
}

impl Applied {
    /// Whether the conditions of any rule held.
    pub fn matched(&self) -> bool {
        !self.notes.is_empty()
    }

    /// The notes of rules that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(|note| matches!(note.effect, Effect::Failed(_)))
    }
}

/// What became of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The rule's number, counted from 1.
    pub rule: usize,
    /// What it did.
    pub effect: Effect,
}

/// What a rule did to an object that its conditions fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changed the object.
    Applied,
    /// The object already is as the rule wants it.
    NoEffect,
    /// A `test` of its JSON patch failed, so the patch asks for not being applied.
    TestFailed(String),
    /// It cannot be applied. The object is as if the rule was not there.
    Failed(String),
    /// It is a strategic patch of a kind without strategies, and was applied as a merge patch. Its result follows as a
    /// note of its own.
    Fallback(String),
}

impl PartialEq for Modifiers {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Modifiers {}

/// As the text they were read from.
impl Serialize for Modifiers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Modifiers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "modifier rule {}", self.rule)?;
        match &self.effect {
            Effect::Applied => f.write_str(" changed it"),
            Effect::NoEffect => f.write_str(" changed nothing"),
            Effect::TestFailed(words) => write!(f, " was not applied because its test failed: {words}"),
            Effect::Failed(words) => write!(f, " failed and was left out: {words}"),
            Effect::Fallback(words) => write!(f, ": {words}"),
        }
    }
}

impl Modifiers {
    /// Reads YAML or JSON.
    pub fn parse(text: &str) -> Result<Self, ModifiersError> {
        Ok(Self { rules: read::rules(text)?.into(), text: text.into() })
    }

    /// Reads what a file holds: the modifiers themselves, or the manifest of a ConfigMap that holds them.
    pub fn from_file(text: &str) -> Result<Self, ModifiersError> {
        // Indented, and with what else a manifest says, the same modifiers are longer.
        const LIMIT: usize = 4 * read::MAX_TEXT;
        if text.len() > LIMIT {
            return Err(ModifiersError::TooLarge { size: text.len(), limit: LIMIT });
        }
        match document::parse_json(text) {
            Ok(manifest) if manifest.get("kind").is_some_and(|kind| kind == "ConfigMap") => {
                Self::from_config_map(&manifest)
            }
            _ => Self::parse(text),
        }
    }

    /// Reads the one data key, whatever its name, of a ConfigMap.
    pub fn from_config_map(config_map: &Value) -> Result<Self, ModifiersError> {
        let wrong = |problem: &str| Err(ModifiersError::ConfigMap(problem.to_owned()));
        let data = match config_map.get("data") {
            Some(Value::Object(data)) => data,
            None | Some(Value::Null) => return wrong("it has no data; put the modifiers into one key of it"),
            Some(_) => return wrong("its data is no map"),
        };
        let mut values = data.values();
        match (values.next(), values.next()) {
            (Some(Value::String(text)), None) => {
                Self::parse(text).map_err(|error| ModifiersError::Within(Box::new(error)))
            }
            (Some(_), None) => wrong("the value of its one key is not text"),
            (None, _) => wrong("its data is empty; put the modifiers into one key of it"),
            (Some(_), Some(_)) => wrong("it has several keys; it must have exactly one"),
        }
    }

    /// The text they were read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many rules there are.
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// Whether any rule may change an object, as far as can be told without reading it: by everything but `matches`.
    /// Namespace objects are never changed.
    pub fn concerns(&self, subject: &Subject<'_>) -> bool {
        !is_namespace(subject) && self.rules.iter().any(|rule| rule.conditions.concern(subject))
    }

    /// Applies all rules. `object` is left with the effects of those that worked.
    pub fn apply(&self, subject: &Subject<'_>, object: &mut Value) -> Applied {
        let mut applied = Applied::default();
        if is_namespace(subject) {
            return applied;
        }
        let fitting: Vec<(usize, &Rule)> = (1..)
            .zip(self.rules.iter())
            .filter(|(_, rule)| rule.conditions.concern(subject) && rule.conditions.hold(object))
            .collect();
        for (number, rule) in fitting {
            let before = object.clone();
            let done = rule.patch.carry_out(subject.ty, object).and_then(|fallback| {
                bounds::refused(&before, object).map_or(Ok(fallback), |words| Err(Stop::Failed(words)))
            });
            if done.is_err() {
                object.clone_from(&before);
            }
            bounds::tidy(&before, object);
            let effect = match done {
                Ok(fallback) => {
                    if let Some(words) = fallback {
                        applied.notes.push(Note { rule: number, effect: Effect::Fallback(words) });
                    }
                    if *object == before { Effect::NoEffect } else { Effect::Applied }
                }
                Err(Stop::Test(words)) => Effect::TestFailed(words),
                Err(Stop::Failed(words)) => Effect::Failed(words),
            };
            applied.changed |= effect == Effect::Applied;
            applied.notes.push(Note { rule: number, effect });
        }
        applied
    }
}

impl Patch {
    /// Changes the object, which is in no particular state after an error. Tells what was done instead of what the rule
    /// asks for.
    fn carry_out(&self, ty: &ResourceType, object: &mut Value) -> Result<Option<String>, Stop> {
        match self {
            Self::Json(operations) => {
                operation::apply(object, operations, bounds::room(object)).map(|()| None)
            }
            Self::Merge(patches) => {
                for patch in patches {
                    patch::apply(object, patch);
                }
                Ok(None)
            }
            Self::Strategic(patches) => {
                let mut fallback = None;
                for patch in patches {
                    fallback = strategic::apply(ty, object, patch).map_err(Stop::Failed)?;
                }
                Ok(fallback)
            }
        }
    }
}

fn is_namespace(subject: &Subject<'_>) -> bool {
    subject.ty.is("", "namespaces")
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
