//! Waiting where the next wave needs what this one made to be more than written.

use std::time::Duration;

use futures::{StreamExt, stream};
use holdfast_model::resource::ResourceType;
use serde_json::Value;

use super::REQUESTS_AT_ONCE;
use super::run::Run;

/// How long a definition may take to be Established, a namespace to be Active.
const PATIENCE: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(100);

impl Run<'_> {
    /// Waits until each named object is ready; names those that are not in time.
    pub(super) async fn wait_ready(
        &self,
        ty: &ResourceType,
        names: Vec<String>,
        ready: fn(&Value) -> bool,
    ) -> Vec<String> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        stream::iter(names)
            .map(async |name| {
                loop {
                    let found = self.live.cluster.get(ty, None, &name).await.ok().flatten();
                    let object = found.and_then(|json| serde_json::from_slice::<Value>(&json).ok());
                    if object.is_some_and(|object| ready(&object)) {
                        return None;
                    }
                    let slept = self.context.cancel.run_until_cancelled(tokio::time::sleep(POLL)).await;
                    if slept.is_none() || tokio::time::Instant::now() >= deadline {
                        return Some(name);
                    }
                }
            })
            .buffer_unordered(REQUESTS_AT_ONCE)
            .filter_map(async |late| late)
            .collect()
            .await
    }
}

pub(super) fn is_established(definition: &Value) -> bool {
    ["Established", "NamesAccepted"].iter().all(|wanted| {
        let conditions = definition.pointer("/status/conditions").and_then(Value::as_array);
        conditions.into_iter().flatten().any(|c| c["type"] == *wanted && c["status"] == "True")
    })
}

pub(super) fn is_active(namespace: &Value) -> bool {
    namespace.pointer("/status/phase").and_then(Value::as_str) == Some("Active")
}
