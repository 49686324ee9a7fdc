//! What the API refuses, and what it fills in, in the real server's words.

mod immutable;
mod service;
mod shape;
mod snapshot;

use serde_json::{Value, json};

pub(crate) use immutable::immutable;

use crate::kinds::Kind;
use crate::world::{Key, World};

/// One field that is not acceptable: a cause of a 422.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub field: String,
    /// Such as `FieldValueInvalid`.
    pub reason: &'static str,
    /// The words after the field's name.
    pub message: String,
}

impl Refusal {
    /// A field that is missing; where its definition demands it the server says no more than that.
    pub(crate) fn required(field: &str, words: &str) -> Self {
        let colon = if words.is_empty() { "" } else { ": " };
        let message = format!("Required value{colon}{words}");
        Self { field: field.into(), reason: "FieldValueRequired", message }
    }

    pub(crate) fn unsupported(field: &str, value: &Value, supported: &str) -> Self {
        let message = format!("Unsupported value: {value}: supported values: {supported}");
        Self { field: field.into(), reason: "FieldValueNotSupported", message }
    }

    pub(crate) fn invalid(field: &str, value: &Value, words: &str) -> Self {
        let message = format!("Invalid value: {value}: {words}");
        Self { field: field.into(), reason: "FieldValueInvalid", message }
    }

    pub(crate) fn forbidden(field: &str, words: &str) -> Self {
        Self { field: field.into(), reason: "FieldValueForbidden", message: format!("Forbidden: {words}") }
    }
}

/// Checks a new name: a DNS-1123 subdomain, or for RBAC anything that can be a segment of a path.
pub(crate) fn name(kind: &Kind, name: &str) -> Result<(), Refusal> {
    if kind.ty.group == "rbac.authorization.k8s.io" {
        return if matches!(name, "." | "..") || name.contains(['/', '%']) {
            Err(Refusal::invalid("metadata.name", &json!(name), "may not contain '/' or '%'"))
        } else {
            Ok(())
        };
    }
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let label = |label: &str| {
        label.bytes().all(|b| inner(b) || b == b'-')
            && label.bytes().next().is_some_and(inner)
            && label.bytes().next_back().is_some_and(inner)
    };
    if name.len() <= 253 && name.split('.').all(label) {
        return Ok(());
    }
    let words = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and \
                 must start and end with an alphanumeric character";
    Err(Refusal::invalid("metadata.name", &json!(name), words))
}

/// Fills in what the server itself fills in, for a new object or one changed from `old`.
pub(crate) fn complete(
    world: &World,
    kind: &Kind,
    key: &Key,
    object: &mut Value,
    old: Option<&Value>,
) -> Result<(), Vec<Refusal>> {
    shape::check(kind, object)?;
    match (key.group.as_str(), key.plural.as_str()) {
        ("", "services") => service::complete(world, key, object, old)?,
        ("", "secrets") => complete_secret(object),
        ("", "persistentvolumeclaims") => complete_claim(object),
        ("", "namespaces") => {
            object["metadata"]["labels"]["kubernetes.io/metadata.name"] = Value::from(key.name.as_str());
            object["spec"] = json!({"finalizers": ["kubernetes"]});
            object["status"] = json!({"phase": "Active"});
        }
        ("apiextensions.k8s.io", "customresourcedefinitions") => complete_definition(object),
        ("apps", "deployments" | "replicasets" | "statefulsets" | "daemonsets") => check_selector(object)?,
        ("snapshot.storage.k8s.io", "volumesnapshots") => snapshot::check_snapshot(object)?,
        ("snapshot.storage.k8s.io", "volumesnapshotcontents") => snapshot::check_content(object)?,
        ("snapshot.storage.k8s.io", "volumesnapshotclasses") => snapshot::check_class(object)?,
        _ => {}
    }
    Ok(())
}

/// `stringData` is a way to write `data`; it is never read back.
fn complete_secret(object: &mut Value) {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let Some(root) = object.as_object_mut() else { return };
    if let Some(Value::Object(plain)) = root.remove("stringData") {
        let data = root.entry("data").or_insert_with(|| json!({}));
        for (entry, value) in plain {
            data[entry] = Value::from(STANDARD.encode(value.as_str().unwrap_or_default()));
        }
    }
    root.entry("type").or_insert_with(|| json!("Opaque"));
}

/// `dataSource` and `dataSourceRef` say the same where both can: a snapshot or a claim of the same namespace.
fn complete_claim(object: &mut Value) {
    let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) else { return };
    let given = |field: &str| spec.get(field).filter(|source| source.is_object()).cloned();
    match (given("dataSource"), given("dataSourceRef")) {
        (Some(source), None) => {
            spec.insert("dataSourceRef".to_owned(), source);
        }
        (None, Some(source)) if source["namespace"].is_null() => {
            let known = ["VolumeSnapshot", "PersistentVolumeClaim"].map(Value::from);
            if known.contains(&source["kind"]) {
                spec.insert("dataSource".to_owned(), source);
            }
        }
        _ => {}
    }
}

/// A definition is served, and says so, the moment it exists.
fn complete_definition(object: &mut Value) {
    let names = &mut object["spec"]["names"];
    let kind = names["kind"].as_str().unwrap_or_default().to_owned();
    if names["listKind"].is_null() {
        names["listKind"] = Value::from(format!("{kind}List"));
    }
    if names["singular"].is_null() {
        names["singular"] = Value::from(kind.to_ascii_lowercase());
    }
    let names = names.clone();
    if object["spec"]["conversion"].is_null() {
        object["spec"]["conversion"] = json!({"strategy": "None"});
    }
    let versions = object["spec"]["versions"].as_array().cloned().unwrap_or_default();
    let stored = versions.iter().find(|version| version["storage"] == true).map(|version| &version["name"]);
    let condition = |what: &str, reason: &str, message: &str| json!({"type": what, "status": "True", "reason": reason, "message": message});
    object["status"] = json!({
        "acceptedNames": names,
        "storedVersions": [stored],
        "conditions": [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ],
    });
}

fn check_selector(object: &Value) -> Result<(), Vec<Refusal>> {
    let wanted = object.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let labels = object.pointer("/spec/template/metadata/labels").unwrap_or(&Value::Null);
    let fits = wanted.is_none_or(|wanted| wanted.iter().all(|(key, value)| labels.get(key) == Some(value)));
    if fits {
        return Ok(());
    }
    let words = "`selector` does not match template `labels`";
    Err(vec![Refusal::invalid("spec.template.metadata.labels", labels, words)])
}
