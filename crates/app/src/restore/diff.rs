//! One entry of a plan in full.

use holdfast_engine::progress_channel;
use holdfast_engine::restore::show;
use holdfast_model::plan::MASK;
use holdfast_model::secret;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::rows;
use crate::App;
use crate::api::{Failure, PlanDiff};
use crate::points::yaml;

/// What stands for a value of a Secret that the restore changes.
const MASK_CHANGED: &str = "•••• (changed)";

/// What a reason begins with when the cluster is not as it was planned against.
const DRIFTED: &str = "changed since the plan was made";

impl App {
    /// One entry of a plan: the live object as it is now, and what it would be.
    pub async fn plan_diff(&self, plan_id: String, entry: u32) -> Result<PlanDiff, Failure> {
        let planned = self.inner.plans.get(&plan_id)?;
        let at = entry as usize;
        let item = planned.plan.entries.get(at).ok_or_else(|| {
            Failure::not_found(format!(
                "the plan has {} entries and none with number {entry}",
                planned.plan.entries.len()
            ))
        })?;
        let (context, _) = progress_channel(CancellationToken::new(), self.inner.environment.now);
        let mut shown = show(&planned.cluster, &planned.plan, item, &context).await?;
        let mut row = rows::plan_row(&planned.plan, at, &shown.entry, None);
        if shown.drifted {
            row.reason =
                if row.reason.is_empty() { DRIFTED.to_owned() } else { format!("{DRIFTED}: {}", row.reason) };
        }
        mask(planned.plan.row(item).ty, shown.live.as_mut(), &mut shown.after);
        let changes = shown.entry.detail.as_ref().map_or(&[][..], |detail| &detail.changes);
        Ok(PlanDiff {
            row,
            live: shown.live.as_ref().map(yaml).transpose()?,
            after: yaml(&shown.after)?,
            changes: rows::field_changes(changes),
        })
    }
}

/// Masks both sides of a Secret, so that it still shows which values differ.
fn mask(ty: &holdfast_model::resource::ResourceType, live: Option<&mut Value>, after: &mut Value) {
    let Some(live) = live else {
        secret::mask(ty, after, |_| MASK);
        return;
    };
    let before = live.clone();
    let wanted = after.clone();
    let value = |object: &Value, key: &str| object.get("data").and_then(|data| data.get(key)).cloned();
    secret::mask(
        ty,
        after,
        |key| if value(&before, key) == value(&wanted, key) { MASK } else { MASK_CHANGED },
    );
    secret::mask(ty, live, |_| MASK);
}

#[cfg(test)]
mod tests {
    use holdfast_model::resource::ResourceType;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_sides_of_a_secret_differ_where_their_values_do() {
        let ty = ResourceType {
            group: String::new(),
            version: "v1".into(),
            plural: "secrets".into(),
            kind: "Secret".into(),
            namespaced: true,
        };
        let mut live = json!({"data": {"same": "YQ==", "other": "Yg=="}});
        let mut after = json!({"data": {"same": "YQ==", "other": "Yw==", "new": "ZA=="}});
        mask(&ty, Some(&mut live), &mut after);
        assert_eq!(live, json!({"data": {"same": MASK, "other": MASK}}));
        assert_eq!(after, json!({"data": {"same": MASK, "other": MASK_CHANGED, "new": MASK_CHANGED}}));
    }
}
