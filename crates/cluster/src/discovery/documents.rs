//! The documents of discovery, as far as they are used.

use serde::Deserialize;

/// What `/api` and `/apis` are asked for: the aggregated document where there is one.
pub(super) const ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
    application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// An answer to `/api` or `/apis`.
#[derive(Deserialize)]
#[serde(tag = "kind")]
pub(super) enum Root {
    /// <https://pkg.go.dev/k8s.io/api/apidiscovery/v2#APIGroupDiscoveryList>
    #[serde(rename = "APIGroupDiscoveryList")]
    Aggregated { items: Vec<AggregatedGroup> },
    /// <https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#APIVersions>
    #[serde(rename = "APIVersions")]
    Core { versions: Vec<String> },
    /// <https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#APIGroupList>
    #[serde(rename = "APIGroupList")]
    Groups { groups: Vec<ApiGroup> },
}

/// A group with its versions, best first, and what is known of them already.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) versions: Vec<(String, Option<ApiResourceList>)>,
}

impl Root {
    pub(super) fn into_groups(self) -> Vec<Group> {
        match self {
            Self::Aggregated { items } => items.into_iter().map(AggregatedGroup::into_group).collect(),
            Self::Core { versions } => {
                let versions = versions.into_iter().map(|version| (version, None)).collect();
                vec![Group { name: String::new(), versions }]
            }
            Self::Groups { groups } => groups.into_iter().map(ApiGroup::into_group).collect(),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct AggregatedGroup {
    metadata: GroupMetadata,
    /// In the server's order, the preferred one first.
    #[serde(default)]
    versions: Vec<AggregatedVersion>,
}

#[derive(Deserialize)]
struct GroupMetadata {
    /// Absent for the core group.
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct AggregatedVersion {
    version: String,
    #[serde(default)]
    resources: Vec<AggregatedResource>,
    /// `Current`, or `Stale` where the server only remembers it.
    freshness: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AggregatedResource {
    resource: String,
    /// Absent where only subresources are served.
    response_kind: Option<ResponseKind>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    singular_resource: String,
    verbs: Option<Vec<String>>,
    short_names: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct ResponseKind {
    #[serde(default)]
    kind: String,
}

impl AggregatedGroup {
    fn into_group(self) -> Group {
        let versions = self.versions.into_iter().map(|version| {
            let fresh = version.freshness.as_deref().is_none_or(|freshness| freshness == "Current");
            let resources = version.resources.into_iter().filter_map(AggregatedResource::into_resource);
            (version.version, fresh.then(|| ApiResourceList { resources: resources.collect() }))
        });
        Group { name: self.metadata.name, versions: versions.collect() }
    }
}

impl AggregatedResource {
    fn into_resource(self) -> Option<ApiResource> {
        Some(ApiResource {
            name: self.resource,
            singular_name: self.singular_resource,
            namespaced: self.scope == "Namespaced",
            kind: self.response_kind?.kind,
            verbs: self.verbs,
            short_names: self.short_names,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiGroup {
    name: String,
    versions: Vec<ApiGroupVersion>,
    preferred_version: Option<ApiGroupVersion>,
}

impl ApiGroup {
    /// The preferred version, then the others in the server's order, which is its order of priority.
    fn into_group(self) -> Group {
        let mut versions: Vec<(String, Option<ApiResourceList>)> = Vec::new();
        for candidate in self.preferred_version.into_iter().chain(self.versions) {
            if !versions.iter().any(|(version, _)| *version == candidate.version) {
                versions.push((candidate.version, None));
            }
        }
        Group { name: self.name, versions }
    }
}

#[derive(Deserialize)]
struct ApiGroupVersion {
    version: String,
}

#[derive(Deserialize)]
pub(super) struct ApiResourceList {
    pub(super) resources: Vec<ApiResource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiResource {
    pub(super) name: String,
    #[serde(default)]
    pub(super) singular_name: String,
    #[serde(default)]
    pub(super) namespaced: bool,
    pub(super) kind: String,
    pub(super) verbs: Option<Vec<String>>,
    pub(super) short_names: Option<Vec<String>>,
}

/// <https://pkg.go.dev/k8s.io/kube-aggregator/pkg/apis/apiregistration/v1#APIService>, as far as it is used.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ApiService {
    pub(super) status: ApiServiceStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ApiServiceStatus {
    pub(super) conditions: Vec<ApiServiceCondition>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ApiServiceCondition {
    pub(super) r#type: String,
    pub(super) status: String,
    pub(super) reason: String,
    pub(super) message: String,
}
