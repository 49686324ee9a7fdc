//! What is never restored because something else makes it again.
//!
//! The table is closed: it holds only what Kubernetes itself derives. What a
//! custom controller owns is restored like anything else, since only its author
//! knows whether it could be made again (passwords cannot).

use std::collections::BTreeMap;

use crate::resource::ResourceType;

/// The facts that the table looks at; all of them stand in an index.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The object's type.
    pub ty: &'a ResourceType,
    /// Its namespace, empty for cluster-scoped objects.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its managing controller: `Kind.group` and name.
    pub controller: Option<(&'a str, &'a str)>,
    /// Its labels, where [`reads_labels`] asks for them.
    pub labels: &'a BTreeMap<String, String>,
}

/// Where a derived object comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The built-in controller of this owner (`Kind.group`, name) makes it again, if the owner is there.
    Owner(String, String),
    /// The Service of this name makes it, if that Service has a selector.
    Service(String),
    /// The API server or a built-in controller keeps it; this says which.
    Kubernetes(&'static str),
}

/// Whether the table looks at the labels of this type; [`Facts::labels`] may be empty for the others.
pub fn reads_labels(ty: &ResourceType) -> bool {
    matches!(ty.group.as_str(), "discovery.k8s.io" | "rbac.authorization.k8s.io" | "apiregistration.k8s.io")
}

/// Looks an object up in the table.
pub fn source(facts: Facts<'_>) -> Option<Source> {
    let Facts { ty, namespace, name, controller, labels } = facts;
    let owned_by = |kinds: &[&str]| {
        controller
            .filter(|(kind, _)| kinds.contains(kind))
            .map(|(kind, name)| Source::Owner(kind.to_owned(), name.to_owned()))
    };
    let kept = |why: &'static str, yes: bool| yes.then_some(Source::Kubernetes(why));
    let label_is = |key: &str, value: &str| labels.get(key).is_some_and(|v| v == value);
    match (ty.group.as_str(), ty.plural.as_str()) {
        ("", "pods") => owned_by(&[
            "ReplicaSet.apps",
            "StatefulSet.apps",
            "DaemonSet.apps",
            "Job.batch",
            "ReplicationController",
        ]),
        ("apps", "controllerrevisions") => owned_by(&["StatefulSet.apps", "DaemonSet.apps"]),
        ("apps", "replicasets") => owned_by(&["Deployment.apps"]),
        ("", "endpoints") if (namespace, name) == ("default", "kubernetes") => {
            Some(Source::Kubernetes("the API server's own endpoint"))
        }
        ("", "endpoints") => Some(Source::Service(name.to_owned())),
        ("", "services") => {
            kept("the API server's own Service", (namespace, name) == ("default", "kubernetes"))
        }
        ("discovery.k8s.io", "endpointslices") => {
            if (namespace, name) == ("default", "kubernetes") {
                return Some(Source::Kubernetes("the API server's own endpoint"));
            }
            let managed_by = labels.get("endpointslice.kubernetes.io/managed-by").map(String::as_str);
            match (managed_by, labels.get("kubernetes.io/service-name")) {
                (Some("endpointslice-controller.k8s.io"), Some(service)) => {
                    Some(Source::Service(service.clone()))
                }
                (Some("endpointslicemirroring-controller.k8s.io"), _) => {
                    Some(Source::Kubernetes("mirrored from its Endpoints"))
                }
                _ => None,
            }
        }
        ("", "configmaps") => {
            kept("published into every namespace by its controller", name == "kube-root-ca.crt")
        }
        ("coordination.k8s.io", "leases" | "leasecandidates") => {
            Some(Source::Kubernetes("a lease belongs to whoever holds it now"))
        }
        ("networking.k8s.io", "ipaddresses") => {
            Some(Source::Kubernetes("allocated by the API server for its Service"))
        }
        ("networking.k8s.io", "servicecidrs") => kept("kept by the API server", name == "kubernetes"),
        ("rbac.authorization.k8s.io", _) => kept(
            "bootstrap RBAC kept by the API server",
            label_is("kubernetes.io/bootstrapping", "rbac-defaults"),
        ),
        ("apiregistration.k8s.io", "apiservices") => kept(
            "registered by the API server for its own groups and definitions",
            labels.contains_key("kube-aggregator.kubernetes.io/automanaged"),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        group: &str,
        plural: &str,
        name: &str,
        controller: Option<(&str, &str)>,
        labels: &[(&str, &str)],
    ) -> Option<Source> {
        let ty = ResourceType {
            group: group.into(),
            version: "v1".into(),
            plural: plural.into(),
            kind: String::new(),
            namespaced: true,
        };
        let labels = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        source(Facts { ty: &ty, namespace: "shop", name, controller, labels: &labels })
    }

    #[test]
    fn only_what_kubernetes_derives_is_left_out() {
        assert_eq!(
            of("", "pods", "p", Some(("ReplicaSet.apps", "r")), &[]),
            Some(Source::Owner("ReplicaSet.apps".into(), "r".into()))
        );
        assert_eq!(of("", "pods", "p", Some(("Cluster.postgresql.cnpg.io", "db")), &[]), None);
        assert_eq!(of("", "pods", "p", None, &[]), None);
        assert_eq!(of("batch", "jobs", "j", Some(("CronJob.batch", "c")), &[]), None);
        assert_eq!(of("", "endpoints", "web", None, &[]), Some(Source::Service("web".into())));
        assert_eq!(
            of("discovery.k8s.io", "endpointslices", "own", None, &[("kubernetes.io/service-name", "web")]),
            None
        );
        assert!(matches!(of("", "configmaps", "kube-root-ca.crt", None, &[]), Some(Source::Kubernetes(_))));
        assert_eq!(of("", "configmaps", "settings", None, &[]), None);
        assert_eq!(
            of("", "services", "kubernetes", None, &[]),
            None,
            "only the one in default is the API server's"
        );
    }
}
