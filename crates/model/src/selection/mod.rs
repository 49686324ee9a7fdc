//! What to back up or restore: namespaces, resources, labels, cluster-scoped resources.
//!
//! A selection is a value that both directions share: a backup asks it of live
//! objects, a restore asks it of a recovery point's index. Namespaces are always
//! the *original* ones, also where a restore maps them.

mod chosen;
mod exclusions;
mod labels;
mod pattern;

use serde::{Deserialize, Serialize};

pub use chosen::{ChosenObject, ChosenObjectError, ChosenObjects};
pub use exclusions::{
    EXCLUDE_LABEL, EXCLUDED_NAMESPACES, is_always_excluded, is_excluded_by_label, is_excluded_by_labels,
};
pub use labels::{LabelSelector, SelectorError};
pub use pattern::{NamespacePattern, PatternError, ResourcePattern};

use crate::resource::ResourceType;

/// Which cluster-scoped objects go along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClusterScoped {
    /// All of them when the whole cluster is selected, otherwise those that selected objects refer to.
    #[default]
    Auto,
    /// All that the resource and label filters let through.
    All,
    /// None but the Namespace objects themselves.
    None,
}

/// Include and exclude patterns; an empty include list means everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Filter<P> {
    /// What to take; empty for everything.
    pub include: Vec<P>,
    /// What to leave out; wins over `include`.
    pub exclude: Vec<P>,
}

impl<P> Default for Filter<P> {
    fn default() -> Self {
        Self { include: Vec::new(), exclude: Vec::new() }
    }
}

impl<P> Filter<P> {
    pub(crate) fn lets_through(&self, matches: impl Fn(&P) -> bool) -> bool {
        (self.include.is_empty() || self.include.iter().any(&matches)) && !self.exclude.iter().any(&matches)
    }
}

/// A selection of objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Selection {
    /// By original namespace.
    pub namespaces: Filter<NamespacePattern>,
    /// By resource type.
    pub resources: Filter<ResourcePattern>,
    /// By labels of the object; all requirements must hold.
    pub labels: LabelSelector,
    /// What of the cluster-scoped resources goes along.
    pub cluster_scoped: ClusterScoped,
}

impl Selection {
    /// Whether objects of `namespace` are selected. The namespaces that are always skipped never are.
    pub fn selects_namespace(&self, namespace: &str) -> bool {
        !EXCLUDED_NAMESPACES.contains(&namespace) && self.namespaces.lets_through(|p| p.matches(namespace))
    }

    /// Whether objects of this type are selected; `short_names` are further names that discovery gave it.
    pub fn selects_type(&self, ty: &ResourceType, short_names: &[String]) -> bool {
        !is_always_excluded(&ty.group, &ty.plural)
            && self.resources.lets_through(|p| p.matches(ty, short_names))
    }

    /// Whether the type is excluded by name, which also keeps out objects that others refer to.
    pub fn excludes_type(&self, ty: &ResourceType, short_names: &[String]) -> bool {
        is_always_excluded(&ty.group, &ty.plural)
            || self.resources.exclude.iter().any(|p| p.matches(ty, short_names))
    }

    /// Whether no namespace is filtered out, so that `Auto` takes every cluster-scoped object.
    pub fn is_whole_cluster(&self) -> bool {
        self.namespaces.include.iter().all(NamespacePattern::is_everything)
            && self.namespaces.exclude.is_empty()
    }

    /// Whether cluster-scoped objects are taken by the filters alone, without anything referring to them.
    pub fn takes_all_cluster_scoped(&self) -> bool {
        match self.cluster_scoped {
            ClusterScoped::All => true,
            ClusterScoped::None => false,
            ClusterScoped::Auto => self.is_whole_cluster(),
        }
    }

    /// The namespaces named without wildcards, when those are all there are to look at.
    pub fn named_namespaces(&self) -> Option<Vec<&str>> {
        if self.namespaces.include.is_empty() {
            return None;
        }
        self.namespaces.include.iter().map(NamespacePattern::literal).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty(group: &str, plural: &str, kind: &str) -> ResourceType {
        ResourceType {
            group: group.into(),
            version: "v1".into(),
            plural: plural.into(),
            kind: kind.into(),
            namespaced: true,
        }
    }

    #[test]
    fn excludes_win_and_an_empty_include_takes_all() {
        let mut selection = Selection::default();
        assert!(selection.selects_namespace("shop") && selection.is_whole_cluster());
        assert!(!selection.selects_namespace("kube-system"));
        selection.namespaces.include = vec!["shop*".parse().unwrap()];
        selection.namespaces.exclude = vec!["shop-test".parse().unwrap()];
        assert!(selection.selects_namespace("shop-eu"));
        assert!(!selection.selects_namespace("shop-test") && !selection.selects_namespace("billing"));
        assert!(!selection.is_whole_cluster() && !selection.takes_all_cluster_scoped());
        selection.resources.exclude = vec!["v1/Secret".parse().unwrap()];
        assert!(selection.selects_type(&ty("apps", "deployments", "Deployment"), &[]));
        assert!(!selection.selects_type(&ty("", "secrets", "Secret"), &[]));
        assert!(!selection.selects_type(&ty("", "events", "Event"), &[]));
    }

    #[test]
    fn naming_an_always_skipped_namespace_does_not_bring_it_back() {
        let mut selection = Selection::default();
        selection.namespaces.include = vec!["kube-system".parse().unwrap(), "*".parse().unwrap()];
        assert!(!selection.selects_namespace("kube-system"));
        assert!(selection.selects_namespace("default"));
        assert_eq!(selection.named_namespaces(), None);
    }
}
