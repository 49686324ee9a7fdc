//! An object of a recovery point in the form that the target gets.

use holdfast_model::modifiers::{Note, Subject};
use holdfast_model::target::storage_class::{ClassChange, map_storage_classes};
use holdfast_model::target::{self, mapping};
use holdfast_model::view::OwnerReference;
use holdfast_store::{Point, Row};
use serde_json::Value;

use super::RestoreRequest;
use crate::context::Context;
use crate::error::EngineError;

/// The target form of one object, and the owners it had.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub object: Value,
    pub owners: Vec<OwnerReference>,
    /// The same owners as JSON, with all their fields.
    pub references: Vec<Value>,
    /// What resource modifiers did to it.
    pub notes: Vec<Note>,
    /// What the storage class mapping did to it.
    pub classes: Vec<ClassChange>,
}

/// Reads an object of the point as it was stored.
pub(crate) async fn stored(point: &Point, row: &Row<'_>, context: &Context) -> Result<Value, EngineError> {
    let json = context.run(point.read(row.id)).await?;
    serde_json::from_slice(&json).map_err(|source| EngineError::NotAnObject { object: describe(row), source })
}

/// Reads an object of the point and brings it into its target form.
///
/// Modifiers see the object as the point holds it, so that what one sees there is what one writes rules for; what they set
/// is kept, also where a server would assign it.
pub(super) async fn of(
    point: &Point,
    row: &Row<'_>,
    request: &RestoreRequest,
    context: &Context,
) -> Result<Form, EngineError> {
    Ok(target_form(row, stored(point, row, context).await?, request))
}

/// Brings a stored object into its target form.
pub(crate) fn target_form(row: &Row<'_>, stored: Value, request: &RestoreRequest) -> Form {
    let ty = row.ty;
    let mut object = stored;
    let mut notes = Vec::new();
    let owners;
    let references;
    if let Some(modifiers) = request.modifiers.as_ref().filter(|modifiers| modifiers.concerns(&subject(row)))
    {
        let original = object.clone();
        notes = modifiers.apply(&subject(row), &mut object).notes;
        (owners, references) = (self::owners(&object), references_of(&object));
        target::strip_modified(ty, &original, &mut object);
    } else {
        (owners, references) = (self::owners(&object), references_of(&object));
        target::strip(ty, &mut object);
    }
    mapping::map_namespaces(ty, &mut object, &request.mappings);
    let classes = map_storage_classes(ty, &mut object, &request.storage_classes);
    Form { object, owners, references, notes, classes }
}

/// What modifiers are asked about.
pub(super) fn subject<'a>(row: &Row<'a>) -> Subject<'a> {
    Subject { ty: row.ty, namespace: row.namespace, name: row.name, labels: row.labels }
}

/// The owner references of an object as JSON, with all their fields; one for each of [`owners`].
fn references_of(object: &Value) -> Vec<Value> {
    if owners(object).is_empty() {
        return Vec::new();
    }
    object.pointer("/metadata/ownerReferences").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The owner references of an object; what is not a list of them counts as none.
pub(super) fn owners(object: &Value) -> Vec<OwnerReference> {
    object
        .pointer("/metadata/ownerReferences")
        .and_then(|list| serde_json::from_value(list.clone()).ok())
        .unwrap_or_default()
}

/// How messages name a row.
pub(crate) fn describe(row: &Row<'_>) -> String {
    if row.namespace.is_empty() {
        format!("{} {}", row.ty, row.name)
    } else {
        format!("{} {}/{}", row.ty, row.namespace, row.name)
    }
}

/// Whether an object in its target form consists of its type and its name, as an account that nobody changed does.
pub(crate) fn says_nothing(object: &Value) -> bool {
    object.as_object().is_some_and(|root| root.len() == 3)
        && object.get("metadata").and_then(Value::as_object).is_some_and(|metadata| metadata.len() == 2)
}
