//! Entries of plans and reports as rows: filtered, sorted and paged.

use holdfast_engine::restore::RestorePlan;
use holdfast_model::plan::{self, Change, PlanEntry};
use holdfast_model::report::{self, ReportEntry};
use serde_json::Value;

use crate::api::{Action, Failure, FieldChange, Outcome, PlanPage, PlanQuery, PlanRow, PlanSort};
use crate::points::MAX_PAGE;
use crate::points::words::{Known, Subject, Words};

/// Fields that a row tells of.
const SUMMARISED: usize = 3;
/// Longest value in a row, in characters.
const SHORT: usize = 24;

/// One entry, as queries ask about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed<'a> {
    pub kind: &'a str,
    pub resource: &'a str,
    pub namespace: &'a str,
    pub name: &'a str,
    pub target_namespace: &'a str,
    pub labels: Option<&'a str>,
    pub action: Action,
    pub outcome: Outcome,
    pub reason: &'a str,
}

/// What there is to ask for.
pub(crate) struct Listing<'a> {
    pub kinds: &'a [String],
    pub namespaces: &'a [String],
    /// Whether there are outcomes, which then are sorted by instead of actions.
    pub report: bool,
}

/// The rows of one page.
pub(crate) fn page<'a>(
    items: impl ExactSizeIterator<Item = Listed<'a>>,
    listing: &Listing<'_>,
    query: &PlanQuery,
    row: impl Fn(usize) -> PlanRow,
) -> Result<PlanPage, Failure> {
    let known = Known { kinds: listing.kinds, namespaces: listing.namespaces };
    let mut words = Words::parse(&query.text, &known)?;
    let of = items.len() as u64;
    let mut found: Vec<(usize, Listed<'_>)> = items
        .enumerate()
        .filter(|(_, item)| {
            (query.actions.is_empty() || query.actions.contains(&item.action))
                && (query.outcomes.is_empty() || query.outcomes.contains(&item.outcome))
                && holds(&mut words, item)
        })
        .collect();
    match query.sort {
        PlanSort::Order => {}
        PlanSort::Kind => found.sort_by_key(|(_, i)| (i.kind, i.target_namespace, i.name)),
        PlanSort::Name => found.sort_by_key(|(_, i)| i.name),
        PlanSort::Namespace => found.sort_by_key(|(_, i)| (i.target_namespace, i.kind, i.name)),
        PlanSort::Action if listing.report => found.sort_by_key(|(_, i)| told(i.outcome)),
        PlanSort::Action => found.sort_by_key(|(_, i)| weight(i.action)),
    }
    if query.descending {
        found.reverse();
    }
    let skip = usize::try_from(query.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(query.limit.min(MAX_PAGE)).unwrap_or_default();
    let rows = found.iter().skip(skip).take(limit).map(|(at, _)| row(*at)).collect();
    Ok(PlanPage { total: found.len() as u64, of, offset: query.offset, rows })
}

/// What a person must know of a plan stands first: what cannot be done, what changes something that exists, what is
/// new, and last what stays as it is.
fn weight(action: Action) -> u8 {
    match action {
        Action::Blocked => 0,
        Action::Unchecked => 1,
        Action::Delete => 2,
        Action::Recreate => 3,
        Action::Patch => 4,
        Action::Create => 5,
        Action::Skip => 6,
        Action::Derived => 7,
        Action::Identical => 8,
    }
}

/// The same of a report: what was not restored, what was, and last what stayed as it was.
fn told(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Failed => 0,
        Outcome::Blocked => 1,
        Outcome::Deleted => 2,
        Outcome::Recreated => 3,
        Outcome::Created => 4,
        Outcome::Patched => 5,
        Outcome::Planned => 6,
        Outcome::Skipped => 7,
        Outcome::Derived => 8,
        Outcome::Identical => 9,
    }
}

/// A word about the namespace may mean the one in the recovery point or the one in the target.
fn holds(words: &mut Words, item: &Listed<'_>) -> bool {
    let subject = |namespace| Subject {
        kind: item.kind,
        resource: item.resource,
        namespace,
        name: item.name,
        labels: item.labels,
        more: item.reason,
    };
    words.hold(&subject(item.namespace))
        || (item.namespace != item.target_namespace && words.hold(&subject(item.target_namespace)))
}

/// One entry of a plan, with what a run reported of it.
pub(crate) fn plan_row(
    plan: &RestorePlan,
    at: usize,
    entry: &PlanEntry,
    report: Option<&ReportEntry>,
) -> PlanRow {
    let row = plan.row(entry);
    let detail = entry.detail.as_deref();
    let changes = detail.map_or(&[][..], |detail| &detail.changes);
    let planned = detail.and_then(|detail| detail.reason.as_deref());
    let reported = report.and_then(|entry| entry.reason.as_deref());
    let pruned = report.and_then(|entry| entry.pruned.as_deref());
    PlanRow {
        entry: u32::try_from(at).unwrap_or(u32::MAX),
        group: row.ty.group.clone(),
        version: row.ty.version.clone(),
        kind: row.ty.kind.clone(),
        namespace: row.namespace.to_owned(),
        name: row.name.to_owned(),
        target_namespace: entry.target_namespace.to_string(),
        target_name: entry.target_name.as_deref().unwrap_or(row.name).to_owned(),
        action: action(report.map_or(entry.action, |entry| entry.action)),
        outcome: outcome(report),
        reason: reported.or(planned).unwrap_or_default().to_owned(),
        summary: summary(changes),
        changes: u32::try_from(changes.len()).unwrap_or(u32::MAX),
        pruned: pruned.map(<[String]>::to_vec).unwrap_or_default(),
        modifiers: detail.map(|detail| detail.modifiers.clone()).unwrap_or_default(),
        earlier: entry.earlier.is_some(),
    }
}

/// The first differing fields in short, such as `replicas 3 → 5`.
pub(crate) fn summary(changes: &[Change]) -> String {
    let mut parts: Vec<String> = changes.iter().take(SUMMARISED).map(in_short).collect();
    if changes.len() > SUMMARISED {
        parts.push("…".to_owned());
    }
    parts.join(", ")
}

fn in_short(change: &Change) -> String {
    let field = change.path.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
    match (&change.live, &change.point) {
        (Value::Null, _) => format!("{field} added"),
        (_, Value::Null) => format!("{field} removed"),
        (live, point) => match (short(live), short(point)) {
            (Some(live), Some(point)) if live != point => format!("{field} {live} → {point}"),
            _ => format!("{field} changed"),
        },
    }
}

/// A scalar as people write it; `None` for lists and maps.
fn short(value: &Value) -> Option<String> {
    let text = match value {
        Value::Object(_) | Value::Array(_) | Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut chars = text.chars();
    let mut cut: String = chars.by_ref().take(SHORT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if chars.next().is_some() {
        cut.push('…');
    }
    Some(cut)
}

/// The fields that differ, for the window.
pub(crate) fn field_changes(changes: &[Change]) -> Vec<FieldChange> {
    let text = |value: &Value| if value.is_null() { String::new() } else { value.to_string() };
    let field = |change: &Change| FieldChange {
        path: change.path.clone(),
        live: text(&change.live),
        point: text(&change.point),
    };
    changes.iter().map(field).collect()
}

/// An action for the window.
pub(crate) fn action(action: plan::Action) -> Action {
    match action {
        plan::Action::Create => Action::Create,
        plan::Action::Patch => Action::Patch,
        plan::Action::Recreate => Action::Recreate,
        plan::Action::Delete => Action::Delete,
        plan::Action::Skip => Action::Skip,
        plan::Action::Identical => Action::Identical,
        plan::Action::Blocked => Action::Blocked,
        plan::Action::Derived => Action::Derived,
        plan::Action::Unchecked => Action::Unchecked,
    }
}

/// An outcome for the window.
pub(crate) fn outcome(entry: Option<&ReportEntry>) -> Outcome {
    entry.map_or(Outcome::Planned, |entry| outcome_of(entry.outcome))
}

pub(crate) fn outcome_of(outcome: report::Outcome) -> Outcome {
    match outcome {
        report::Outcome::Planned => Outcome::Planned,
        report::Outcome::Created => Outcome::Created,
        report::Outcome::Patched => Outcome::Patched,
        report::Outcome::Recreated => Outcome::Recreated,
        report::Outcome::Deleted => Outcome::Deleted,
        report::Outcome::Skipped => Outcome::Skipped,
        report::Outcome::Identical => Outcome::Identical,
        report::Outcome::Derived => Outcome::Derived,
        report::Outcome::Blocked => Outcome::Blocked,
        report::Outcome::Failed => Outcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_tells_the_first_differences_in_short() {
        let change = |path: &str, live, point| Change { path: path.into(), live, point };
        let changes = [
            change("/spec/replicas", json!(3), json!(5)),
            change("/metadata/labels/app.kubernetes.io~1part-of", json!(null), json!("shop")),
            change("/spec/ports", json!([1]), json!([2])),
            change("/data/x", json!("a"), json!("b")),
        ];
        assert_eq!(summary(&changes[..1]), "replicas 3 → 5");
        assert_eq!(summary(&changes), "replicas 3 → 5, app.kubernetes.io/part-of added, ports changed, …");
        // Masked values are equal to look at.
        assert_eq!(summary(&[change("/data/p", json!("••••"), json!("••••"))]), "p changed");
        assert_eq!(summary(&[]), "");
    }
}
