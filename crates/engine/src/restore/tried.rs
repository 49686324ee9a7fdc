//! Trying resource modifiers on a recovery point, without a cluster.

use futures::{StreamExt, TryStreamExt, stream};
use holdfast_model::modifiers::{Applied, Difference, Effect, Modifiers, differences};
use holdfast_model::resource::ResourceType;
use holdfast_model::selection::Selection;
use holdfast_store::{Point, Row};
use serde::Serialize;
use serde_json::Value;

use super::form::{self, subject};
use super::{RestoreRequest, select};
use crate::context::Context;
use crate::error::EngineError;

/// Objects that are read at the same time.
const READ_AT_ONCE: usize = 8;

/// What rules would do to the objects of a recovery point.
#[derive(Debug)]
pub struct Trial {
    /// The objects that some rule's conditions fit, in the order of the index.
    pub objects: Vec<Tried>,
    /// The numbers of the rules, counted from 1, whose conditions fit no selected object.
    pub idle_rules: Vec<usize>,
    /// How many objects were selected.
    pub selected: usize,
}

/// What became of one object.
#[derive(Debug)]
pub struct Tried {
    /// Its type.
    pub ty: ResourceType,
    /// Its namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// How it ended, and what each rule did.
    pub applied: Applied,
    /// What changed; values of Secrets are masked.
    pub changes: Vec<Difference>,
    /// The stored object with the effects of the rules that worked. Values of Secrets are not masked.
    pub object: Value,
}

/// How a trial ended for one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum TrialOutcome {
    /// Rules changed it, and none failed.
    Changed,
    /// The rules that fit it leave it as it is.
    Unchanged,
    /// A rule failed; the effects of the others are in the object.
    Failed,
}

impl Tried {
    /// How it ended.
    pub fn outcome(&self) -> TrialOutcome {
        if self.applied.failures().next().is_some() {
            TrialOutcome::Failed
        } else if self.applied.changed {
            TrialOutcome::Changed
        } else {
            TrialOutcome::Unchanged
        }
    }

    /// What there is to say beyond what changed: failures, failed tests, and patches applied as others.
    pub fn remarks(&self) -> Vec<String> {
        let told = |effect: &Effect| !matches!(effect, Effect::Applied | Effect::NoEffect);
        self.applied.notes.iter().filter(|note| told(&note.effect)).map(ToString::to_string).collect()
    }
}

/// Applies modifiers to what a restore with this selection would take of a recovery point, as it is stored: what the
/// server assigns is still in it. Writes nothing.
///
/// # Errors
/// Fails when the point cannot be read, and on cancellation.
pub async fn try_modifiers(
    point: &Point,
    selection: &Selection,
    modifiers: &Modifiers,
    context: &Context,
) -> Result<Trial, EngineError> {
    context.phase("reading the recovery point", None);
    let index = context.run(point.index()).await?;
    let request = RestoreRequest { selection: selection.clone(), ..RestoreRequest::default() };
    let rows = select::rows(point, &index, &request, context).await?;
    let selected = rows.len();
    // Made before they are streamed: a closure over references inside the stream would keep the compiler from seeing
    // that this may be done on any thread.
    let mut trying = Vec::new();
    for row in rows.into_iter().filter_map(|id| index.row(id)) {
        if modifiers.concerns(&subject(&row)) {
            trying.push(one(point, row, modifiers, context));
        }
    }
    let objects: Vec<Option<Tried>> = stream::iter(trying).buffered(READ_AT_ONCE).try_collect().await?;
    let objects: Vec<Tried> = objects.into_iter().flatten().collect();
    let mut idle_rules: Vec<usize> = (1..=modifiers.rule_count()).collect();
    let notes = objects.iter().flat_map(|tried| &tried.applied.notes);
    let busy: std::collections::BTreeSet<usize> = notes.map(|note| note.rule).collect();
    idle_rules.retain(|rule| !busy.contains(rule));
    Ok(Trial { objects, idle_rules, selected })
}

async fn one(
    point: &Point,
    row: Row<'_>,
    modifiers: &Modifiers,
    context: &Context,
) -> Result<Option<Tried>, EngineError> {
    let before = form::stored(point, &row, context).await?;
    let mut object = before.clone();
    let applied = modifiers.apply(&subject(&row), &mut object);
    if !applied.matched() {
        return Ok(None);
    }
    Ok(Some(Tried {
        ty: row.ty.clone(),
        namespace: row.namespace.to_owned(),
        name: row.name.to_owned(),
        applied,
        changes: differences(row.ty, &before, &object),
        object,
    }))
}
