//! Creating a claim that is filled from a snapshot.

use std::time::Duration;

use holdfast_model::plan::Action;
use holdfast_model::report::Outcome;
use holdfast_model::volume::{Fill, claim_from_snapshot, raise_request};
use serde_json::Value;

use crate::error::EngineError;
use crate::restore::form::Form;
use crate::restore::run::Run;
use crate::restore::write::{Job, Written};
use crate::snapshots::static_content::{await_snapshot, create_snapshot};

/// How long the `VolumeSnapshot` may take to be bound to its content before its claim is made all the same: a provisioner that
/// meets one that is not bound tells a failure and tries again.
const BOUND_WITHIN: Duration = Duration::from_secs(15);

/// What is sent for a claim: its target form, filled from a `VolumeSnapshot` of its namespace.
pub(in crate::restore) fn filled(form: &Value, fill: &Fill, snapshot: &str) -> Value {
    let mut claim = form.clone();
    if let Some(bytes) = fill.restore_size {
        raise_request(&mut claim, bytes);
    }
    claim_from_snapshot(&mut claim, snapshot);
    claim
}

impl Run<'_> {
    /// Makes the `VolumeSnapshot` and the claim. A claim that appeared meanwhile is left alone.
    pub(in crate::restore) async fn fill(
        &self,
        job: &Job<'_>,
        form: &Form,
        fill: &Fill,
    ) -> Result<Written, EngineError> {
        let Some(api) = &self.helpers.api else {
            let reason = "the target serves no CSI snapshots any more";
            return Ok(Written::because(Outcome::Failed, Action::Create, reason));
        };
        let name = self.helpers.name(job.namespace, job.name);
        if self.fetch(job).await?.is_none() {
            let claim = format!("{}/{}", job.namespace, job.name);
            let labels = self.helpers.labels();
            let cluster = self.live.cluster;
            if let Err(error) = create_snapshot(cluster, api, job.namespace, &name, &claim, &labels).await {
                let mut written = self.failed(Action::Create, &error);
                written.report.reason = Some(format!("its VolumeSnapshot could not be made: {error}").into());
                return Ok(written);
            }
            let waiting = await_snapshot(cluster, api, job.namespace, &name, BOUND_WITHIN);
            if let Some(Err(error)) = self.context.cancel.run_until_cancelled(waiting).await {
                return Ok(self.failed(Action::Create, &error));
            }
        }
        self.create_as(job, form, filled(&form.object, fill, &name)).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filled_claim_names_its_snapshot_and_asks_for_enough() {
        let fill =
            Fill { handle: "h".into(), driver: "d".into(), volume_mode: None, restore_size: Some(2 << 30) };
        let form = json!({"spec": {"storageClassName": "fast", "selector": {"matchLabels": {"a": "b"}},
            "resources": {"requests": {"storage": "1Gi"}}}});
        let claim = filled(&form, &fill, "holdfast-1");
        assert_eq!(
            claim["spec"],
            json!({"storageClassName": "fast", "resources": {"requests": {"storage": "2147483648"}},
                "dataSource": {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "holdfast-1"}})
        );
    }
}
