//! Pods and Jobs: what a scheduler, an admission plugin or a controller assigned.

use serde_json::Value;

use super::{list_mut, map_mut, remove, text};

/// Labels that the Job controller derives from the Job's UID and name.
const JOB_LABELS: [&str; 4] =
    ["batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name"];

/// The controller (of a Deployment) and the API server (for a DaemonSet) count the templates they have seen.
pub(super) fn strip_revision(object: &mut Value) {
    let counters = ["deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation"];
    remove(object, &["metadata", "annotations"], &counters);
}

pub(super) fn strip_pod(object: &mut Value) {
    if let Some(spec) = map_mut(object, &["spec"]) {
        // The scheduler places it anew; the priority follows from its class; ephemeral containers
        // cannot be created.
        for key in ["nodeName", "priority", "ephemeralContainers"] {
            spec.remove(key);
        }
    }
    // Token secrets of clusters before 1.24; admission adds a projected token instead.
    let account = text(object, &["spec", "serviceAccountName"]).to_owned();
    if account.is_empty() {
        return;
    }
    let prefix = format!("{account}-token-");
    let is_token = |value: &Value| text(value, &["name"]).starts_with(&prefix);
    if let Some(volumes) = list_mut(object, &["spec", "volumes"]) {
        volumes.retain(|volume| !is_token(volume));
    }
    for containers in ["containers", "initContainers"] {
        for container in list_mut(object, &["spec", containers]).into_iter().flatten() {
            if let Some(mounts) = list_mut(container, &["volumeMounts"]) {
                mounts.retain(|mount| !is_token(mount));
            }
        }
    }
}

pub(super) fn pod_not_restorable(object: &Value) -> Option<&'static str> {
    if object.pointer("/metadata/annotations/kubernetes.io~1config.mirror").is_some() {
        return Some("a mirror of a static pod, which only a kubelet makes");
    }
    match text(object, &["status", "phase"]) {
        "Succeeded" | "Failed" => Some("the pod had ended; restoring it would run it again"),
        _ => None,
    }
}

pub(super) fn strip_job(object: &mut Value) {
    remove(object, &["metadata", "labels"], &["batch.kubernetes.io/controller-uid", "controller-uid"]);
    if object.pointer("/spec/manualSelector").and_then(Value::as_bool) == Some(true) {
        return;
    }
    if let Some(spec) = map_mut(object, &["spec"]) {
        spec.remove("selector");
    }
    remove(object, &["spec", "template", "metadata", "labels"], &JOB_LABELS);
}

pub(super) fn job_not_restorable(object: &Value) -> Option<&'static str> {
    (!text(object, &["status", "completionTime"]).is_empty())
        .then_some("the job had completed; restoring it would run it again")
}
