//! GET of one object, and how objects stand in answers.

use std::borrow::Cow;

use serde_json::Value;

use super::answer::Answer;
use super::key;
use super::route::Place;
use crate::kinds::Kind;
use crate::world::World;

pub(super) fn object(world: &World, kind: &Kind, place: &Place, name: &str) -> Answer {
    match world.get(&key(kind, place, name)) {
        Some(object) => Answer::json(200, &shown(kind, object)),
        None => Answer::not_found(kind, name),
    }
}

/// An object in the version that was asked for. Definitions convert with strategy None: only `apiVersion` changes.
pub(super) fn shown<'a>(kind: &Kind, object: &'a Value) -> Cow<'a, Value> {
    let api_version = kind.ty.api_version();
    if object["apiVersion"] == *api_version {
        return Cow::Borrowed(object);
    }
    let mut object = object.clone();
    object["apiVersion"] = Value::from(api_version);
    Cow::Owned(object)
}
