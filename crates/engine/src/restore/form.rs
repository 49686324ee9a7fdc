//! An object of a recovery point in the form that the target gets.

use holdfast_model::resource::ResourceType;
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
}

/// Reads an object of the point as it was stored.
pub(crate) async fn stored(point: &Point, row: &Row<'_>, context: &Context) -> Result<Value, EngineError> {
    let json = context.run(point.read(row.id)).await?;
    serde_json::from_slice(&json).map_err(|source| EngineError::NotAnObject { object: describe(row), source })
}

/// Brings a stored object into its target form.
pub(crate) fn target_form(ty: &ResourceType, mut object: Value, request: &RestoreRequest) -> Form {
    let owners = owners(&object);
    target::strip(ty, &mut object);
    mapping::map_namespaces(ty, &mut object, &request.mappings);
    Form { object, owners }
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
