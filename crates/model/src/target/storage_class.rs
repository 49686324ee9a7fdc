//! Storage class mappings: the classes of the target that claims are made with.
//!
//! A claim, its volume and the templates of a StatefulSet name their class by a field, claims of old also by an annotation
//! (Velero's `change-storage-class` action is about the same kinds). Claims that name none, or the empty one, are mapped by
//! the empty name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::list_mut;
use crate::resource::ResourceType;

/// The annotation that named the class before the field did.
const LEGACY: &str = "volume.beta.kubernetes.io/storage-class";

/// A class that an object named, and the one that it names now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassChange {
    /// The class in the recovery point; empty for none.
    pub from: String,
    /// The class in the target.
    pub to: String,
}

impl std::fmt::Display for ClassChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.from.is_empty() {
            write!(f, "gets storage class {}", self.to)
        } else {
            write!(f, "storage class {} becomes {}", self.from, self.to)
        }
    }
}

/// Whether objects of a type name storage classes.
pub fn names_storage_classes(ty: &ResourceType) -> bool {
    matches!(
        (ty.group.as_str(), ty.plural.as_str()),
        ("", "persistentvolumeclaims" | "persistentvolumes") | ("apps", "statefulsets")
    )
}

/// Maps the classes that an object names; says which it changed, each once.
pub fn map_storage_classes(
    ty: &ResourceType,
    object: &mut Value,
    mappings: &BTreeMap<String, String>,
) -> Vec<ClassChange> {
    let mut changes = Vec::new();
    if mappings.is_empty() {
        return changes;
    }
    match (ty.group.as_str(), ty.plural.as_str()) {
        ("", "persistentvolumeclaims" | "persistentvolumes") => changes.extend(map_one(object, mappings)),
        ("apps", "statefulsets") => {
            for template in list_mut(object, &["spec", "volumeClaimTemplates"]).into_iter().flatten() {
                changes.extend(map_one(template, mappings));
            }
        }
        _ => {}
    }
    changes.sort();
    changes.dedup();
    changes
}

fn map_one(object: &mut Value, mappings: &BTreeMap<String, String>) -> Option<ClassChange> {
    let annotated = object.get("metadata").and_then(|m| m.get("annotations")).and_then(|a| a.get(LEGACY));
    let named = object.pointer("/spec/storageClassName").or(annotated);
    let from = named.and_then(Value::as_str).unwrap_or_default().to_owned();
    let to = mappings.get(&from).filter(|to| **to != from)?.clone();
    let spec = object.get_mut("spec").and_then(Value::as_object_mut)?;
    spec.insert("storageClassName".into(), to.clone().into());
    let annotations = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
    if let Some(annotations) = annotations
        && annotations.remove(LEGACY).is_some()
        && annotations.is_empty()
    {
        object
            .get_mut("metadata")
            .and_then(Value::as_object_mut)
            .map(|m: &mut Map<_, _>| m.remove("annotations"));
    }
    Some(ClassChange { from, to })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ty(group: &str, plural: &str) -> ResourceType {
        ResourceType {
            group: group.into(),
            version: "v1".into(),
            plural: plural.into(),
            kind: String::new(),
            namespaced: true,
        }
    }

    #[test]
    fn claims_and_templates_name_the_new_class() {
        let mappings: BTreeMap<String, String> =
            [("old", "new"), ("", "default"), ("same", "same")].map(|(a, b)| (a.into(), b.into())).into();
        let claims = ty("", "persistentvolumeclaims");
        let mapped = |mut claim: Value| {
            let changes = map_storage_classes(&claims, &mut claim, &mappings);
            (claim, changes.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let (claim, words) = mapped(json!({"spec": {"storageClassName": "old"}}));
        assert_eq!(claim, json!({"spec": {"storageClassName": "new"}}));
        assert_eq!(words, ["storage class old becomes new"]);
        for none in [json!({"spec": {}}), json!({"spec": {"storageClassName": ""}})] {
            let (claim, words) = mapped(none);
            assert_eq!(claim["spec"]["storageClassName"], "default");
            assert_eq!(words, ["gets storage class default"]);
        }
        let (claim, _) = mapped(json!({"metadata": {"annotations": {LEGACY: "old"}}, "spec": {}}));
        assert_eq!(claim, json!({"metadata": {}, "spec": {"storageClassName": "new"}}));
        for other in ["same", "third"] {
            let claim = json!({"spec": {"storageClassName": other}});
            assert_eq!(mapped(claim.clone()), (claim, vec![]));
        }

        let mut set = json!({"spec": {"volumeClaimTemplates": [
            {"metadata": {"name": "a"}, "spec": {"storageClassName": "old"}},
            {"metadata": {"name": "b"}, "spec": {"storageClassName": "old"}}, {"metadata": {"name": "c"}}]}});
        assert_eq!(map_storage_classes(&ty("apps", "statefulsets"), &mut set, &mappings).len(), 1);
        assert_eq!(set["spec"]["volumeClaimTemplates"][1]["spec"]["storageClassName"], "new");
        let mut other = json!({"spec": {"storageClassName": "old"}});
        assert!(map_storage_classes(&ty("example.com", "databases"), &mut other, &mappings).is_empty());
    }
}
