//! Which kinds a backup lists.

use std::sync::Arc;

use holdfast_cluster::{Discovery, ServedType};
use holdfast_model::resource::ResourceType;
use holdfast_model::selection::Selection;
use holdfast_store::PointWarning;

pub(super) struct Kinds {
    pub namespaced: Vec<Arc<ResourceType>>,
    /// Listed unless the selection wants none; `auto` then keeps only what is referred to.
    pub cluster_scoped: Vec<ClusterKind>,
    pub warnings: Vec<PointWarning>,
}

pub(super) struct ClusterKind {
    pub ty: Arc<ResourceType>,
    /// Whether the resource filter takes it; otherwise it comes only by reference.
    pub selected: bool,
}

/// Picks from what the cluster serves; names what it does not serve although it was asked for.
pub(super) fn choose(discovery: &Discovery, selection: &Selection) -> Kinds {
    let mut warnings: Vec<PointWarning> = discovery
        .unavailable
        .iter()
        .map(|group| PointWarning {
            resource: None,
            namespace: None,
            message: format!(
                "the objects of API {} are not in this recovery point: its server does not answer ({})",
                group.group_version, group.reason
            ),
        })
        .collect();
    for pattern in &selection.resources.include {
        let served = |t: &ServedType| pattern.matches(&t.ty, &names(t));
        if !discovery.types.iter().any(served) {
            warnings.push(PointWarning {
                resource: Some(pattern.to_string()),
                namespace: None,
                message: format!("the cluster serves no resource type \"{pattern}\""),
            });
        }
    }
    let mut kinds = Kinds { namespaced: Vec::new(), cluster_scoped: Vec::new(), warnings };
    for served in &discovery.types {
        let names = names(served);
        let is_listed = served.verbs.list && served.verbs.get && served.verbs.create;
        if !is_listed || selection.excludes_type(&served.ty, &names) || served.ty.is("", "namespaces") {
            continue;
        }
        let selected = selection.selects_type(&served.ty, &names);
        if !served.ty.namespaced {
            kinds.cluster_scoped.push(ClusterKind { ty: Arc::new(served.ty.clone()), selected });
        } else if selected {
            kinds.namespaced.push(Arc::new(served.ty.clone()));
        }
    }
    kinds
}

fn names(served: &ServedType) -> Vec<String> {
    served.short_names.iter().cloned().chain(std::iter::once(served.singular.clone())).collect()
}
