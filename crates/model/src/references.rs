//! The cluster-scoped objects that a selected object refers to.
//!
//! This is what `ClusterScoped::Auto` brings along with a selection of
//! namespaces. It follows Velero where Velero follows anything (a claim's volume,
//! a ServiceAccount's bindings, a custom resource's definition) and goes further
//! where a restore into an empty cluster would otherwise be refused or idle:
//! storage, priority, runtime and ingress classes, and the ClusterRoles of
//! RoleBindings.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::resource::{GroupResource, ResourceType};
use crate::view::{ObjectView, field, text_at};

const RBAC: &str = "rbac.authorization.k8s.io";

/// A reference to a cluster-scoped object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClusterReference {
    /// Its resource.
    pub resource: GroupResource,
    /// Its name.
    pub name: String,
}

impl ClusterReference {
    fn new(group: &str, plural: &str, name: impl Into<String>) -> Self {
        Self { resource: GroupResource::new(group, plural), name: name.into() }
    }
}

/// A subject of a binding, as far as it can name a service account.
#[derive(Deserialize)]
struct Subject {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    namespace: String,
}

/// What a selected object (namespaced, or itself referred to) brings along.
pub fn references(ty: &ResourceType, view: &ObjectView<'_>) -> Vec<ClusterReference> {
    let mut found = Vec::new();
    let mut named = |group: &str, plural: &str, raw: Option<&RawValue>, path: &[&str]| {
        if let Some(name) = text_at(raw, path).filter(|name| !name.is_empty()) {
            found.push(ClusterReference::new(group, plural, name));
        }
    };
    match (ty.group.as_str(), ty.plural.as_str()) {
        ("", "persistentvolumeclaims") => {
            named("", "persistentvolumes", view.spec, &["volumeName"]);
            named("storage.k8s.io", "storageclasses", view.spec, &["storageClassName"]);
            named("storage.k8s.io", "volumeattributesclasses", view.spec, &["volumeAttributesClassName"]);
        }
        ("", "persistentvolumes") => {
            named("storage.k8s.io", "storageclasses", view.spec, &["storageClassName"]);
        }
        (RBAC, "rolebindings" | "clusterrolebindings") => {
            if text_at(view.role_ref, &["kind"]).as_deref() == Some("ClusterRole") {
                named(RBAC, "clusterroles", view.role_ref, &["name"]);
            }
        }
        ("networking.k8s.io", "ingresses") => {
            named("networking.k8s.io", "ingressclasses", view.spec, &["ingressClassName"]);
        }
        ("gateway.networking.k8s.io", "gateways") => {
            named("gateway.networking.k8s.io", "gatewayclasses", view.spec, &["gatewayClassName"]);
        }
        _ => {
            for pod_spec in pod_spec_paths(ty) {
                for (group, plural, key) in [
                    ("scheduling.k8s.io", "priorityclasses", "priorityClassName"),
                    ("node.k8s.io", "runtimeclasses", "runtimeClassName"),
                ] {
                    let path: Vec<&str> = pod_spec.iter().copied().chain([key]).collect();
                    named(group, plural, view.spec, &path);
                }
            }
            if ty.is("apps", "statefulsets") {
                for class in claim_template_classes(view.spec) {
                    found.push(ClusterReference::new("storage.k8s.io", "storageclasses", class));
                }
            }
        }
    }
    if !crate::wave::is_built_in(&ty.group) {
        found.push(ClusterReference::new(
            "apiextensions.k8s.io",
            "customresourcedefinitions",
            ty.group_resource().to_string(),
        ));
    }
    found
}

/// Whether [`references`] looks into objects of this type, beyond their metadata.
pub fn looks_inside(ty: &ResourceType) -> bool {
    matches!(
        (ty.group.as_str(), ty.plural.as_str()),
        ("", "persistentvolumeclaims" | "persistentvolumes")
            | (RBAC, "rolebindings" | "clusterrolebindings")
            | ("networking.k8s.io", "ingresses")
            | ("gateway.networking.k8s.io", "gateways")
    ) || !pod_spec_paths(ty).is_empty()
}

