//! PATCH: JSON merge patch (RFC 7396), the only kind of patch that Holdfast sends.

use holdfast_model::patch;
use serde_json::Value;

use super::answer::Answer;
use super::create::parse;
use super::get::shown;
use crate::controllers;
use crate::kinds::Kind;
use crate::rules;
use crate::world::{Key, Transaction};

const MERGE_PATCH: &str = "application/merge-patch+json";

/// What a patch cannot change and does not fail about.
const KEPT: [&str; 7] = [
    "creationTimestamp",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

pub(super) fn object(
    transaction: &mut Transaction<'_>,
    kind: &Kind,
    key: &Key,
    content_type: &str,
    body: &[u8],
) -> Result<Answer, Answer> {
    if content_type.split(';').next().map(str::trim) != Some(MERGE_PATCH) {
        return Err(Answer::unsupported_media_type(MERGE_PATCH));
    }
    let name = key.name.as_str();
    let old = transaction.world.get(key).cloned().ok_or_else(|| Answer::not_found(kind, name))?;
    let change = parse(body)?;
    let expected = change.pointer("/metadata/resourceVersion").and_then(Value::as_str).unwrap_or_default();
    if !expected.is_empty() && old["metadata"]["resourceVersion"] != expected {
        return Err(Answer::conflict(kind, name));
    }
    let mut new = (*old).clone();
    patch::apply(&mut new, &change);
    if !new["metadata"].is_object() {
        return Err(Answer::bad_request("metadata cannot be removed"));
    }
    for (field, what) in [("name", "name"), ("namespace", "namespace")] {
        let (said, expected) = (&new["metadata"][field], &old["metadata"][field]);
        if said != expected {
            return Err(Answer::bad_request(&format!(
                "the {what} of the object ({}) does not match the {what} on the URL ({})",
                said.as_str().unwrap_or_default(),
                expected.as_str().unwrap_or_default(),
            )));
        }
    }
    keep(&mut new, &old, "apiVersion");
    keep(&mut new, &old, "kind");
    if kind.status_apart {
        keep(&mut new, &old, "status");
    }
    for field in KEPT {
        keep(&mut new["metadata"], &old["metadata"], field);
    }
    if !kind.ty.namespaced
        && let Some(metadata) = new["metadata"].as_object_mut()
    {
        metadata.remove("namespace");
    }
    let refusals = rules::immutable(kind, &old, &new);
    if !refusals.is_empty() {
        return Err(Answer::invalid(kind, name, &refusals));
    }
    rules::complete(transaction.world, kind, key, &mut new, Some(&old))
        .map_err(|refusals| Answer::invalid(kind, name, &refusals))?;
    if kind.counts_generations && beyond_metadata(&new) != beyond_metadata(&old) {
        let generation = old["metadata"]["generation"].as_u64().unwrap_or(1);
        new["metadata"]["generation"] = Value::from(generation + 1);
    }
    let new = transaction.update(key, new);
    controllers::settle(transaction);
    Ok(Answer::json(200, &shown(kind, &new)))
}

/// Gives `new` the field that `old` has, or none.
fn keep(new: &mut Value, old: &Value, field: &str) {
    let Some(map) = new.as_object_mut() else { return };
    match old.get(field) {
        Some(value) => map.insert(field.to_owned(), value.clone()),
        None => map.remove(field),
    };
}

fn beyond_metadata(object: &Value) -> Vec<(&String, &Value)> {
    let fields = object.as_object().into_iter().flatten();
    fields.filter(|(key, _)| !matches!(key.as_str(), "metadata" | "status")).collect()
}
