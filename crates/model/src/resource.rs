//! What the API server serves: resource types and the keys of objects.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A resource without its version, the identity that survives upgrades.
///
/// Written as kubectl and Velero write it: `deployments.apps`, or just `pods`
/// in the core group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupResource {
    /// API group, empty for the core group.
    pub group: String,
    /// Plural, lower case, without a dot.
    pub resource: String,
}

impl GroupResource {
    /// Joins a group (empty for core) and a plural.
    pub fn new(group: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { group: group.into(), resource: resource.into() }
    }
}

impl fmt::Display for GroupResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.group.is_empty() {
            f.write_str(&self.resource)
        } else {
            write!(f, "{}.{}", self.resource, self.group)
        }
    }
}

impl FromStr for GroupResource {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (resource, group) = text.split_once('.').unwrap_or((text, ""));
        Ok(Self::new(group, resource))
    }
}

/// One resource in the version chosen for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    /// API group, empty for the core group.
    pub group: String,
    /// Version within the group, such as `v1`.
    pub version: String,
    /// Plural in lower case, as it stands in URLs.
    pub plural: String,
    /// Kind in camel case, as it stands in manifests.
    pub kind: String,
    /// Whether objects live in namespaces.
    pub namespaced: bool,
}

impl ResourceType {
    /// `v1` or `apps/v1`, as it stands in a manifest.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// The versionless identity.
    pub fn group_resource(&self) -> GroupResource {
        GroupResource::new(&self.group, &self.plural)
    }

    /// The kind in the form `Kind.group`, which survives a change of version.
    pub fn group_kind(&self) -> String {
        if self.group.is_empty() { self.kind.clone() } else { format!("{}.{}", self.kind, self.group) }
    }

    /// Whether this is the resource `group`/`plural`, in whatever version.
    pub fn is(&self, group: &str, plural: &str) -> bool {
        self.group == group && self.plural == plural
    }

    /// URL path of the collection, such as `/apis/apps/v1/namespaces/shop/deployments`.
    ///
    /// `namespace` is ignored for cluster-scoped resources; `None` is the
    /// collection across all namespaces.
    pub fn collection_path(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() { "/api" } else { "/apis" };
        match namespace.filter(|_| self.namespaced) {
            Some(ns) => format!("{root}/{}/namespaces/{ns}/{}", self.api_version(), self.plural),
            None => format!("{root}/{}/{}", self.api_version(), self.plural),
        }
    }

    /// URL path of one object. The name is percent-encoded where a path segment needs it (`:` stays).
    pub fn object_path(&self, namespace: Option<&str>, name: &str) -> String {
        let mut path = self.collection_path(namespace);
        path.push('/');
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~:@!$&'()*+,;=".contains(&byte) {
                path.push(char::from(byte));
            } else {
                let _ = write!(path, "%{byte:02X}");
            }
        }
        path
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.group_resource().fmt(f)
    }
}

/// Where one object lives within its resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectName {
    /// Namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl ObjectName {
    /// Joins a namespace (empty for cluster-scoped) and a name.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            f.write_str(&self.name)
        } else {
            write!(f, "{}/{}", self.namespace, self.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployments() -> ResourceType {
        ResourceType {
            group: "apps".into(),
            version: "v1".into(),
            plural: "deployments".into(),
            kind: "Deployment".into(),
            namespaced: true,
        }
    }

    #[test]
    fn names_read_as_kubectl_writes_them() {
        assert_eq!("deployments.apps".parse(), Ok(GroupResource::new("apps", "deployments")));
        assert_eq!("issuers.cert-manager.io".parse(), Ok(GroupResource::new("cert-manager.io", "issuers")));
        assert_eq!(GroupResource::new("", "pods").to_string(), "pods");
        assert_eq!(deployments().to_string(), "deployments.apps");
    }

    #[test]
    fn paths_escape_what_a_segment_cannot_hold() {
        let ty = deployments();
        assert_eq!(ty.collection_path(Some("shop")), "/apis/apps/v1/namespaces/shop/deployments");
        assert_eq!(ty.collection_path(None), "/apis/apps/v1/deployments");
        assert_eq!(
            ty.object_path(Some("shop"), "a:b/c%"),
            "/apis/apps/v1/namespaces/shop/deployments/a:b%2Fc%25"
        );
    }
}
