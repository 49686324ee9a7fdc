//! Hooks as they are typed: looked through, and begun from a template.

use holdfast_model::hooks::templates::{TEMPLATES, Template};
use holdfast_model::hooks::{HookReference, Linted, Problem, lint};

use crate::api::{Failure, HookProblem, HookTemplate, HooksLint};
use crate::{App, blocking};

impl App {
    /// Looks hooks through. Text without a word is none, and nothing is wrong with it.
    pub async fn lint_hooks(&self, text: String) -> Result<HooksLint, Failure> {
        if text.trim().is_empty() {
            return Ok(HooksLint::default());
        }
        let linted = blocking("reading the hooks", move || lint(&text)).await?;
        Ok(match linted {
            Ok(linted) => found(&linted),
            Err(problems) => {
                HooksLint { problems: problems.iter().map(problem).collect(), ..HooksLint::default() }
            }
        })
    }

    /// Hooks to begin with.
    #[expect(clippy::unused_async, reason = "every call of the window is asynchronous")]
    pub async fn hook_templates(&self) -> Result<Vec<HookTemplate>, Failure> {
        Ok(TEMPLATES.iter().map(template).collect())
    }

    /// What is wrong with each of these references to hooks; an empty text where nothing is.
    #[expect(clippy::unused_async, reason = "every call of the window is asynchronous")]
    pub async fn check_hooks(&self, references: Vec<String>) -> Result<Vec<String>, Failure> {
        let problem = |reference: &String| {
            let parsed: Result<HookReference, _> = reference.trim().parse();
            parsed.err().map(|error| error.to_string()).unwrap_or_default()
        };
        Ok(references.iter().map(problem).collect())
    }
}

fn found(linted: &Linted) -> HooksLint {
    let backup = linted.backup.iter().map(|object| object.hooks.len());
    let hooks: usize = backup.chain(linted.restore.iter().map(|object| object.hooks.len())).sum();
    HooksLint {
        backup: linted.backup.iter().map(|object| object.source.to_string()).collect(),
        restore: linted.restore.iter().map(|object| object.source.to_string()).collect(),
        hooks: number(hooks as u64),
        problems: Vec::new(),
        advice: linted.advice.iter().map(problem).collect(),
    }
}

fn problem(problem: &Problem) -> HookProblem {
    HookProblem {
        line: number(problem.at.line),
        column: number(problem.at.column),
        field: problem.field.clone(),
        problem: problem.problem.clone(),
    }
}

fn number(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn template(template: &Template) -> HookTemplate {
    HookTemplate {
        name: template.name.to_owned(),
        title: template.title.to_owned(),
        consistency: template.consistency.to_owned(),
        text: template.text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_read_without_a_problem() {
        for template in TEMPLATES {
            let lint = found(&lint(template.text).unwrap());
            assert_eq!(lint.backup.len() + lint.restore.len(), 1, "{}", template.name);
            assert!(lint.hooks > 0 && lint.advice.is_empty(), "{}: {lint:?}", template.name);
        }
    }

    #[test]
    fn a_problem_has_its_line_and_its_field() {
        let text = TEMPLATES[0].text.replace("timeout: 5m", "timeout: soon");
        let problems: Vec<HookProblem> = lint(&text).unwrap_err().iter().map(problem).collect();
        let line = 1 + text.lines().position(|line| line.contains("timeout: soon")).unwrap();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].line as usize, line);
        assert!(problems[0].field.ends_with(".timeout"), "{problems:?}");
    }
}
