//! Patterns for namespaces and resource types.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::resource::ResourceType;

/// A pattern that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} \"{text}\" is not valid: {guidance}")]
pub struct PatternError {
    what: &'static str,
    text: String,
    guidance: &'static str,
}

/// A namespace name in which `*` stands for any characters and `?` for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamespacePattern(String);

impl NamespacePattern {
    /// Whether it takes in `namespace`.
    pub fn matches(&self, namespace: &str) -> bool {
        glob(self.0.as_bytes(), namespace.as_bytes())
    }

    /// Whether it takes in every namespace.
    pub fn is_everything(&self) -> bool {
        self.0 == "*"
    }

    /// The one namespace it names, or `None` when it has a wildcard.
    pub fn literal(&self) -> Option<&str> {
        (!self.0.contains(['*', '?'])).then_some(&self.0)
    }
}

impl FromStr for NamespacePattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'*' | b'?');
        if text.is_empty() || text.len() > crate::name::MAX_LABEL_LENGTH || !text.bytes().all(is_name) {
            return Err(PatternError {
                what: "namespace",
                text: text.chars().take(80).collect(),
                guidance: "use the name of a namespace, where * stands for any characters and ? for one",
            });
        }
        Ok(Self(text.to_owned()))
    }
}

/// A resource type as people name it.
///
/// `deployments.apps`, `deployments`, `deploy`, `Deployment`, `v1/Secret`,
/// `apps/Deployment`, `apps/v1/Deployment`, `*.cert-manager.io` and `*` are all
/// understood; upper and lower case do not matter. Without a group a name
/// stands for that name in every group, as in Velero and kubectl.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResourcePattern {
    text: String,
    name: String,
    group: Option<String>,
    version: Option<String>,
}

/// Kinds of the core group and their plurals: as names of single objects they mean no other group's, as for kubectl.
const CORE: [&str; 32] = [
    "configmap",
    "configmaps",
    "endpoints",
    "event",
    "events",
    "limitrange",
    "limitranges",
    "namespace",
    "namespaces",
    "node",
    "nodes",
    "persistentvolume",
    "persistentvolumeclaim",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pod",
    "pods",
    "podtemplate",
    "podtemplates",
    "replicationcontroller",
    "replicationcontrollers",
    "resourcequota",
    "resourcequotas",
    "secret",
    "secrets",
    "service",
    "serviceaccount",
    "serviceaccounts",
    "services",
    "binding",
    "bindings",
    "componentstatuses",
];

impl ResourcePattern {
    /// Whether it names this type where it stands for single objects: a core type's name without a group is that type's
    /// alone, so that `services/shop/web` is not a Knative Service too.
    pub fn names(&self, ty: &ResourceType) -> bool {
        let is_other = self.group.is_none() && !ty.group.is_empty() && CORE.contains(&self.name.as_str());
        !is_other && self.matches(ty, &[])
    }

    /// Whether it names this type; `short_names` are further names that discovery gave it.
    pub fn matches(&self, ty: &ResourceType, short_names: &[String]) -> bool {
        let named = |candidate: &str| glob(self.name.as_bytes(), candidate.to_ascii_lowercase().as_bytes());
        self.group.as_ref().is_none_or(|group| glob(group.as_bytes(), ty.group.as_bytes()))
            && self.version.as_ref().is_none_or(|version| *version == ty.version)
            && (named(&ty.plural) || named(&ty.kind) || short_names.iter().any(|short| named(short)))
    }
}

impl FromStr for ResourcePattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        let fail = |guidance| PatternError {
            what: "resource type",
            text: text.chars().take(80).collect(),
            guidance,
        };
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-.*?/".contains(&b);
        if text.is_empty() || text.len() > 320 || !text.bytes().all(allowed) {
            return Err(fail("use a name like deployments.apps, secrets, v1/Secret or *.cert-manager.io"));
        }
        let lower = text.to_ascii_lowercase();
        let parts: Vec<&str> = lower.split('/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(fail(
                "a part between slashes is empty; write VERSION/Kind, GROUP/Kind or GROUP/VERSION/Kind",
            ));
        }
        let some = |part: &str| Some(part.to_owned());
        let (group, version, name) = match parts[..] {
            [name] => match name.split_once('.') {
                Some((name, group)) => (some(group), None, name),
                None => (None, None, name),
            },
            [version, name] if is_version(version) => (some(""), some(version), name),
            [group, name] => (some(group), None, name),
            [group, version, name] => (some(group), some(version), name),
            _ => {
                return Err(fail(
                    "it has too many slashes; write VERSION/Kind, GROUP/Kind or GROUP/VERSION/Kind",
                ));
            }
        };
        Ok(Self { text: text.to_owned(), name: name.to_owned(), group, version })
    }
}

/// `v1`, `v2beta1`: a `v`, then a digit. No API group looks like that.
fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|rest| rest.bytes().next().is_some_and(|b| b.is_ascii_digit()))
}

/// Matches `*` and `?` in time linear in both lengths for one star, quadratic at worst.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

macro_rules! text_form {
    ($name:ident, $field:tt) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.$field)
            }
        }

        impl TryFrom<String> for $name {
            type Error = PatternError;

            fn try_from(text: String) -> Result<Self, PatternError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(pattern: $name) -> String {
                pattern.$field
            }
        }
    };
}

text_form!(NamespacePattern, 0);
text_form!(ResourcePattern, text);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ty(group: &str, version: &str, plural: &str, kind: &str) -> ResourceType {
        ResourceType {
            group: group.into(),
            version: version.into(),
            plural: plural.into(),
            kind: kind.into(),
            namespaced: true,
        }
    }

    #[test]
    fn every_way_to_name_a_type_is_understood() {
        let deployments = ty("apps", "v1", "deployments", "Deployment");
        let secrets = ty("", "v1", "secrets", "Secret");
        let issuers = ty("cert-manager.io", "v1", "issuers", "Issuer");
        let short = ["deploy".to_owned()];
        let takes =
            |text: &str, ty: &ResourceType| text.parse::<ResourcePattern>().unwrap().matches(ty, &short);
        for text in [
            "deployments.apps",
            "deployments",
            "deploy",
            "Deployment",
            "apps/Deployment",
            "apps/v1/deployments",
            "*",
        ] {
            assert!(takes(text, &deployments), "{text}");
        }
        assert!(takes("v1/Secret", &secrets) && takes("secrets", &secrets));
        assert!(!takes("v1/Secret", &ty("example.org", "v1", "secrets", "Secret")));
        assert!(takes("*.cert-manager.io", &issuers) && !takes("*.cert-manager.io", &secrets));
        assert!(!takes("apps/v2/Deployment", &deployments) && !takes("deployments.extensions", &deployments));
        for bad in ["", "a//b", "a/b/c/d", "pods;rm"] {
            assert!(bad.parse::<ResourcePattern>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn globs_agree_with_a_naive_matcher(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
            fn naive(p: &[u8], t: &[u8]) -> bool {
                match (p.first(), t.first()) {
                    (None, None) => true,
                    (Some(b'*'), _) => naive(&p[1..], t) || (!t.is_empty() && naive(p, &t[1..])),
                    (Some(b'?'), Some(_)) => naive(&p[1..], &t[1..]),
                    (Some(a), Some(b)) if a == b => naive(&p[1..], &t[1..]),
                    _ => false,
                }
            }
            prop_assert_eq!(glob(pattern.as_bytes(), text.as_bytes()), naive(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
