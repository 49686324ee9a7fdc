//! Resource modifiers as they are typed: looked through, tried, and begun from a template.

use holdfast_model::modifiers::{Modifiers, templates};

use crate::App;
use crate::api::{Failure, ModifierTemplate, ModifiersLint};

impl App {
    /// Looks resource modifiers through. Text without a word is none, and nothing is wrong with it.
    pub async fn lint_modifiers(&self, text: String) -> Result<ModifiersLint, Failure> {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let nothing = ModifiersLint { rules: 0, problem: String::new(), line: 0, column: 0 };
        if text.trim().is_empty() {
            return Ok(nothing);
        }
        Ok(match Modifiers::parse(&text) {
            Ok(modifiers) => {
                ModifiersLint { rules: number(modifiers.rule_count() as u64), ..nothing }
            }
            Err(error) => {
                let place = error.place();
                let (line, column) = place.map_or((0, 0), |place| (place.line, place.column));
                ModifiersLint {
                    problem: error.to_string(),
                    line: number(line as u64),
                    column: number(column as u64),
                    ..nothing
                }
            }
        })
    }

    /// Resource modifiers to begin with.
    pub async fn modifier_templates(&self) -> Result<Vec<ModifierTemplate>, Failure> {
        let typed = |template: &templates::Template| ModifierTemplate {
            title: template.title.to_owned(),
            text: template.text.to_owned(),
        };
        Ok(templates::TEMPLATES.iter().map(typed).collect())
    }
}
