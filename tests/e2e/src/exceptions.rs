//! What may differ between an object and its restored self: one table, with a reason for each row.
//!
//! `docs/fidelity.md` shows the same rows; a test keeps the two together.

use serde_json::Value;

use crate::corpus::AUTO_NODE_PORT;

/// When a row applies, in words and as a question to the original object.
pub struct Condition {
    /// As the document says it.
    pub words: &'static str,
    holds: fn(&Value) -> bool,
}

/// A field that a restore does not bring back as it was.
pub struct Exception {
    /// Kinds that have it; empty for every kind.
    pub kinds: &'static [&'static str],
    /// Path of keys; `*` stands for every item of a list.
    pub path: &'static [&'static str],
    /// Whether it is only so for some objects.
    pub only: Option<Condition>,
    /// Why.
    pub reason: &'static str,
}

const fn row(
    kinds: &'static [&'static str],
    path: &'static [&'static str],
    reason: &'static str,
) -> Exception {
    Exception { kinds, path, only: None, reason }
}

#[expect(clippy::needless_pass_by_value, reason = "a constant is made of it")]
const fn only(words: &'static str, holds: fn(&Value) -> bool, row: Exception) -> Exception {
    Exception { only: Some(Condition { words, holds }), ..row }
}

const WEB_TOKEN: &str = "the token controller signs a new one for the account's new UID";
const BINDING: &str = "the volume controller writes it when it binds the claim";
const JOB: &str = "the Job controller derives it from the Job's new UID";

/// The table.
pub const TABLE: &[Exception] = &[
    row(&[], &["metadata", "uid"], "the server makes a new one"),
    row(&[], &["metadata", "resourceVersion"], "counts the writes of the target's store"),
    row(&[], &["metadata", "creationTimestamp"], "the server's clock"),
    row(&[], &["metadata", "generation"], "counts the changes since creation"),
    row(&[], &["metadata", "managedFields"], "the server's record of who wrote what; the restore wrote this"),
    row(&[], &["metadata", "ownerReferences", "*", "uid"], "the new UID of the same owner"),
    row(&[], &["status"], "belongs to the controllers of the target, which fill it"),
    only(
        "not headless",
        is_not_headless,
        row(
            &["Service"],
            &["spec", "clusterIP"],
            "an address of the target's own range; it may be taken there",
        ),
    ),
    only("not headless", is_not_headless, row(&["Service"], &["spec", "clusterIPs"], "as clusterIP")),
    only(
        "not written down by the user",
        has_auto_node_port,
        row(&["Service"], &["spec", "ports", "*", "nodePort"], "the server allocates it"),
    ),
    only(
        "not written down by the user",
        has_auto_node_port,
        row(&["Service"], &["spec", "healthCheckNodePort"], "the server allocates it"),
    ),
    only("without manualSelector", has_made_selector, row(&["Job"], &["spec", "selector"], JOB)),
    only(
        "without manualSelector",
        has_made_selector,
        row(&["Job"], &["spec", "template", "metadata", "labels", "batch.kubernetes.io/controller-uid"], JOB),
    ),
    only(
        "without manualSelector",
        has_made_selector,
        row(&["Job"], &["spec", "template", "metadata", "labels", "controller-uid"], JOB),
    ),
    row(&["Job"], &["metadata", "labels", "batch.kubernetes.io/controller-uid"], JOB),
    row(&["Job"], &["metadata", "labels", "controller-uid"], JOB),
    row(
        &["Deployment"],
        &["metadata", "annotations", "deployment.kubernetes.io/revision"],
        "the Deployment controller counts the ReplicaSets that it has made",
    ),
    only(
        "of type kubernetes.io/service-account-token",
        is_token,
        row(&["Secret"], &["data", "token"], WEB_TOKEN),
    ),
    only(
        "of type kubernetes.io/service-account-token",
        is_token,
        row(&["Secret"], &["data", "ca.crt"], "the certificate authority of the target"),
    ),
    only(
        "of type kubernetes.io/service-account-token",
        is_token,
        row(&["Secret"], &["data", "namespace"], "the namespace that the account is restored into"),
    ),
    only(
        "of type kubernetes.io/service-account-token",
        is_token,
        row(
            &["Secret"],
            &["metadata", "annotations", "kubernetes.io/service-account.uid"],
            "the account's new UID",
        ),
    ),
    row(&["PersistentVolumeClaim"], &["spec", "volumeName"], "a claim made again is bound again"),
    row(&["PersistentVolumeClaim"], &["metadata", "annotations", "pv.kubernetes.io/bind-completed"], BINDING),
    row(
        &["PersistentVolumeClaim"],
        &["metadata", "annotations", "pv.kubernetes.io/bound-by-controller"],
        BINDING,
    ),
    row(&["PersistentVolume"], &["spec", "claimRef", "uid"], "the new UID of the same claim"),
    row(
        &["PersistentVolume"],
        &["spec", "claimRef", "resourceVersion"],
        "counts the writes of the target's store",
    ),
    row(&["Pod"], &["spec", "nodeName"], "the scheduler of the target places the pod"),
    row(&["Pod"], &["spec", "ephemeralContainers"], "debugging containers cannot be created, only added"),
];

