//! What the definitions of external-snapshotter v8 demand of snapshots and their contents.

use serde_json::{Value, json};

use super::Refusal;

const CONTENT_SOURCES: [&str; 2] = ["volumeHandle", "snapshotHandle"];
const SNAPSHOT_SOURCES: [&str; 2] = ["volumeSnapshotContentName", "persistentVolumeClaimName"];

pub(super) fn check_snapshot(object: &Value) -> Result<(), Vec<Refusal>> {
    check_maps(object, &["spec", "spec.source"])?;
    check_source(object, &SNAPSHOT_SOURCES)?;
    if object.pointer("/spec/volumeSnapshotClassName").is_some_and(|class| class == "") {
        let words = "volumeSnapshotClassName must not be the empty string when set";
        return Err(vec![Refusal::invalid("spec.volumeSnapshotClassName", &json!(""), words)]);
    }
    Ok(())
}

pub(super) fn check_content(object: &Value) -> Result<(), Vec<Refusal>> {
    check_maps(object, &["spec", "spec.source", "spec.volumeSnapshotRef"])?;
    check_source(object, &CONTENT_SOURCES)?;
    check_policy("spec.deletionPolicy", &object["spec"]["deletionPolicy"])?;
    required(&["spec.driver"], object)?;
    let reference = &object["spec"]["volumeSnapshotRef"];
    if reference["name"].is_string() && reference["namespace"].is_string() {
        return Ok(());
    }
    let words = "both spec.volumeSnapshotRef.name and spec.volumeSnapshotRef.namespace must be set";
    Err(vec![Refusal::invalid("spec.volumeSnapshotRef", &json!("object"), words)])
}

pub(super) fn check_class(object: &Value) -> Result<(), Vec<Refusal>> {
    required(&["driver"], object)?;
    check_policy("deletionPolicy", &object["deletionPolicy"])
}

fn check_maps(object: &Value, fields: &[&str]) -> Result<(), Vec<Refusal>> {
    for field in fields {
        match at(object, field) {
            Some(Value::Object(_)) => {}
            None | Some(Value::Null) => return Err(vec![Refusal::required(field, "")]),
            Some(other) => return Err(vec![Refusal::invalid(field, other, "must be an object")]),
        }
    }
    Ok(())
}

fn check_source(object: &Value, sources: &[&str; 2]) -> Result<(), Vec<Refusal>> {
    let given = sources.iter().filter(|source| object["spec"]["source"][**source].is_string());
    if given.count() == 1 {
        return Ok(());
    }
    let words = format!("exactly one of {} and {} must be set", sources[0], sources[1]);
    Err(vec![Refusal::invalid("spec.source", &json!("object"), &words)])
}

fn check_policy(field: &str, policy: &Value) -> Result<(), Vec<Refusal>> {
    match policy.as_str() {
        Some("Delete" | "Retain") => Ok(()),
        None => Err(vec![Refusal::required(field, "")]),
        Some(_) => Err(vec![Refusal::unsupported(field, policy, r#""Delete", "Retain""#)]),
    }
}

fn required(fields: &[&str], object: &Value) -> Result<(), Vec<Refusal>> {
    let missing = fields.iter().find(|field| !at(object, field).is_some_and(Value::is_string));
    missing.map_or(Ok(()), |field| Err(vec![Refusal::required(field, "")]))
}

fn at<'a>(object: &'a Value, field: &str) -> Option<&'a Value> {
    object.pointer(&format!("/{}", field.replace('.', "/")))
}
