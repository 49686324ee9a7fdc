//! Single objects, chosen by name.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::pattern::{NamespacePattern, PatternError, ResourcePattern};
use crate::resource::ResourceType;

/// Longest name of an object, in bytes.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names>
const MAX_NAME_BYTES: usize = 253;

/// One object as people name it: `deployments.apps/shop/web`, or `clusterroles/reader` where there is no namespace.
///
/// The type is a pattern as in other selections, without slashes; without a group, the name of a core type means that one.
/// namespace and name are the ones in the recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChosenObject {
    resource: ResourcePattern,
    namespace: String,
    name: String,
}

impl ChosenObject {
    /// The object of this type and these names.
    ///
    /// # Errors
    /// Fails for names that no object has.
    pub fn of(ty: &ResourceType, namespace: &str, name: &str) -> Result<Self, ChosenObjectError> {
        if namespace.is_empty() { format!("{ty}/{name}") } else { format!("{ty}/{namespace}/{name}") }.parse()
    }

    /// Whether it is of this type.
    pub fn is_of(&self, ty: &ResourceType) -> bool {
        self.resource.names(ty)
    }

    /// Whether this is the object.
    pub fn is(&self, ty: &ResourceType, namespace: &str, name: &str) -> bool {
        self.name == name && self.namespace == namespace && self.resource.names(ty)
    }
}

/// A text that names no object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChosenObjectError {
    /// It has too few or too many parts, or a name that no object has.
    #[error("\"{0}\" is no object: write TYPE/NAMESPACE/NAME, or TYPE/NAME for cluster-scoped ones")]
    Form(String),
    /// The type or the namespace is not valid.
    #[error(transparent)]
    Pattern(#[from] PatternError),
}

impl FromStr for ChosenObject {
    type Err = ChosenObjectError;

    fn from_str(text: &str) -> Result<Self, ChosenObjectError> {
        let form = || ChosenObjectError::Form(text.chars().take(80).collect());
        let (resource, namespace, name) = match text.trim().split('/').collect::<Vec<_>>()[..] {
            [resource, name] => (resource, "", name),
            [resource, namespace, name] if !namespace.is_empty() => (resource, namespace, name),
            _ => return Err(form()),
        };
        // Names of RBAC objects may hold what others may not, such as a colon.
        let odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '*' | '?' | '%');
        if name.is_empty() || name.len() > MAX_NAME_BYTES || name.contains(odd) {
            return Err(form());
        }
        if !namespace.is_empty() && namespace.parse::<NamespacePattern>()?.literal().is_none() {
            return Err(form());
        }
        Ok(Self { resource: resource.parse()?, namespace: namespace.to_owned(), name: name.to_owned() })
    }
}

impl TryFrom<String> for ChosenObject {
    type Error = ChosenObjectError;

    fn try_from(text: String) -> Result<Self, ChosenObjectError> {
        text.parse()
    }
}

impl From<ChosenObject> for String {
    fn from(object: ChosenObject) -> Self {
        object.to_string()
    }
}

/// Objects chosen by name: cheap to ask, also when there are thousands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<ChosenObject>", into = "Vec<ChosenObject>")]
pub struct ChosenObjects(HashMap<String, Vec<ChosenObject>>);

impl ChosenObjects {
    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this object is one of them.
    pub fn contains(&self, ty: &ResourceType, namespace: &str, name: &str) -> bool {
        self.0.get(name).is_some_and(|named| named.iter().any(|object| object.is(ty, namespace, name)))
    }

    /// All of them, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &ChosenObject> {
        let mut names: Vec<_> = self.0.iter().collect();
        names.sort_unstable_by_key(|(name, _)| *name);
        names.into_iter().flat_map(|(_, named)| named)
    }
}

impl FromIterator<ChosenObject> for ChosenObjects {
    fn from_iter<I: IntoIterator<Item = ChosenObject>>(objects: I) -> Self {
        let mut named: HashMap<String, Vec<ChosenObject>> = HashMap::new();
        for object in objects {
            named.entry(object.name.clone()).or_default().push(object);
        }
        Self(named)
    }
}

impl From<Vec<ChosenObject>> for ChosenObjects {
    fn from(objects: Vec<ChosenObject>) -> Self {
        objects.into_iter().collect()
    }
}

impl From<ChosenObjects> for Vec<ChosenObject> {
    fn from(objects: ChosenObjects) -> Self {
        objects.iter().cloned().collect()
    }
}

impl fmt::Display for ChosenObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            write!(f, "{}/{}", String::from(self.resource.clone()), self.name)
        } else {
            write!(f, "{}/{}/{}", String::from(self.resource.clone()), self.namespace, self.name)
        }
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
    fn an_object_is_named_by_type_namespace_and_name() {
        let deployment = ty("apps", "deployments", "Deployment");
        for text in ["deployments.apps/shop/web", "deployments/shop/web", "Deployment/shop/web"] {
            let chosen: ChosenObject = text.parse().unwrap();
            assert!(chosen.is(&deployment, "shop", "web"), "{text}");
            assert!(!chosen.is(&deployment, "shop", "web2") && !chosen.is(&deployment, "other", "web"));
            assert!(!chosen.is(&ty("", "services", "Service"), "shop", "web"));
            assert_eq!(chosen.to_string(), text);
        }
        let role: ChosenObject = "clusterroles/system:node".parse().unwrap();
        assert!(role.is(&ty("rbac.authorization.k8s.io", "clusterroles", "ClusterRole"), "", "system:node"));
    }

    #[test]
    fn what_names_no_object_is_refused() {
        for text in [
            "",
            "web",
            "/web",
            "deployments/",
            "deployments//web",
            "a/b/c/d",
            "secrets/shop*/db",
            "secrets/shop/*",
            "secrets/shop/a b",
        ] {
            assert!(text.parse::<ChosenObject>().is_err(), "{text}");
        }
    }
}
