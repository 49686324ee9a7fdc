//! Namespace mappings: restoring what lived in one namespace into another.
//!
//! A mapping changes where objects go and every place *inside* objects that
//! names a namespace by a field made for it: subjects of bindings, client services
//! of webhooks, of conversions and of aggregated APIs, a volume's claim, and the
//! name label that network policies select by. Text that merely contains the name
//! (arguments, URLs, ConfigMap data) is not touched: resource modifiers are for that.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{list_mut, map_mut, text};
use crate::name::{NameError, NamespaceName};
use crate::resource::ResourceType;

/// The label that every namespace carries with its own name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A mapping that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// There is no colon, or more than one.
    #[error("namespace mapping \"{0}\" is not of the form old:new")]
    Form(String),
    /// The same source twice, with different targets.
    #[error("namespace mapping: \"{0}\" is mapped twice; name each source namespace once")]
    Twice(String),
    /// A side that no namespace can be called.
    #[error("namespace mapping \"{mapping}\": {source}")]
    Name {
        /// The mapping as it was written.
        mapping: String,
        /// What is wrong with the name.
        #[source]
        source: NameError,
    },
}

/// Old namespaces and the new ones that their objects go to. Several old ones may share a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NamespaceMappings(BTreeMap<String, NamespaceName>);

impl NamespaceMappings {
    /// Whether nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where objects of `namespace` go.
    pub fn target<'a>(&'a self, namespace: &'a str) -> &'a str {
        self.0.get(namespace).map_or(namespace, NamespaceName::as_str)
    }

    /// Each source with its target, by name.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(old, new)| (old.as_str(), new.as_str()))
    }

    fn changes(&self, namespace: &str) -> Option<&str> {
        self.0.get(namespace).map(NamespaceName::as_str)
    }

    fn map_text(&self, value: Option<&mut Value>) {
        if let Some(value) = value
            && let Some(new) = value.as_str().and_then(|old| self.changes(old))
        {
            *value = Value::from(new);
        }
    }

    /// `system:serviceaccount:NS:NAME` and `system:serviceaccounts:NS`, the user and group names of accounts.
    fn map_account_name(&self, value: Option<&mut Value>) {
        let Some(value) = value else { return };
        let Some(old) = value.as_str() else { return };
        let mut parts: Vec<&str> = old.split(':').collect();
        let is_account =
            matches!(parts[..], ["system", "serviceaccount", _, _] | ["system", "serviceaccounts", _]);
        if is_account && let Some(new) = self.changes(parts[2]) {
            parts[2] = new;
            *value = Value::from(parts.join(":"));
        }
    }
}

impl FromStr for NamespaceMappings {
    type Err = MappingError;

    /// Parses `old:new,old2:new2`.
    fn from_str(text: &str) -> Result<Self, MappingError> {
        let mut map = BTreeMap::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (old, new) = part.split_once(':').ok_or_else(|| MappingError::Form(part.to_owned()))?;
            let name = |side: &str| {
                side.trim()
                    .parse::<NamespaceName>()
                    .map_err(|source| MappingError::Name { mapping: part.to_owned(), source })
            };
            let (old, new) = (name(old)?, name(new)?);
            if map.insert(old.to_string(), new.clone()).is_some_and(|before| before != new) {
                return Err(MappingError::Twice(old.to_string()));
            }
        }
        Ok(Self(map))
    }
}

/// Moves an object to where its namespace is mapped, and maps the namespaces it names.
pub fn map_namespaces(ty: &ResourceType, object: &mut Value, mappings: &NamespaceMappings) {
    if mappings.is_empty() {
        return;
    }
    mappings.map_text(object.pointer_mut("/metadata/namespace"));
    match (ty.group.as_str(), ty.plural.as_str()) {
        ("", "namespaces") => {
            mappings.map_text(object.pointer_mut("/metadata/name"));
            mappings.map_text(map_mut(object, &["metadata", "labels"]).and_then(|l| l.get_mut(NAME_LABEL)));
        }
        ("", "persistentvolumes") => mappings.map_text(object.pointer_mut("/spec/claimRef/namespace")),
        ("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings") => {
            for subject in list_mut(object, &["subjects"]).into_iter().flatten() {
                if text(subject, &["kind"]) == "ServiceAccount" {
                    mappings.map_text(subject.get_mut("namespace"));
                } else {
                    mappings.map_account_name(subject.get_mut("name"));
                }
            }
        }
        (
            "admissionregistration.k8s.io",
            "mutatingwebhookconfigurations" | "validatingwebhookconfigurations",
        ) => {
            for webhook in list_mut(object, &["webhooks"]).into_iter().flatten() {
                mappings.map_text(webhook.pointer_mut("/clientConfig/service/namespace"));
                map_selector(webhook.get_mut("namespaceSelector"), mappings);
            }
        }
        ("admissionregistration.k8s.io", _) => {
            map_selector(object.pointer_mut("/spec/matchConstraints/namespaceSelector"), mappings);
            map_selector(object.pointer_mut("/spec/matchResources/namespaceSelector"), mappings);
        }
        ("apiextensions.k8s.io", "customresourcedefinitions") => {
            mappings.map_text(object.pointer_mut("/spec/conversion/webhook/clientConfig/service/namespace"));
        }
        ("apiregistration.k8s.io", "apiservices") => {
            mappings.map_text(object.pointer_mut("/spec/service/namespace"));
        }
        ("flowcontrol.apiserver.k8s.io", "flowschemas") => {
            for rule in list_mut(object, &["spec", "rules"]).into_iter().flatten() {
                for subject in list_mut(rule, &["subjects"]).into_iter().flatten() {
                    mappings.map_text(subject.pointer_mut("/serviceAccount/namespace"));
                }
            }
        }
        ("networking.k8s.io", "networkpolicies") => {
            for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
                for rule in list_mut(object, &["spec", rules]).into_iter().flatten() {
                    for peer in list_mut(rule, &[peers]).into_iter().flatten() {
                        map_selector(peer.get_mut("namespaceSelector"), mappings);
                    }
                }
            }
        }
        _ => {}
    }
}

/// Maps the values that a label selector asks of [`NAME_LABEL`].
fn map_selector(selector: Option<&mut Value>, mappings: &NamespaceMappings) {
    let Some(selector) = selector else { return };
    mappings.map_text(map_mut(selector, &["matchLabels"]).and_then(|labels| labels.get_mut(NAME_LABEL)));
    for expression in list_mut(selector, &["matchExpressions"]).into_iter().flatten() {
        if text(expression, &["key"]) == NAME_LABEL {
            for value in list_mut(expression, &["values"]).into_iter().flatten() {
                mappings.map_text(Some(value));
            }
        }
    }
}

#[cfg(test)]
#[path = "mapping_tests.rs"]
mod tests;
