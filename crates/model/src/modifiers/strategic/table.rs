//! Which fields of Kubernetes' own kinds are merged how: upstream's `x-kubernetes-patch-strategy` and
//! `x-kubernetes-patch-merge-key`, as `cargo xtask strategies` collects them.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::resource::ResourceType;

/// How a field is patched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Strategy {
    /// Maps are merged, lists are replaced.
    #[default]
    None,
    /// Lists are merged.
    Merge,
    /// Maps are replaced, too.
    Replace,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Field {
    strategy: Strategy,
    key: String,
    #[serde(rename = "type")]
    ty: String,
}

/// A type's fields that have a strategy or lead to one.
type Type = BTreeMap<String, Field>;

#[derive(Deserialize)]
struct Table {
    /// Kinds (`group/version/kind`) by their type.
    kinds: BTreeMap<String, Vec<String>>,
    types: BTreeMap<String, Type>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the text is part of the sources, and a test reads it")]
    serde_json::from_str(include_str!("strategies.json")).expect("the table of strategies is well-formed")
});

/// The types of kinds, by group and kind and then by version.
type Kinds = HashMap<(&'static str, &'static str), BTreeMap<&'static str, &'static Type>>;

static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let mut kinds = Kinds::new();
    for (name, served) in &TABLE.kinds {
        for kind in served {
            let mut parts = kind.split('/');
            if let (Some(group), Some(version), Some(kind), Some(ty)) =
                (parts.next(), parts.next(), parts.next(), TABLE.types.get(name))
            {
                kinds.entry((group, kind)).or_default().insert(version, ty);
            }
        }
    }
    kinds
});

/// What is known of a map's fields; nothing, where no strategy is below it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schema(Option<&'static Type>);

impl Schema {
    /// That of a kind. A version that the table does not have is taken for another one: strategies hardly change.
    pub(super) fn of(ty: &ResourceType) -> Option<Self> {
        let versions = KINDS.get(&(ty.group.as_str(), ty.kind.as_str()))?;
        let found = versions.get(ty.version.as_str()).or_else(|| versions.values().next())?;
        Some(Self(Some(*found)))
    }

    /// The strategy of a field, its merge key (empty for none), and the schema of it or of its items.
    pub(super) fn field(self, name: &str) -> (Strategy, &'static str, Self) {
        self.0.and_then(|ty| ty.get(name)).map_or((Strategy::None, "", Self(None)), |field| {
            (field.strategy, field.key.as_str(), Self(TABLE.types.get(&field.ty)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_table_is_known() {
        for fields in TABLE.types.values() {
            for (name, field) in fields {
                assert!(field.ty.is_empty() || TABLE.types.contains_key(&field.ty), "{name}: {field:?}");
                assert!(!field.ty.is_empty() || field.strategy != Strategy::None, "{name} is of no use");
            }
        }
        for (name, kinds) in &TABLE.kinds {
            assert!(
                TABLE.types.contains_key(name) && kinds.iter().all(|kind| kind.split('/').count() == 3),
                "{name}"
            );
        }
    }

    #[test]
    fn kinds_of_kubernetes_are_found_in_any_version() {
        let ty = |group: &str, version: &str, kind: &str| ResourceType {
            group: group.into(),
            version: version.into(),
            plural: String::new(),
            kind: kind.into(),
            namespaced: true,
        };
        for (group, version, kind) in
            [("apps", "v1", "Deployment"), ("", "v1", "ConfigMap"), ("batch", "v1beta1", "CronJob")]
        {
            assert!(Schema::of(&ty(group, version, kind)).is_some(), "{kind}");
        }
        assert!(Schema::of(&ty("example.org", "v1", "Deployment")).is_none());
        let (strategy, key, pod) =
            Schema::of(&ty("", "v1", "Pod")).unwrap().field("spec").2.field("containers");
        assert_eq!((strategy, key), (Strategy::Merge, "name"));
        assert_eq!(pod.field("ports").1, "containerPort");
        assert_eq!(pod.field("args").0, Strategy::None);
    }
}