/// Objects that are not restored because something makes them again: kind, which of them, who makes them.
pub const DERIVED: &[(&str, &str, &str)] = &[
    (
        "Pod",
        "of ReplicaSets, StatefulSets, DaemonSets, Jobs, ReplicationControllers",
        "the owner's controller",
    ),
    ("ReplicaSet", "of Deployments", "the Deployment controller"),
    ("ControllerRevision", "of StatefulSets and DaemonSets", "the owner's controller"),
    ("Endpoints", "of Services with a selector", "the endpoints controller"),
    ("EndpointSlice", "of Services with a selector, and mirrored ones", "the endpoint slice controllers"),
    ("ConfigMap", "kube-root-ca.crt", "the root CA publisher, in every namespace"),
    ("ServiceAccount", "default, where it says nothing of its own", "the service account controller"),
    ("Lease", "all", "whoever holds it next"),
    ("APIService", "of definitions and built-in groups", "the API server"),
    ("IPAddress", "all", "the API server, for its Services"),
];

fn is_not_headless(service: &Value) -> bool {
    service["spec"]["clusterIP"] != "None"
}

fn has_auto_node_port(service: &Value) -> bool {
    !service["metadata"]["labels"][AUTO_NODE_PORT].is_null()
}

fn has_made_selector(job: &Value) -> bool {
    job["spec"]["manualSelector"] != true
}

fn is_token(secret: &Value) -> bool {
    secret["type"] == "kubernetes.io/service-account-token"
}

/// Where `restored` says something else than `original` and no row of the table allows it.
pub fn differences(original: &Value, restored: &Value) -> Vec<String> {
    let (mut left, mut right) = (original.clone(), restored.clone());
    for exception in TABLE {
        let kind = original["kind"].as_str().unwrap_or_default();
        let applies = exception.kinds.is_empty() || exception.kinds.contains(&kind);
        if applies && exception.only.as_ref().is_none_or(|only| (only.holds)(original)) {
            remove(&mut left, exception.path);
            remove(&mut right, exception.path);
        }
    }
    let mut found = Vec::new();
    compare(&left, &right, &mut String::new(), &mut found);
    found
}

/// Removes a field, and the maps that it leaves empty.
fn remove(value: &mut Value, path: &[&str]) {
    let Some((key, rest)) = path.split_first() else { return };
    if *key == "*" {
        for item in value.as_array_mut().into_iter().flatten() {
            remove(item, rest);
        }
        return;
    }
    let Some(map) = value.as_object_mut() else { return };
    if rest.is_empty() {
        map.remove(*key);
    } else if let Some(below) = map.get_mut(*key) {
        let had = below.as_object().is_some_and(|map| !map.is_empty());
        remove(below, rest);
        if had && below.as_object().is_some_and(serde_json::Map::is_empty) {
            map.remove(*key);
        }
    }
}

fn compare(left: &Value, right: &Value, path: &mut String, found: &mut Vec<String>) {
    let short = |value: &Value| value.to_string().chars().take(120).collect::<String>();
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let length = path.len();
                path.push('/');
                path.push_str(key);
                match (a.get(key), b.get(key)) {
                    (Some(x), Some(y)) => compare(x, y, path, found),
                    (Some(x), None) => found.push(format!("{path}: {} is gone", short(x))),
                    (_, y) => found.push(format!("{path}: {} is new", short(y.unwrap()))),
                }
                path.truncate(length);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (x, y)) in a.iter().zip(b).enumerate() {
                let length = path.len();
                path.push('/');
                path.push_str(&at.to_string());
                compare(x, y, path, found);
                path.truncate(length);
            }
        }
        _ if left == right => {}
        _ => found.push(format!("{path}: {} became {}", short(left), short(right))),
    }
}

/// The rows of the document's tables.
pub fn markdown() -> Vec<String> {
    let fields = TABLE.iter().map(|row| {
        let kinds = if row.kinds.is_empty() { "every kind".to_owned() } else { row.kinds.join(", ") };
        let only = row.only.as_ref().map_or("", |only| only.words);
        let path =
            row.path.iter().map(|key| if key.contains('.') { format!("[{key}]") } else { (*key).to_owned() });
        let path = path.collect::<Vec<_>>().join(".").replace(".[", "[").replace(".*", "[*]");
        format!("| {kinds} | `{path}` | {only} | {} |", row.reason)
    });
    let derived = DERIVED.iter().map(|(kind, which, who)| format!("| {kind} | {which} | {who} |"));
    fields.chain(derived).collect()
}
