//! Choices per kind or object that override a restore's conflict policy.
//!
//! Written as `SCOPE=POLICY`: `deployments.apps=patch` for a kind, `configmaps/shop/settings=recreate` for an object. Of
//! several choices that name an object the last counts. Recreating deletes what is there first, so it has to be asked
//! for by name, and never applies to what holds data or other objects.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::plan::ConflictPolicy;
use crate::resource::ResourceType;
use crate::selection::{ChosenObject, ChosenObjectError, PatternError, ResourcePattern};

/// Kinds that are never deleted to be made anew: deleting them deletes data, or whatever lives in them.
const NEVER_RECREATED: [(&str, &str, &str); 4] = [
    ("", "persistentvolumeclaims", "PersistentVolumeClaim"),
    ("", "persistentvolumes", "PersistentVolume"),
    ("", "namespaces", "Namespace"),
    ("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition"),
];

/// Whether objects of this type may be deleted and made anew.
pub fn may_be_recreated(ty: &ResourceType) -> bool {
    !NEVER_RECREATED.iter().any(|(group, plural, _)| ty.is(group, plural))
}

/// What a choice is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Scope {
    Kind(ResourcePattern),
    Object(ChosenObject),
}

/// A conflict policy for one kind or one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PolicyChoice {
    scope: Scope,
    policy: ConflictPolicy,
}

/// A text that is no choice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// There is no `=`, or no policy behind it.
    #[error(
        "\"{0}\" is no choice: write TYPE=POLICY or TYPE/NAMESPACE/NAME=POLICY, with skip, patch or recreate"
    )]
    Form(String),
    /// The kind does not parse.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The object does not parse.
    #[error(transparent)]
    Object(#[from] ChosenObjectError),
    /// It would delete what must not be deleted.
    #[error(
        "\"{choice}\" would delete every {kind} that differs, with all that is in it: a {kind} is never recreated. \
         Name other kinds, or delete it yourself first"
    )]
    NeverRecreated {
        /// The choice as it was written.
        choice: String,
        /// The kind that it must not be about.
        kind: &'static str,
    },
}

impl PolicyChoice {
    /// What it says about an object, by its names in the recovery point.
    pub fn policy_of(&self, ty: &ResourceType, namespace: &str, name: &str) -> Option<ConflictPolicy> {
        let is_meant = match &self.scope {
            Scope::Kind(kind) => kind.names(ty),
            Scope::Object(object) => object.is(ty, namespace, name),
        };
        is_meant.then_some(self.policy)
    }

    /// A choice for one object.
    ///
    /// # Errors
    /// Fails for kinds that are never recreated.
    pub fn for_object(object: ChosenObject, policy: ConflictPolicy) -> Result<Self, ChoiceError> {
        Self { scope: Scope::Object(object), policy }.checked()
    }

    fn checked(self) -> Result<Self, ChoiceError> {
        if self.policy != ConflictPolicy::Recreate {
            return Ok(self);
        }
        let protected = NEVER_RECREATED.iter().find(|(group, plural, kind)| {
            let ty = ResourceType {
                group: (*group).to_owned(),
                version: "v1".to_owned(),
                plural: (*plural).to_owned(),
                kind: (*kind).to_owned(),
                namespaced: *plural == "persistentvolumeclaims",
            };
            match &self.scope {
                Scope::Kind(pattern) => pattern.names(&ty),
                Scope::Object(object) => object.is_of(&ty),
            }
        });
        match protected {
            Some((_, _, kind)) => Err(ChoiceError::NeverRecreated { choice: self.to_string(), kind }),
            None => Ok(self),
        }
    }
}

impl FromStr for PolicyChoice {
    type Err = ChoiceError;

    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        let form = || ChoiceError::Form(text.chars().take(80).collect());
        let (scope, policy) = text.trim().rsplit_once('=').ok_or_else(form)?;
        let policy = match policy {
            "skip" => ConflictPolicy::Skip,
            "patch" => ConflictPolicy::Patch,
            "recreate" => ConflictPolicy::Recreate,
            _ => return Err(form()),
        };
        let scope =
            if scope.contains('/') { Scope::Object(scope.parse()?) } else { Scope::Kind(scope.parse()?) };
        Self { scope, policy }.checked()
    }
}

impl fmt::Display for PolicyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::Kind(kind) => write!(f, "{}", String::from(kind.clone()))?,
            Scope::Object(object) => write!(f, "{object}")?,
        }
        f.write_str(match self.policy {
            ConflictPolicy::Skip => "=skip",
            ConflictPolicy::Patch => "=patch",
            ConflictPolicy::Recreate => "=recreate",
        })
    }
}

impl TryFrom<String> for PolicyChoice {
    type Error = ChoiceError;

    fn try_from(text: String) -> Result<Self, ChoiceError> {
        text.parse()
    }
}

impl From<PolicyChoice> for String {
    fn from(choice: PolicyChoice) -> Self {
        choice.to_string()
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
    fn a_choice_is_about_a_kind_or_an_object() {
        let deployments = ty("apps", "deployments", "Deployment");
        let kind: PolicyChoice = "deployments.apps=recreate".parse().unwrap();
        assert_eq!(kind.policy_of(&deployments, "shop", "web"), Some(ConflictPolicy::Recreate));
        assert_eq!(kind.policy_of(&ty("", "secrets", "Secret"), "shop", "web"), None);
        let object: PolicyChoice = "deployments.apps/shop/web=patch".parse().unwrap();
        assert_eq!(object.policy_of(&deployments, "shop", "web"), Some(ConflictPolicy::Patch));
        assert_eq!(object.policy_of(&deployments, "shop", "db"), None);
        let knative = ty("serving.knative.dev", "services", "Service");
        let service: PolicyChoice = "services/shop/web=recreate".parse().unwrap();
        assert_eq!(
            service.policy_of(&knative, "shop", "web"),
            None,
            "another group's object of the same name"
        );
        assert!(service.policy_of(&ty("", "services", "Service"), "shop", "web").is_some());
        let full: PolicyChoice = "services.serving.knative.dev=patch".parse().unwrap();
        assert!(full.policy_of(&knative, "shop", "web").is_some());
        for choice in [kind, object] {
            assert_eq!(choice.to_string().parse::<PolicyChoice>().unwrap(), choice);
        }
    }

    #[test]
    fn what_holds_data_or_other_objects_is_never_recreated() {
        for text in [
            "persistentvolumeclaims=recreate",
            "persistentvolumeclaims/shop/data=recreate",
            "PersistentVolume=recreate",
            "namespaces/shop=recreate",
            "customresourcedefinitions.apiextensions.k8s.io=recreate",
            "*=recreate",
        ] {
            let refused = text.parse::<PolicyChoice>();
            assert!(matches!(refused, Err(ChoiceError::NeverRecreated { .. })), "{text}: {refused:?}");
        }
        for text in ["persistentvolumeclaims=patch", "*=skip", "configmaps=recreate"] {
            assert!(text.parse::<PolicyChoice>().is_ok(), "{text}");
        }
        for text in ["deployments", "deployments=", "deployments=replace", "=skip", "a/b/c/d=skip"] {
            assert!(text.parse::<PolicyChoice>().is_err(), "{text}");
        }
    }
}
