//! Definitions and webhooks that an older API version let through and `v1` refuses (Velero's actions for both).

use serde_json::{Value, json};

use super::{list_mut, map_mut, text};

/// `preserveUnknownFields: true` says the same as the extension in each version's schema.
pub(super) fn strip_definition(object: &mut Value) {
    let Some(spec) = map_mut(object, &["spec"]) else {
        return;
    };
    if spec.get("preserveUnknownFields").and_then(Value::as_bool) != Some(true) {
        return;
    }
    spec.insert("preserveUnknownFields".into(), json!(false));
    for version in list_mut(object, &["spec", "versions"]).into_iter().flatten() {
        if let Some(schema) = map_mut(version, &["schema", "openAPIV3Schema"]) {
            schema.insert("x-kubernetes-preserve-unknown-fields".into(), json!(true));
        }
    }
}

/// `v1` takes only `None` and `NoneOnDryRun`.
pub(super) fn strip_webhooks(object: &mut Value) {
    for webhook in list_mut(object, &["webhooks"]).into_iter().flatten() {
        let accepted = matches!(text(webhook, &["sideEffects"]), "None" | "NoneOnDryRun");
        if !accepted && let Some(webhook) = webhook.as_object_mut() {
            webhook.insert("sideEffects".into(), json!("None"));
        }
    }
}
