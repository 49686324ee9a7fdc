//! What deletions of points left that were killed: contents by which a driver was asked to delete a snapshot, or was about to.
//!
//! Their snapshots are still those of a point, which is there, so they are kept; deleting the point again deletes them.

use holdfast_cluster::{Cluster, ListRequest};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::static_content::give_up;
use super::{DELETION_LABEL, SnapshotApi, VAULT_LABEL, objects};
use crate::context::Context;
use crate::error::EngineError;

/// A younger one may belong to a deletion that runs.
const MAY_BE_RUNNING: SignedDuration = SignedDuration::from_mins(15);

/// Removes them. Returns how many there were.
///
/// # Errors
/// Fails when they cannot be listed or removed, and on cancellation.
pub(crate) async fn sweep(
    cluster: &Cluster,
    api: &SnapshotApi,
    vault: &str,
    context: &Context,
) -> Result<u64, EngineError> {
    let mut request = ListRequest::all(api.contents.clone());
    request.label_selector = Some(format!("{DELETION_LABEL},{VAULT_LABEL}={vault}"));
    let contents = objects::list(cluster, request, None, context).await??;
    let mut swept = 0;
    for name in contents.iter().filter_map(|content| abandoned(content, context.now())) {
        context.run(give_up(cluster, api, name)).await?;
        swept += 1;
    }
    Ok(swept)
}

/// The name of a content that no deletion can be waiting for.
fn abandoned(content: &Value, now: Timestamp) -> Option<&str> {
    let metadata = content.get("metadata")?;
    let made: Timestamp = metadata.get("creationTimestamp")?.as_str()?.parse().ok()?;
    (now.duration_since(made) > MAY_BE_RUNNING).then(|| metadata.get("name")?.as_str()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_no_deletion_can_be_waiting_for_is_swept() {
        let now = "2026-11-25T15:20:00Z".parse().unwrap();
        let content = |made: &str| json!({"metadata": {"name": "holdfast-1", "creationTimestamp": made}});
        assert_eq!(abandoned(&content("2026-11-25T15:04:00Z"), now), Some("holdfast-1"));
        assert_eq!(abandoned(&content("2026-11-25T15:06:00Z"), now), None);
        assert_eq!(abandoned(&json!({"metadata": {"name": "holdfast-1"}}), now), None);
    }
}
