//! A borrowed view of one object: the metadata, and the fields that rules look at.
//!
//! Taking it copies a few short strings and no subtree, so it is affordable for
//! every object of a LIST; what is not looked at stays unparsed JSON text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// An object as the rules of selection see it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectView<'a> {
    /// Missing on the items of built-in lists.
    #[serde(borrow, default)]
    pub api_version: Option<Cow<'a, str>>,
    /// Missing on the items of built-in lists.
    #[serde(borrow, default)]
    pub kind: Option<Cow<'a, str>>,
    /// Name, labels, owners.
    #[serde(borrow)]
    pub metadata: MetadataView<'a>,
    /// Unparsed.
    #[serde(borrow, default)]
    pub spec: Option<&'a RawValue>,
    /// Unparsed.
    #[serde(borrow, default)]
    pub status: Option<&'a RawValue>,
    /// `roleRef` of the two bindings, unparsed.
    #[serde(borrow, default)]
    pub role_ref: Option<&'a RawValue>,
    /// `subjects` of the two bindings, unparsed.
    #[serde(borrow, default)]
    pub subjects: Option<&'a RawValue>,
}

/// The metadata of an object.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetadataView<'a> {
    /// Name.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Missing on cluster-scoped objects.
    #[serde(borrow, default)]
    pub namespace: Option<Cow<'a, str>>,
    /// The server's identity of this very object.
    #[serde(borrow, default)]
    pub uid: Option<Cow<'a, str>>,
    /// Version for optimistic concurrency.
    #[serde(borrow, default)]
    pub resource_version: Option<Cow<'a, str>>,
    /// Set while the object is being deleted.
    #[serde(borrow, default)]
    pub deletion_timestamp: Option<&'a RawValue>,
    /// Unparsed map of strings.
    #[serde(borrow, default)]
    pub labels: Option<&'a RawValue>,
    /// Unparsed map of strings.
    #[serde(borrow, default)]
    pub annotations: Option<&'a RawValue>,
    /// Unparsed list of [`OwnerReference`].
    #[serde(borrow, default)]
    pub owner_references: Option<&'a RawValue>,
}

impl MetadataView<'_> {
    /// The owners; a list that is not one of owner references counts as empty.
    pub fn owners(&self) -> Vec<OwnerReference> {
        self.owner_references.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    }

    /// The labels as a map; labels that are not strings count as none.
    pub fn label_map(&self) -> BTreeMap<String, String> {
        self.labels.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    }
}

/// One entry of `metadata.ownerReferences`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerReference {
    /// Group and version of the owner.
    pub api_version: String,
    /// Kind of the owner.
    pub kind: String,
    /// Name of the owner; it lives in the same namespace or is cluster-scoped.
    pub name: String,
    /// UID of the owner.
    #[serde(default)]
    pub uid: String,
    /// Whether it is the managing controller.
    #[serde(default)]
    pub controller: Option<bool>,
}

impl OwnerReference {
    /// The API group of the owner, empty for core.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The owner in the form `Kind.group`, which survives a change of version.
    pub fn group_kind(&self) -> String {
        match self.group() {
            "" => self.kind.clone(),
            group => format!("{}.{group}", self.kind),
        }
    }
}

/// Reads one field of unparsed JSON by its path; `None` where it is missing or not a string.
pub fn text_at<'a>(raw: Option<&'a RawValue>, path: &[&str]) -> Option<Cow<'a, str>> {
    let mut at: &'a RawValue = raw?;
    for key in path {
        at = field(at, key)?;
    }
    serde_json::from_str::<BorrowedText<'a>>(at.get()).ok().map(|text| text.0)
}

/// The field `key` of an unparsed object.
pub fn field<'a>(raw: &'a RawValue, key: &str) -> Option<&'a RawValue> {
    // Most specs lack most of the fields that are asked for: a text search is far cheaper than a parse.
    if !raw.get().contains(key) {
        return None;
    }
    serde_json::from_str::<BTreeMap<Cow<'a, str>, &'a RawValue>>(raw.get()).ok()?.get(key).copied()
}

#[derive(Deserialize)]
struct BorrowedText<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_reads_what_rules_need() {
        let text = r#"{"metadata":{"name":"a\u002db","labels":{"x":"1"},"ownerReferences":[
            {"apiVersion":"apps/v1","kind":"ReplicaSet","name":"r","uid":"u","controller":true}]},
            "spec":{"volumeName":"pv-1","nested":{"storageClassName":"fast"}}}"#;
        let view: ObjectView<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(view.metadata.name, "a-b");
        assert_eq!(view.metadata.owners()[0].group_kind(), "ReplicaSet.apps");
        assert_eq!(view.metadata.label_map()["x"], "1");
        assert_eq!(text_at(view.spec, &["volumeName"]).as_deref(), Some("pv-1"));
        assert_eq!(text_at(view.spec, &["nested", "storageClassName"]).as_deref(), Some("fast"));
        assert_eq!(text_at(view.spec, &["storageClassName"]), None);
    }
}
