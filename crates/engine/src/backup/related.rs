//! The cluster-scoped objects that selected ones refer to.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_model::references::{ClusterReference, bound_service_accounts, references};
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

/// What one object refers to, kept without the object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    references: Vec<ClusterReference>,
    /// Its owners, by `Kind.group` and name.
    owners: Vec<(String, String)>,
    /// The accounts that it binds, where it is a cluster-wide binding.
    bound: Vec<(String, String)>,
}

impl Reach {
    pub(crate) fn of(ty: &ResourceType, view: &ObjectView<'_>) -> Self {
        let owners = match view.metadata.owner_references {
            Some(_) => view.metadata.owners(),
            None => Vec::new(),
        };
        Self {
            references: references(ty, view),
            owners: owners.into_iter().map(|owner| (owner.group_kind(), owner.name)).collect(),
            bound: if is_binding(ty) { bound_service_accounts(view) } else { Vec::new() },
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.references.is_empty() && self.owners.is_empty() && self.bound.is_empty()
    }
}

impl Related {
    pub(crate) fn new(on: bool) -> Self {
        Self { on, ..Self::default() }
    }

    /// Notes what a selected object refers to.
    pub(crate) fn note(&mut self, ty: &ResourceType, view: &ObjectView<'_>) {
        if self.on {
            let namespace = view.metadata.namespace.as_deref().unwrap_or_default();
            self.note_reach(ty, namespace, &view.metadata.name, Reach::of(ty, view));
        }
    }

    /// As [`Self::note`], for an object that is not at hand any more.
    pub(crate) fn note_reach(&mut self, ty: &ResourceType, namespace: &str, name: &str, reach: Reach) {
        if !self.on {
            return;
        }
        for reference in reach.references {
            self.named.entry(reference.resource).or_default().insert(reference.name);
        }
        if ty.is("", "serviceaccounts") {
            self.service_accounts.insert((namespace.to_owned(), name.to_owned()));
        }
        self.owners.extend(reach.owners);
    }

    /// Whether listing this type could find anything that is wanted.
    pub(crate) fn wants_type(&self, ty: &ResourceType) -> bool {
        self.named.contains_key(&ty.group_resource())
            || (is_binding(ty) && !self.service_accounts.is_empty())
            || self.owners.iter().any(|(kind, _)| *kind == ty.group_kind())
    }

    /// Whether this object is wanted.
    pub(crate) fn wants(&self, ty: &ResourceType, view: &ObjectView<'_>) -> bool {
        self.wants_named(ty, &view.metadata.name)
            || (is_binding(ty) && self.wants_binding(&bound_service_accounts(view)))
    }

    /// As [`Self::wants`], for an object that is not at hand any more.
    pub(crate) fn wants_reach(&self, ty: &ResourceType, name: &str, reach: &Reach) -> bool {
        self.wants_named(ty, name) || self.wants_binding(&reach.bound)
    }

    fn wants_named(&self, ty: &ResourceType, name: &str) -> bool {
        self.named.get(&ty.group_resource()).is_some_and(|names| names.contains(name))
            || (!self.owners.is_empty() && self.owners.contains(&(ty.group_kind(), name.to_owned())))
    }

    fn wants_binding(&self, bound: &[(String, String)]) -> bool {
        bound.iter().any(|account| self.service_accounts.contains(account))
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
