//! Claims and volumes in a plan.
//!
//! Recovery points do not hold volume data yet. So that nobody takes an empty claim
//! for a restored one, claims that held data are Blocked unless they are asked for
//! empty, and so are the StatefulSets whose controllers would make them empty.

use holdfast_model::plan::{Action, VolumeMode};
use holdfast_store::Row;
use serde_json::Value;

use super::compare::Decision;
use super::planner::Planner;
use crate::error::EngineError;

const NO_DATA: &str =
    "its data is not in the recovery point; --volume-mode without-data makes it again, empty";

impl Planner<'_> {
    /// Decides about an object of a storage kind that is not in the target.
    pub(super) async fn absent(&self, row: &Row<'_>) -> Result<Decision, EngineError> {
        let create = Decision::plain(Action::Create);
        let without_data = self.request.volume_mode == VolumeMode::WithoutData;
        match (row.ty.group.as_str(), row.ty.plural.as_str()) {
            ("", "persistentvolumeclaims") => {
                let claim = super::form::stored(self.point, row, self.context).await?;
                Ok(match (is_bound(&claim), without_data) {
                    (false, _) => create,
                    (true, true) => Decision::because(Action::Create, "made again, empty"),
                    (true, false) => Decision::because(Action::Blocked, NO_DATA),
                })
            }
            ("", "persistentvolumes") => {
                let volume = super::form::stored(self.point, row, self.context).await?;
                let claimed = volume.pointer("/spec/claimRef/name").is_some();
                Ok(match (claimed, without_data) {
                    (false, _) => Decision::because(
                        Action::Create,
                        "refers to storage outside of the cluster, which is not copied",
                    ),
                    (true, true) => {
                        Decision::because(Action::Skip, "its claim is made again empty, on a new volume")
                    }
                    (true, false) => Decision::because(
                        Action::Blocked,
                        "belongs to a claim whose data is not in the recovery point",
                    ),
                })
            }
            ("apps", "statefulsets") if !without_data => {
                let set = super::form::stored(self.point, row, self.context).await?;
                for claim in claims(&set, row.name) {
                    if self.would_be_empty(row.namespace, &claim).await? {
                        return Ok(Decision::because(
                            Action::Blocked,
                            format!("its controller would make claim {claim} empty, because {NO_DATA}"),
                        ));
                    }
                }
                Ok(create)
            }
            _ => Ok(create),
        }
    }

    /// Whether a claim held data in the recovery point and is not in the target.
    async fn would_be_empty(&self, namespace: &str, name: &str) -> Result<bool, EngineError> {
        let Some(type_id) = self.type_id("", "persistentvolumeclaims") else {
            return Ok(false);
        };
        let Some(row) = self.index.find(type_id, namespace, name) else {
            return Ok(false);
        };
        let claim = super::form::stored(self.point, &row, self.context).await?;
        Ok(is_bound(&claim) && !self.is_live("PersistentVolumeClaim", namespace, name).await?)
    }
}

fn is_bound(claim: &Value) -> bool {
    claim.pointer("/spec/volumeName").and_then(Value::as_str).is_some_and(|name| !name.is_empty())
}

/// The names that a StatefulSet's controller gives its claims: `template-set-ordinal`.
fn claims(set: &Value, name: &str) -> Vec<String> {
    let number = |path: &str, default: u64| set.pointer(path).and_then(Value::as_u64).unwrap_or(default);
    let start = number("/spec/ordinals/start", 0);
    // A set cannot have more pods than a cluster has; the bound keeps a hostile count harmless.
    let replicas = number("/spec/replicas", 1).min(10_000);
    let templates = set.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
    let mut claims = Vec::new();
    for template in templates.into_iter().flatten() {
        let template = template.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        claims.extend(
            (start..start.saturating_add(replicas)).map(|ordinal| format!("{template}-{name}-{ordinal}")),
        );
    }
    claims
}
