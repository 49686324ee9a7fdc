//! Resource modifiers as they are typed: looked through, tried, and begun from a template.

use holdfast_engine::restore::{TrialOutcome, Tried, try_modifiers};
use holdfast_model::modifiers::{Modifiers, templates};
use holdfast_model::plan::Change;

use super::rows::field_changes;
use crate::api::{
    Failure, ModifierEffect, ModifierTemplate, ModifierTrial, ModifiersLint, PointKey, Selection,
};
use crate::{App, blocking, selection};

/// Objects that are shown in full.
const SHOWN: usize = 200;

impl App {
    /// Looks resource modifiers through. Text without a word is none, and nothing is wrong with it.
    pub async fn lint_modifiers(&self, text: String) -> Result<ModifiersLint, Failure> {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let nothing = ModifiersLint { rules: 0, problem: String::new(), line: 0, column: 0 };
        if text.trim().is_empty() {
            return Ok(nothing);
        }
        let parsed = blocking("reading the modifiers", move || Modifiers::parse(&text)).await?;
        Ok(match parsed {
            Ok(modifiers) => ModifiersLint { rules: number(modifiers.rule_count() as u64), ..nothing },
            Err(error) => {
                let place = error.place();
                let (line, column) = place.map_or((0, 0), |place| (place.line, place.column));
                ModifiersLint {
                    problem: error.to_string(),
                    line: number(line),
                    column: number(column),
                    ..nothing
                }
            }
        })
    }

    /// What resource modifiers would make of the objects that a selection takes of a recovery point. Needs no cluster.
    pub async fn try_modifiers(
        &self,
        key: PointKey,
        selection: Selection,
        text: String,
        request_id: String,
    ) -> Result<ModifierTrial, Failure> {
        let wanted = selection::selection(&selection)?;
        let rules = Modifiers::parse(&text).map_err(|error| Failure::invalid("modifiers", &error))?;
        let call = self.request(request_id);
        let open = self.open_point(&key).await?;
        let trial = Box::pin(try_modifiers(&open.point, &wanted, &rules, &call.context)).await?;
        let count = |outcome| trial.objects.iter().filter(|tried| tried.outcome() == outcome).count() as u64;
        let mut tried: Vec<&Tried> = trial.objects.iter().collect();
        let weight = |tried: &Tried| match tried.outcome() {
            TrialOutcome::Failed => 0,
            TrialOutcome::Changed => 1,
            TrialOutcome::Unchanged => 2,
        };
        tried.sort_by_key(|tried| weight(tried));
        Ok(ModifierTrial {
            matched: trial.objects.len() as u64,
            changed: trial.objects.iter().filter(|tried| tried.applied.changed).count() as u64,
            failed: count(TrialOutcome::Failed),
            effects: tried.into_iter().take(SHOWN).map(effect).collect(),
        })
    }

    /// Resource modifiers to begin with.
    #[expect(clippy::unused_async, reason = "every call of the window is asynchronous")]
    pub async fn modifier_templates(&self) -> Result<Vec<ModifierTemplate>, Failure> {
        let typed = |template: &templates::Template| ModifierTemplate {
            title: template.title.to_owned(),
            text: template.text.to_owned(),
        };
        Ok(templates::TEMPLATES.iter().map(typed).collect())
    }
}

fn effect(tried: &Tried) -> ModifierEffect {
    let changes: Vec<Change> = tried
        .changes
        .iter()
        .map(|change| Change {
            path: change.path.clone(),
            live: change.before.clone(),
            point: change.after.clone(),
        })
        .collect();
    ModifierEffect {
        group: tried.ty.group.clone(),
        kind: tried.ty.kind.clone(),
        namespace: tried.namespace.clone(),
        name: tried.name.clone(),
        changed: tried.applied.changed,
        failed: tried.outcome() == TrialOutcome::Failed,
        notes: tried.applied.notes.iter().map(ToString::to_string).collect(),
        changes: field_changes(&changes),
    }
}