/// Where, under `spec`, a pod's spec stands in this type; empty for types without pods.
fn pod_spec_paths(ty: &ResourceType) -> &'static [&'static [&'static str]] {
    match (ty.group.as_str(), ty.plural.as_str()) {
        ("", "pods") => &[&[]],
        ("", "replicationcontrollers")
        | ("apps", "deployments" | "statefulsets" | "daemonsets" | "replicasets")
        | ("batch", "jobs") => &[&["template", "spec"]],
        ("batch", "cronjobs") => &[&["jobTemplate", "spec", "template", "spec"]],
        _ => &[],
    }
}

fn claim_template_classes(spec: Option<&RawValue>) -> Vec<String> {
    let templates = spec.and_then(|spec| field(spec, "volumeClaimTemplates"));
    let templates: Vec<&RawValue> =
        templates.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    templates
        .into_iter()
        .filter_map(|template| text_at(Some(template), &["spec", "storageClassName"]).map(Into::into))
        .collect()
}

/// The service accounts, as (namespace, name), that a binding names as subjects.
pub fn bound_service_accounts(view: &ObjectView<'_>) -> Vec<(String, String)> {
    let subjects: Vec<Subject> =
        view.subjects.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    subjects
        .into_iter()
        .filter(|subject| subject.kind == "ServiceAccount")
        .map(|subject| (subject.namespace, subject.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(group: &str, plural: &str, object: &serde_json::Value) -> Vec<String> {
        let ty = ResourceType {
            group: group.into(),
            version: "v1".into(),
            plural: plural.into(),
            kind: String::new(),
            namespaced: true,
        };
        let text = object.to_string();
        let view = serde_json::from_str(&text).unwrap();
        references(&ty, &view).into_iter().map(|r| format!("{}/{}", r.resource, r.name)).collect()
    }

    #[test]
    fn each_kind_brings_what_it_needs() {
        let meta = json!({"name": "x"});
        assert_eq!(
            names(
                "",
                "persistentvolumeclaims",
                &json!({"metadata": meta, "spec": {"volumeName": "pv", "storageClassName": "fast"}})
            ),
            ["persistentvolumes/pv", "storageclasses.storage.k8s.io/fast"]
        );
        assert_eq!(
            names(
                "batch",
                "cronjobs",
                &json!({"metadata": meta, "spec": {"jobTemplate": {"spec": {"template": {"spec": {"priorityClassName": "high"}}}}}})
            ),
            ["priorityclasses.scheduling.k8s.io/high"]
        );
        assert_eq!(
            names(
                "apps",
                "statefulsets",
                &json!({"metadata": meta, "spec": {"volumeClaimTemplates": [{"spec": {"storageClassName": "slow"}}]}})
            ),
            ["storageclasses.storage.k8s.io/slow"]
        );
        assert_eq!(
            names(
                RBAC,
                "rolebindings",
                &json!({"metadata": meta, "roleRef": {"kind": "ClusterRole", "name": "view"}})
            ),
            ["clusterroles.rbac.authorization.k8s.io/view"]
        );
        assert_eq!(
            names("example.org", "widgets", &json!({"metadata": meta})),
            ["customresourcedefinitions.apiextensions.k8s.io/widgets.example.org"]
        );
        assert!(
            names("", "configmaps", &json!({"metadata": meta, "data": {"priorityClassName": "x"}}))
                .is_empty()
        );
    }

    #[test]
    fn bindings_name_service_accounts() {
        let text = json!({"metadata": {"name": "b"}, "subjects": [
            {"kind": "ServiceAccount", "name": "web", "namespace": "shop"}, {"kind": "User", "name": "eve"}]})
        .to_string();
        let view = serde_json::from_str(&text).unwrap();
        assert_eq!(bound_service_accounts(&view), [("shop".to_owned(), "web".to_owned())]);
    }
}
