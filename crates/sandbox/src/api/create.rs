//! POST.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::answer::Answer;
use super::get::shown;
use super::route::Place;
use crate::controllers;
use crate::kinds::Kind;
use crate::rules::{self, Refusal};
use crate::world::{Key, Transaction};

/// What only the server sets.
const SERVER_SET: [&str; 7] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "selfLink",
    "uid",
];

pub(super) fn object(
    transaction: &mut Transaction<'_>,
    kind: &Kind,
    place: &Place,
    body: &[u8],
) -> Result<Answer, Answer> {
    if kind.ty.namespaced && place.namespace.is_none() {
        return Err(Answer::method_not_allowed());
    }
    let mut object = parse(body)?;
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    if api_version != kind.ty.api_version() {
        return Err(Answer::bad_request(&format!(
            "the API version in the data ({api_version}) does not match the expected API version ({})",
            kind.ty.api_version()
        )));
    }
    if object["kind"] != *kind.ty.kind {
        return Err(Answer::bad_request(&format!(
            "{} does not match the expected kind ({})",
            object["kind"], kind.ty.kind
        )));
    }
    if !text(&object, "/metadata/resourceVersion").is_empty() {
        return Err(Answer::bad_request("resourceVersion should not be set on objects to be created"));
    }
    if kind.status_apart
        && let Some(root) = object.as_object_mut()
    {
        root.remove("status");
    }
    let namespace = place.namespace.as_deref().unwrap_or_default();
    let said = text(&object, "/metadata/namespace");
    if kind.ty.namespaced && !said.is_empty() && said != namespace {
        return Err(Answer::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    let created = store(transaction, kind, namespace, object)?;
    Ok(Answer::json(201, &shown(kind, &created)))
}

/// Adds an object, with its status as it is, and lets the controllers do what follows from it.
pub(crate) fn store(
    transaction: &mut Transaction<'_>,
    kind: &Kind,
    namespace: &str,
    mut object: Value,
) -> Result<Arc<Value>, Answer> {
    let name = name(transaction, kind, &object)?;
    rules::name(kind, &name).map_err(|refusal| Answer::invalid(kind, &name, &[refusal]))?;
    let world = &*transaction.world;
    if kind.ty.namespaced && world.get(&Key::new("", "namespaces", "", namespace)).is_none() {
        return Err(Answer::not_found(&crate::kinds::kind("", "namespaces"), namespace));
    }
    let key = Key::new(&kind.ty.group, &kind.ty.plural, namespace, &name);
    if world.get(&key).is_some() {
        return Err(Answer::already_exists(kind, &name));
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for field in SERVER_SET {
            metadata.remove(field);
        }
        if !kind.ty.namespaced {
            metadata.remove("namespace");
        }
    }
    rules::complete(world, kind, &key, &mut object, None)
        .map_err(|refusals| Answer::invalid(kind, &name, &refusals))?;
    let created = transaction.insert(key, kind, object);
    controllers::settle(transaction);
    Ok(created)
}

/// The name, made up where only its beginning is given.
fn name(transaction: &Transaction<'_>, kind: &Kind, object: &Value) -> Result<String, Answer> {
    let name = text(object, "/metadata/name");
    if !name.is_empty() {
        return Ok(name.to_owned());
    }
    match text(object, "/metadata/generateName") {
        "" => {
            let refusal = Refusal::required("metadata.name", "name or generateName is required");
            Err(Answer::invalid(kind, "", &[refusal]))
        }
        prefix => Ok(format!("{prefix}{}", controllers::suffix(transaction.world, prefix))),
    }
}

/// An object with a map as its metadata; anything else is refused.
pub(super) fn parse(body: &[u8]) -> Result<Value, Answer> {
    let refuse = |why: &str| Answer::bad_request(&format!("the object provided is unrecognized: {why}"));
    let mut object: Value = serde_json::from_slice(body).map_err(|error| refuse(&error.to_string()))?;
    let root = object.as_object_mut().ok_or_else(|| refuse("it is not a JSON object"))?;
    match root.entry("metadata").or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(_) => Ok(object),
        _ => Err(refuse("its metadata is not a JSON object")),
    }
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
