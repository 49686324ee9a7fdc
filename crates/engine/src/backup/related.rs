//! The cluster-scoped objects that selected ones refer to.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_model::references::{bound_service_accounts, references};
use holdfast_model::resource::{GroupResource, ResourceType};
use holdfast_model::view::ObjectView;

use super::kinds::ClusterKind;

const RBAC: &str = "rbac.authorization.k8s.io";

/// What has been referred to so far. Off, it wants nothing and notes nothing.
#[derive(Default)]
pub(crate) struct Related {
    on: bool,
    named: BTreeMap<GroupResource, BTreeSet<String>>,
    service_accounts: BTreeSet<(String, String)>,
    /// Cluster-scoped owners of namespaced objects, by `Kind.group`.
    owners: BTreeSet<(String, String)>,
}

impl Related {
    pub(crate) fn new(on: bool) -> Self {
        Self { on, ..Self::default() }
    }

    /// Notes what a selected object refers to.
    pub(crate) fn note(&mut self, ty: &ResourceType, view: &ObjectView<'_>) {
        if !self.on {
            return;
        }
        for reference in references(ty, view) {
            self.named.entry(reference.resource).or_default().insert(reference.name);
        }
        if ty.is("", "serviceaccounts") {
            let namespace = view.metadata.namespace.as_deref().unwrap_or_default();
            self.service_accounts.insert((namespace.to_owned(), view.metadata.name.clone().into_owned()));
        }
        if view.metadata.owner_references.is_some() {
            for owner in view.metadata.owners() {
                self.owners.insert((owner.group_kind(), owner.name));
            }
        }
    }

    /// Whether listing this type could find anything that is wanted.
    pub(crate) fn wants_type(&self, ty: &ResourceType) -> bool {
        self.named.contains_key(&ty.group_resource())
            || (is_binding(ty) && !self.service_accounts.is_empty())
            || self.owners.iter().any(|(kind, _)| *kind == ty.group_kind())
    }

    /// Whether this object is wanted.
    pub(crate) fn wants(&self, ty: &ResourceType, view: &ObjectView<'_>) -> bool {
        let name: &str = &view.metadata.name;
        self.named.get(&ty.group_resource()).is_some_and(|names| names.contains(name))
            || self.owners.contains(&(ty.group_kind(), name.to_owned()))
            || (is_binding(ty)
                && bound_service_accounts(view).iter().any(|account| self.service_accounts.contains(account)))
    }

    /// The cluster-scoped kinds in the order in which their references point: bindings name roles, volumes
    /// name classes.
    pub(super) fn stages(kinds: Vec<ClusterKind>) -> [Vec<ClusterKind>; 2] {
        let (first, second) =
            kinds.into_iter().partition(|kind| is_binding(&kind.ty) || kind.ty.is("", "persistentvolumes"));
        [first, second]
    }
}

fn is_binding(ty: &ResourceType) -> bool {
    ty.is(RBAC, "clusterrolebindings")
}
