//! The order in which a restore writes.
//!
//! Objects of one wave do not need each other and are written many at once; a
//! wave begins when the one before it is done and, for definitions and
//! namespaces, ready.

use serde::{Deserialize, Serialize};

use crate::resource::ResourceType;

/// A stage of a restore, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Wave {
    /// Custom resource definitions; the next wave waits until they are Established.
    Definitions,
    /// Namespaces; the next wave waits until they are Active.
    Namespaces,
    /// Classes, volumes and claims; and accounts, because a token Secret without its account is deleted at once.
    Storage,
    /// What pods read at their start, and what decides whether they are admitted.
    Configuration,
    /// What runs and how it is reached.
    Workloads,
    /// Objects of custom resource definitions and aggregated APIs.
    CustomResources,
    /// What intercepts, counts or serves API requests; last, so that it cannot refuse the rest before its pods run
    /// or, for a quota, before its controller has counted for the first time.
    Interception,
}

impl Wave {
    /// All waves in the order of a restore.
    pub const ALL: [Self; 7] = [
        Self::Definitions,
        Self::Namespaces,
        Self::Storage,
        Self::Configuration,
        Self::Workloads,
        Self::CustomResources,
        Self::Interception,
    ];

    /// The wave of a resource type.
    pub fn of(ty: &ResourceType) -> Self {
        match (ty.group.as_str(), ty.plural.as_str()) {
            ("apiextensions.k8s.io", _) => Self::Definitions,
            ("", "namespaces") => Self::Namespaces,
            ("", "persistentvolumes" | "persistentvolumeclaims" | "serviceaccounts")
            | ("storage.k8s.io", _) => Self::Storage,
            ("", "resourcequotas") | ("apiregistration.k8s.io" | "admissionregistration.k8s.io", _) => {
                Self::Interception
            }
            ("", "configmaps" | "limitranges" | "secrets" | "podtemplates")
            | ("rbac.authorization.k8s.io", _)
            | ("networking.k8s.io", "networkpolicies") => Self::Configuration,
            (group, _) if !is_built_in(group) => Self::CustomResources,
            _ if !ty.namespaced => Self::Configuration,
            _ => Self::Workloads,
        }
    }

    /// As a person reads it in progress and reports.
    pub fn label(self) -> &'static str {
        match self {
            Self::Definitions => "definitions",
            Self::Namespaces => "namespaces",
            Self::Storage => "storage and accounts",
            Self::Configuration => "configuration",
            Self::Workloads => "workloads",
            Self::CustomResources => "custom resources",
            Self::Interception => "quotas, webhooks and aggregated APIs",
        }
    }
}

/// Whether Kubernetes itself serves this API group, rather than a definition or an aggregated API.
pub fn is_built_in(group: &str) -> bool {
    matches!(
        group,
        "" | "admissionregistration.k8s.io"
            | "apiextensions.k8s.io"
            | "apiregistration.k8s.io"
            | "apps"
            | "authentication.k8s.io"
            | "authorization.k8s.io"
            | "autoscaling"
            | "batch"
            | "certificates.k8s.io"
            | "coordination.k8s.io"
            | "discovery.k8s.io"
            | "events.k8s.io"
            | "extensions"
            | "flowcontrol.apiserver.k8s.io"
            | "internal.apiserver.k8s.io"
            | "networking.k8s.io"
            | "node.k8s.io"
            | "policy"
            | "rbac.authorization.k8s.io"
            | "resource.k8s.io"
            | "scheduling.k8s.io"
            | "storage.k8s.io"
            | "storagemigration.k8s.io"
    )
}
