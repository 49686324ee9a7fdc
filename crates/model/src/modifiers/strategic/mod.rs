//! Strategic merge patches.

use serde_json::Value;

use crate::patch;
use crate::resource::ResourceType;

/// Applies a strategic merge patch.
#[expect(clippy::unnecessary_wraps, reason = "strategies come next, and can fail")]
pub(super) fn apply(ty: &ResourceType, object: &mut Value, patch: &Value) -> Result<Option<String>, String> {
    patch::apply(object, patch);
    Ok(Some(format!("{} has no patch strategies; its strategic patch was applied as a merge patch", ty.kind)))
}
