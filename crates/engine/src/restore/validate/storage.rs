//! Storage classes that claims ask for and the target does not have.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_model::preflight::{Check, Finding, Level};
use serde_json::Value;

use super::Validation;
use crate::error::EngineError;

impl Validation<'_> {
    /// One finding for each class that is missing.
    pub(super) async fn storage_classes(&self, todo: &[usize]) -> Result<Vec<Finding>, EngineError> {
        let mut wanted: BTreeMap<String, u64> = BTreeMap::new();
        let mut made: BTreeSet<&str> = BTreeSet::new();
        for at in todo {
            let entry = &self.plan.entries[*at];
            let row = self.plan.row(entry);
            match (row.ty.group.as_str(), row.ty.plural.as_str()) {
                ("storage.k8s.io", "storageclasses") => {
                    made.insert(row.name);
                }
                ("", "persistentvolumeclaims") | ("apps", "statefulsets") => {
                    for class in classes(&self.object(entry).await?) {
                        *wanted.entry(class).or_default() += 1;
                    }
                }
                _ => {}
            }
        }
        let mut findings = Vec::new();
        for (class, objects) in wanted {
            let Some(ty) = self.live.type_of_kind("StorageClass.storage.k8s.io") else { break };
            if made.contains(class.as_str())
                || self.context.run(self.live.get(ty, "", &class)).await?.is_some()
            {
                continue;
            }
            findings.push(Finding {
                level: Level::Warning,
                check: Check::StorageClasses,
                message: format!(
                    "storage class {class} is not in the target; claims that ask for it stay Pending"
                ),
                guidance: Some(
                    "Create the class, restore it too, or map it to another with --storage-class-mapping."
                        .to_owned(),
                ),
                objects,
            });
        }
        Ok(findings)
    }
}

/// The classes that a claim, or the claims of a StatefulSet, name.
fn classes(object: &Value) -> BTreeSet<String> {
    let own = object.pointer("/spec/storageClassName");
    let templates = object.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
    let of_templates =
        templates.into_iter().flatten().map(|template| template.pointer("/spec/storageClassName"));
    let names = std::iter::once(own).chain(of_templates).flatten().filter_map(Value::as_str);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
