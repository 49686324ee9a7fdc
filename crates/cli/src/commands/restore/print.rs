//! Plans and reports for people.

use std::fmt::Write;

use holdfast_engine::restore::{ReportItem, RestorePlan, RestoreReport, UndoPlan, UndoReport};
use holdfast_model::plan::{Action, Change};
use holdfast_model::preflight::Level;
use holdfast_model::report::{Counts, Outcome, RestoreState};
use holdfast_store::job::JobItem;
use holdfast_store::volumes::HookRun;

use crate::failure::Failure;
use crate::output::{self, printable};

/// Fields that a line tells of.
const FIELDS: usize = 4;
/// Longest value in a line, in characters.
const SHORT: usize = 40;
const HEADER: [&str; 5] = ["", "KIND", "NAMESPACE", "NAME", "WHY"];

/// What each number of a plan and of a report is called, in the order in which they are told.
const WORDS: [(Outcome, &str, &str); 10] = [
    (Outcome::Created, "to create", "created"),
    (Outcome::Patched, "to patch", "patched"),
    (Outcome::Recreated, "to recreate", "recreated"),
    (Outcome::Deleted, "to delete", "deleted"),
    (Outcome::Skipped, "to skip", "skipped"),
    (Outcome::Identical, "identical", "identical"),
    (Outcome::Derived, "derived", "derived"),
    (Outcome::Blocked, "blocked", "blocked"),
    (Outcome::Failed, "failed", "failed"),
    (Outcome::Planned, "not reached", "not reached"),
];

/// The counts, then every object that is not simply there already.
pub(super) fn restore(plan: &RestorePlan, report: &RestoreReport, cluster: &str) -> Result<(), Failure> {
    let planned = report.state == RestoreState::Planned;
    let summary = counts(&report.counts(), planned);
    let what = if planned { "plan for" } else { "restore into" };
    let point = &plan.point.summary().name;
    let summary = if summary.is_empty() { "nothing is selected".to_owned() } else { summary };
    output::text(&format!("{what} {cluster} from {point}: {summary}\n"))?;
    let earlier = plan.entries.iter().filter(|entry| entry.earlier.is_some()).count();
    if earlier > 0 {
        output::text(&format!("{earlier} of them were done before, and are left alone\n"))?;
    }
    for warning in &report.warnings {
        output::text(&format!("warning: {}\n", printable(warning)))?;
    }
    if let Some(hooks) = hooks(&report.hooks) {
        output::text(&hooks)?;
    }
    for finding in &plan.findings {
        let guidance = finding.guidance.as_deref().map(|text| format!(" {text}")).unwrap_or_default();
        let line = format!("{}{guidance}", finding.message);
        let level = match finding.level {
            Level::Blocking => "blocking",
            Level::Warning => "warning",
            Level::Info => "info",
        };
        output::text(&format!("{level}: {}\n", printable(&line)))?;
    }
    let quiet =
        |item: &ReportItem<'_>| item.earlier || matches!(item.action, Action::Identical | Action::Derived);
    let shown = report.items(plan).filter(|item| !quiet(item));
    lines(shown.map(|item| line(&item, planned)))
}

/// How many hooks ran. Those that failed are among the warnings, by name.
fn hooks(runs: &[HookRun]) -> Option<String> {
    let failed = runs.iter().filter(|run| run.failure.is_some()).count();
    let ran = runs.len() - failed;
    match (ran, failed) {
        (0, 0) => None,
        (_, 0) => Some(format!("restore hooks: {ran} ran\n")),
        _ => Some(format!("restore hooks: {ran} ran, {failed} failed\n")),
    }
}

/// The same of an undoing.
pub(super) fn undo(plan: &UndoPlan, report: &UndoReport, cluster: &str) -> Result<(), Failure> {
    let planned = report.state == RestoreState::Planned;
    let summary = counts(&report.counts(), planned);
    let what = if planned { "plan for undoing in" } else { "undone in" };
    let summary = if summary.is_empty() { "nothing was written".to_owned() } else { summary };
    output::text(&format!("{what} {cluster} what was restored from {}: {summary}\n", plan.head.point.name))?;
    for warning in &report.warnings {
        output::text(&format!("warning: {}\n", printable(warning)))?;
    }
    let shown = report.items(plan).filter(|item| item.action != Action::Identical);
    lines(shown.map(|item| undone(&item, planned)))
}

fn counts(counts: &Counts, planned: bool) -> String {
    let parts = WORDS.iter().filter_map(|(outcome, will, did)| {
        let number = counts.of(*outcome);
        (number > 0).then(|| format!("{number} {}", if planned { will } else { did }))
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn lines(rows: impl Iterator<Item = Vec<String>>) -> Result<(), Failure> {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    output::text("\n")?;
    output::table(&HEADER, rows)
}

fn line(item: &ReportItem<'_>, planned: bool) -> Vec<String> {
    let what = if planned { format!("{:?}", item.action) } else { format!("{:?}", item.outcome) };
    let mapped = |old: &str, new: &str| {
        if old == new { old.to_owned() } else { format!("{old} → {new}") }
    };
    vec![
        what,
        kind(item.kind, item.group),
        mapped(item.namespace, item.target_namespace),
        mapped(item.name, item.target_name.unwrap_or(item.name)),
        with(why(item.reason, item.action, item.outcome, item.diff), item.modifiers),
    ]
}

fn with(mut why: String, modifiers: &[String]) -> String {
    for note in modifiers {
        if !why.is_empty() {
            why.push_str("; ");
        }
        why.push_str(note);
    }
    why
}

fn undone(item: &JobItem, planned: bool) -> Vec<String> {
    let what = if planned { format!("{:?}", item.action) } else { format!("{:?}", item.outcome) };
    let why = why(item.reason.as_deref(), item.action, item.outcome, &item.diff);
    vec![what, kind(&item.kind, &item.group), item.namespace.clone(), item.name.clone(), why]
}

fn kind(kind: &str, group: &str) -> String {
    if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") }
}

fn why(reason: Option<&str>, action: Action, outcome: Outcome, diff: &[Change]) -> String {
    let mut why = reason.unwrap_or_default().to_owned();
    let tells = matches!(action, Action::Patch | Action::Recreate | Action::Skip);
    if tells && outcome != Outcome::Failed {
        for change in diff.iter().take(FIELDS) {
            let shorten =
                |value: &serde_json::Value| value.to_string().chars().take(SHORT).collect::<String>();
            let _ = write!(why, "; {} {} → {}", change.path, shorten(&change.live), shorten(&change.point));
        }
        if diff.len() > FIELDS {
            why.push_str("; …");
        }
    }
    why
}
